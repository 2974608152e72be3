import { Config } from '@backstage/config';
import { z } from 'zod';
import { durationSchema, parseSection } from './parseSection';

const MINUTE = 60_000;

/** When servers are made to agree with bucket records. */
export interface SettingsConfig {
  /** In milliseconds. */
  interval: number;
}

const settingsSchema = z
  .strictObject({
    interval: durationSchema.optional().transform(value => value ?? MINUTE),
  })
  .prefault({});

/** Reads `rustfs.settings`. */
export function readSettingsConfig(config: Config): SettingsConfig {
  return parseSection(config, 'settings', settingsSchema);
}
