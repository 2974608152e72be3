import { KubernetesObject } from '../kubernetes';
import {
  Blocked,
  checkImage,
  checkTenantName,
  readRootCredentials,
  RootCredentials,
} from './checks';
import { provision, ProvisioningInput, ProvisioningTarget } from './provision';
import { Outcome, PoolReplicas } from './status';
import { ITEM_KINDS, TenantSpec, TenantStatus } from './types';

/** What one run reads and where it acts. */
export interface ReconcileInput
  extends Pick<ProvisioningInput, 'configMap' | 'secret' | 'fault' | 'now'> {
  tenant: KubernetesObject;
  spec: TenantSpec;
  status: TenantStatus;
  /** Makes the objects of the Tenant and tells how many Pods of each pool are ready. */
  makeWorkloads(): Promise<PoolReplicas[]>;
  connect(root: RootCredentials): ProvisioningTarget;
}

/**
 * One run for one Tenant: name, image and root Secret first, then the workloads, then policies, users and buckets.
 *
 * @internal
 */
export async function reconcileTenant(input: ReconcileInput): Promise<Outcome> {
  const { tenant, spec, status } = input;
  const blocked =
    checkTenantName(tenant.metadata.name) ??
    checkImage(spec, tenant.metadata.annotations ?? {});
  if (blocked) {
    return { kind: 'blocked', blocked };
  }
  let root: RootCredentials | undefined;
  if (spec.credsSecret) {
    const read = readRootCredentials(
      spec.credsSecret.name,
      await input.secret(spec.credsSecret.name),
    );
    if (isBlocked(read)) {
      return { kind: 'blocked', blocked: read };
    }
    root = read;
  }
  const pools = await input.makeWorkloads();
  if (pools.some(pool => pool.updating)) {
    return { kind: 'rollout', pools };
  }
  if (pools.some(pool => pool.ready < pool.replicas)) {
    return { kind: 'degraded', pools };
  }
  if (!ITEM_KINDS.some(kind => spec[kind].length) && !status.provisioning) {
    // The server is not asked when there is nothing to provision.
    return { kind: 'provisioned', pools };
  }
  const result = await provision({
    ...input,
    tenant: {
      uid: tenant.metadata.uid ?? '',
      generation: tenant.metadata.generation ?? 0,
    },
    previous: status.provisioning,
    server: root && input.connect(root),
  });
  return { kind: 'provisioned', pools, result };
}

function isBlocked(read: RootCredentials | Blocked): read is Blocked {
  return 'reason' in read;
}
