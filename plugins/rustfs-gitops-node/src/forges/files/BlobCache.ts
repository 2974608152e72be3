import { LRUCache } from 'lru-cache';
import { blobIdOf } from './blobId';

/** A file as it can be read, or why it cannot. */
export type BlobText = { content: string } | { unreadable: string };

const MAX_BYTES = 64 * 1024 * 1024;
/** Of an entry beside its text. */
const OVERHEAD = 200;

/** Fails on what is not UTF-8 and keeps a byte order mark: what is written back must be what was read. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The text of a file; one that is no text cannot be read. */
export function toText(bytes: Uint8Array): BlobText {
  try {
    return { content: decoder.decode(bytes) };
  } catch {
    return { unreadable: 'not UTF-8 text' };
  }
}

/**
 * What lies behind the blob ids of Git, in all commits and repositories: an id stands for the same bytes for ever, so an
 * unchanged file is never read twice. Who asks by an id has it from a tree that the forge has shown.
 */
export class BlobCache {
  readonly #blobs = new LRUCache<string, BlobText>({
    maxSize: MAX_BYTES,
    sizeCalculation: sizeOf,
  });

  get(id: string): BlobText | undefined {
    return this.#blobs.get(id);
  }

  set(id: string, blob: BlobText): void {
    this.#blobs.set(id, blob);
  }

  /** Keeps what was written to a repository: once it is merged, it need not be read. */
  setWritten(content: string): void {
    this.#blobs.set(blobIdOf(Buffer.from(content, 'utf8')), { content });
  }
}

function sizeOf(blob: BlobText): number {
  // Two bytes a character, as the engine keeps them at most.
  return OVERHEAD + ('content' in blob ? 2 * blob.content.length : 0);
}
