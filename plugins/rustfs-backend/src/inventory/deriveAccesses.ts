import { ServerUser } from '@rustfs-portal/plugin-rustfs-client';
import {
  AccessDrift,
  AccessRecord,
  AccessState,
  AccessView,
  DENYING_POLICY_NAME,
  Observed,
  scopeCovers,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ProvisionedItem,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { byKey } from '../byKey';
import { endpointFor } from './endpointFor';
import { isAfter, isSettled, wordsOf } from './verdicts';

/** What is known of the accesses of one tenant. */
export interface AccessFacts extends Observed {
  /** `cluster/namespace/name`. */
  tenant: string;
  /** As the portal reaches it, for consumers that nothing better is known for. */
  endpoint?: string;
  /** What is declared, now or last. */
  declared: Pick<
    TenantFacts,
    'accesses' | 'endpoints' | 'items' | 'records' | 'unlisted'
  >;
  /** The users of the server; undefined where the portal may not see them: then the provisioner alone is believed. */
  live?: { users: ServerUser[]; asOf: string };
  /** Why nothing can be said of the server at present. */
  serverProblem?: { reason: string; message: string };
}

/** Where the portal may not ask the server. */
const BELIEVED = {
  reason: 'OperatorAlone',
  message:
    'Whoever makes it says so; the portal may not ask the server for its users',
};

type Verdict = { state: AccessState; reason?: string; message?: string };

interface OneAccess {
  record: AccessRecord;
  /** Undefined where its user is not declared, or not any more. */
  item?: ProvisionedItem;
  user?: ServerUser;
  /** Buckets that it reaches and that are declared public. */
  open: string[];
}

/** Puts what is declared beside what is live, for every access that has a record. In order of name. */
export function deriveAccesses(facts: AccessFacts): AccessView[] {
  const { accesses, items, records } = facts.declared;
  const open = records
    .filter(({ dataClass }) => dataClass === 'public')
    .map(({ bucket }) => bucket)
    .sort();
  const itemOf = byKey(
    items.filter(({ listed, type }) => listed && type === 'access'),
    'name',
  );
  const users = byKey(facts.live?.users, 'name');

  return [...accesses]
    .sort((one, other) => (one.access < other.access ? -1 : 1))
    .map(record =>
      deriveAccess(facts, {
        record,
        item: itemOf.get(record.access),
        user: users.get(record.accessKeyId),
        open: open.filter(bucket => scopeCovers(record.scope, bucket)),
      }),
    );
}

function deriveAccess(facts: AccessFacts, access: OneAccess): AccessView {
  const { record } = access;
  const verdict =
    record.state === 'revoked' ? judgeEnd(facts, access) : judge(facts, access);
  return {
    id: `${facts.tenant}:${record.access}`,
    tenant: facts.tenant,
    name: record.access,
    endpoint: endpointFor(record.consumer.cluster, {
      tenant: facts.tenant,
      endpoints: facts.declared.endpoints,
      endpoint: facts.endpoint,
    }),
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
  const { record, item, user } = access;
  const { declared, live, serverProblem } = facts;

  if (!item) {
    return user
      ? {
          state: 'failed',
          reason: declared.unlisted.reason,
          message:
            'Its user is not declared any more, and the server has kept it: its key may still work',
        }
      : { state: 'pending', ...declared.unlisted };
  }
  const { verdict } = item;
  if (!isSettled(verdict)) {
    return { state: 'pending', ...wordsOf(verdict) };
  }
  // Before the provisioner's verdict: it calls everything failed that it could not ask the server about.
  if (serverProblem) {
    return { state: 'unknown', ...serverProblem };
  }
  if (verdict.state === 'failed') {
    return { state: 'failed', ...wordsOf(verdict) };
  }
  // Of what only the provisioner has looked at, as the secret of a user, lists tell nothing.
  const drifted: Verdict | undefined =
    verdict.state === 'drift'
      ? { state: 'failed', ...wordsOf(verdict) }
      : undefined;
  if (!live) {
    return drifted ?? { state: 'ready', ...BELIEVED };
  }
  // It may have been made after the server was asked.
  const justReady: Verdict | undefined =
    !drifted && isAfter(verdict.at, live.asOf)
      ? {
          state: 'pending',
          reason: 'JustReady',
          message: 'It has just been made',
        }
      : undefined;
  if (!user) {
    return (
      justReady ?? {
        state: 'missing',
        reason: 'UserAbsent',
        message:
          'Its user was made, and the server does not have it any more: its key does not work',
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
  return drifted ?? { state: 'ready' };
}

/** An access that Git has ended: it is revoked when its key does not work any more, and not before. */
function judgeEnd(facts: AccessFacts, access: OneAccess): Verdict {
  const { item, user } = access;
  const { live, serverProblem } = facts;

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
  const verdict = item?.verdict;
  if (
    verdict?.state === 'failed' ||
    (verdict?.state === 'drift' && !item?.outdated)
  ) {
    return { state: 'failed', ...wordsOf(verdict) };
  }
  const isDenied = item?.policies?.join() === DENYING_POLICY_NAME;
  if (isDenied && (item.outdated || verdict?.state !== 'ready')) {
    return { state: 'pending', ...wordsOf(item.outdated ?? verdict) };
  }
  if (isDenied && !live) {
    return { state: 'revoked', ...BELIEVED };
  }
  if (isDenied && isAfter(verdict?.at, live!.asOf)) {
    return {
      state: 'pending',
      reason: 'JustReady',
      message: 'It has just been ended',
    };
  }
  return {
    state: 'failed',
    reason: 'NotEnded',
    message: isDenied
      ? 'It has been ended, and the server still gives its user other policies: its key may still work'
      : 'Its record says that it has ended, and its user is not declared to be denied everything: its key may still work',
  };
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
