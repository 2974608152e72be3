import {
  Config,
  ConfigReader,
  readDurationFromConfig,
} from '@backstage/config';
import { assertError, InputError } from '@backstage/errors';
import { Duration } from 'luxon';
import { z } from 'zod';

const SECTIONS = [
  'clusters',
  'tenants',
  'connections',
  'forges',
  'guardrails',
  'requests',
  'portal',
  'accessModes',
  'consumers',
  'secretForms',
  'settings',
  'setup',
];

/**
 * Stops the start when `rustfs` holds a key that nothing reads: a misspelt section would otherwise be a silent default.
 */
export function checkSections(config: Config): void {
  for (const key of config.getOptionalConfig('rustfs')?.keys() ?? []) {
    if (!SECTIONS.includes(key)) {
      throw new InputError(
        `Configuration rustfs.${key} is not known: expected one of ${SECTIONS.join(
          ', ',
        )}`,
      );
    }
  }
}

/**
 * Reads `rustfs.<section>` with a schema.
 *
 * @throws InputError that names the path of every wrong value and what is expected, never the value itself
 */
export function parseSection<T extends z.ZodType>(
  config: Config,
  section: string,
  schema: T,
): z.output<T> {
  const path = `rustfs.${section}`;
  const parsed = schema.safeParse(config.getOptional(path));
  if (!parsed.success) {
    const issues = parsed.error.issues.map(
      issue => `${writePath(path, issue.path)}: ${issue.message}`,
    );
    throw new InputError(`Configuration is wrong at ${issues.join('; ')}`);
  }
  return parsed.data;
}

function writePath(root: string, path: PropertyKey[]): string {
  return path.reduce<string>(
    (text, key) =>
      typeof key === 'number' ? `${text}[${key}]` : `${text}.${String(key)}`,
    root,
  );
}

/** A duration as Backstage writes them (`10s`, ISO 8601 or an object), in milliseconds. */
export const durationSchema = z.unknown().transform((value, ctx): number => {
  try {
    const duration = readDurationFromConfig(
      new ConfigReader({ value: value as string }),
      { key: 'value' },
    );
    const milliseconds = Duration.fromObject(duration).toMillis();
    if (milliseconds > 0) {
      return milliseconds;
    }
  } catch (error) {
    assertError(error);
  }
  ctx.addIssue({
    code: 'custom',
    message: 'expected a duration above zero, for example { seconds: 10 }',
  });
  return z.NEVER;
});
