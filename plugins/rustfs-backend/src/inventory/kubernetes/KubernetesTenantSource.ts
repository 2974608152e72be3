import {
  Problem,
  TenantSourceLocation,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  GitRepositoryObject,
  KustomizationObject,
  ObjectMetadata,
  SourcedTenant,
  TenantObject,
  TenantSource,
  TenantSourceReading,
} from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { ClusterConfig } from '../../config';
import { ClusterError } from './ClusterError';
import { KubernetesReader } from './KubernetesReader';
import { loadKubeConfig } from './loadKubeConfig';
import {
  gitRepositorySchema,
  kustomizationSchema,
  PlacedBucket,
  placedBucketSchema,
  PlacedRecord,
  RECORD_SELECTOR,
  recordSchema,
  tenantSchema,
} from './schemas';

const TENANTS = '/apis/rustfs.com/v1alpha1';
const KUSTOMIZATIONS = '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations';
const GIT_REPOSITORIES = '/apis/source.toolkit.fluxcd.io/v1/gitrepositories';
const CONFIG_MAPS = '/api/v1';

/**
 * Tenants of the RustFS operator in one cluster, with what Flux and the bucket records say about them. Four calls, or
 * two more for every namespace beyond the first where the cluster is limited to some.
 */
export class KubernetesTenantSource implements TenantSource {
  readonly cluster: string;
  readonly #reader: KubernetesReader;
  readonly #namespaces?: string[];

  /** @throws InputError when the configuration cannot be used */
  static fromConfig(
    config: ClusterConfig,
    options: {
      /** For one call. Default: 3000. */
      timeoutMs?: number;
      observeRequest?: (path: string) => void;
    } = {},
  ): TenantSource {
    return new KubernetesTenantSource(
      config,
      new KubernetesReader({
        cluster: config.name,
        kubeConfig: loadKubeConfig(config),
        timeoutMs: options.timeoutMs ?? 3000,
        observeRequest: options.observeRequest,
      }),
    );
  }

  private constructor(config: ClusterConfig, reader: KubernetesReader) {
    this.cluster = config.name;
    this.#reader = reader;
    this.#namespaces = config.namespaces;
  }

  async read(): Promise<TenantSourceReading> {
    const problems: Problem[] = [];
    const [tenants, records, kustomizations, gitRepositories] =
      await Promise.all([
        this.#listInNamespaces(TENANTS, 'tenants'),
        this.#listInNamespaces(
          CONFIG_MAPS,
          'configmaps',
          `?labelSelector=${encodeURIComponent(RECORD_SELECTOR)}`,
        ),
        this.#listOptional(KUSTOMIZATIONS, 'kustomizations', problems),
        this.#listOptional(GIT_REPOSITORIES, 'gitrepositories', problems),
      ]);
    const parse = <T>(items: unknown[], schema: z.ZodType<T>, what: string) =>
      items.flatMap(item => this.#parse(item, schema, what, problems));

    const recorded = this.#readRecords(records, problems);
    const flux = {
      kustomizations: parse(
        kustomizations,
        kustomizationSchema,
        'Kustomization',
      ),
      gitRepositories: parse(
        gitRepositories,
        gitRepositorySchema,
        'GitRepository',
      ),
    };
    return {
      tenants: parse(tenants, tenantSchema, 'Tenant').map(tenant =>
        this.#assemble(tenant, recorded, flux),
      ),
      problems,
    };
  }

