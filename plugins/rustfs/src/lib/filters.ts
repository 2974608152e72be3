import { BucketView } from '@rustfs-portal/plugin-rustfs-common';
import { NEAR_QUOTA, quotaUse } from './buckets';

/** What a list of buckets can be narrowed to. */
export const BUCKET_FILTERS = [
  'all',
  'attention',
  'nearQuota',
  'noQuota',
  'noOwner',
] as const;

export type BucketFilter = (typeof BUCKET_FILTERS)[number];

const TESTS: Record<BucketFilter, (bucket: BucketView) => boolean> = {
  all: () => true,
  attention: b =>
    b.drift.length > 0 || (b.state !== 'ready' && b.state !== 'pending'),
  nearQuota: b => (quotaUse(b) ?? 0) >= NEAR_QUOTA,
  noQuota: b => b.live !== undefined && b.live.quotaBytes === undefined,
  noOwner: b => b.owner === undefined,
};

export function filterBuckets(
  buckets: BucketView[],
  options: { tenant?: string; filter: BucketFilter },
): BucketView[] {
  const { tenant, filter } = options;
  return buckets.filter(
    bucket => (!tenant || bucket.tenant === tenant) && TESTS[filter](bucket),
  );
}
