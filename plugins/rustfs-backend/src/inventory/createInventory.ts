import { CacheService, LoggerService } from '@backstage/backend-plugin-api';
import { Config } from '@backstage/config';
import { InputError } from '@backstage/errors';
import {
  ClientWords,
  HttpProvisioningClient,
} from '@rustfs-portal/plugin-rustfs-client';
import { GitOpsEngine, TenantSource } from '@rustfs-portal/plugin-rustfs-node';
import DataLoader from 'dataloader';
import {
  ClusterConfig,
  openTransport,
  readClustersConfig,
  readGuardrailsConfig,
  readTenantsConfig,
} from '../config';
import { StorageLayouts } from '../layouts';
import { SettledItems, SettingsStore } from '../settings';
import { KubernetesTenantSource } from '../sources';
import { Inventory } from './Inventory';
import { LastGoodReading } from './LastGoodReading';
import { LiveInventory } from './LiveInventory';

/** How failures of a server name the portal and its configuration. */
const WORDS: ClientWords = {
  caller: 'the portal',
  keys: 'accessKeyId and secretAccessKey of this tenant in rustfs.tenants',
  endpoint: 'endpoint of this tenant in rustfs.tenants',
};

/**
 * The inventory of the configured clusters and tenants, and of the sources that modules add.
 *
 * @throws InputError when the configuration is wrong, with the path and what is expected
 */
export function createInventory(options: {
  config: Config;
  logger: LoggerService;
  cache?: CacheService;
  sources?: TenantSource[];
  /** Where the settings task says what it did; without it nothing is shown of that. */
  settings?: Pick<SettingsStore, 'listOpen'>;
  /** By default those of the portal. */
  layouts?: StorageLayouts;
  /** By default those of the portal. */
  engines?: readonly GitOpsEngine[];
  /** Hears of every request that is sent upstream. */
  observeRequest?: (request: { upstream: string; path: string }) => void;
}): Inventory {
  const { config, observeRequest, settings } = options;
  const tenants = readTenantsConfig(config);
  const clusters = readClustersConfig(config);
  const hasTenants = ({ name, sources: found }: ClusterConfig) =>
    found.length > 0 ||
    tenants.some(({ ref }) => ref.startsWith(`${name}/`)) ||
    !clusters.some(({ gitops }) => gitops?.cluster === name);
  options.layouts?.requireKnown(tenants, {
    clusters: clusters.map(({ name }) => name),
  });
  const sources = [
    // A hub without anything to find in it is read for others only.
    ...clusters.filter(hasTenants).map(cluster =>
      KubernetesTenantSource.fromConfig(cluster, {
        configured: tenants,
        engines: options.engines,
        hub: clusters.find(({ name }) => name === cluster.gitops?.cluster),
        layouts: options.layouts,
        observeRequest: path =>
          observeRequest?.({ upstream: cluster.name, path }),
      }),
    ),
    ...(options.sources ?? []),
  ];
  const byCluster = new Map(
    sources.map(source => [
      source.cluster,
      remember(`cluster:${source.cluster}`, () => source.read(), options),
    ]),
  );
  if (byCluster.size < sources.length) {
    throw new InputError(
      'Configuration rustfs.clusters names a cluster that a module brings as well: expected every cluster once',
    );
  }

  // A page asks for its tenants one by one, at the same moment, and the database is asked once.
  const settled =
    settings &&
    new DataLoader<string, SettledItems>(
      async refs => {
        const open = await settings.listOpen([...refs]);
        return refs.map(ref => open[ref] ?? {});
      },
      { cache: false },
    );

  const servers = tenants.map(tenant => {
    if (!byCluster.has(tenant.ref.split('/')[0])) {
      throw new InputError(
        `Configuration rustfs.tenants: tenant ${
          tenant.ref
        } is in no known cluster: expected one of ${
          [...byCluster.keys()].join(', ') || 'rustfs.clusters, which is empty'
        }`,
      );
    }
    const { timeoutMs } = tenant.transport;
    const client = HttpProvisioningClient.create({
      ...tenant,
      words: WORDS,
      timeoutMs,
      fetch: openTransport(`tenant ${tenant.ref} of rustfs.tenants`, {
        ...tenant.transport,
        url: tenant.endpoint,
      }).fetch,
      observeRequest: ({ path }) =>
        observeRequest?.({ upstream: tenant.ref, path }),
    });
    return [
      tenant.ref,
      {
        client,
        settler: client,
        account: remember(
          `account:${tenant.ref}`,
          () => client.accountInfo(),
          options,
        ),
        info: remember(
          `info:${tenant.ref}`,
          () => client.serverInfo(),
          options,
        ),
        users: remember(
          `users:${tenant.ref}`,
          () => client.listUsers(),
          options,
        ),
        settled:
          settled &&
          // Replicas share it anyway.
          remember(`settings:${tenant.ref}`, () => settled.load(tenant.ref), {
            logger: options.logger,
          }),
      },
    ] as const;
  });
  return new LiveInventory({
    guardrails: readGuardrailsConfig(config),
    sources: byCluster,
    places: new Map(
      sources.flatMap(source =>
        source.readPlace
          ? [[source.cluster, source.readPlace.bind(source)] as const]
          : [],
      ),
    ),
    servers: new Map(servers),
  });
}

function remember<T>(
  key: string,
  read: () => Promise<T>,
  services: { cache?: CacheService; logger: LoggerService },
) {
  return new LastGoodReading({ key, read, ...services });
}
