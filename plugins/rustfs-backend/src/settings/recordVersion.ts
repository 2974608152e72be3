import { createHash } from 'node:crypto';
import { BucketRecord } from '@rustfs-portal/plugin-rustfs-common';

/**
 * Stands for all that a record says, so that what was said of it is not taken for a word about another version. Sources
 * need not know of versions of objects for it.
 */
export function recordVersion(record: BucketRecord): string {
  const entries = Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('hex');
}
