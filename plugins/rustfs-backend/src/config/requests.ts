import { Config } from '@backstage/config';
import { z } from 'zod';
import { LimitedKind, Rate } from '../access';
import { durationSchema, parseSection } from './parseSection';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** How requests are followed; all in milliseconds. */
export interface RequestsConfig {
  followInterval: number;
  /** Not shorter than `followInterval`. */
  followIdleInterval: number;
  stalledAfter: number;
  reviewStalledAfter: number;
  followEndedFor: number;
}

/** `durationSchema` takes anything, so a key that is not there needs its default before it. */
const orDefault = (milliseconds: number) =>
  durationSchema.optional().transform(value => value ?? milliseconds);

const countOr = (count: number) =>
  z
    .int({ error: 'expected a whole number above zero' })
    .positive('expected a whole number above zero')
    .default(count);

const limitsSchema = z
  .strictObject({
    nameChecksPerMinute: countOr(120),
    previewsPerMinute: countOr(60),
    requestsPerHour: countOr(60),
  })
  .prefault({})
  .transform(
    (limits): Record<LimitedKind, Rate> => ({
      'name-check': { count: limits.nameChecksPerMinute, windowMs: MINUTE },
      preview: { count: limits.previewsPerMinute, windowMs: MINUTE },
      request: { count: limits.requestsPerHour, windowMs: HOUR },
    }),
  );

const requestsSchema = z
  .strictObject({
    followInterval: orDefault(10_000),
    followIdleInterval: orDefault(5 * MINUTE),
    stalledAfter: orDefault(15 * MINUTE),
    reviewStalledAfter: orDefault(3 * DAY),
    followEndedFor: orDefault(14 * DAY),
    limits: limitsSchema,
  })
  .prefault({});

/** Reads how requests are followed from `rustfs.requests`. */
export function readRequestsConfig(config: Config): RequestsConfig {
  const { limits, ...times } = parseSection(config, 'requests', requestsSchema);
  return {
    ...times,
    followIdleInterval: Math.max(
      times.followInterval,
      times.followIdleInterval,
    ),
  };
}

/** Reads how often one person may ask from `rustfs.requests.limits`. */
export function readRatesConfig(config: Config): Record<LimitedKind, Rate> {
  return parseSection(config, 'requests', requestsSchema).limits;
}
