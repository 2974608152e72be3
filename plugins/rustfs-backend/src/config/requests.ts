import { Config } from '@backstage/config';
import { z } from 'zod';
import { durationSchema, parseSection } from './parseSection';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** How requests are followed; all in milliseconds. */
export interface RequestsConfig {
  followInterval: number;
  stalledAfter: number;
  reviewStalledAfter: number;
  followEndedFor: number;
}

/** `durationSchema` takes anything, so a key that is not there needs its default before it. */
const orDefault = (milliseconds: number) =>
  durationSchema.optional().transform(value => value ?? milliseconds);

const requestsSchema = z
  .strictObject({
    followInterval: orDefault(10_000),
    stalledAfter: orDefault(15 * MINUTE),
    reviewStalledAfter: orDefault(3 * DAY),
    followEndedFor: orDefault(14 * DAY),
  })
  .prefault({});

/** Reads `rustfs.requests`. */
export function readRequestsConfig(config: Config): RequestsConfig {
  return parseSection(config, 'requests', requestsSchema);
}
