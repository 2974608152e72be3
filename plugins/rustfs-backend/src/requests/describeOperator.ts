import { TenantObject } from '@rustfs-portal/plugin-rustfs-node';
import { OperatorObservation } from './observations';

/**
 * What the operator says about a bucket of a Tenant whose applied revision declares it.
 *
 * The condition ProvisioningReady is not asked: it reads True before anything was provisioned, and after Pods are lost.
 */
export function describeOperator(
  tenant: TenantObject,
  bucket: string,
): OperatorObservation {
  const { status } = tenant;
  const generation = tenant.metadata.generation ?? 0;
  if (!tenant.spec.buckets.some(({ name }) => name === bucket)) {
    return waiting(
      `Tenant ${tenant.metadata.name} does not list the bucket: a later change may have taken it out`,
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
        ? `The Tenant is not ready to make buckets: ${ready.reason}: ${ready.message}`
        : 'The operator has not begun to make buckets',
    );
  }
  const item = provisioning.buckets.find(({ name }) => name === bucket);
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
      return waiting('The operator has not come to this bucket yet');
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
