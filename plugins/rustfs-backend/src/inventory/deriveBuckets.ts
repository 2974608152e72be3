import {
  AccessRecord,
  BucketAccess,
  BucketDeclaration,
  BucketDrift,
  BucketRecord,
  BucketState,
  BucketView,
  Observed,
  scopeCovers,
  scopeNames,
  toQuantity,
} from '@rustfs-portal/plugin-rustfs-common';
import { AccountBucket } from '@rustfs-portal/plugin-rustfs-client';
import {
  ProvisioningItem,
  TenantObject,
} from '@rustfs-portal/plugin-rustfs-node';
import { byKey, isAfter, waitsFor } from './provisioning';

/** What is known of the buckets of one tenant. */
export interface BucketFacts extends Observed {
  /** `cluster/namespace/name`. */
  tenant: string;
  /** S3 endpoint of the tenant; undefined while it is not known. */
  endpoint?: string;
  /** What the cluster has, now or last; undefined while it is not known, without a Tenant when there is none. */
  declared?: {
    tenant?: TenantObject;
    records: BucketRecord[];
    accesses?: AccessRecord[];
  };
  /** What the server has, now or last; undefined while it is not known. */
  live?: { buckets: AccountBucket[]; asOf: string };
  /** Why {@link BucketFacts.live} is missing or old; undefined when the server has answered. */
  serverProblem?: { reason: string; message: string };
}

type Verdict = { state: BucketState; reason?: string; message?: string };

/** Puts what is declared beside what is live, for every bucket that either side knows. In order of name. */
export function deriveBuckets(facts: BucketFacts): BucketView[] {
  const names = new Set([
    ...(facts.declared?.tenant?.spec.buckets ?? []).map(({ name }) => name),
    ...(facts.declared?.records ?? []).map(({ bucket }) => bucket),
    ...(facts.live?.buckets ?? []).map(({ name }) => name),
  ]);
  // Indexed once: looking each name up in the lists would take the square of their length.
  const entries = byKey(facts.declared?.tenant?.spec.buckets, 'name');
  const records = byKey(facts.declared?.records, 'bucket');
  const items = byKey(
    facts.declared?.tenant?.status?.provisioning?.buckets,
    'name',
  );
  const live = byKey(facts.live?.buckets, 'name');
  const accessesOf = accessesByBucket(facts.declared?.accesses);

  return [...names].sort().map(name =>
    deriveBucket(facts, {
      name,
      entry: entries.get(name),
      record: records.get(name),
      item: items.get(name),
      live: live.get(name),
      access: accessesOf?.(name),
    }),
  );
}

/** The accesses that have not ended, by bucket; names are looked up, and only patterns are compared. */
function accessesByBucket(accesses: AccessRecord[] | undefined) {
  if (!accesses) {
    return undefined;
  }
  const active = accesses.filter(({ state }) => state === 'active');
  const patterns = active.filter(({ scope }) => scope.type === 'pattern');
  const named = new Map<string, AccessRecord[]>();
  for (const access of active) {
    if (access.scope.type !== 'pattern') {
      for (const name of scopeNames(access.scope)) {
        named.set(name, [...(named.get(name) ?? []), access]);
      }
    }
  }
  return (bucket: string): BucketAccess[] =>
    [
      ...(named.get(bucket) ?? []),
      ...patterns.filter(({ scope }) => scopeCovers(scope, bucket)),
    ]
      .map(({ access, entity, mode, scope }) => ({
        access,
        entity,
        mode,
        prefix: scope.type === 'prefix' ? scope.prefix : undefined,
      }))
      .sort((one, other) => (one.access < other.access ? -1 : 1));
}

interface OneBucket {
  name: string;
  entry?: { objectLock: boolean };
  record?: BucketRecord;
  item?: ProvisioningItem;
  live?: AccountBucket;
  access?: BucketAccess[];
}

