import { z } from 'zod';
import { ForgeError } from '../../types';

/**
 * The content of an answer.
 *
 * @param options - `call`: for messages; `expected`: which forges answer as the schema has it, in words that come before "is
 * expected"
 * @throws ForgeError `unexpected` when it is not as the schema has it
 */
export function parseContent<T>(
  body: unknown,
  schema: z.ZodType<T>,
  options: { host: string; call: string; expected: string },
): T {
  const { call, expected, host } = options;
  const parsed = schema.safeParse(body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ForgeError(
      'unexpected',
      `${host} gave an answer to ${call} that is not understood (${issue.path.join(
        '.',
      )}: ${issue.message}); ${expected} is expected`,
    );
  }
  return parsed.data;
}
