import { z } from 'zod';

/** A sentence, several, or some for each field. */
const words: z.ZodType<string> = z.union([
  z.string(),
  z.array(z.string()).transform(sentences => sentences.join('; ')),
  z
    .record(z.string(), z.union([z.string(), z.array(z.string())]))
    .transform(fields =>
      Object.entries(fields)
        .map(([name, said]) => `${name}: ${[said].flat().join(', ')}`)
        .join('; '),
    ),
]);

const messageSchema = z
  .object({
    message: words,
    /** What GitHub has to say of single fields. */
    errors: z
      .array(
        z.union([
          z.string(),
          z
            .object({
              message: z.string().optional(),
              field: z.string().optional(),
              code: z.string().optional(),
            })
            .transform(
              ({ message, field, code }) =>
                message ?? [field, code].filter(Boolean).join(' '),
            ),
        ]),
      )
      .catch([])
      .default([]),
  })
  .transform(({ message, errors }) =>
    [message, ...errors].filter(Boolean).join(': '),
  );

/** As GitLab says it where a call is not understood, or a scope is missing. */
const errorSchema = z
  .object({
    error: z.string(),
    error_description: z.string().optional(),
    scope: z.string().optional(),
  })
  .transform(({ error, error_description: description, scope }) =>
    [error, description, scope].filter(Boolean).join(': '),
  );

/** The server's own words in the answer to a call. */
export function readMessage(body: unknown): string {
  return z.union([messageSchema, errorSchema]).safeParse(body).data ?? '';
}
