import { stringify } from 'yaml';
import {
  forgeUrlOf,
  SETUP_IMAGE,
  setupNamespaceOf,
  tenantRefOf,
  WorldDefinition,
} from './definition';
import { portalCredentialsOf } from './identities';
import { WorldState } from './WorldState';

/**
 * The configuration with which the portal uses the sandbox, as text of an `app-config` file. Holds secrets.
 */
export function portalConfig(options: {
  world: WorldDefinition;
  state: WorldState;
  /** Path of the portal's kubeconfig by cluster. */
  kubeconfigs: Record<string, string>;
  /** Address of the server by tenant ref. */
  endpoints: Record<string, string>;
  forge: { url: string; token: string };
}): string {
  const { world, state } = options;
  const text = stringify({
    rustfs: {
      clusters: world.clusters.map(({ name, sealedSecrets }) => ({
        name,
        kubeconfig: options.kubeconfigs[name],
        // The repository has a .sops.yaml, too.
        ...(sealedSecrets && { secrets: { writer: 'sealed-secrets' } }),
      })),
      tenants: world.clusters.flatMap(cluster =>
        cluster.tenants.map(tenant => {
          const ref = tenantRefOf(cluster, tenant);
          const { accessKey, secretKey } = portalCredentialsOf(
            state,
            ref,
            tenant,
          );
          return {
            ref,
            title: tenant.title,
            endpoint: options.endpoints[ref],
            // Nothing here has the addresses of Services: workloads are programs on this machine.
            endpoints: { inCluster: options.endpoints[ref] },
            // Two of them are in one namespace, so neither can be found by its image.
            ...(tenant.installed && {
              workload: {
                kind:
                  tenant.installed === 'chart' ? 'StatefulSet' : 'Deployment',
                name: tenant.name,
              },
              setup: { namespace: setupNamespaceOf(tenant) },
            }),
            accessKeyId: accessKey,
            secretAccessKey: secretKey,
          };
        }),
      ),
      forges: [
        ...new Set([
          'gitea',
          ...world.clusters.flatMap(({ forge }) => forge ?? []),
        ]),
      ].map(type => ({
        type,
        baseUrl:
          type === 'github'
            ? forgeUrlOf({ forge: type }, options.forge.url)
            : options.forge.url,
        token: options.forge.token,
        // People have one name here, in the catalog and on the forge, and nobody can choose it.
        loginIsEntityName: true,
      })),
      ...(world.clusters.some(({ tenants }) =>
        tenants.some(({ installed }) => installed),
      ) && { setup: { image: SETUP_IMAGE } }),
      guardrails: world.guardrails,
      ...(world.consumers && { consumers: world.consumers }),
      requests: {
        followInterval: { seconds: 2 },
        stalledAfter: { minutes: 15 },
      },
      settings: { interval: { seconds: 5 } },
    },
  });
  return `# Written by the sandbox at every start: edits are lost.\n${text}`;
}
