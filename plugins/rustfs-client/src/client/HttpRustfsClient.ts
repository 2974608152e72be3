import { ConnectionOptionError, createTransport } from '../transport';
import { AdminTransport } from './AdminTransport';
import {
  accountInfoAnswer,
  healthAnswer,
  listUsersAnswer,
  quotaAnswer,
  quotaStatsAnswer,
  scannerStatusAnswer,
  serverInfoAnswer,
  versioningAnswer,
} from './answers';
import { AccountBucket, QuotaStats, RustfsClient } from './RustfsClient';
import { isRustfsError, RustfsError } from './RustfsError';
import { S3Transport } from './S3Transport';
import { SignedFetch } from './SignedFetch';
import { ClientWords } from './translateError';

/**
 * Hears of every request that is sent to a server, when it has ended.
 *
 * @public
 */
export type ObserveRequest = (request: {
  method: string;
  /** Without query. */
  path: string;
  durationMs: number;
}) => void;

/**
 * How a server is reached.
 *
 * @public
 */
export interface HttpRustfsClientOptions {
  /** `http://media-io.storage.svc:9000`, without path and credentials. */
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** For one call, connecting included. Default: 3000. */
  timeoutMs?: number;
  /** The way to the server. Default: that of `createTransport`, with what Node trusts. */
  fetch?: typeof fetch;
  observeRequest?: ObserveRequest;
  /** How errors name who calls, and where that is configured. */
  words?: ClientWords;
}

/** Below it all calls are JSON in clear; the prefix of MinIO encrypts some of them. */
export const ADMIN_PATH = '/rustfs/admin/v3';

const PLAIN_WORDS: ClientWords = {
  caller: 'this program',
  keys: 'its access key and secret',
  endpoint: 'its endpoint',
};

/** @throws ConnectionOptionError when the endpoint is not an address of a server */
export function connect(options: HttpRustfsClientOptions): SignedFetch {
  const endpoint = parseEndpoint(options.endpoint);
  const timeoutMs = options.timeoutMs ?? 3000;
  return new SignedFetch({
    words: PLAIN_WORDS,
    ...options,
    fetch: options.fetch ?? createTransport({ url: endpoint, timeoutMs }).fetch,
    endpoint,
    timeoutMs,
  });
}

/**
 * {@link RustfsClient} over HTTP.
 *
 * @public
 */
export class HttpRustfsClient implements RustfsClient {
  readonly endpoint: string;
  /** @internal */
  protected readonly signedFetch: SignedFetch;
  /** @internal */
  protected readonly admin: AdminTransport;
  /** @internal */
  protected readonly s3: S3Transport;

  /** @throws ConnectionOptionError when the endpoint is not an address of a server */
  static create(options: HttpRustfsClientOptions): RustfsClient {
    return new HttpRustfsClient(connect(options));
  }

  /** @internal */
  protected constructor(signedFetch: SignedFetch) {
    this.endpoint = signedFetch.endpoint;
    this.signedFetch = signedFetch;
    this.admin = new AdminTransport(signedFetch);
    this.s3 = new S3Transport(signedFetch);
  }

  async accountInfo() {
    return this.admin.call({
      operation: { description: 'list buckets and their usage' },
      method: 'GET',
      path: `${ADMIN_PATH}/accountinfo`,
      answer: accountInfoAnswer,
    });
  }

  async listUsers() {
    return this.admin.call({
      operation: {
        description: 'list the users of the server',
        right: 'admin:ListUsers',
      },
      method: 'GET',
      path: `${ADMIN_PATH}/list-users`,
      answer: listUsersAnswer,
    });
  }

  async serverInfo() {
    return this.admin.call({
      operation: {
        description: 'read the state of the server',
        right: 'admin:ServerInfo',
      },
      method: 'GET',
      path: `${ADMIN_PATH}/info`,
      answer: serverInfoAnswer,
    });
  }

  async scannerStatus() {
    return this.admin.call({
      operation: {
        description: 'read the age of usage numbers',
        right: 'admin:ServerInfo',
      },
      method: 'GET',
      path: `${ADMIN_PATH}/scanner/status`,
      answer: scannerStatusAnswer,
    });
  }

