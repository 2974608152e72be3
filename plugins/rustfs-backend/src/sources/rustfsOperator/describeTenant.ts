import {
  accessOfEntryName,
  TenantState,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ProvisionedItem,
  ProvisionerVerdict,
  TenantCondition,
  TenantFacts,
  WaitingReason,
} from '@rustfs-portal/plugin-rustfs-node';
import { byKey } from '../../byKey';
import { conditionOf } from '../../kubernetes';
import { ProvisioningItem, TenantObject } from './TenantObject';

/** What the schema of the Tenant takes. */
const MAX_BUCKETS = 1024;
const MAX_ENTRIES = 256;

const STATES: Record<string, TenantState> = {
  Ready: 'ready',
  Reconciling: 'reconciling',
  Degraded: 'degraded',
  Blocked: 'blocked',
};

/** The reason of what the operator itself gives none for. */
const WAITING = 'WaitingForOperator';
const NOT_LOOKED_AT = waiting('The operator has not looked at the Tenant yet');
const NOT_SEEN = waiting(
  'The operator has not seen this version of the Tenant yet',
);

type Described = Required<
  Pick<TenantFacts, 'condition' | 'items' | 'limits' | 'unlisted'>
>;

/** What the operator says, by name: looking each up in its list would take the square of their number. */
interface Said {
  buckets: Map<string, ProvisioningItem>;
  policies: Map<string, ProvisioningItem>;
  users: Map<string, ProvisioningItem>;
  /** The policies that the Tenant lists. */
  listed: Set<string>;
}

/** What a Tenant declares and what the RustFS operator says of it, as facts. */
export function describeTenant(tenant: TenantObject): Described {
  const { spec, status } = tenant;
  const { buckets = [], policies, users = [] } = status?.provisioning ?? {};
  const said: Said = {
    buckets: byKey(buckets, 'name'),
    policies: byKey(policies, 'name'),
    users: byKey(users, 'name'),
    listed: new Set(spec.policies?.map(({ name }) => name)),
  };
  return {
    condition: describeCondition(tenant),
    items: [
      ...spec.buckets.map(entry => describeBucket(tenant, entry, said)),
      ...retained(spec.buckets, buckets).map(item => ({
        type: 'bucket' as const,
        name: item.name,
        listed: false,
        verdict: toRetained(item),
      })),
      ...(spec.users ?? []).flatMap(entry =>
        describeAccess(tenant, entry, said),
      ),
      ...retained(spec.users, users).flatMap(item => {
        const name = accessOfEntryName(item.name);
        return name === undefined
          ? []
          : [
              {
                type: 'access' as const,
                name,
                listed: false,
                verdict: toRetained(item),
              },
            ];
      }),
    ],
    limits: {
      buckets: { declared: spec.buckets.length, limit: MAX_BUCKETS },
      policies: { declared: spec.policies?.length ?? 0, limit: MAX_ENTRIES },
      users: { declared: spec.users?.length ?? 0, limit: MAX_ENTRIES },
    },
    unlisted: {
      reason: 'TenantEntryAbsent',
      message: `Tenant ${tenant.metadata.name} does not list it: a later change may have taken it out`,
    },
  };
}

function describeCondition(tenant: TenantObject): TenantCondition {
  const { status } = tenant;
  if (!status?.currentState) {
    return { state: 'reconciling', ...NOT_LOOKED_AT };
  }
  const ready = conditionOf(tenant, 'Ready');
  const state = STATES[status.currentState] ?? 'unknown';
  if (state !== 'ready') {
    return { state, reason: ready?.reason, message: ready?.message };
  }
  return hasSeen(tenant) ? { state } : { state: 'reconciling', ...NOT_SEEN };
}

function describeBucket(
  tenant: TenantObject,
  { name, objectLock, versioning }: TenantObject['spec']['buckets'][number],
  said: Said,
): ProvisionedItem {
  return {
    type: 'bucket',
    name,
    listed: true,
    objectLock,
    versioning,
    verdict: judge(tenant, [said.buckets.get(name)], 'bucket'),
    outdated: outdated(tenant, 'bucket'),
  };
}

