import type { Readable } from 'node:stream';
import { apiError } from './ApiError';

/** Reads a body that has to be small; object data never goes through here. */
export async function readBody(
  stream: Readable,
  limit: number,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    if (size > limit) {
      throw apiError('EntityTooLarge');
    }
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks);
}
