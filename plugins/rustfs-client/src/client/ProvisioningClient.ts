import type {
  DefaultRetention,
  LifecycleRule,
  PolicyDocument,
} from '@rustfs-portal/plugin-rustfs-common';
import { RustfsClient } from './RustfsClient';

/**
 * What a server is. Of one that is not known nothing is taken for granted: its answers tell.
 *
 * @public
 */
export interface ServerIdentity {
  product: 'rustfs' | 'minio' | 'unknown';
  /** `1.0.1`; undefined where the server does not tell it to everybody. */
  version?: string;
}

/**
 * A pair of keys that is tried on a server.
 *
 * @public
 */
export interface KeyPair {
  accessKeyId: string;
  secretAccessKey: string;
}

/**
 * What a server says of a pair of keys: `accepted`; `wrong-secret`: the access key has another secret; `refused`: there is
 * no such access key, or it is disabled, which a server does not tell apart.
 *
 * @public
 */
export type KeyVerdict = 'accepted' | 'wrong-secret' | 'refused';

/**
 * The lifecycle of a bucket as it is on the server.
 *
 * @public
 */
export interface LiveLifecycle {
  rules: LifecycleRule[];
  /** There are rules, or parts of rules, that a `LifecycleRule` cannot say. */
  hasOthers: boolean;
}

/**
 * The lock of a bucket as it is on the server; the years of a retention are 365 days each.
 *
 * @public
 */
export interface LiveObjectLock {
  retention?: DefaultRetention;
}

/**
 * One server as an identity sees it that may make buckets, users and policies: beside what a {@link RustfsClient} does, the
 * calls that settling needs. They fail as those do; what the server has no call for is a
 * {@link RustfsError} with the reason `unsupported`.
 *
 * @public
 */
export interface ProvisioningClient extends RustfsClient {
  /** Asks without credentials. */
  identify(): Promise<ServerIdentity>;
  /** Names of all buckets that the identity sees, over S3. Needs `s3:ListAllMyBuckets`. */
  listBuckets(): Promise<string[]>;
  /**
   * Needs `s3:CreateBucket`, with object lock `s3:PutBucketObjectLockConfiguration` and `s3:PutBucketVersioning` as well. Of
   * a bucket that is there already the code of the error is `BucketAlreadyExists` or `BucketAlreadyOwnedByYou`; the root user
   * is told nothing.
   */
  createBucket(
    bucket: string,
    options?: { objectLock?: boolean },
  ): Promise<void>;
  /** Undefined: there is none. Needs `s3:GetBucketLifecycle`. */
  getLifecycle(bucket: string): Promise<LiveLifecycle | undefined>;
  /** Replaces all rules; an empty list takes them away. Needs `s3:PutBucketLifecycle`. */
  setLifecycle(bucket: string, rules: LifecycleRule[]): Promise<void>;
  /** Needs `s3:GetBucketTagging`. */
  getTags(bucket: string): Promise<Record<string, string>>;
  /** Replaces all tags. Needs `s3:PutBucketTagging`. */
  setTags(bucket: string, tags: Record<string, string>): Promise<void>;
  /** Undefined: there is none. Needs `s3:GetBucketEncryption`. */
  getEncryption(
    bucket: string,
  ): Promise<'sse-s3' | 'sse-kms' | 'other' | undefined>;
  /**
   * Without a key on the server every later upload fails, and no call tells beforehand whether it has one. Needs
   * `s3:PutBucketEncryption`.
   */
  setEncryption(bucket: string, encryption: 'sse-s3'): Promise<void>;
  /** Undefined: the bucket has no object lock. Needs `s3:GetBucketObjectLockConfiguration`. */
  getObjectLock(bucket: string): Promise<LiveObjectLock | undefined>;
  /**
   * Turns object lock on, for ever, in a bucket that has versioning, and sets the default retention. Needs
   * `s3:PutBucketObjectLockConfiguration`.
   */
  setObjectLock(bucket: string, lock: LiveObjectLock): Promise<void>;

  /** All policies by name, built-in ones included, as the server has them. Needs `admin:ListUserPolicies`. */
  listPolicies(): Promise<Map<string, unknown>>;
  /** Makes or replaces a policy, also a built-in one. Needs `admin:CreatePolicy`. */
  putPolicy(name: string, document: PolicyDocument): Promise<void>;
  /**
   * Makes an enabled user. Of one that is there it sets secret and status and leaves the policies. Needs
   * `admin:CreateUser`.
   */
  addUser(pair: KeyPair, options?: { enabled?: boolean }): Promise<void>;
  /** Sets the secret of a user and ends his sessions; status and policies stay. Needs `admin:CreateUser`. */
  setUserSecret(pair: KeyPair): Promise<void>;
  /** Needs `admin:EnableUser`. */
  setUserEnabled(accessKeyId: string, enabled: boolean): Promise<void>;
  /** Replaces the policies of a user in one call. Needs `admin:AttachUserOrGroupPolicy`. */
  setUserPolicies(accessKeyId: string, policies: string[]): Promise<void>;
  /** Signs one harmless call with a pair of keys, to see what the server says of it. */
  tryKey(pair: KeyPair): Promise<KeyVerdict>;
}
