import { TenantObject } from '@rustfs-portal/plugin-rustfs-node';
import { OperatorObservation } from './observations';

/** An item that the operator provisions. */
export interface OperatorItem {
  list: 'buckets' | 'policies' | 'users';
  name: string;
}

const TITLES = { buckets: 'bucket', policies: 'policy', users: 'user' };

/**
 * What the operator says about items of a Tenant whose applied revision declares them: the worst of them.
 *
 * The condition ProvisioningReady is not asked: it reads True before anything was provisioned, and after Pods are lost.
 */
export function describeOperator(
  tenant: TenantObject,
  items: OperatorItem[],
): OperatorObservation {
  const said = items.map(item => describeItem(tenant, item));
  const times = said.flatMap(({ state, ...one }) =>
    state === 'ready' && 'at' in one && one.at ? [one.at] : [],
  );
  return (
    said.find(({ state }) => state === 'failed') ??
    said.find(({ state }) => state === 'waiting') ?? {
      state: 'ready',
      at: times.sort().at(-1),
    }
  );
}

function describeItem(
  tenant: TenantObject,
  { list, name }: OperatorItem,
): OperatorObservation {
  const { status } = tenant;
  const generation = tenant.metadata.generation ?? 0;
  const title = TITLES[list];
  if (!tenant.spec[list]?.some(entry => entry.name === name)) {
    return waiting(
      `Tenant ${tenant.metadata.name} does not list the ${title}: a later change may have taken it out`,
    );
  }
  if (!status) {
    return waiting('The operator has not looked at the Tenant yet');
  }
  if ((status.observedGeneration ?? -1) < generation) {
    return waiting('The operator has not seen this version of the Tenant yet');
  }
  const { provisioning } = status;
  if (
    !provisioning ||
    (provisioning.observedGeneration ?? generation) < generation
  ) {
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    return waiting(
      ready?.status === 'False' || ready?.status === 'Unknown'
        ? `The Tenant is not ready to make ${list}: ${ready.reason}: ${ready.message}`
        : `The operator has not begun to make ${list}`,
    );
  }
  const item = provisioning[list]?.find(entry => entry.name === name);
  switch (item?.state) {
    case 'Ready':
      return { state: 'ready', at: item.lastTransitionTime };
    case 'Failed':
      return {
        state: 'failed',
        reason: item.reason ?? 'Failed',
        message: item.message ?? 'The operator gives no message',
        at: item.lastTransitionTime,
      };
    case undefined:
      return waiting(`The operator has not come to this ${title} yet`);
    default:
      return waiting(
        `The operator says ${item?.state}${
          item?.message ? `: ${item.message}` : ''
        }`,
      );
  }
}

function waiting(waitingFor: string): OperatorObservation {
  return { state: 'waiting', waitingFor };
}
