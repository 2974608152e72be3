import { folderIn, renderAccesses } from './accesses';
import {
  BucketDefinition,
  ClusterDefinition,
  recordNamespaceOf,
  TenantDefinition,
} from './definition';
import { WorldState } from './WorldState';

/** The records of a tenant and what belongs to its accesses, by path in the folder that holds them. */
export async function renderRecords(
  cluster: ClusterDefinition,
  tenant: TenantDefinition,
  state: WorldState,
): Promise<Record<string, string>> {
  const files = await renderAccesses(cluster, tenant, state);
  for (const bucket of tenant.buckets) {
    if (bucket.declared !== false && bucket.record !== false) {
      files[`buckets/${folderIn(tenant)}${bucket.name}.yaml`] = bucketRecord(
        tenant,
        bucket,
      );
    }
  }
  return files;
}

function bucketRecord(
  tenant: TenantDefinition,
  bucket: BucketDefinition,
): string {
  const optional = (key: string, value: string | undefined) =>
    value === undefined ? '' : `  ${key}: ${value}\n`;
  return `apiVersion: v1
kind: ConfigMap
metadata:
  name: bucket.${tenant.name}.${bucket.name}
  namespace: ${recordNamespaceOf(tenant)}
  labels:
    app.kubernetes.io/managed-by: rustfs-portal
    rustfs-portal/record: bucket
    rustfs-portal/tenant: ${tenant.name}
data:
  bucket: ${bucket.name}
${optional('owner', bucket.owner)}${optional(
    'entity',
    bucket.entity,
  )}${optional(
    'purpose',
    bucket.purpose && JSON.stringify(bucket.purpose),
  )}${optional('dataClass', bucket.dataClass)}${optional(
    'quota',
    bucket.quota,
  )}  versioning: "${bucket.versioning ? 'enabled' : 'off'}"
${optional('objectLock', lockOf(tenant, bucket))}`;
}

/** The list of a Tenant says it; without one the record does. */
function lockOf(
  { installed }: TenantDefinition,
  { objectLock }: BucketDefinition,
): string | undefined {
  return installed && `"${objectLock ? 'enabled' : 'off'}"`;
}
