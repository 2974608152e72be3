import {
  parseTenantRef,
  TenantEndpoints,
} from '@rustfs-portal/plugin-rustfs-common';

/** Names of Services end so, with or without the domain of their cluster, and are of no use outside of it. */
const IN_CLUSTER = /\.svc(\.|$)/;

/**
 * Where workloads of a cluster reach a tenant: as somebody has said, else as the portal does. Undefined where that is an
 * address that only the cluster of the tenant knows.
 *
 * @param endpoint - as the portal reaches it
 */
export function endpointFor(
  cluster: string,
  {
    endpoint,
    endpoints,
    tenant,
  }: { endpoint?: string; endpoints?: TenantEndpoints; tenant: string },
): string | undefined {
  if (cluster === parseTenantRef(tenant).cluster) {
    return endpoints?.inCluster ?? endpoint;
  }
  if (endpoints?.external) {
    return endpoints.external;
  }
  return endpoint && IN_CLUSTER.test(new URL(endpoint).hostname)
    ? undefined
    : endpoint;
}
