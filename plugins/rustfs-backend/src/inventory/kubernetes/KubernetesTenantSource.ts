import {
  AccessRecord,
  BucketRecord,
  Problem,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  SourcedPlace,
  SourcedTenant,
  TenantObject,
  TenantSource,
  TenantSourceReading,
} from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { ClusterConfig } from '../../config';
import { ClusterConnection } from './ClusterConnection';
import { ClusterError } from './ClusterError';
import { KubernetesReader } from './KubernetesReader';
import {
  FluxList,
  FluxReading,
  locateFrom,
  locateTenant,
} from './locateTenant';
import {
  accessRecordSchema,
  bucketRecordSchema,
  gitRepositorySchema,
  isAccessRecord,
  kustomizationSchema,
  placedAccessSchema,
  placedBucketSchema,
  PlacedName,
  PlacedRecord,
  RECORD_SELECTOR,
  tenantSchema,
} from './schemas';
import { withoutNulls } from './withoutNulls';

const GROUP = 'rustfs.com';
const VERSION = 'v1alpha1';
const TENANTS = `/apis/${GROUP}/${VERSION}`;
const KUSTOMIZATIONS = '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations';
const GIT_REPOSITORIES = '/apis/source.toolkit.fluxcd.io/v1/gitrepositories';
const CONFIG_MAPS = '/api/v1';

const nameSchema = z.object({
  metadata: z.object({ name: z.string(), namespace: z.string() }),
});
/** How records of one kind are read and spoken of. */
interface RecordKind<T> {
  title: string;
  subject: string;
  schema: z.ZodType<PlacedRecord<T>>;
  placeSchema: z.ZodType<PlacedName>;
  subjectOf(record: T): string;
}

const BUCKET_RECORDS: RecordKind<BucketRecord> = {
  title: 'bucket record',
  subject: 'Bucket',
  schema: bucketRecordSchema,
  placeSchema: placedBucketSchema,
  subjectOf: ({ bucket }) => bucket,
};

const ACCESS_RECORDS: RecordKind<AccessRecord> = {
  title: 'access record',
  subject: 'Access',
  schema: accessRecordSchema,
  placeSchema: placedAccessSchema,
  subjectOf: ({ access }) => access,
};

interface ReadRecords<T> {
  records: PlacedRecord<T>[];
  /** What has a record of which nothing can be said. */
  unread: PlacedName[];
}

