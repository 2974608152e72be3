import { BucketRecord, formatBytes } from '@rustfs-portal/plugin-rustfs-common';
import {
  AccountBucket,
  RustfsClient,
} from '@rustfs-portal/plugin-rustfs-client';
import { ServerObservation } from './observations';

/** How a bucket is meant to be: the Tenant says object lock, the bucket record the rest. */
export interface DeclaredBucket {
  objectLock: boolean;
  record: BucketRecord;
}

/** The calls that are needed to compare a bucket with its declaration and to set what differs. */
export type SettingsClient = Pick<
  RustfsClient,
  | 'accountInfo'
  | 'getVersioning'
  | 'setVersioning'
  | 'getQuota'
  | 'setQuota'
  | 'quotaStats'
>;

/**
 * Sets what the operator cannot express, versioning and quota, on the server, from the bucket record as it is applied in
 * the cluster. Safe to repeat: only what differs is set.
 *
 * @param client - undefined where the setup program sets it: two that set one thing would undo each other's work, so the
 *   portal only compares
 * @param buckets - the buckets of the server as they are now
 * @returns whether the server now agrees with the declaration, else what it waits for
 */
export async function applySettings(options: {
  client?: SettingsClient;
  buckets: AccountBucket[];
  declared: DeclaredBucket;
}): Promise<ServerObservation> {
  const { client, declared } = options;
  const { bucket, quotaBytes, versioning } = declared.record;
  const live = options.buckets.find(({ name }) => name === bucket);
  if (!live) {
    return waiting('The server does not have the bucket yet');
  }
  if (declared.objectLock && !live.objectLock) {
    // It cannot be added later; the operator reports this as a conflict as soon as it looks again.
    return waiting('The bucket on the server has no object lock');
  }
  const surplus = describeSurplus(live, declared);
  if (surplus) {
    // The bucket was there before it was asked for, and what others rely on is not for the portal to take away.
    return waiting(
      `The bucket on the server has ${surplus}, which is not declared: declare it in Git or take it off the bucket`,
    );
  }
  const wantsVersioning = versioning === true && !declared.objectLock;
  if (wantsVersioning && live.versioning !== 'enabled') {
    if (!client) {
      return waiting('The setup program to turn versioning on');
    }
    await client.setVersioning(bucket, 'enabled');
    if ((await client.getVersioning(bucket)) !== 'enabled') {
      return waiting('The server to turn versioning on');
    }
  }
  if (quotaBytes !== undefined && live.quotaBytes !== quotaBytes) {
    if (!client) {
      return waiting(
        `The setup program to set the quota ${formatBytes(quotaBytes)}`,
      );
    }
    // Before its first measurement a bucket with a quota refuses every write, so the quota comes after it.
    if (!(await client.quotaStats(bucket))) {
      return waiting(
        `The server to measure the new bucket; its quota of ${formatBytes(
          quotaBytes,
        )} is set after that`,
      );
    }
    await client.setQuota(bucket, quotaBytes);
    if ((await client.getQuota(bucket)) !== quotaBytes) {
      return waiting(`The server to take the quota ${formatBytes(quotaBytes)}`);
    }
  }
  return { state: 'agrees' };
}

function describeSurplus(
  live: AccountBucket,
  { objectLock, record }: DeclaredBucket,
): string | undefined {
  if (live.objectLock && !objectLock) {
    return 'object lock';
  }
  if (
    live.versioning === 'enabled' &&
    record.versioning === false &&
    !objectLock
  ) {
    return 'versioning';
  }
  return live.quotaBytes !== undefined && record.quotaBytes === undefined
    ? `a quota of ${formatBytes(live.quotaBytes)}`
    : undefined;
}

function waiting(waitingFor: string): ServerObservation {
  return { state: 'waiting', waitingFor };
}
