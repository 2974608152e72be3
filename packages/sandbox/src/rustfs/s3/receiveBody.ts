import { createHash } from 'node:crypto';
import { Transform, type TransformCallback } from 'node:stream';
import { crc32 } from 'node:zlib';
import { ChunkedBodyDecoder } from '../auth/ChunkedBodyDecoder';
import { ApiError, apiError } from '../http/ApiError';
import type { Segment } from '../storage/BlobStore';
import type { S3Call } from './S3Call';

/** A body that lies on disk, with what was computed while it came in. */
export interface ReceivedBody {
  segment: Segment;
  md5: string;
  /** `x-amz-checksum-*` headers the client sent, before or behind the body. */
  checksums: Record<string, string>;
}

interface RunningChecksum {
  update(data: Buffer): void;
  /** Base64. */
  digest(): string;
}

class RunningCrc32 implements RunningChecksum {
  private value = 0;

  update(data: Buffer): void {
    this.value = crc32(data, this.value);
  }

  digest(): string {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(this.value);
    return bytes.toString('base64');
  }
}

/** Checksums that are verified: those that clients send unasked or that are asked for most. Others are stored as sent. */
const CHECKSUMS: Readonly<Record<string, () => RunningChecksum>> = {
  'x-amz-checksum-crc32': () => new RunningCrc32(),
  'x-amz-checksum-sha256': () => {
    const hash = createHash('sha256');
    return {
      update: data => hash.update(data),
      digest: () => hash.digest('base64'),
    };
  },
};

/** Passes data on and computes what has to be compared at the end. */
class Meter extends Transform {
  size = 0;
  readonly md5 = createHash('md5');
  readonly sha256 = createHash('sha256');
  readonly checksums: Map<string, RunningChecksum>;

  constructor(
    private readonly limit: { bytes: number; error: () => ApiError },
    checksumNames: string[],
  ) {
    super();
    this.checksums = new Map(
      checksumNames
        .filter(name => Object.hasOwn(CHECKSUMS, name))
        .map(name => [name, CHECKSUMS[name]()]),
    );
  }

  override _transform(
    chunk: Buffer,
    _encoding: BufferEncoding,
    callback: TransformCallback,
  ): void {
    this.size += chunk.length;
    if (this.size > this.limit.bytes) {
      callback(this.limit.error());
      return;
    }
    this.md5.update(chunk);
    this.sha256.update(chunk);
    this.checksums.forEach(checksum => checksum.update(chunk));
    callback(null, chunk);
  }
}

/** The number of bytes of data the client announced. */
export function declaredLength(call: S3Call): number {
  const { exchange, authentication } = call;
  const streaming =
    authentication?.contentSha256.startsWith('STREAMING-') ?? false;
  const text = streaming
    ? exchange.header('x-amz-decoded-content-length')
    : exchange.header('content-length');
  const length = Number(text);
  if (text === undefined || !Number.isInteger(length) || length < 0) {
    throw apiError('MissingContentLength');
  }
  return length;
}

function checksumHeaders(call: S3Call): Record<string, string> {
  const { headers } = call.exchange.request;
  return Object.fromEntries(
    Object.keys(headers)
      .filter(name =>
        /^x-amz-checksum-(crc32|crc32c|crc64nvme|sha1|sha256)$/.test(name),
      )
      .map(name => [name, call.exchange.header(name) ?? '']),
  );
}

function createDecoder(call: S3Call): ChunkedBodyDecoder | undefined {
  return call.authentication?.contentSha256.startsWith('STREAMING-')
    ? new ChunkedBodyDecoder()
    : undefined;
}

function verify(
  call: S3Call,
  meter: Meter,
  md5: Buffer,
  checksums: Record<string, string>,
): void {
  const { exchange, authentication } = call;
  const declaredHash = authentication?.contentSha256;
  if (
    declaredHash !== undefined &&
    /^[0-9a-f]{64}$/.test(declaredHash) &&
    meter.sha256.digest('hex') !== declaredHash
  ) {
    throw apiError('XAmzContentSHA256Mismatch');
  }
  const contentMd5 = exchange.header('content-md5');
  if (contentMd5 !== undefined && contentMd5 !== md5.toString('base64')) {
    throw apiError('BadDigest');
  }
  for (const [name, checksum] of meter.checksums) {
    if (
      checksums[name] !== undefined &&
      checksums[name] !== checksum.digest()
    ) {
      throw apiError('BadDigest');
    }
  }
}

/** Streams the body of a request to disk and verifies everything the client said about it. */
export async function receiveBody(call: S3Call): Promise<ReceivedBody> {
  const { exchange, context } = call;
  const length = declaredLength(call);
  const announced = checksumHeaders(call);
  const trailerNames = (exchange.header('x-amz-trailer') ?? '')
    .split(',')
    .map(name => name.trim().toLowerCase());
  const decoder = createDecoder(call);
  const meter = new Meter(
    { bytes: length, error: () => apiError('IncompleteBody') },
    [...Object.keys(announced), ...trailerNames],
  );
  const file = await context.blobs.write(
    exchange.openBody(),
    decoder ? [decoder, meter] : [meter],
  );
  const segment = { file, size: meter.size };
  try {
    if (meter.size !== length) {
      throw apiError('IncompleteBody');
    }
    const checksums = { ...announced };
    for (const name of trailerNames) {
      const value = decoder?.trailers.get(name);
      if (value !== undefined && name.startsWith('x-amz-checksum-')) {
        checksums[name] = value;
      }
    }
    const md5 = meter.md5.digest();
    verify(call, meter, md5, checksums);
    return { segment, md5: md5.toString('hex'), checksums };
  } catch (error) {
    await context.blobs.remove([segment]);
    throw error;
  }
}
