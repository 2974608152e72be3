import { AccountBucket } from '@rustfs-portal/plugin-rustfs-client';
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
  setupItemKey,
  toQuantity,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ProvisionedItem,
  TenantFacts,
  WaitingReason,
} from '@rustfs-portal/plugin-rustfs-node';
import { byKey } from '../byKey';
import {
  declaredSettings,
  isAboutRecord,
  settledMessage,
  SettledItems,
} from '../settings';
import { Audience } from './Inventory';
import { isAfter, isSettled, wordsOf } from './verdicts';

/** What is known of the buckets of one tenant. */
export interface BucketFacts extends Observed {
  /** `cluster/namespace/name`. */
  tenant: string;
  /** S3 endpoint of the tenant; undefined while it is not known. */
  endpoint?: string;
  /** What is declared, now or last; undefined while it is not known. */
  declared?: Pick<TenantFacts, 'accesses' | 'items' | 'records' | 'unlisted'>;
  /** What the server has, now or last; undefined while it is not known. */
  live?: { buckets: AccountBucket[]; asOf: string };
  /** What the settings task of the portal has not brought about. */
  settled?: SettledItems;
  /** Who reads it. Default: `team`. */
  audience?: Audience;
  /** Why {@link BucketFacts.live} is missing or old; undefined when the server has answered. */
  serverProblem?: { reason: string; message: string };
}

type Verdict = { state: BucketState; reason?: string; message?: string };

/** Puts what is declared beside what is live, for every bucket that either side knows. In order of name. */
export function deriveBuckets(facts: BucketFacts): BucketView[] {
  const items = facts.declared?.items.filter(({ type }) => type === 'bucket');
  const names = new Set([
    ...(items ?? []).filter(({ listed }) => listed).map(({ name }) => name),
    ...(facts.declared?.records ?? []).map(({ bucket }) => bucket),
    ...(facts.live?.buckets ?? []).map(({ name }) => name),
  ]);
  // Indexed once: looking each name up in the lists would take the square of their length.
  const itemOf = byKey(items, 'name');
  const records = byKey(facts.declared?.records, 'bucket');
  const live = byKey(facts.live?.buckets, 'name');
  const accessesOf = accessesByBucket(facts.declared?.accesses);

  return [...names].sort().map(name =>
    deriveBucket(facts, {
      name,
      record: records.get(name),
      item: itemOf.get(name),
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
  record?: BucketRecord;
  item?: ProvisionedItem;
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
  item,
  record,
}: OneBucket): BucketDeclaration | undefined {
  if (!item?.listed && !record) {
    return undefined;
  }
  const { objectLock, quotaBytes, versioning } = declaredSettings(item, record);
  return {
    objectLock,
    owner: record?.owner,
    entity: record?.entity,
    purpose: record?.purpose,
    dataClass: record?.dataClass,
    quotaBytes,
    versioning,
    request: record?.request,
  };
}

function judge(facts: BucketFacts, bucket: OneBucket): Verdict {
  const { record, item, live } = bucket;
  const { declared, serverProblem } = facts;

  if (!declared) {
    return {
      state: 'unknown',
      reason: 'ClusterUnknown',
      message: 'What Git declares cannot be read at present',
    };
  }
  const isListed = item?.listed ?? false;
  const verdict = item?.verdict;
  if (isListed && !isSettled(verdict)) {
    return { state: 'pending', ...wordsOf(verdict) };
  }
  // Before the provisioner's verdict: it calls every bucket failed that it could not ask the server about.
  if (serverProblem || !facts.live) {
    return { state: 'unknown', ...serverProblem };
  }
  if (isListed && verdict?.state === 'failed') {
    return { state: 'failed', ...wordsOf(verdict) };
  }
  if (isListed) {
    const isDrifted = verdict?.state === 'drift';
    if (live) {
      return {
        state: 'ready',
        ...(isDrifted ? wordsOf(verdict) : wordsOfSettings(facts, record)),
      };
    }
    // It may have been made after the server was asked.
    return !isDrifted && isAfter(verdict?.at, facts.live.asOf)
      ? {
          state: 'pending',
          reason: 'JustReady',
          message: 'It has just been made',
        }
      : {
          state: 'missing',
          reason: 'BucketAbsent',
          message:
            'This bucket was made, and the server does not have it any more',
        };
  }
  if (record) {
    return {
      state: live ? 'undeclared' : 'pending',
      ...wordsOf(declared.unlisted),
    };
  }
  return { state: 'undeclared', ...wordsOf(verdict) };
}

/** Why the bucket, which is there and can be used, is not set as its record says. */
function wordsOfSettings(
  { audience = 'team', settled }: BucketFacts,
  record: BucketRecord | undefined,
): Partial<WaitingReason> {
  const item = record && settled?.[setupItemKey('bucket', record.bucket)];
  return item && isAboutRecord(item, record)
    ? { reason: item.reason, message: settledMessage(item, audience) }
    : {};
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