/**
 * Tenants of the RustFS operator in one cluster, with what Flux and the records say about them. Four calls, or
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
      observeRequest?: (path: string) => void;
    } = {},
  ): TenantSource {
    return new KubernetesTenantSource(
      config,
      new KubernetesReader({
        cluster: config.name,
        connection: ClusterConnection.create(config),
        timeoutMs: config.transport.timeoutMs,
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
    const [tenants, records, flux] = await Promise.all([
      this.#listInNamespaces(TENANTS, 'tenants'),
      this.#listInNamespaces(
        CONFIG_MAPS,
        'configmaps',
        `?labelSelector=${encodeURIComponent(RECORD_SELECTOR)}`,
      ),
      this.#readFlux(problems),
    ]);
    const recorded = {
      buckets: this.#readRecords(
        records.filter(record => !isAccessRecord(record)),
        BUCKET_RECORDS,
        problems,
      ),
      accesses: this.#readRecords(
        records.filter(isAccessRecord),
        ACCESS_RECORDS,
        problems,
      ),
    };
    return {
      tenants: tenants
        .flatMap(item => this.#parse(item, tenantSchema, 'Tenant', problems))
        .map(tenant => this.#assemble(tenant, recorded, flux)),
      problems,
    };
  }

  async readPlace(kustomization: {
    namespace: string;
    name: string;
  }): Promise<SourcedPlace> {
    const problems: Problem[] = [];
    const flux = await this.#readFlux(problems);
    return {
      ...locateFrom({ kind: 'Kustomization', ...kustomization }, flux),
      problems,
    };
  }

  async #readFlux(problems: Problem[]): Promise<FluxReading> {
    const [kustomizations, gitRepositories] = await Promise.all([
      this.#listFlux(
        KUSTOMIZATIONS,
        { resource: 'kustomizations', schema: kustomizationSchema },
        problems,
      ),
      this.#listFlux(
        GIT_REPOSITORIES,
        { resource: 'gitrepositories', schema: gitRepositorySchema },
        problems,
      ),
    ]);
    return { kustomizations, gitRepositories };
  }

  /**
   * The records of one kind, and what has a record that cannot be read, or more than one: nothing can be said about that.
   */
  #readRecords<T>(
    items: unknown[],
    kind: RecordKind<T>,
    problems: Problem[],
  ): ReadRecords<T> {
    const records: PlacedRecord<T>[] = [];
    const unread = new Map<string, PlacedName>();
    const names = new Map<string, string[]>();
    for (const item of items) {
      const [record] = this.#parse(item, kind.schema, kind.title, problems);
      const place = kind.placeSchema.safeParse(withoutNulls(item)).data;
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
    for (const [key, { subject, namespace, tenant }] of unread) {
      const all = names.get(key)!;
      if (all.length > 1) {
        problems.push(
          this.#unreadable(
            `${kind.subject} ${subject} of tenant ${
              this.cluster
            }/${namespace}/${tenant} has more than one ${
              kind.title
            }: ${all.join(', ')}`,
            'Leave one of them in Git.',
          ),
        );
      }
    }
    return {
      records: records.filter(
        ({ namespace, tenant, record }) =>
          !unread.has(
            keyOf({ namespace, tenant, subject: kind.subjectOf(record) }),
          ),
      ),
      unread: [...unread.values()],
    };
  }

  #assemble(
    tenant: TenantObject,
    {
      buckets,
      accesses,
    }: {
      buckets: ReadRecords<BucketRecord>;
      accesses: ReadRecords<AccessRecord>;
    },
    flux: FluxReading,
  ): SourcedTenant {
    const { namespace, name } = tenant.metadata;
    const isOfTenant = (record: { namespace: string; tenant: string }) =>
      record.namespace === namespace && record.tenant === name;
    return {
      ref: `${this.cluster}/${namespace}/${name}`,
      tenant,
      ...locateTenant(tenant.metadata, flux),
      records: buckets.records.filter(isOfTenant).map(({ record }) => record),
      unreadRecords: buckets.unread
        .filter(isOfTenant)
        .map(({ subject }) => subject),
      accesses: accesses.records.filter(isOfTenant).map(({ record }) => record),
      unreadAccesses: accesses.unread
        .filter(isOfTenant)
        .map(({ subject }) => subject),
    };
  }

  async #listInNamespaces(api: string, resource: string, query = '') {
    const paths = this.#namespaces?.map(
      namespace => `${api}/namespaces/${namespace}/${resource}${query}`,
    ) ?? [`${api}/${resource}${query}`];
    const lists = await Promise.all(
      paths.map(path => this.#reader.list(path, resource)),
    );
    return lists.flatMap(({ items, servedVersions }) => {
      if (!items) {
        throw this.#notServed(resource, servedVersions);
      }
      return items;
    });
  }

  /**
   * A cluster that has no such kind, or has it in another version only, has not said that there are no objects: what was
   * read before stays, and nobody takes the tenants for gone.
   */
  #notServed(resource: string, servedVersions: string[]): ClusterError {
    const served = servedVersions.join(', ');
    return new ClusterError({
      code: 'cluster-version',
      message: served
        ? `Cluster ${this.cluster} serves ${resource} of ${GROUP} as ${served} only; the portal reads ${VERSION}`
        : `Cluster ${this.cluster} does not know ${resource} of ${GROUP}`,
      hint: served
        ? `Install a version of the RustFS operator whose CRD serves ${VERSION}, or a portal that reads ${served}.`
        : 'Install the CRDs of the RustFS operator in that cluster, or take the cluster out of rustfs.clusters.',
    });
  }

  /**
   * Flux only says where a tenant comes from: a cluster without it, or a portal that may not see it, is still of use. What
   * is wrong with an object of Flux is said of the tenants that it leads to, and of nobody else.
   */
  async #listFlux<T>(
    path: string,
    { resource, schema }: { resource: string; schema: z.ZodType<T> },
    problems: Problem[],
  ): Promise<FluxList<T>> {
    try {
      const { items, servedVersions } = await this.#reader.list(path, resource);
      if (!items) {
        return { servedVersions };
      }
      const parsed = items.map(withoutNulls).map(item => ({
        found: schema.safeParse(item).data,
        name: nameSchema.safeParse(item).data?.metadata,
      }));
      return {
        items: parsed.flatMap(({ found }) => found ?? []),
        unreadable: parsed.flatMap(({ found, name }) =>
          found ? [] : name ?? [],
        ),
      };
    } catch (error) {
      if (error instanceof ClusterError) {
        // A code of its own: tenants, buckets and their owners are known all the same.
        problems.push({ ...this.#problem(error), code: 'gitops-unreadable' });
        return undefined;
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
    const parsed = schema.safeParse(withoutNulls(item));
    if (parsed.success) {
      return [parsed.data];
    }
    const { path, message } = parsed.error.issues[0];
    problems.push(
      this.#unreadable(
        `${withArticle(what)}${nameOf(item)} in cluster ${
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

function keyOf(place: Omit<PlacedName, 'name'>): string {
  return [place.namespace, place.tenant, place.subject].join('/');
}

function withArticle(what: string): string {
  return `${/^[aeiou]/.test(what) ? 'An' : 'A'} ${what}`;
}

function nameOf(item: unknown): string {
  const { name } = nameSchema.safeParse(item).data?.metadata ?? {};
  return name ? ` ${name}` : '';
}
