import {
  BucketView,
  EntityStorage,
  Observed,
  parseTenantRef,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { SortDescriptor } from '@backstage/ui';

/** The part of its quota that a bucket uses; undefined where either is unknown or no quota is set. */
export function quotaUse(bucket: BucketView): number | undefined {
  const { sizeBytes, quotaBytes } = bucket.live ?? {};
  return sizeBytes === undefined || !quotaBytes
    ? undefined
    : sizeBytes / quotaBytes;
}

/**
 * Whether somebody has changed a bucket on its server. Some settings show only to whoever sets them, and have no values
 * beside each other here.
 */
export function isDrifted(bucket: BucketView): boolean {
  return bucket.drift.length > 0 || bucket.reason === 'Drift';
}

/** Whether it is known that a bucket is not on its server; a silent server leaves that open. */
export function isAbsent(bucket: BucketView): boolean {
  return !bucket.live && bucket.state !== 'unknown';
}

/** The last part of a tenant reference: people know tenants by it. */
export function tenantName(ref: string): string {
  try {
    return parseTenantRef(ref).name;
  } catch {
    return ref;
  }
}

/** `https://forge.example/acme/atlas.git` is known as `acme/atlas`. */
export function repositoryName(repository: string): string {
  return repository
    .replace(/\.git$/, '')
    .split('/')
    .slice(-2)
    .join('/');
}

/**
 * When what is shown was true: as of its oldest part. An answer can have older parts of which nothing is shown.
 *
 * @param answer - says it where nothing is shown
 */
export function ageOfShown(answer: Observed, shown: Observed[]): Observed {
  const [first] = [...shown].sort(
    (a, b) => Date.parse(a.asOf) - Date.parse(b.asOf),
  );
  return {
    asOf: (first ?? answer).asOf,
    freshness: (shown.length ? shown : [answer]).some(
      ({ freshness }) => freshness === 'stale',
    )
      ? 'stale'
      : 'live',
  };
}

/** What is worst about some storage; `undefined` when nothing is. */
export type Finding =
  | { kind: 'missing'; bucket: BucketView }
  | { kind: 'failed'; bucket: BucketView }
  | { kind: 'unreachable'; tenant: TenantView }
  | { kind: 'full'; bucket: BucketView; use: number }
  | { kind: 'drift'; bucket: BucketView };

/** From this part of the quota on a bucket is worth a warning. */
export const NEAR_QUOTA = 0.8;

export function isNearQuota(bucket: BucketView): boolean {
  return (quotaUse(bucket) ?? 0) >= NEAR_QUOTA;
}

/** Finds what a person should look at first. */
export function worstFinding(
  storage: Pick<EntityStorage, 'buckets' | 'tenants'>,
): Finding | undefined {
  const { buckets, tenants } = storage;
  const missing = buckets.find(b => b.state === 'missing');
  if (missing) {
    return { kind: 'missing', bucket: missing };
  }
  const failed = buckets.find(b => b.state === 'failed');
  if (failed) {
    return { kind: 'failed', bucket: failed };
  }
  const unreachable = tenants.find(t => t.state === 'unreachable');
  if (unreachable) {
    return { kind: 'unreachable', tenant: unreachable };
  }
  const [fullest] = buckets
    .map(bucket => ({ bucket, use: quotaUse(bucket) ?? 0 }))
    .sort((a, b) => b.use - a.use);
  if (fullest && fullest.use >= NEAR_QUOTA) {
    return { kind: 'full', ...fullest };
  }
  const drifted = buckets.find(isDrifted);
  return drifted && { kind: 'drift', bucket: drifted };
}

const STATE_ORDER: BucketView['state'][] = [
  'missing',
  'failed',
  'pending',
  'unknown',
  'undeclared',
  'ready',
];

type SortKey = string | number | undefined;

const SORT_KEYS: Record<string, (bucket: BucketView) => SortKey> = {
  name: b => b.name,
  tenant: b => b.tenant,
  owner: b => b.owner,
  size: b => b.live?.sizeBytes,
  objects: b => b.live?.objects,
  access: b => b.access?.length,
  versioning: b => b.live?.versioning,
  lock: b => Number(b.live?.objectLock ?? b.declared?.objectLock ?? false),
  state: b => STATE_ORDER.indexOf(b.state),
};

/** Sorts buckets by a column; what is unknown comes last in either direction. */
export function sortBuckets(
  buckets: BucketView[],
  { column, direction }: SortDescriptor,
): BucketView[] {
  return sortBy(
    buckets,
    SORT_KEYS[String(column)] ?? SORT_KEYS.name,
    direction,
  );
}

const COLLATOR = new Intl.Collator('en', { numeric: true });

/** Sorts by a key; items without one come last in either direction. */
export function sortBy<T>(
  items: T[],
  key: (item: T) => SortKey,
  direction: SortDescriptor['direction'],
): T[] {
  const sign = direction === 'descending' ? -1 : 1;
  return items
    .map(item => ({ item, key: key(item) }))
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined) {
        return Number(a.key === undefined) - Number(b.key === undefined);
      }
      if (typeof a.key === 'string' && typeof b.key === 'string') {
        return sign * COLLATOR.compare(a.key, b.key);
      }
      return sign * (Number(a.key) - Number(b.key));
    })
    .map(({ item }) => item);
}

/** Puts buckets that need a look first: by state, then by how full they are. */
export function byAttention(buckets: BucketView[]): BucketView[] {
  const worst = (bucket: BucketView) => STATE_ORDER.indexOf(bucket.state);
  return [...buckets].sort(
    (a, b) =>
      worst(a) - worst(b) ||
      (quotaUse(b) ?? 0) - (quotaUse(a) ?? 0) ||
      COLLATOR.compare(a.name, b.name),
  );
}

/** Finds buckets by name, tenant or owner. */
export function searchBuckets(
  buckets: BucketView[],
  query: string,
): BucketView[] {
  const text = query.trim().toLowerCase();
  return text
    ? buckets.filter(b =>
        [b.name, b.tenant, b.owner, b.entity].some(value =>
          value?.toLowerCase().includes(text),
        ),
      )
    : buckets;
}
