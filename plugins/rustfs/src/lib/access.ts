import {
  AccessConsumer,
  AccessScope,
  AccessView,
  scopeNames,
} from '@rustfs-portal/plugin-rustfs-common';
import { SortDescriptor } from '@backstage/ui';
import { sortBy } from './buckets';

/** What an access reaches, by name: `checkout-exports`, `loki-*`, `media/team-a/`. */
export function scopeWords(scope: AccessScope): string {
  return scope.type === 'prefix'
    ? `${scope.bucket}/${scope.prefix}`
    : scopeNames(scope).join(', ');
}

/** Where a Secret is: `atlas/checkout/invoices-s3`. */
export function secretPlace({
  cluster,
  namespace,
  secret,
}: Pick<AccessConsumer, 'cluster' | 'namespace' | 'secret'>): string {
  return `${cluster}/${namespace}/${secret}`;
}

const STATE_ORDER: AccessView['state'][] = [
  'missing',
  'failed',
  'pending',
  'unknown',
  'ready',
  'revoked',
];

const SORT_KEYS: Record<string, (access: AccessView) => string | number> = {
  name: a => a.name,
  buckets: a => scopeWords(a.scope),
  mode: a => a.mode,
  secret: a => secretPlace(a.consumer),
  entity: a => a.entity,
  owner: a => a.owner,
  tenant: a => a.tenant,
  // The oldest first: that is the one to look at.
  age: a => Date.parse(a.createdAt),
  state: a => STATE_ORDER.indexOf(a.state),
};

/** Sorts accesses by a column. */
export function sortAccesses(
  accesses: AccessView[],
  { column, direction }: SortDescriptor,
): AccessView[] {
  return sortBy(
    accesses,
    SORT_KEYS[String(column)] ?? SORT_KEYS.name,
    direction,
  );
}

/** Finds accesses by name, bucket, Secret, tenant, owner or who uses them. */
export function searchAccesses(
  accesses: AccessView[],
  query: string,
): AccessView[] {
  const text = query.trim().toLowerCase();
  return text
    ? accesses.filter(({ name, tenant, owner, entity, scope, consumer }) =>
        [
          name,
          tenant,
          owner,
          entity,
          scopeWords(scope),
          secretPlace(consumer),
        ].some(value => value.toLowerCase().includes(text)),
      )
    : accesses;
}

/** What a list of accesses can be narrowed to. */
export const ACCESS_FILTERS = [
  'all',
  'active',
  'attention',
  'old',
  'revoked',
] as const;

export type AccessFilter = (typeof ACCESS_FILTERS)[number];

/** A key that is older than this should be looked at. */
const OLD_MS = 365 * 24 * 60 * 60_000;

const TESTS: Record<AccessFilter, (access: AccessView) => boolean> = {
  all: () => true,
  active: a => !hasEnded(a),
  attention: needsAttention,
  old: a => !hasEnded(a) && Date.now() - Date.parse(a.createdAt) > OLD_MS,
  revoked: hasEnded,
};

/** Reads a filter from an address; what is not one filters nothing. */
export function toAccessFilter(text: string | undefined): AccessFilter {
  return ACCESS_FILTERS.find(id => id === text) ?? 'all';
}

export function filterAccesses(
  accesses: AccessView[],
  options: { tenant?: string; filter: AccessFilter },
): AccessView[] {
  const { tenant, filter } = options;
  return accesses.filter(
    access => (!tenant || access.tenant === tenant) && TESTS[filter](access),
  );
}

/** Its end is declared, whether the server knows of it by now or not. */
export function hasEnded({ revokedAt, state }: AccessView): boolean {
  return revokedAt !== undefined || state === 'revoked';
}

function needsAttention(access: AccessView): boolean {
  const { state, drift, stillOpenThrough } = access;
  return (
    state === 'failed' ||
    state === 'missing' ||
    state === 'unknown' ||
    drift.length > 0 ||
    Boolean(stillOpenThrough?.length)
  );
}
