import { createHash } from 'node:crypto';

/** As Git makes it of the bytes of a file. */
export function blobIdOf(bytes: Buffer): string {
  return createHash('sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}
