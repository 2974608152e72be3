import {
  parseTenantRef,
  TenantEndpoints,
} from '@rustfs-portal/plugin-rustfs-common';

/** Where workloads of a cluster reach a tenant, as far as something is said of that. */
export function endpointFor(
  cluster: string,
  { endpoints, tenant }: { endpoints?: TenantEndpoints; tenant: string },
): string | undefined {
  return cluster === parseTenantRef(tenant).cluster
    ? endpoints?.inCluster
    : endpoints?.external;
}
