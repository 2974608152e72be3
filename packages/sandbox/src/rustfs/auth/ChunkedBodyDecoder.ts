import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { apiError } from '../http/ApiError';
import {
  type CredentialScope,
  EMPTY_SHA256,
  sameSignature,
  scopeString,
  sha256Hex,
  signString,
} from './signatureV4';

/** What is needed to verify chunk by chunk; absent for unsigned chunks. */
export interface ChunkSigning {
  signingKey: Buffer;
  scope: CredentialScope;
  amzDate: string;
  seedSignature: string;
}

const MAX_LINE = 16 * 1024;

/**
 * Takes the `aws-chunked` framing off a body (`<hex size>[;chunk-signature=…]\r\n<data>\r\n … 0 … trailers`) and
 * verifies the signature of each chunk where there is one. Trailers are known once the stream has ended.
 */
export class ChunkedBodyDecoder extends Transform {
  readonly trailers = new Map<string, string>();
  private pending = Buffer.alloc(0);
  private state: 'size' | 'data' | 'dataEnd' | 'trailer' | 'done' = 'size';
  private remaining = 0;
  private chunkHash = createHash('sha256');
  private chunkSignature: string | undefined;
  private previousSignature: string | undefined;
  private signedTrailers = '';

  constructor(private readonly signing: ChunkSigning | undefined) {
    super();
    this.previousSignature = signing?.seedSignature;
  }

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
          this.endChunk();
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
    const [size, ...extensions] = line.split(';');
    if (!/^[0-9a-fA-F]+$/.test(size)) {
      throw apiError('IncompleteBody');
    }
    this.remaining = parseInt(size, 16);
    this.chunkHash = createHash('sha256');
    this.chunkSignature = extensions
      .find(extension => extension.startsWith('chunk-signature='))
      ?.slice('chunk-signature='.length);
    if (this.remaining > 0) {
      this.state = 'data';
      return;
    }
    this.endChunk();
    this.state = 'trailer';
  }

  private takeData(): boolean {
    if (this.pending.length === 0) {
      return false;
    }
    const data = this.pending.subarray(0, this.remaining);
    this.pending = this.pending.subarray(data.length);
    this.remaining -= data.length;
    if (this.signing) {
      this.chunkHash.update(data);
    }
    this.push(data);
    if (this.remaining === 0) {
      this.state = 'dataEnd';
    }
    return true;
  }

  private endChunk(): void {
    this.verify(
      'AWS4-HMAC-SHA256-PAYLOAD',
      [EMPTY_SHA256, this.chunkHash.digest('hex')],
      this.chunkSignature,
    );
    this.chunkHash = createHash('sha256');
  }

  private takeTrailer(line: string): void {
    if (line === '') {
      this.state = 'done';
      return;
    }
    const at = line.indexOf(':');
    const name = line.slice(0, at).trim().toLowerCase();
    const value = line.slice(at + 1).trim();
    if (name === 'x-amz-trailer-signature') {
      this.verify(
        'AWS4-HMAC-SHA256-TRAILER',
        [sha256Hex(this.signedTrailers)],
        value,
      );
      return;
    }
    this.signedTrailers += `${name}:${value}\n`;
    this.trailers.set(name, value);
  }

  private verify(
    algorithm: string,
    hashes: string[],
    signature: string | undefined,
  ): void {
    if (!this.signing) {
      return;
    }
    const expected = signString(
      this.signing.signingKey,
      [
        algorithm,
        this.signing.amzDate,
        scopeString(this.signing.scope),
        this.previousSignature,
        ...hashes,
      ].join('\n'),
    );
    if (!signature || !sameSignature(expected, signature)) {
      throw apiError('SignatureDoesNotMatch');
    }
    this.previousSignature = expected;
  }
}
