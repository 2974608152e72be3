import { ClusterObjectRef, Problem } from '@rustfs-portal/plugin-rustfs-common';
import {
  EngineCluster,
  GitOpsEngine,
  PlaceReading,
  TenantSource,
  TenantSourceReading,
} from '@rustfs-portal/plugin-rustfs-node';
import { ClusterConfig, TenantConfig } from '../config';
import { ClusterEngines, GitOpsEngines, openEngineCluster } from '../gitops';
import {
  ClusterConnection,
  KubernetesReader,
  ServedSchemas,
} from '../kubernetes';
import { StorageLayouts } from '../layouts';
import { ClusterLister } from './ClusterLister';
import { ClusterRecords } from './ClusterRecords';
import { configuredTenants } from './configured';
import { mergeTenants } from './mergeTenants';
import { RECORD_SELECTOR } from './records';
import { clusterSources } from './registry';

const RECORDS = {
  api: '/api/v1',
  resource: 'configmaps',
  query: `?labelSelector=${encodeURIComponent(RECORD_SELECTOR)}`,
};

/**
 * The tenants of one cluster, with what GitOps engines and the records say about them. One call and one for each source; two for
 * Flux and one for Argo CD, where something is applied by it; one more
 * where there are tenants of the RustFS operator, for what its kind has, and a second one when that has changed; one more where
 * Flux has installed a tenant with Helm; three for each namespace that the configuration names a workload in; those of a
 * provisioner that a module brings, where the configuration gives its layout to a tenant: one that fails hides its own tenants
 * only. Where the cluster is limited to some namespaces, what is in namespaces takes one call for each of them.
 */
export class KubernetesTenantSource implements TenantSource {
  readonly cluster: string;
  readonly #config: ClusterConfig;
  readonly #configured: TenantConfig[];
  readonly #layouts: StorageLayouts;
  readonly #reader: KubernetesReader;
  readonly #schemas: ServedSchemas;
  readonly #engines: readonly GitOpsEngine[];
  /** Of the cluster in which the engines run. */
  readonly #engineReader: KubernetesReader;
  readonly #destination: EngineCluster['destination'];
  /** Ids of the engines that the last reading needed; before the first one, that which most have. */
  #needed: ReadonlySet<string>;

  /**
   * @param options.configured - the tenants of `rustfs.tenants`
   * @param options.engines - by default those of the portal
   * @param options.hub - the cluster in which the engines run, where `gitops` names another one
   * @param options.layouts - by default those of the portal
   * @throws InputError when the configuration cannot be used
   */
  static fromConfig(
    config: ClusterConfig,
    options: {
      configured?: TenantConfig[];
      engines?: readonly GitOpsEngine[];
      hub?: ClusterConfig;
      layouts?: StorageLayouts;
      observeRequest?: (path: string) => void;
    } = {},
  ): TenantSource {
    const configured = (options.configured ?? []).filter(({ ref }) =>
      ref.startsWith(`${config.name}/`),
    );
    const open = (cluster: ClusterConfig) => {
      const connection = ClusterConnection.create(cluster);
      const reader = new KubernetesReader({
        cluster: cluster.name,
        connection,
        timeoutMs: cluster.transport.timeoutMs,
        observeRequest: options.observeRequest,
      });
      return { address: connection.address, reader };
    };
    const own = open(config);
    const { destinations = [] } = config.gitops ?? {};
    return new KubernetesTenantSource({
      config,
      configured,
      layouts: options.layouts ?? new StorageLayouts(),
      engines: options.engines ?? new GitOpsEngines().all,
      reader: own.reader,
      engineReader: options.hub ? open(options.hub).reader : own.reader,
      destination: {
        cluster: config.name,
        isRemote: options.hub !== undefined,
        names: [config.name, ...destinations.filter(name => !isAddress(name))],
        addresses: [own.address, ...destinations.filter(isAddress)],
      },
    });
  }

