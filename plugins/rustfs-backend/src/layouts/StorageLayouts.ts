import { InputError } from '@backstage/errors';
import { parseTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { Layouts } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { StorageLayout } from '@rustfs-portal/plugin-rustfs-node';
import { TenantConfig } from '../config';
import { ClusterTenantSource } from '../sources/ClusterTenantSource';
import { setupFolder } from '../sources/setupFolder';
import { requireLayout } from './requireLayout';
import { toClusterSource } from './toClusterSource';

/** The layouts by id: those of the portal, and those that modules add, with their provisioners. */
export class StorageLayouts {
  /** What they are in Git. */
  readonly git: Layouts;
  readonly #added: StorageLayout[];

  /**
   * @param added - by modules
   * @throws Error when two have one id, InputError when one is no layout
   */
  constructor(added: StorageLayout[] = []) {
    this.git = new Layouts(added.map(requireLayout));
    this.#added = added;
  }

  /**
   * The provisioners of what the configuration gives to tenants; that of the RustFS operator finds its tenants itself, and is
   * a tenant source.
   *
   * @param configured - the tenants of one cluster
   */
  provisionersOf(configured: TenantConfig[]): ClusterTenantSource[] {
    return [
      setupFolder,
      ...this.#added
        .filter(({ id }) => configured.some(({ layout }) => layout === id))
        .map(toClusterSource),
    ];
  }

  /**
   * @param tenants - as `rustfs.tenants` has them
   * @param options - `clusters`: names of `rustfs.clusters`; a module that brings another says itself what is declared there
   * @throws InputError with the path of what names a layout that nobody adds, or that nobody would ask
   */
  requireKnown(
    tenants: Array<Pick<TenantConfig, 'layout' | 'ref'>>,
    { clusters }: { clusters: string[] },
  ): void {
    const ids = this.#added.map(({ id }) => id);
    tenants.forEach(({ layout, ref }, index) => {
      if (layout === undefined) {
        return;
      }
      const refuse = (expected: string) =>
        new InputError(
          `Configuration is wrong at rustfs.tenants[${index}].layout: ${expected}`,
        );
      if (!ids.includes(layout)) {
        throw refuse(
          `expected the id of a layout that a module of the backend adds, ${
            ids.length ? `which are ${ids.join(', ')}` : 'and none adds any'
          }`,
        );
      }
      if (!clusters.includes(parseTenantRef(ref).cluster)) {
        throw refuse(
          `expected none, as ${ref} is in no cluster of rustfs.clusters, and only there provisioners are asked`,
        );
      }
    });
  }
}
