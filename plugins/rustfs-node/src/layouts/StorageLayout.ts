import { Layout } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { Provisioner } from './Provisioner';

/**
 * How storage is declared for a tenant, and who makes it: one id for what stands in Git and for its provisioner in the
 * cluster. The configuration gives it to tenants (`layout` in `rustfs.tenants`).
 *
 * @public
 */
export interface StorageLayout {
  /** In the configuration, in the ledger, and the same as that of {@link StorageLayout.git}. */
  readonly id: string;
  readonly git: Layout;
  readonly provisioner: Provisioner;
}