  private constructor(options: {
    config: ClusterConfig;
    configured: TenantConfig[];
    layouts: StorageLayouts;
    engines: readonly GitOpsEngine[];
    reader: KubernetesReader;
    engineReader: KubernetesReader;
    destination: EngineCluster['destination'];
  }) {
    this.cluster = options.config.name;
    this.#config = options.config;
    this.#configured = options.configured;
    this.#layouts = options.layouts;
    this.#engines = options.engines;
    this.#reader = options.reader;
    this.#engineReader = options.engineReader;
    this.#destination = options.destination;
    this.#schemas = new ServedSchemas(options.reader);
    this.#needed = new Set([options.engines[0].id]);
  }

  async read(): Promise<TenantSourceReading> {
    const lister = new ClusterLister(this.#reader, this.#schemas);
    const sources = [
      ...this.#config.sources.map(id => clusterSources[id]),
      ...this.#layouts.provisionersOf(this.#configured),
      // Addresses that somebody has written count, whatever is found.
      configuredTenants,
    ];
    const engines = this.#openEngines(lister.problems);
    engines.start(this.#needed);
    const now = new Date().toISOString();
    const options = {
      callTimeoutMs: this.#config.transport.timeoutMs,
      namespaces: this.#config.namespaces,
      configured: this.#configured,
      engines,
      isExpected: this.#expectsOperator(),
      now,
    };
    const [items, ...described] = await Promise.all([
      lister.list(RECORDS, this.#recordNamespaces()),
      ...sources.map(source => source.read(lister, options)),
    ]);
    const records = ClusterRecords.read(items, lister);
    const found = new Set<string>();
    const ofSources = [];
    for (const [index, describe] of described.entries()) {
      const ofSource = await describe({
        cluster: this.cluster,
        configured: this.#configured,
        engines,
        found,
        now,
        records,
      });
      const { isProvisioner, title } = sources[index];
      if (!isProvisioner) {
        ofSource.forEach(({ facts }) => found.add(facts.ref));
      }
      ofSources.push({ title, found: ofSource });
    }
    const { tenants, problems } = mergeTenants(ofSources);
    const installed = tenants.flatMap(({ object }) => object ?? []);
    const installations = await engines.describeInstallations(installed);
    await engines.settle();
    const needed = engines.needed();
    // Where nothing is applied by any, one is looked at all the same: it may have words for what is missing.
    this.#needed = needed.size ? needed : this.#needed;
    return {
      tenants: tenants.map(({ facts, object }) => ({
        ...facts,
        ...(object && installations[installed.indexOf(object)]),
      })),
      problems: [...lister.problems, ...problems],
    };
  }

  async readPlace(appliedBy: ClusterObjectRef): Promise<PlaceReading> {
    const problems: Problem[] = [];
    const place = await this.#openEngines(problems).locateFrom(appliedBy);
    return { ...place, problems };
  }

  #openEngines(problems: Problem[]): ClusterEngines {
    return new ClusterEngines({
      engines: this.#engines,
      cluster: openEngineCluster({
        reader: this.#engineReader,
        destination: this.#destination,
        namespace: this.#config.gitops?.namespace,
        problems,
      }),
    });
  }

  /** Whether the tenants of the cluster are those of the RustFS operator, so that one without it is wrong. */
  #expectsOperator(): boolean {
    return (
      this.#config.sources.length === 1 &&
      (this.#configured.length === 0 ||
        this.#configured.some(({ unmanaged }) => !unmanaged))
    );
  }

  #recordNamespaces(): string[] | undefined {
    const { namespaces } = this.#config;
    return (
      namespaces && [
        ...new Set([
          ...namespaces,
          ...this.#configured.flatMap(
            ({ setupNamespace }) => setupNamespace ?? [],
          ),
        ]),
      ]
    );
  }
}

function isAddress(destination: string): boolean {
  return /^https?:/.test(destination);
}
