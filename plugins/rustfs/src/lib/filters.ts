import { BucketView } from '@rustfs-portal/plugin-rustfs-common';
import { isDrifted, isNearQuota } from './buckets';

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
  // All that a storage card would name as a finding.
  attention: b =>
    isDrifted(b) ||
    (b.state !== 'ready' && b.state !== 'pending') ||
    isNearQuota(b),
  nearQuota: isNearQuota,
  noQuota: b => b.live !== undefined && b.live.quotaBytes === undefined,
  noOwner: b => b.owner === undefined,
};

/** Reads a filter from an address; what is not one filters nothing. */
export function toBucketFilter(text: string | undefined): BucketFilter {
  return BUCKET_FILTERS.find(id => id === text) ?? 'all';
}

export function filterBuckets(
  buckets: BucketView[],
  options: { tenant?: string; filter: BucketFilter },
): BucketView[] {
  const { tenant, filter } = options;
  return buckets.filter(
    bucket => (!tenant || bucket.tenant === tenant) && TESTS[filter](bucket),
  );
}
