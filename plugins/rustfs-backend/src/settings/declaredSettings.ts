import { BucketRecord } from '@rustfs-portal/plugin-rustfs-common';
import { ProvisionedItem } from '@rustfs-portal/plugin-rustfs-node';

/** How a bucket is meant to be. */
export interface DeclaredSettings {
  objectLock: boolean;
  /** Bytes. Undefined: nobody says it, or there is no record. */
  quotaBytes?: number;
  /** Undefined: nobody says it. */
  versioning?: boolean;
  /** Who sets versioning: where the entry of the Tenant says it, its operator does, and a record that says it too does not count. */
  versioningBy: 'entry' | 'record';
}

/** Puts the entry of a Tenant and the record of a bucket together: each setting has one host, and the entry wins. */
export function declaredSettings(
  item: Pick<ProvisionedItem, 'objectLock' | 'versioning'> | undefined,
  record: BucketRecord | undefined,
): DeclaredSettings {
  return {
    objectLock: item?.objectLock ?? false,
    quotaBytes: record?.quotaBytes,
    versioning: item?.versioning ?? record?.versioning,
    versioningBy: item?.versioning === undefined ? 'record' : 'entry',
  };
}