function deriveBucket(facts: BucketFacts, bucket: OneBucket): BucketView {
  const { name, record, live } = bucket;
  const declared = declarationOf(bucket);
  const verdict = judge(facts, bucket);
  return {
    id: `${facts.tenant}:${name}`,
    tenant: facts.tenant,
    name,
    endpoint: facts.endpoint,
    ...verdict,
    owner: record?.owner,
    entity: record?.entity,
    declared,
    live: live && {
      createdAt: live.createdAt,
      sizeBytes: live.sizeBytes,
      objects: live.objects,
      quotaBytes: live.quotaBytes,
      versioning: live.versioning,
      objectLock: live.objectLock,
    },
    drift:
      declared && !facts.serverProblem
        ? compare({ ...bucket, declared, state: verdict.state })
        : [],
    access: bucket.access,
    asOf: facts.asOf,
    freshness: facts.freshness,
  };
}

function declarationOf({
  entry,
  record,
}: OneBucket): BucketDeclaration | undefined {
  if (!entry && !record) {
    return undefined;
  }
  return {
    objectLock: entry?.objectLock ?? false,
    owner: record?.owner,
    entity: record?.entity,
    purpose: record?.purpose,
    dataClass: record?.dataClass,
    quotaBytes: record?.quotaBytes,
    versioning: record?.versioning,
    request: record?.request,
  };
}

function judge(facts: BucketFacts, bucket: OneBucket): Verdict {
  const { entry, record, item, live } = bucket;
  const { declared, serverProblem } = facts;

  if (!declared) {
    return {
      state: 'unknown',
      reason: 'ClusterUnknown',
      message: 'What Git declares cannot be read at present',
    };
  }
  const failed = item?.state === 'Failed';
  if (declared.tenant && entry && !failed && item?.state !== 'Ready') {
    return { state: 'pending', ...waitsFor(declared.tenant, item, 'bucket') };
  }
  // Before the operator's verdict: it calls every bucket failed that it could not ask the server about.
  if (serverProblem || !facts.live) {
    return { state: 'unknown', ...serverProblem };
  }
  if (entry && failed) {
    return { state: 'failed', reason: item.reason, message: item.message };
  }
  if (entry) {
    if (live) {
      return { state: 'ready' };
    }
    // The operator may have made it after the server was asked.
    return isAfter(item?.lastTransitionTime, facts.live.asOf)
      ? {
          state: 'pending',
          reason: 'JustReady',
          message: 'The operator has just made it',
        }
      : {
          state: 'missing',
          reason: 'BucketAbsent',
          message:
            'The operator made this bucket, and the server does not have it any more',
        };
  }
  if (record) {
    const words = {
      reason: 'TenantEntryAbsent',
      message: 'There is a bucket record, but the Tenant does not list it',
    };
    return { state: live ? 'undeclared' : 'pending', ...words };
  }
  return item?.state === 'Retained'
    ? { state: 'undeclared', reason: item.reason, message: item.message }
    : { state: 'undeclared' };
}

function compare({
  declared,
  live,
  record,
  state,
}: OneBucket & {
  declared: BucketDeclaration;
  state: BucketState;
}): BucketDrift[] {
  if (!live) {
    return state === 'missing'
      ? [{ field: 'existence', declared: 'present', live: 'absent' }]
      : [];
  }
  const drift: BucketDrift[] = [];
  const add = (field: BucketDrift['field'], wanted: string, found: string) => {
    if (wanted !== found) {
      drift.push({ field, declared: wanted, live: found });
    }
  };
  // Only a record can declare a quota; in one, no quota means that there is none.
  if (record) {
    add('quota', quota(declared.quotaBytes), quota(live.quotaBytes));
  }
  if (declared.versioning !== undefined) {
    // Object lock brings versioning with it.
    const wanted = declared.versioning || declared.objectLock;
    if (wanted !== (live.versioning === 'enabled')) {
      add('versioning', wanted ? 'enabled' : 'off', live.versioning);
    }
  }
  add('objectLock', onOff(declared.objectLock), onOff(live.objectLock));
  return drift;
}

function quota(bytes: number | undefined) {
  return bytes === undefined ? 'none' : toQuantity(bytes);
}

function onOff(value: boolean) {
  return value ? 'on' : 'off';
}
