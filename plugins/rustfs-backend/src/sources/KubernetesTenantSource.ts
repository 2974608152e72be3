import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import {
  PlaceReading,
  TenantSource,
  TenantSourceReading,
} from '@rustfs-portal/plugin-rustfs-node';
import { ClusterConfig, TenantConfig } from '../config';
import {
  findInstalledBy,
  isOfHelmRelease,
  locateInstallation,
  locateFrom,
  readFlux,
  readHelmReleases,
} from '../gitops';
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
 * The tenants of one cluster, with what Flux and the records say about them. Three calls and one for each source; one more
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

  /**
   * @param options.configured - the tenants of `rustfs.tenants`
   * @param options.layouts - by default those of the portal
   * @throws InputError when the configuration cannot be used
   */
  static fromConfig(
    config: ClusterConfig,
    options: {
      configured?: TenantConfig[];
      layouts?: StorageLayouts;
      observeRequest?: (path: string) => void;
    } = {},
  ): TenantSource {
    const configured = (options.configured ?? []).filter(({ ref }) =>
      ref.startsWith(`${config.name}/`),
    );
    return new KubernetesTenantSource(
      config,
      configured,
      options.layouts ?? new StorageLayouts(),
      new KubernetesReader({
        cluster: config.name,
        connection: ClusterConnection.create(config),
        timeoutMs: config.transport.timeoutMs,
        observeRequest: options.observeRequest,
      }),
    );
  }

  private constructor(
    config: ClusterConfig,
    configured: TenantConfig[],
    layouts: StorageLayouts,
    reader: KubernetesReader,
  ) {
    this.cluster = config.name;
    this.#config = config;
    this.#configured = configured;
    this.#layouts = layouts;
    this.#reader = reader;
    this.#schemas = new ServedSchemas(reader);
  }

  async read(): Promise<TenantSourceReading> {
    const lister = new ClusterLister(this.#reader, this.#schemas);
    const sources = [
      ...this.#config.sources.map(id => clusterSources[id]),
      ...this.#layouts.provisionersOf(this.#configured),
      // Addresses that somebody has written count, whatever is found.
      configuredTenants,
    ];
    const reading = readFlux(this.#reader, lister.problems);
    const now = new Date().toISOString();
    const options = {
      callTimeoutMs: this.#config.transport.timeoutMs,
      namespaces: this.#config.namespaces,
      configured: this.#configured,
      flux: reading,
      isExpected: this.#expectsOperator(),
      now,
    };
    const [items, flux, ...described] = await Promise.all([
      lister.list(RECORDS, this.#recordNamespaces()),
      reading,
      ...sources.map(source => source.read(lister, options)),
    ]);
    const records = ClusterRecords.read(items, lister);
    const found = new Set<string>();
    const { tenants, problems } = mergeTenants(
      described.map((describe, index) => {
        const ofSource = describe({
          cluster: this.cluster,
          configured: this.#configured,
          flux,
          found,
          now,
          records,
        });
        const { isProvisioner, title } = sources[index];
        if (!isProvisioner) {
          ofSource.forEach(({ facts }) => found.add(facts.ref));
        }
        return { title, found: ofSource };
      }),
    );
    const releases = tenants.some(
      ({ object }) => object && isOfHelmRelease(object),
    )
      ? await readHelmReleases(this.#reader, lister.problems)
      : undefined;
    return {
      tenants: tenants.map(({ facts, object }) => ({
        ...facts,
        installedBy: object && findInstalledBy(object, releases),
        installedAt: object && locateInstallation(object, releases, flux),
      })),
      problems: [...lister.problems, ...problems],
    };
  }

  async readPlace(kustomization: {
    namespace: string;
    name: string;
  }): Promise<PlaceReading> {
    const problems: Problem[] = [];
    const flux = await readFlux(this.#reader, problems);
    return {
      ...locateFrom({ kind: 'Kustomization', ...kustomization }, flux),
      problems,
    };
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
