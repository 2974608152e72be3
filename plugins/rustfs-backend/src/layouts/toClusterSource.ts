import {
  parseTenantRef,
  stringifyTenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  ClusterReading,
  StorageLayout,
} from '@rustfs-portal/plugin-rustfs-node';
import { locateObject } from '../gitops';
import {
  ClusterTenantSource,
  FoundTenant,
} from '../sources/ClusterTenantSource';

/** How a provisioner that a module brings is asked, beside the tenant sources of a cluster. */
export function toClusterSource({
  id,
  provisioner,
}: StorageLayout): ClusterTenantSource {
  return {
    title: provisioner.title,
    isProvisioner: true,

    async read(lister, { configured, flux, now }) {
      const tenants = configured
        .filter(({ layout }) => layout === id)
        .map(({ ref }) => parseTenantRef(ref));
      const cluster: ClusterReading = {
        cluster: lister.cluster,
        now,
        list: (kind, namespaces) => lister.list(kind, namespaces),
        parse: (item, schema, what) => lister.parse(item, schema, what),
        locate: async ({ annotations, labels }) =>
          locateObject({ annotations, labels }, await flux),
      };
      const found = await provisioner.read(cluster, tenants);
      return () =>
        tenants.map((tenant): FoundTenant => {
          const ref = stringifyTenantRef(tenant);
          const said = found.find(one => one.ref === ref);
          if (!said) {
            return { facts: { ref, obstacle: { code: 'not-tracked' } } };
          }
          const { problems, ...facts } = said;
          return {
            facts: { ...facts, layout: id },
            declaredIn: {
              namespace: facts.setup?.namespace ?? tenant.namespace,
              tenant: tenant.name,
            },
            problems,
          };
        });
    },
  };
}
