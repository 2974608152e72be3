import {
  AccessRecord,
  BucketRecord,
  Problem,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  PlaceReading,
  TenantFacts,
  TenantSource,
  TenantSourceReading,
} from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { ClusterConfig } from '../config';
import { FluxReading, locateFrom, locateObject, readFlux } from '../gitops';
import {
  ClusterConnection,
  ClusterError,
  KubernetesReader,
  withoutNulls,
} from '../kubernetes';
import {
  accessRecordSchema,
  bucketRecordSchema,
  isAccessRecord,
  placedAccessSchema,
  placedBucketSchema,
  PlacedName,
  PlacedRecord,
  RECORD_SELECTOR,
} from './records';
import { describeTenant, TenantObject, tenantSchema } from './rustfsOperator';

const GROUP = 'rustfs.com';
const VERSION = 'v1alpha1';
const TENANTS = `/apis/${GROUP}/${VERSION}`;
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
      readFlux(this.#reader, problems),
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
  }): Promise<PlaceReading> {
    const problems: Problem[] = [];
    const flux = await readFlux(this.#reader, problems);
    return {
      ...locateFrom({ kind: 'Kustomization', ...kustomization }, flux),
      problems,
    };
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
  ): TenantFacts {
    const { namespace, name } = tenant.metadata;
    const isOfTenant = (record: { namespace: string; tenant: string }) =>
      record.namespace === namespace && record.tenant === name;
    return {
      ref: `${this.cluster}/${namespace}/${name}`,
      workload: { kind: 'Tenant', namespace, name },
      layout: 'operator-tenant',
      endpoints: {},
      ...describeTenant(tenant),
      ...locateObject(tenant.metadata, flux),
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
