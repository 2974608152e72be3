import { createExtensionPoint } from '@backstage/backend-plugin-api';
import { TenantSource } from './TenantSource';

/**
 * Adds places where tenants are found, beside the clusters of `rustfs.clusters`.
 *
 * @public
 */
export interface TenantSourcesExtensionPoint {
  /** A second source for the same cluster is refused. */
  addTenantSource(source: TenantSource): void;
}

/**
 * {@link TenantSourcesExtensionPoint}
 *
 * @public
 */
export const tenantSourcesExtensionPoint =
  createExtensionPoint<TenantSourcesExtensionPoint>({
    id: 'rustfs.tenantSources',
  });
