import {
  GetBucketVersioningCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { InputError } from '@backstage/errors';
import { NodeHttpHandler } from '@smithy/node-http-handler';
import { AdminTransport } from './AdminTransport';
import {
  accountInfoAnswer,
  healthAnswer,
  quotaAnswer,
  quotaStatsAnswer,
  scannerStatusAnswer,
  serverInfoAnswer,
} from './answers';
import { AccountBucket, QuotaStats, RustfsClient } from './RustfsClient';
import { isRustfsError } from './RustfsError';
import {
  answerError,
  networkError,
  Operation,
  parseErrorDocument,
} from './translateError';

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
  observeRequest?: ObserveRequest;
}

const ADMIN = '/rustfs/admin/v3';

/**
 * {@link RustfsClient} over HTTP.
 *
 * @public
 */
export class HttpRustfsClient implements RustfsClient {
  readonly endpoint: string;
  readonly #timeoutMs: number;
  readonly #admin: AdminTransport;
  readonly #s3: S3Client;
  readonly #observeRequest?: ObserveRequest;

  /** @throws InputError when the endpoint is not an address of a server */
  static create(options: HttpRustfsClientOptions): RustfsClient {
    return new HttpRustfsClient({
      ...options,
      endpoint: parseEndpoint(options.endpoint),
      timeoutMs: options.timeoutMs ?? 3000,
    });
  }

  private constructor(
    options: HttpRustfsClientOptions & { timeoutMs: number },
  ) {
    this.endpoint = options.endpoint;
    this.#timeoutMs = options.timeoutMs;
    this.#observeRequest = options.observeRequest;
    this.#admin = new AdminTransport(options);
    this.#s3 = new S3Client({
      endpoint: options.endpoint,
      region: 'us-east-1',
      credentials: {
        accessKeyId: options.accessKeyId,
        secretAccessKey: options.secretAccessKey,
      },
      forcePathStyle: true,
      // Repeating takes seconds, and is for the caller to decide: someone may be waiting.
      maxAttempts: 1,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
      requestHandler: new NodeHttpHandler({
        connectionTimeout: options.timeoutMs,
      }),
    });
  }

  async accountInfo() {
    return this.#admin.call({
      operation: { description: 'list buckets and their usage' },
      method: 'GET',
      path: `${ADMIN}/accountinfo`,
      answer: accountInfoAnswer,
    });
  }

  async serverInfo() {
    return this.#admin.call({
      operation: {
        description: 'read the state of the server',
        right: 'admin:ServerInfo',
      },
      method: 'GET',
      path: `${ADMIN}/info`,
      answer: serverInfoAnswer,
    });
  }

  async scannerStatus() {
    return this.#admin.call({
      operation: {
        description: 'read the age of usage numbers',
        right: 'admin:ServerInfo',
      },
      method: 'GET',
      path: `${ADMIN}/scanner/status`,
      answer: scannerStatusAnswer,
    });
  }

  async health() {
    return this.#admin.call({
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
      await this.#send(
        {
          description: `look for bucket ${bucket}`,
          right: 's3:ListBucket',
        },
        'HEAD',
        `/${bucket}`,
        signal =>
          this.#s3.send(new HeadBucketCommand({ Bucket: bucket }), {
            abortSignal: signal,
          }),
      );
      return true;
    } catch (error) {
      if (isRustfsError(error, 'not-found')) {
        return false;
      }
      throw error;
    }
  }

  async getVersioning(bucket: string): Promise<AccountBucket['versioning']> {
    const { Status } = await this.#send(
      {
        description: `read versioning of bucket ${bucket}`,
        right: 's3:GetBucketVersioning',
      },
      'GET',
      `/${bucket}`,
      signal =>
        this.#s3.send(new GetBucketVersioningCommand({ Bucket: bucket }), {
          abortSignal: signal,
        }),
    );
    switch (Status) {
      case 'Enabled':
        return 'enabled';
      case 'Suspended':
        return 'suspended';
      default:
        return 'off';
    }
  }

  async setVersioning(
    bucket: string,
    state: 'enabled' | 'suspended',
  ): Promise<void> {
    await this.#send(
      {
        description: `set versioning of bucket ${bucket} to ${state}`,
        right: 's3:PutBucketVersioning',
      },
      'PUT',
      `/${bucket}`,
      signal =>
        this.#s3.send(
          new PutBucketVersioningCommand({
            Bucket: bucket,
            VersioningConfiguration: {
              Status: state === 'enabled' ? 'Enabled' : 'Suspended',
            },
          }),
          { abortSignal: signal },
        ),
    );
  }

  async getQuota(bucket: string): Promise<number | undefined> {
    return this.#admin.call({
      operation: {
        description: `read the quota of bucket ${bucket}`,
        right: 's3:GetBucketQuota',
      },
      method: 'GET',
      path: `${ADMIN}/get-bucket-quota`,
      query: { bucket },
      answer: quotaAnswer,
    });
  }

  async setQuota(bucket: string, bytes: number | undefined): Promise<void> {
    await this.#admin.call({
      operation: {
        description:
          bytes === undefined
            ? `take the quota off bucket ${bucket}`
            : `set the quota of bucket ${bucket}`,
        right: 'admin:SetBucketQuota',
      },
      method: bytes === undefined ? 'DELETE' : 'PUT',
      path: `${ADMIN}/quota/${encodeURIComponent(bucket)}`,
      body:
        bytes === undefined ? undefined : { quota: bytes, quota_type: 'HARD' },
    });
  }

  async quotaStats(bucket: string): Promise<QuotaStats | undefined> {
    try {
      return await this.#admin.call({
        operation: {
          description: `read the use of the quota of bucket ${bucket}`,
          right: 's3:GetBucketQuota',
        },
        method: 'GET',
        path: `${ADMIN}/quota-stats/${encodeURIComponent(bucket)}`,
        answer: quotaStatsAnswer,
      });
    } catch (error) {
      if (isRustfsError(error, 'busy')) {
        return undefined;
      }
      throw error;
    }
  }

  /** Sends an S3 command; what the SDK throws ends here. */
  async #send<T>(
    operation: Operation,
    method: string,
    path: string,
    send: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const started = performance.now();
    try {
      return await send(AbortSignal.timeout(this.#timeoutMs));
    } catch (error) {
      const status = statusOf(error);
      if (status === undefined) {
        throw networkError(this.endpoint, operation, error, this.#timeoutMs);
      }
      throw answerError(this.endpoint, operation, {
        status,
        ...describeException(error),
      });
    } finally {
      this.#observeRequest?.({
        method,
        path,
        durationMs: performance.now() - started,
      });
    }
  }
}

/** The SDK attaches the status to everything that it throws after an answer, also to errors of its own XML parser. */
function statusOf(error: unknown): number | undefined {
  return (error as S3ServiceException | undefined)?.$metadata?.httpStatusCode;
}

function describeException(error: unknown) {
  // Answers to HEAD have no body, hence no code: the SDK makes a name up.
  return error instanceof S3ServiceException &&
    !['NotFound', 'UnknownError', 'Unknown', '403'].includes(error.name)
    ? { code: error.name, message: error.message }
    : parseErrorDocument('');
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
    throw new InputError(
      'The endpoint of a RustFS server is an http(s) address without path and credentials, for example http://media-io.storage.svc:9000',
    );
  }
  return url.origin;
}
