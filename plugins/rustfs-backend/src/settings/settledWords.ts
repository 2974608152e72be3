import { BucketRecord, SettledItem } from '@rustfs-portal/plugin-rustfs-common';
import { recordVersion } from './recordVersion';

/** Reasons whose words are about the bucket alone. Those of others name addresses, rights and faults. */
const PLAIN = new Set(['BucketMissing', 'Drift', 'NotMeasured', 'Settled']);

/** Whether something was said of the record as it is now. */
export function isAboutRecord(
  { resourceVersion }: SettledItem,
  record: BucketRecord,
): boolean {
  return resourceVersion === recordVersion(record);
}

/** What was said of a record, for whoever reads it: the platform team can do something about the causes, and others cannot. */
export function settledMessage(
  { message, reason }: SettledItem,
  audience: 'team' | 'platform',
): string {
  return audience === 'platform' || PLAIN.has(reason)
    ? message
    : 'The portal cannot set at present what the bucket record says; the platform team sees why in the list of buckets';
}
