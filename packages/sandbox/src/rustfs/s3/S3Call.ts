import type { Authentication } from '../auth/Authenticator';
import { apiError } from '../http/ApiError';
import { readBody } from '../http/body';
import type { Exchange } from '../http/Exchange';
import type { ConditionValues } from '../iam/conditions';
import type { RustfsContext } from '../RustfsContext';
import type { Bucket } from '../storage/BucketStore';
import { sha256Hex } from '../auth/signatureV4';

const MAX_DOCUMENT_BYTES = 1024 * 1024;

/** One S3 request: who asks, what for, and the checks every handler makes. */
export class S3Call {
  constructor(
    readonly context: RustfsContext,
    readonly exchange: Exchange,
    readonly authentication: Authentication | undefined,
    /** Empty for calls on the server itself. */
    readonly bucketName: string,
    /** Empty for calls on a bucket. */
    readonly key: string,
  ) {}

  get identity() {
    return this.authentication?.identity;
  }

  get isOwner(): boolean {
    return this.context.authorizer.isOwner(this.identity);
  }

  allows(
    action: string,
    target: { bucket?: string; key?: string } = {
      bucket: this.bucketName || undefined,
      key: this.key || undefined,
    },
  ): boolean {
    return this.context.authorizer.allowsS3(this.identity, {
      action,
      ...target,
      conditions: this.conditions(),
    });
  }

  /** Refuses unless the caller may do this; said before anything about what exists. */
  require(action: string, target?: { bucket?: string; key?: string }): void {
    if (!this.allows(action, target)) {
      throw apiError('AccessDenied');
    }
  }

  bucket(name = this.bucketName): Bucket {
    const bucket = this.context.buckets.get(name);
    if (!bucket) {
      throw apiError('NoSuchBucket');
    }
    return bucket;
  }

  /** A small document in the body, verified against the hash that was signed. */
  async readDocument(): Promise<string> {
    const body = await readBody(this.exchange.openBody(), MAX_DOCUMENT_BYTES);
    const declared = this.authentication?.contentSha256;
    if (
      declared !== undefined &&
      /^[0-9a-f]{64}$/.test(declared) &&
      sha256Hex(body) !== declared
    ) {
      throw apiError('XAmzContentSHA256Mismatch');
    }
    return body.toString('utf8');
  }

  private conditions(): ConditionValues {
    const { exchange } = this;
    const one = (value: string | undefined) =>
      value === undefined ? undefined : [value];
    const values: ConditionValues = {
      'aws:sourceip': one(
        exchange.request.socket.remoteAddress?.replace(/^::ffff:/, ''),
      ),
      'aws:securetransport': ['false'],
      'aws:useragent': one(exchange.header('user-agent')),
      'aws:referer': one(exchange.header('referer')),
      's3:authtype': one(
        this.authentication &&
          (this.authentication.presigned ? 'REST-QUERY-STRING' : 'REST-HEADER'),
      ),
      's3:signatureversion': one(this.authentication && 'AWS4-HMAC-SHA256'),
      's3:prefix': one(exchange.query.get('prefix')),
      's3:delimiter': one(exchange.query.get('delimiter')),
      's3:max-keys': one(exchange.query.get('max-keys')),
      's3:versionid': one(exchange.query.get('versionId')),
    };
    for (const name of Object.keys(exchange.request.headers)) {
      if (name.startsWith('x-amz-')) {
        values[`s3:${name}`] = one(exchange.header(name));
      }
    }
    return values;
  }
}