  /**
   * The bucket records, and the buckets that have one which cannot be read, or more than one: nothing can be said about
   * those.
   */
  #readRecords(items: unknown[], problems: Problem[]) {
    const records: PlacedRecord[] = [];
    const unread = new Map<string, PlacedBucket>();
    const names = new Map<string, string[]>();
    for (const item of items) {
      const [record] = this.#parse(
        item,
        recordSchema,
        'bucket record',
        problems,
      );
      const place = placedBucketSchema.safeParse(item).data;
      if (record) {
        records.push(record);
      }
      if (place) {
        const key = keyOf(place);
        const all = [...(names.get(key) ?? []), place.name];
        names.set(key, all);
        if (!record || all.length > 1) {
          unread.set(key, place);
        }
      }
    }
    for (const [key, { bucket, namespace, tenant }] of unread) {
      const all = names.get(key)!;
      if (all.length > 1) {
        problems.push(
          this.#unreadable(
            `Bucket ${bucket} of tenant ${
              this.cluster
            }/${namespace}/${tenant} has more than one bucket record: ${all.join(
              ', ',
            )}`,
            'Leave one of them in Git.',
          ),
        );
      }
    }
    return {
      records: records.filter(
        ({ namespace, tenant, record: { bucket } }) =>
          !unread.has(keyOf({ namespace, tenant, bucket })),
      ),
      unread: [...unread.values()],
    };
  }

  #assemble(
    tenant: TenantObject,
    { records, unread }: { records: PlacedRecord[]; unread: PlacedBucket[] },
    flux: {
      kustomizations: KustomizationObject[];
      gitRepositories: GitRepositoryObject[];
    },
  ): SourcedTenant {
    const { namespace, name } = tenant.metadata;
    const isOfTenant = (record: { namespace: string; tenant: string }) =>
      record.namespace === namespace && record.tenant === name;
    const kustomization = flux.kustomizations.find(({ metadata }) =>
      isAppliedBy(tenant.metadata, metadata),
    );
    const sourceRef = kustomization?.spec.sourceRef;
    const gitRepository = flux.gitRepositories.find(
      ({ metadata }) =>
        sourceRef?.kind === 'GitRepository' &&
        metadata.name === sourceRef.name &&
        metadata.namespace ===
          (sourceRef.namespace ?? kustomization?.metadata.namespace),
    );
    return {
      ref: `${this.cluster}/${namespace}/${name}`,
      tenant,
      kustomization,
      gitRepository,
      location:
        kustomization && gitRepository
          ? locate(kustomization, gitRepository)
          : undefined,
      records: records.filter(isOfTenant).map(({ record }) => record),
      unreadRecords: unread.filter(isOfTenant).map(({ bucket }) => bucket),
    };
  }

  async #listInNamespaces(api: string, resource: string, query = '') {
    const paths = this.#namespaces?.map(
      namespace => `${api}/namespaces/${namespace}/${resource}${query}`,
    ) ?? [`${api}/${resource}${query}`];
    const lists = await Promise.all(
      paths.map(path => this.#reader.list(path, resource)),
    );
    return lists.flatMap(list => list ?? []);
  }

  /** Flux only says where a tenant comes from: a cluster without it, or a portal that may not see it, is still of use. */
  async #listOptional(path: string, resource: string, problems: Problem[]) {
    try {
      return (await this.#reader.list(path, resource)) ?? [];
    } catch (error) {
      if (error instanceof ClusterError) {
        // A code of its own: tenants, buckets and their owners are known all the same.
        problems.push({ ...this.#problem(error), code: 'gitops-unreadable' });
        return [];
      }
      throw error;
    }
  }

  #parse<T>(
    item: unknown,
    schema: z.ZodType<T>,
    what: string,
    problems: Problem[],
  ): T[] {
    const parsed = schema.safeParse(item);
    if (parsed.success) {
      return [parsed.data];
    }
    const { path, message } = parsed.error.issues[0];
    problems.push(
      this.#unreadable(
        `A ${what}${nameOf(item)} in cluster ${
          this.cluster
        } cannot be read at ${path.map(String).join('.')}: ${message}`,
        'Mend its manifest in Git.',
      ),
    );
    return [];
  }

  #unreadable(message: string, hint: string): Problem {
    return { code: 'object-unreadable', part: this.cluster, message, hint };
  }

  #problem(error: ClusterError): Problem {
    return {
      code: error.problemCode,
      part: this.cluster,
      message: error.message,
      hint: error.hint,
    };
  }
}

function keyOf(place: Omit<PlacedBucket, 'name'>): string {
  return [place.namespace, place.tenant, place.bucket].join('/');
}

/** Flux labels what it applies. */
function isAppliedBy(object: ObjectMetadata, kustomization: ObjectMetadata) {
  const label = (key: string) =>
    object.labels?.[`kustomize.toolkit.fluxcd.io/${key}`];
  return (
    label('name') === kustomization.name &&
    label('namespace') === kustomization.namespace
  );
}

function locate(
  kustomization: KustomizationObject,
  gitRepository: GitRepositoryObject,
): TenantSourceLocation {
  const { namespace, name } = kustomization.metadata;
  return {
    repository: gitRepository.spec.url,
    branch: gitRepository.spec.ref?.branch ?? 'master', // Flux's default
    path: (kustomization.spec.path ?? '')
      .replace(/^\.?\/+/, '')
      .replace(/^\.$/, '')
      .replace(/\/+$/, ''),
    appliedBy: `Kustomization ${namespace}/${name}`,
    revision: /[0-9a-f]{40}$/.exec(
      kustomization.status?.lastAppliedRevision ?? '',
    )?.[0],
  };
}

function nameOf(item: unknown): string {
  const parsed = z
    .object({ metadata: z.object({ name: z.string() }) })
    .safeParse(item);
  return parsed.success ? ` ${parsed.data.metadata.name}` : '';
}
