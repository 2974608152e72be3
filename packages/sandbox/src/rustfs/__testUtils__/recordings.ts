import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const recordingSchema = z.object({
  note: z.string().optional(),
  request: z.object({
    method: z.string(),
    path: z.string(),
    query: z
      .record(z.string(), z.union([z.string(), z.array(z.string())]))
      .optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
    as: z.string(),
    signingService: z.string().optional(),
  }),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()),
    bodyFormat: z.enum(['json', 'ndjson', 'xml', 'html', 'text', 'empty']),
    body: z.unknown().optional(),
  }),
});

/** One call to a real RustFS 1.0.1 and what it answered. */
export type Recording = z.infer<typeof recordingSchema>;

// Only tests read this, from the sources.
// eslint-disable-next-line no-restricted-syntax
const FIXTURES = join(__dirname, '..', '__fixtures__');

/** All recordings by name; the part of a name before the first hyphen is its family. */
export function loadRecordings(): Map<string, Recording> {
  const recordings = new Map<string, Recording>();
  for (const file of readdirSync(FIXTURES)) {
    const content: unknown = JSON.parse(
      readFileSync(join(FIXTURES, file), 'utf8'),
    );
    for (const [name, recording] of Object.entries(
      z.record(z.string(), recordingSchema).parse(content),
    )) {
      recordings.set(name, recording);
    }
  }
  return recordings;
}
