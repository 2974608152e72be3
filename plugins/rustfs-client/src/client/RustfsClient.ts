/**
 * A bucket as the server lists it to the portal's user. What the server has not measured is undefined, not zero.
 *
 * @public
 */
export interface AccountBucket {
  name: string;
  /** ISO 8601. */
  createdAt?: string;
  sizeBytes?: number;
  objects?: number;
  /** Undefined: no quota is set. */
  quotaBytes?: number;
  versioning: 'enabled' | 'suspended' | 'off';
  objectLock: boolean;
}

/**
 * The portal's user on a server and every bucket that it may see.
 *
 * @public
 */
export interface AccountInfo {
  accountName: string;
  buckets: AccountBucket[];
}

/**
 * A user of a server. Its secret is known to nobody but its holder.
 *
 * @public
 */
export interface ServerUser {
  /** The access key. */
  name: string;
  enabled: boolean;
  /** Names of the policies of its own, in order of name. */
  policies: string[];
  /** Names of the groups that it is in, whose policies it has as well. */
  groups: string[];
}

/**
 * What a server says about itself.
 *
 * @public
 */
export interface ServerInfo {
  /** `online` also while drives are gone: look at {@link ServerInfo.drives}. */
  mode: string;
  /** `1.0.1`; undefined when the server does not say. */
  version?: string;
  drives: { online: number; total: number };
  /** Raw space of all drives, before erasure coding; undefined when no drive reports it. */
  capacity?: { usedBytes: number; totalBytes: number };
  /** Undefined while not measured. */
  objects?: number;
  /** Bytes that objects take; undefined while not measured. */
  usedBytes?: number;
}

/**
 * How old the server's usage numbers are.
 *
 * @public
 */
export interface ScannerStatus {
  enabled: boolean;
  freshness: 'fresh' | 'stale' | 'unknown';
  /** End of the last complete measurement, ISO 8601. */
  measuredAt?: string;
  /** A measurement is late when it is older than this. */
  maxAgeSeconds?: number;
}

/**
 * Use of a quota.
 *
 * @public
 */
export interface QuotaStats {
  /** Undefined: no quota is set. */
  quotaBytes?: number;
  usedBytes: number;
}

/**
 * What a server answers to anyone.
 *
 * @public
 */
export interface ServerHealth {
  /** It can serve reads. Says nothing about lost drives. */
  ready: boolean;
  version?: string;
  /** Why it is not ready, in the server's words. */
  degradedReasons: string[];
}

/**
 * One RustFS server as the portal's user of that server sees it: S3 and admin calls, one attempt each, with a time
 * limit.
 *
 * Every call throws {@link RustfsError} when the server refuses or fails; errors of SDKs do not come out of here, as
 * their fields can hold signatures.
 *
 * @public
 */
export interface RustfsClient {
  /** Address of the server, without credentials. */
  readonly endpoint: string;
  /** All buckets with usage, quota and flags in one call; any identity may ask. */
  accountInfo(): Promise<AccountInfo>;
  /** All users but root, in one call. Needs `admin:ListUsers`. */
  listUsers(): Promise<ServerUser[]>;
  /** Needs `admin:ServerInfo`. */
  serverInfo(): Promise<ServerInfo>;
  /** Needs `admin:ServerInfo`. */
  scannerStatus(): Promise<ScannerStatus>;
  /** Needs no credentials. */
  health(): Promise<ServerHealth>;
  /** Needs `s3:ListBucket`. */
  bucketExists(bucket: string): Promise<boolean>;
  /** Needs `s3:GetBucketVersioning`. */
  getVersioning(bucket: string): Promise<AccountBucket['versioning']>;
  /** Needs `s3:PutBucketVersioning`. */
  setVersioning(bucket: string, state: 'enabled' | 'suspended'): Promise<void>;
  /**
   * The quota in bytes, also before the bucket was measured; undefined when there is none. Needs `s3:GetBucketQuota`.
   */
  getQuota(bucket: string): Promise<number | undefined>;
  /**
   * Sets the quota in bytes; undefined takes it away. Needs `admin:SetBucketQuota`.
   *
   * Set it only after {@link RustfsClient.quotaStats} answers: a bucket with a quota that was never measured refuses
   * every write.
   */
  setQuota(bucket: string, bytes: number | undefined): Promise<void>;
  /** Undefined until the server has measured the bucket. Needs `s3:GetBucketQuota`. */
  quotaStats(bucket: string): Promise<QuotaStats | undefined>;
}
