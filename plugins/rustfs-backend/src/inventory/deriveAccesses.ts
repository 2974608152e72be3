import {
  AccessDrift,
  accessEntryName,
  AccessRecord,
  AccessState,
  AccessView,
  BucketRecord,
  DENYING_POLICY_NAME,
  Observed,
  scopeCovers,
} from '@rustfs-portal/plugin-rustfs-common';
import { ServerUser } from '@rustfs-portal/plugin-rustfs-client';
import {
  ProvisioningItem,
  TenantObject,
} from '@rustfs-portal/plugin-rustfs-node';
import { byKey, hasSeen, isAfter, readyOf, waitsFor } from './provisioning';

/** What is known of the accesses of one tenant. */
export interface AccessFacts extends Observed {
  /** `cluster/namespace/name`. */
  tenant: string;
  /** S3 endpoint of the tenant; undefined while it is not known. */
  endpoint?: string;
  /** What the cluster has, now or last. */
  declared: {
    tenant: TenantObject;
    records: BucketRecord[];
    accesses: AccessRecord[];
  };
  /** The users of the server; undefined where the portal may not see them: then the operator alone is believed. */
  live?: { users: ServerUser[]; asOf: string };
  /** Why nothing can be said of the server at present. */
  serverProblem?: { reason: string; message: string };
}

type Verdict = { state: AccessState; reason?: string; message?: string };

interface OneAccess {
  record: AccessRecord;
  /** Its entry in the Tenant. */
  entry?: { policies: string[] };
  /** Its policy and its user, as far as the Tenant lists them, in the order in which they are made. */
  items: Array<ProvisioningItem | undefined>;
  user?: ServerUser;
  /** Buckets that it reaches and that are declared public. */
  open: string[];
}

/** Puts what is declared beside what is live, for every access that has a record. In order of name. */
export function deriveAccesses(facts: AccessFacts): AccessView[] {
  const { tenant, accesses, records } = facts.declared;
  const open = records
    .filter(({ dataClass }) => dataClass === 'public')
    .map(({ bucket }) => bucket)
    .sort();
  const entries = byKey(tenant.spec.users, 'name');
  const policies = byKey(tenant.spec.policies, 'name');
  const userItems = byKey(tenant.status?.provisioning?.users, 'name');
  const policyItems = byKey(tenant.status?.provisioning?.policies, 'name');
  const users = byKey(facts.live?.users, 'name');

  return [...accesses]
    .sort((one, other) => (one.access < other.access ? -1 : 1))
    .map(record => {
      const name = accessEntryName(record.access);
      const policy = policyOf(record);
      return deriveAccess(facts, {
        record,
        entry: entries.get(name),
        items: [
          // A policy that the Tenant does not list is made by somebody else.
          ...(policies.has(policy) ? [policyItems.get(policy)] : []),
          userItems.get(name),
        ],
        user: users.get(record.accessKeyId),
        open: open.filter(bucket => scopeCovers(record.scope, bucket)),
      });
    });
}

function deriveAccess(facts: AccessFacts, access: OneAccess): AccessView {
  const { record } = access;
  const verdict =
    record.state === 'revoked' ? judgeEnd(facts, access) : judge(facts, access);
  return {
    id: `${facts.tenant}:${record.access}`,
    tenant: facts.tenant,
    name: record.access,
    endpoint: facts.endpoint,
    owner: record.owner,
    entity: record.entity,
    purpose: record.purpose,
    scope: record.scope,
    mode: record.mode,
    consumer: record.consumer,
    ...verdict,
    createdAt: record.createdAt,
    revokedAt: record.revokedAt,
    request: record.request,
    drift:
      facts.live && !facts.serverProblem
        ? compare({ ...access, state: verdict.state })
        : [],
    ...(record.state === 'revoked' &&
      access.open.length > 0 && { stillOpenThrough: access.open }),
    asOf: facts.asOf,
    freshness: facts.freshness,
  };
}

/** The one policy that its user is meant to have. */
function policyOf({ state, policy }: AccessRecord): string {
  return state === 'revoked' ? DENYING_POLICY_NAME : policy;
}

