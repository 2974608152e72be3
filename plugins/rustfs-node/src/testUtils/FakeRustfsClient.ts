import {
  AccountBucket,
  QuotaStats,
  RustfsClient,
  RustfsError,
  ServerInfo,
  ServerUser,
} from '@rustfs-portal/plugin-rustfs-client';

/**
 * A server in memory for tests: buckets and users that can be set, and failures on demand.
 *
 * @public
 */
export class FakeRustfsClient implements RustfsClient {
  readonly endpoint: string;
  readonly buckets: AccountBucket[];
  users: ServerUser[] = [];
  server: ServerInfo = {
    mode: 'online',
    version: '1.0.1',
    drives: { online: 4, total: 4 },
    capacity: { usedBytes: 1_000, totalBytes: 4_000 },
  };
  /** Thrown by every call while it is set. */
  failure?: RustfsError;
  /** Names of the calls that were made. */
  readonly calls: string[] = [];

  constructor(
    options: {
      endpoint?: string;
      buckets?: Array<Partial<AccountBucket> & { name: string }>;
    } = {},
  ) {
    this.endpoint = options.endpoint ?? 'http://rustfs.example:9000';
    this.buckets = (options.buckets ?? []).map(bucket => ({
      versioning: 'off',
      objectLock: false,
      ...bucket,
    }));
  }

  /** Has every call fail as if nothing listened at the endpoint; undefined takes it back. */
  setDown(down: boolean): void {
    this.failure = down
      ? new RustfsError({
          reason: 'unreachable',
          operation: 'reach the server',
          endpoint: this.endpoint,
          detail: 'nothing listens there',
          hint: 'See that the server runs.',
        })
      : undefined;
  }

  async accountInfo() {
    this.#called('accountInfo');
    return { accountName: 'portal', buckets: [...this.buckets] };
  }

  async listUsers() {
    this.#called('listUsers');
    return [...this.users];
  }

  async serverInfo() {
    this.#called('serverInfo');
    return this.server;
  }

  async scannerStatus() {
    this.#called('scannerStatus');
    return { enabled: true, freshness: 'fresh' as const };
  }

  async health() {
    this.#called('health');
    return { ready: true, version: this.server.version, degradedReasons: [] };
  }

  async bucketExists(bucket: string) {
    this.#called('bucketExists');
    return this.buckets.some(({ name }) => name === bucket);
  }

  async getVersioning(bucket: string) {
    this.#called('getVersioning');
    return this.#find(bucket).versioning;
  }

  async setVersioning(bucket: string, state: 'enabled' | 'suspended') {
    this.#called('setVersioning');
    this.#find(bucket).versioning = state;
  }

  async getQuota(bucket: string) {
    this.#called('getQuota');
    return this.#find(bucket).quotaBytes;
  }

  async setQuota(bucket: string, bytes: number | undefined) {
    this.#called('setQuota');
    this.#find(bucket).quotaBytes = bytes;
  }

  async quotaStats(bucket: string): Promise<QuotaStats | undefined> {
    this.#called('quotaStats');
    const { sizeBytes, quotaBytes } = this.#find(bucket);
    return sizeBytes === undefined
      ? undefined
      : { usedBytes: sizeBytes, quotaBytes };
  }

  #called(call: string) {
    this.calls.push(call);
    if (this.failure) {
      throw this.failure;
    }
  }

  #find(bucket: string): AccountBucket {
    const found = this.buckets.find(({ name }) => name === bucket);
    if (!found) {
      throw new RustfsError({
        reason: 'not-found',
        operation: `find bucket ${bucket}`,
        endpoint: this.endpoint,
        detail: 'it answers 404 NoSuchBucket',
        hint: 'Check the name.',
        code: 'NoSuchBucket',
      });
    }
    return found;
  }
}
