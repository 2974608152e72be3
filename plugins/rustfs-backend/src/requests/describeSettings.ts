import {
  BucketRecord,
  formatBytes,
  SettledItem,
} from '@rustfs-portal/plugin-rustfs-common';
import { AccountBucket } from '@rustfs-portal/plugin-rustfs-client';
import { DeclaredSettings, isAboutRecord, settledMessage } from '../settings';
import { ServerObservation } from './observations';

/** How a bucket is meant to be, with its record. */
export interface DeclaredBucket extends DeclaredSettings {
  record: BucketRecord;
}

/**
 * Compares a bucket on the server with its declaration. Nothing is set here: that is for one host alone.
 *
 * @param options - `buckets`: those of the server as they are now; `settledBy`: who sets what the record says, in words
 *   that begin a sentence, where it is not the portal; `said`: what the portal has said of the record
 * @returns whether the server agrees with the declaration, else what it waits for
 */
export function describeSettings(options: {
  buckets: AccountBucket[];
  declared: DeclaredBucket;
  settledBy?: string;
  said?: SettledItem;
}): ServerObservation {
  const { declared, said, settledBy } = options;
  const { record } = declared;
  const live = options.buckets.find(({ name }) => name === record.bucket);
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
  const isUnversioned =
    declared.versioning === true &&
    !declared.objectLock &&
    live.versioning !== 'enabled';
  const isByEntry = declared.versioningBy === 'entry';
  const missing = describeMissing(live, {
    ...declared,
    isUnversioned: isUnversioned && !isByEntry,
  });
  if (!missing && isUnversioned) {
    return waiting('The operator to turn versioning on');
  }
  const toSettle = record.bucket;
  // The task has not come to the record yet, or has only compared it.
  const isDue =
    !said ||
    !isAboutRecord(said, record) ||
    said.reportOnly ||
    said.result === 'done' ||
    said.result === 'drift';
  if (!missing) {
    const isSettled = said?.result === 'done' || !hasUnlisted(record);
    return isDue && !isSettled && !settledBy
      ? { state: 'agrees', toSettle }
      : { state: 'agrees' };
  }
  if (settledBy) {
    return waiting(`${settledBy} to ${missing}`);
  }
  return isDue
    ? { ...waiting(`The portal to ${missing}`), toSettle }
    : {
        ...waiting(`${said.reason}: ${settledMessage(said, 'team')}`),
        ...(isToRepeat(said) && { toSettle }),
      };
}

/** Whether another try may come to more before the turn of the record: not where the server has to do something first. */
function isToRepeat({ reason, result }: SettledItem): boolean {
  return (
    result === 'waiting' &&
    reason !== 'NotMeasured' &&
    reason !== 'NotSupported'
  );
}

/** Whether it says something that the list of buckets does not show. */
function hasUnlisted({
  encryption,
  lifecycle,
  retention,
  tags,
}: BucketRecord): boolean {
  return Boolean(encryption || lifecycle || retention || tags);
}

function describeMissing(
  live: AccountBucket,
  {
    isUnversioned,
    quotaBytes,
  }: Pick<DeclaredBucket, 'quotaBytes'> & { isUnversioned: boolean },
): string | undefined {
  if (isUnversioned) {
    return 'turn versioning on';
  }
  return quotaBytes !== undefined && live.quotaBytes !== quotaBytes
    ? `set the quota ${formatBytes(quotaBytes)}`
    : undefined;
}

function describeSurplus(
  live: AccountBucket,
  { objectLock, quotaBytes, versioning }: DeclaredBucket,
): string | undefined {
  if (live.objectLock && !objectLock) {
    return 'object lock';
  }
  if (live.versioning === 'enabled' && versioning === false && !objectLock) {
    return 'versioning';
  }
  return live.quotaBytes !== undefined && quotaBytes === undefined
    ? `a quota of ${formatBytes(live.quotaBytes)}`
    : undefined;
}

function waiting(
  waitingFor: string,
): Extract<ServerObservation, { state: 'waiting' }> {
  return { state: 'waiting', waitingFor };
}