/** The user of an access and its policies are one thing: the first part that is not ready speaks for it. */
function describeAccess(
  tenant: TenantObject,
  entry: { name: string; policies: string[] },
  said: Said,
): ProvisionedItem[] {
  const name = accessOfEntryName(entry.name);
  if (name === undefined) {
    return [];
  }
  const parts = [
    // In the order in which they are made. A policy that the Tenant does not list is made by somebody else.
    ...entry.policies
      .filter(policy => said.listed.has(policy))
      .map(policy => said.policies.get(policy)),
    said.users.get(entry.name),
  ];
  const verdict = judge(tenant, parts, 'access');
  return [
    {
      type: 'access',
      name,
      listed: true,
      policies: entry.policies,
      verdict:
        verdict.state === 'ready'
          ? // A user that was ready before does not change its time with its policies.
            {
              ...verdict,
              at: latest([
                verdict.at,
                conditionOf(tenant, 'Ready')?.lastTransitionTime,
              ]),
            }
          : verdict,
      outdated: outdated(tenant, 'access'),
    },
  ];
}

/** The worst of what the operator says about the parts of something. */
function judge(
  tenant: TenantObject,
  parts: Array<ProvisioningItem | undefined>,
  what: ProvisionedItem['type'],
): ProvisionerVerdict {
  const failed = parts.find(part => part?.state === 'Failed');
  if (failed) {
    return {
      state: 'failed',
      reason: failed.reason ?? 'Failed',
      message: failed.message ?? 'The operator gives no message',
      at: failed.lastTransitionTime,
    };
  }
  if (parts.every(part => part?.state === 'Ready')) {
    return {
      state: 'ready',
      at: latest(parts.map(part => part?.lastTransitionTime)),
    };
  }
  return {
    state: 'waiting',
    ...waitsFor(
      tenant,
      parts.find(part => part?.state !== 'Ready'),
      what,
    ),
  };
}

/** What the operator still has to do for an item that is not ready, in its own words where it has some. */
function waitsFor(
  tenant: TenantObject,
  item: ProvisioningItem | undefined,
  what: ProvisionedItem['type'],
): { reason?: string; message?: string } {
  if (item && item.state !== 'Retained') {
    return {
      reason: item.reason,
      message: item.message ?? `The operator says ${item.state}`,
    };
  }
  if (!tenant.status) {
    return NOT_LOOKED_AT;
  }
  if (!hasSeen(tenant)) {
    return NOT_SEEN;
  }
  // The condition ProvisioningReady reads True before anything was provisioned, so it is not asked.
  return (
    notReady(tenant) ?? waiting(`The operator has not come to this ${what} yet`)
  );
}

/** What the operator has to do before its verdicts are about the present version of the Tenant. */
function outdated(
  tenant: TenantObject,
  what: ProvisionedItem['type'],
): WaitingReason | undefined {
  const { metadata, status } = tenant;
  const generation = metadata.generation ?? 0;
  if (!status) {
    return NOT_LOOKED_AT;
  }
  if ((status.observedGeneration ?? -1) < generation) {
    return NOT_SEEN;
  }
  const { provisioning } = status;
  if (
    !provisioning ||
    (provisioning.observedGeneration ?? generation) < generation
  ) {
    return (
      notReady(tenant) ??
      waiting(`The operator has not begun to look at this ${what}`)
    );
  }
  return undefined;
}

function notReady(tenant: TenantObject): WaitingReason | undefined {
  const ready = conditionOf(tenant, 'Ready');
  return ready && ready.status !== 'True'
    ? {
        reason: ready.reason ?? 'NotReady',
        message: ready.message ?? 'The Tenant is not ready',
      }
    : undefined;
}

/** Whether the status is about the newest version of the Tenant. */
function hasSeen({ status, metadata }: TenantObject): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

function retained(
  entries: Array<{ name: string }> | undefined,
  items: ProvisioningItem[],
): ProvisioningItem[] {
  const names = new Set((entries ?? []).map(({ name }) => name));
  return items.filter(
    ({ name, state }) => state === 'Retained' && !names.has(name),
  );
}

function toRetained({
  lastTransitionTime,
  message,
  reason,
}: ProvisioningItem): ProvisionerVerdict {
  return { state: 'retained', reason, message, at: lastTransitionTime };
}

function waiting(message: string): WaitingReason {
  return { reason: WAITING, message };
}

function latest(times: Array<string | undefined>): string | undefined {
  return times
    .filter(time => time !== undefined)
    .sort()
    .at(-1);
}
