import { Transform, type TransformCallback } from 'node:stream';
import { apiError } from '../http/ApiError';

const MAX_LINE = 16 * 1024;

/**
 * Takes the `aws-chunked` framing off a body (`<hex size>[;chunk-signature=…]\r\n<data>\r\n … 0 … trailers`). The
 * signatures of chunks are not looked at. Trailers are known once the stream has ended.
 */
export class ChunkedBodyDecoder extends Transform {
  readonly trailers = new Map<string, string>();
  private pending = Buffer.alloc(0);
  private state: 'size' | 'data' | 'dataEnd' | 'trailer' | 'done' = 'size';
  private remaining = 0;

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: TransformCallback,
  ): void {
    try {
      this.pending =
        this.pending.length === 0
          ? chunk
          : Buffer.concat([this.pending, chunk]);
      while (this.step()) {
        // Every step takes one line or one piece of data off the front.
      }
      callback();
    } catch (error) {
      callback(error as Error);
    }
  }

  override _flush(callback: TransformCallback): void {
    callback(
      this.state === 'done' ||
        (this.state === 'trailer' && !this.pending.length)
        ? null
        : apiError('IncompleteBody'),
    );
  }

  private step(): boolean {
    switch (this.state) {
      case 'size':
        return this.withLine(line => this.beginChunk(line));
      case 'data':
        return this.takeData();
      case 'dataEnd':
        return this.withLine(line => {
          if (line !== '') {
            throw apiError('IncompleteBody');
          }
          this.state = 'size';
        });
      case 'trailer':
        return this.withLine(line => this.takeTrailer(line));
      default:
        this.pending = Buffer.alloc(0);
        return false;
    }
  }

  private withLine(use: (line: string) => void): boolean {
    const end = this.pending.indexOf('\r\n');
    if (end < 0) {
      if (this.pending.length > MAX_LINE) {
        throw apiError('IncompleteBody');
      }
      return false;
    }
    const line = this.pending.subarray(0, end).toString('latin1');
    this.pending = this.pending.subarray(end + 2);
    use(line);
    return true;
  }

  private beginChunk(line: string): void {
    const [size] = line.split(';');
    if (!/^[0-9a-fA-F]+$/.test(size)) {
      throw apiError('IncompleteBody');
    }
    this.remaining = parseInt(size, 16);
    this.state = this.remaining > 0 ? 'data' : 'trailer';
  }

  private takeData(): boolean {
    if (this.pending.length === 0) {
      return false;
    }
    const data = this.pending.subarray(0, this.remaining);
    this.pending = this.pending.subarray(data.length);
    this.remaining -= data.length;
    this.push(data);
    if (this.remaining === 0) {
      this.state = 'dataEnd';
    }
    return true;
  }

  private takeTrailer(line: string): void {
    if (line === '') {
      this.state = 'done';
      return;
    }
    const at = line.indexOf(':');
    this.trailers.set(
      line.slice(0, at).trim().toLowerCase(),
      line.slice(at + 1).trim(),
    );
  }
}
