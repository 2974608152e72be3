import { createReadStream, createWriteStream } from 'node:fs';
import { link, mkdir, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable, type Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { randomUUID } from 'node:crypto';

/** A piece of an object on disk: a file, or the whole of an uploaded part. */
export interface Segment {
  file: string;
  size: number;
}

/** Object data: write-once files, streamed in and out. */
export class BlobStore {
  private constructor(private readonly directory: string) {}

  static async open(directory: string): Promise<BlobStore> {
    const store = new BlobStore(directory);
    // What an earlier run was still receiving when it ended belongs to nobody.
    await rm(join(directory, 'incoming'), { recursive: true, force: true });
    await mkdir(join(directory, 'incoming'), { recursive: true });
    return store;
  }

  /** Streams a body to disk through `transforms`; nothing is left behind when that fails. */
  async write(source: Readable, transforms: Transform[]): Promise<string> {
    const id = randomUUID();
    const incoming = join(this.directory, 'incoming', id);
    try {
      await pipeline([source, ...transforms, createWriteStream(incoming)]);
      const file = join(id.slice(0, 2), id);
      await mkdir(join(this.directory, id.slice(0, 2)), { recursive: true });
      await rename(incoming, join(this.directory, file));
      return file;
    } catch (error) {
      await unlink(incoming).catch(() => undefined);
      throw error;
    }
  }

  /** A second name for the same data: blobs never change, so a copy costs nothing. */
  async duplicate(segment: Segment): Promise<Segment> {
    const id = randomUUID();
    const file = join(id.slice(0, 2), id);
    await mkdir(dirname(join(this.directory, file)), { recursive: true });
    await link(join(this.directory, segment.file), join(this.directory, file));
    return { file, size: segment.size };
  }

  /** The bytes `start` to `end` (inclusive) of the segments put together. */
  read(segments: Segment[], start: number, end: number): Readable {
    return Readable.from(this.chunks(segments, start, end), {
      objectMode: false,
    });
  }

  private async *chunks(
    segments: Segment[],
    start: number,
    end: number,
  ): AsyncGenerator<Buffer> {
    let offset = 0;
    for (const { file, size } of segments) {
      const from = Math.max(start - offset, 0);
      const to = Math.min(end - offset, size - 1);
      if (from <= to) {
        yield* createReadStream(join(this.directory, file), {
          start: from,
          end: to,
        });
      }
      offset += size;
    }
  }

  async remove(segments: Segment[]): Promise<void> {
    await Promise.all(
      segments.map(({ file }) =>
        unlink(join(this.directory, file)).catch(() => undefined),
      ),
    );
  }
}
