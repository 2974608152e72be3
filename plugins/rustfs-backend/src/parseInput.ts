import { z } from 'zod';
import { createInputError } from './errors';

/**
 * Reads input that came over the network.
 *
 * @throws InputError that names every field that is wrong, with the reason and an example
 */
export function parseInput<T extends z.ZodType>(
  schema: T,
  input: unknown,
): z.output<T> {
  const parsed = schema.safeParse(input);
  if (!parsed.success) {
    throw createInputError(
      parsed.error.issues.map(({ path, message }) => ({
        field: path.map(String).join('.') || 'input',
        message,
      })),
    );
  }
  return parsed.data;
}
