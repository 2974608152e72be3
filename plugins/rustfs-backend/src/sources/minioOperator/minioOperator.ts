import { TenantCondition } from '@rustfs-portal/plugin-rustfs-node';
import { ClusterTenantSource } from '../ClusterTenantSource';
import { MinioTenantObject, minioTenantSchema } from './MinioTenantObject';

const TENANTS = { api: '/apis/minio.min.io/v2', resource: 'tenants' };

/**
 * Tenants of the MinIO operator. Nothing is asked for in their lists: what is taken out of one stays, and each user of one
 * is an administrator. What a setup folder can do for one is for `rustfs.tenants` to say.
 */
export const minioOperator: ClusterTenantSource = {
  title: 'the MinIO operator',

  async read(lister, { namespaces }) {
    const items = await lister.listIfPossible(TENANTS, namespaces);
    const tenants = (items ?? []).flatMap(item =>
      lister.parse(item, minioTenantSchema, 'MinIO Tenant'),
    );
    return ({ cluster }) =>
      tenants.map(tenant => {
        const { namespace, name } = tenant.metadata;
        return {
          object: tenant.metadata,
          facts: {
            ref: `${cluster}/${namespace}/${name}`,
            workload: { kind: 'MinIO Tenant', namespace, name },
            condition: describeMinio(tenant),
            endpoints: {
              // The one Service of that name is the reason why a namespace holds one Tenant.
              inCluster: isEncrypted(tenant)
                ? `https://minio.${namespace}.svc`
                : `http://minio.${namespace}.svc`,
            },
          },
        };
      });
  },
};

function isEncrypted({ spec }: MinioTenantObject): boolean {
  return (
    (spec.requestAutoCert ?? true) || (spec.externalCertSecret ?? []).length > 0
  );
}

/** How a Tenant stands, in the words of its operator. */
export function describeMinio({ status }: MinioTenantObject): TenantCondition {
  const { currentState, healthMessage, healthStatus } = status ?? {};
  if (!currentState) {
    return {
      state: 'reconciling',
      reason: 'WaitingForOperator',
      message: 'The MinIO operator has not looked at the Tenant yet',
    };
  }
  if (currentState !== 'Initialized') {
    return {
      state: 'reconciling',
      reason: 'NotInitialized',
      message: currentState,
    };
  }
  switch (healthStatus) {
    case 'green':
    case '':
    case undefined:
      return { state: 'ready' };
    default:
      return {
        state: 'degraded',
        reason: 'Unhealthy',
        message: healthMessage || `The MinIO operator says ${healthStatus}`,
      };
  }
}