function judge(facts: AccessFacts, access: OneAccess): Verdict {
  const { record, entry, items, user } = access;
  const { declared, live, serverProblem } = facts;

  if (!entry) {
    return user
      ? {
          state: 'failed',
          reason: 'TenantEntryAbsent',
          message:
            'The Tenant does not list its user any more, and the server has kept it: its key may still work',
        }
      : {
          state: 'pending',
          reason: 'TenantEntryAbsent',
          message:
            'There is an access record, but the Tenant does not list its user',
        };
  }
  const failed = items.find(item => item?.state === 'Failed');
  const waiting = items.find(item => item?.state !== 'Ready');
  const waits = items.some(item => item?.state !== 'Ready');
  if (!failed && waits) {
    return {
      state: 'pending',
      ...waitsFor(declared.tenant, waiting, 'access'),
    };
  }
  // Before the operator's verdict: it calls everything failed that it could not ask the server about.
  if (serverProblem) {
    return { state: 'unknown', ...serverProblem };
  }
  if (failed) {
    return { state: 'failed', reason: failed.reason, message: failed.message };
  }
  if (!live) {
    return {
      state: 'ready',
      reason: 'OperatorAlone',
      message:
        'The operator says so; the portal may not ask the server for its users',
    };
  }
  // The operator may have made it after the server was asked.
  const justReady: Verdict | undefined = isDoneAfter(facts, access)
    ? {
        state: 'pending',
        reason: 'JustReady',
        message: 'The operator has just made it',
      }
    : undefined;
  if (!user) {
    return (
      justReady ?? {
        state: 'missing',
        reason: 'UserAbsent',
        message:
          'The operator made its user, and the server does not have it any more: its key does not work',
      }
    );
  }
  if (!user.enabled) {
    return {
      state: 'failed',
      reason: 'UserDisabled',
      message: 'Its user is disabled on the server: its key does not work',
    };
  }
  if (!user.policies.includes(record.policy)) {
    return (
      justReady ?? {
        state: 'failed',
        reason: 'PolicyNotAttached',
        message:
          'Its user does not have its policy on the server: its key does not do what was asked for',
      }
    );
  }
  return { state: 'ready' };
}

/** An access that Git has ended: it is revoked when its key does not work any more, and not before. */
function judgeEnd(facts: AccessFacts, access: OneAccess): Verdict {
  const { entry, items, user } = access;
  const { declared, live, serverProblem } = facts;

  if (serverProblem) {
    return { state: 'unknown', ...serverProblem };
  }
  // A denial wins over whatever else the user may have.
  if (
    live &&
    (!user || !user.enabled || user.policies.includes(DENYING_POLICY_NAME))
  ) {
    return { state: 'revoked' };
  }
  const failed = items.find(item => item?.state === 'Failed');
  if (entry && failed) {
    return { state: 'failed', reason: failed.reason, message: failed.message };
  }
  const isDenied = entry?.policies.join() === DENYING_POLICY_NAME;
  if (
    isDenied &&
    (!hasSeen(declared.tenant) || items.some(item => item?.state !== 'Ready'))
  ) {
    const waiting = items.find(item => item?.state !== 'Ready');
    return {
      state: 'pending',
      ...waitsFor(declared.tenant, waiting, 'access'),
    };
  }
  if (isDenied && !live) {
    return {
      state: 'revoked',
      reason: 'OperatorAlone',
      message:
        'The operator says so; the portal may not ask the server for its users',
    };
  }
  if (isDenied && isDoneAfter(facts, access)) {
    return {
      state: 'pending',
      reason: 'JustReady',
      message: 'The operator has just ended it',
    };
  }
  return {
    state: 'failed',
    reason: 'NotEnded',
    message: isDenied
      ? 'The operator has ended it, and the server still gives its user other policies: its key may still work'
      : 'Its record says that it has ended, and the Tenant does not deny its user everything: its key may still work',
  };
}

/** Whether the operator came to its end after the server was asked, so that the server may say otherwise by now. */
function isDoneAfter(
  { declared, live }: AccessFacts,
  { items }: OneAccess,
): boolean {
  const times = [
    ...items.map(item => item?.lastTransitionTime),
    // An item that was ready before does not change its time with its policies.
    readyOf(declared.tenant)?.lastTransitionTime,
  ];
  return times.some(time => isAfter(time, live!.asOf));
}

function compare({
  record,
  user,
  state,
}: OneAccess & { state: AccessState }): AccessDrift[] {
  if (state === 'revoked' || state === 'pending') {
    return [];
  }
  if (!user) {
    return state === 'missing'
      ? [{ field: 'existence', declared: 'present', live: 'absent' }]
      : [];
  }
  const drift: AccessDrift[] = [];
  const add = (field: AccessDrift['field'], wanted: string, found: string) => {
    if (wanted !== found) {
      drift.push({ field, declared: wanted, live: found });
    }
  };
  add('status', 'enabled', user.enabled ? 'enabled' : 'disabled');
  add('policies', policyOf(record), listOf(user.policies));
  // A group has policies of its own, which nobody has declared for this user.
  add('groups', 'none', listOf(user.groups));
  return drift;
}

function listOf(names: string[]): string {
  return names.join(', ') || 'none';
}
