import {
  ProvisioningItem,
  TenantObject,
} from '@rustfs-portal/plugin-rustfs-node';

/** What the operator still has to do for an item that is not ready, in its own words where it has some. */
export function waitsFor(
  tenant: TenantObject,
  item: ProvisioningItem | undefined,
  what: 'bucket' | 'access',
): { reason?: string; message?: string } {
  const { status } = tenant;
  if (item && item.state !== 'Retained' && item.state !== 'Ready') {
    return { reason: item.reason, message: item.message };
  }
  if (!status) {
    return {
      reason: 'WaitingForOperator',
      message: 'The operator has not looked at the Tenant yet',
    };
  }
  if (!hasSeen(tenant)) {
    return {
      reason: 'WaitingForOperator',
      message: 'The operator has not seen this version of the Tenant yet',
    };
  }
  // The condition ProvisioningReady reads True before anything was provisioned, so it is not asked.
  const ready = readyOf(tenant);
  return ready && ready.status !== 'True'
    ? { reason: ready.reason, message: ready.message }
    : {
        reason: 'WaitingForOperator',
        message: `The operator has not come to this ${what} yet`,
      };
}

/** Whether the status is about the newest version of the Tenant. */
export function hasSeen({ status, metadata }: TenantObject): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

/** The condition that sums up the others. */
export function readyOf({ status }: TenantObject) {
  return status?.conditions.find(({ type }) => type === 'Ready');
}

/** Times of the operator have whole seconds: within the same second counts as after. */
export function isAfter(time: string | undefined, asOf: string): boolean {
  return time !== undefined && Date.parse(time) + 1000 >= Date.parse(asOf);
}

export function byKey<T, K extends keyof T>(list: T[] | undefined, key: K) {
  return new Map((list ?? []).map(item => [item[key], item]));
}
