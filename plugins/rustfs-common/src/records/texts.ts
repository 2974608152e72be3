import { z } from 'zod';

/**
 * Text of a person as one line of printable characters; marks that turn the direction of text could hide something.
 *
 * @public
 */
export function oneLine(text: string): string {
  return text
    .replace(
      /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]+/gu,
      ' ',
    )
    .trim();
}

/** Text that holds JSON of a shape. */
export function json<T>(schema: z.ZodType<T>) {
  return z.string().transform((text, ctx): T => {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      ctx.addIssue({ code: 'custom', message: 'Expected JSON' });
      return z.NEVER;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) {
      return parsed.data;
    }
    const { path, message } = parsed.error.issues[0];
    ctx.addIssue({
      code: 'custom',
      message: [path.map(String).join('.'), message].filter(Boolean).join(': '),
    });
    return z.NEVER;
  });
}