  async health() {
    return this.admin.call({
      operation: { description: 'read the health of the server' },
      method: 'GET',
      path: '/health/ready',
      answer: healthAnswer,
      anonymous: true,
      alsoAnswers: [503],
    });
  }

  async bucketExists(bucket: string): Promise<boolean> {
    try {
      await this.s3.call({
        operation: {
          description: `look for bucket ${bucket}`,
          right: 's3:ListBucket',
        },
        method: 'HEAD',
        bucket,
      });
      return true;
    } catch (error) {
      if (isRustfsError(error, 'not-found')) {
        return false;
      }
      throw error;
    }
  }

  async getVersioning(bucket: string): Promise<AccountBucket['versioning']> {
    return this.s3.call({
      operation: {
        description: `read versioning of bucket ${bucket}`,
        right: 's3:GetBucketVersioning',
      },
      method: 'GET',
      bucket,
      subresource: 'versioning',
      answer: { element: 'VersioningConfiguration', content: versioningAnswer },
    });
  }

  async setVersioning(
    bucket: string,
    state: 'enabled' | 'suspended',
  ): Promise<void> {
    await this.s3.call({
      operation: {
        description: `set versioning of bucket ${bucket} to ${state}`,
        right: 's3:PutBucketVersioning',
      },
      method: 'PUT',
      bucket,
      subresource: 'versioning',
      document: {
        element: 'VersioningConfiguration',
        content: { Status: state === 'enabled' ? 'Enabled' : 'Suspended' },
      },
    });
  }

  async getQuota(bucket: string): Promise<number | undefined> {
    return this.admin.call({
      operation: {
        description: `read the quota of bucket ${bucket}`,
        right: 's3:GetBucketQuota',
      },
      method: 'GET',
      path: `${ADMIN_PATH}/get-bucket-quota`,
      query: { bucket },
      answer: quotaAnswer,
    });
  }

  async setQuota(bucket: string, bytes: number | undefined): Promise<void> {
    try {
      await this.admin.call({
        operation: {
          description:
            bytes === undefined
              ? `take the quota off bucket ${bucket}`
              : `set the quota of bucket ${bucket}`,
          right: 'admin:SetBucketQuota',
        },
        method: bytes === undefined ? 'DELETE' : 'PUT',
        path: `${ADMIN_PATH}/quota/${encodeURIComponent(bucket)}`,
        body:
          bytes === undefined
            ? undefined
            : { quota: bytes, quota_type: 'HARD' },
      });
    } catch (error) {
      // Of a bucket that is not there the server says that it has failed itself.
      const isAbsent =
        isRustfsError(error, 'unexpected') &&
        error.code === 'InternalError' &&
        (await this.#isAbsent(bucket));
      if (isAbsent) {
        throw new RustfsError({
          reason: 'not-found',
          operation: error.operation,
          endpoint: this.endpoint,
          detail: 'there is no such bucket',
          hint: 'Check the name.',
          code: error.code,
        });
      }
      throw error;
    }
  }

  async quotaStats(bucket: string): Promise<QuotaStats | undefined> {
    try {
      return await this.admin.call({
        operation: {
          description: `read the use of the quota of bucket ${bucket}`,
          right: 's3:GetBucketQuota',
        },
        method: 'GET',
        path: `${ADMIN_PATH}/quota-stats/${encodeURIComponent(bucket)}`,
        answer: quotaStatsAnswer,
      });
    } catch (error) {
      // The same answer while it starts and while the bucket has not been measured: nothing is known either way.
      if (isRustfsError(error, 'busy', 'starting')) {
        return undefined;
      }
      throw error;
    }
  }

  /** Only when the server says so. */
  async #isAbsent(bucket: string): Promise<boolean> {
    return this.bucketExists(bucket).then(
      exists => !exists,
      () => false,
    );
  }
}

function parseEndpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable =
    url &&
    ['http:', 'https:'].includes(url.protocol) &&
    !url.username &&
    !url.password &&
    url.pathname === '/' &&
    !url.search &&
    !url.hash;
  if (!usable) {
    throw new ConnectionOptionError(
      'The endpoint of a RustFS server is an http(s) address without path and credentials, for example http://media-io.storage.svc:9000',
    );
  }
  return url.origin;
}
