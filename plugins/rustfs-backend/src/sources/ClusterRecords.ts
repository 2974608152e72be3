import {
  AccessRecord,
  BucketRecord,
  readSetupStatusData,
  SetupStatus,
  setupStatusName,
} from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { ObjectMetadata, withoutNulls } from '../kubernetes';
import { ClusterLister } from './ClusterLister';
import {
  accessRecordSchema,
  bucketRecordSchema,
  placedAccessSchema,
  placedBucketSchema,
  PlacedName,
  PlacedRecord,
  recordKindOf,
  recordPlaceSchema,
  RecordVersion,
  setupStatusSchema,
} from './records';

/** Of which tenant records are, and the only namespace in which they count. */
export interface RecordsPlace {
  namespace: string;
  tenant: string;
}

/** The ConfigMap in which the setup program says what it did. */
export interface PlacedStatus {
  object: ObjectMetadata;
  status: SetupStatus;
}

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

/** What the portal keeps in ConfigMaps of a cluster: records, and what a setup program says of them. */
export class ClusterRecords {
  readonly #buckets: ReadRecords<BucketRecord>;
  readonly #accesses: ReadRecords<AccessRecord>;
  readonly #statuses: PlacedStatus[];
  readonly #names: Array<RecordsPlace & { name: string }>;

  /** @param items - ConfigMaps with the label of records */
  static read(items: unknown[], lister: ClusterLister): ClusterRecords {
    const byKind = (kind: string) =>
      items.filter(item => recordKindOf(item) === kind);
    return new ClusterRecords(
      readRecords(
        // What has lost its label value is read as it always was.
        items.filter(
          item => !['access', 'status'].includes(recordKindOf(item)),
        ),
        BUCKET_RECORDS,
        lister,
      ),
      readRecords(byKind('access'), ACCESS_RECORDS, lister),
      byKind('status').flatMap(item =>
        lister
          .parse(item, setupStatusSchema, 'status of a setup program')
          .map(({ metadata, data }) => ({
            object: metadata,
            status: readSetupStatusData(data),
          })),
      ),
      items.flatMap(item =>
        recordKindOf(item) === 'status'
          ? []
          : recordPlaceSchema.safeParse(item).data ?? [],
      ),
    );
  }

  private constructor(
    buckets: ReadRecords<BucketRecord>,
    accesses: ReadRecords<AccessRecord>,
    statuses: PlacedStatus[],
    names: Array<RecordsPlace & { name: string }>,
  ) {
    this.#buckets = buckets;
    this.#accesses = accesses;
    this.#statuses = statuses;
    this.#names = names;
  }

  of(
    place: RecordsPlace,
  ): Pick<
    TenantFacts,
    'accesses' | 'records' | 'unreadAccesses' | 'unreadRecords'
  > {
    const isThere = isAt(place);
    return {
      records: this.#buckets.records
        .filter(isThere)
        .map(({ record }) => record),
      unreadRecords: this.#buckets.unread
        .filter(isThere)
        .map(({ subject }) => subject),
      accesses: this.#accesses.records
        .filter(isThere)
        .map(({ record }) => record),
      unreadAccesses: this.#accesses.unread
        .filter(isThere)
        .map(({ subject }) => subject),
    };
  }

  /** Which versions of the records of a tenant the cluster has. */
  versionsOf(place: RecordsPlace): {
    buckets: Map<string, RecordVersion>;
    accesses: Map<string, RecordVersion>;
  } {
    const isThere = isAt(place);
    return {
      buckets: new Map(
        this.#buckets.records
          .filter(isThere)
          .map(({ record, version }) => [record.bucket, version]),
      ),
      accesses: new Map(
        this.#accesses.records
          .filter(isThere)
          .map(({ record, version }) => [record.access, version]),
      ),
    };
  }

  /** The names of the ConfigMaps that are records of a tenant, whatever they say. */
  namesOf(place: RecordsPlace): string[] {
    return this.#names.filter(isAt(place)).map(({ name }) => name);
  }

  /** Undefined where no setup folder of the tenant is in the cluster. */
  statusOf({ namespace, tenant }: RecordsPlace): PlacedStatus | undefined {
    return this.#statuses.find(
      ({ object }) =>
        object.namespace === namespace &&
        object.name === setupStatusName(tenant),
    );
  }
}

function isAt({ namespace, tenant }: RecordsPlace) {
  return (record: RecordsPlace) =>
    record.namespace === namespace && record.tenant === tenant;
}

/**
 * The records of one kind, and what has a record that cannot be read, or more than one: nothing can be said about that.
 */
function readRecords<T>(
  items: unknown[],
  kind: RecordKind<T>,
  lister: ClusterLister,
): ReadRecords<T> {
  const records: PlacedRecord<T>[] = [];
  const unread = new Map<string, PlacedName>();
  const names = new Map<string, string[]>();
  for (const item of items) {
    const [record] = lister.parse(item, kind.schema, kind.title);
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
      lister.addUnreadable(
        `${kind.subject} ${subject} of tenant ${
          lister.cluster
        }/${namespace}/${tenant} has more than one ${kind.title}: ${all.join(
          ', ',
        )}`,
        'Leave one of them in Git.',
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

function keyOf(place: Omit<PlacedName, 'name'>): string {
  return [place.namespace, place.tenant, place.subject].join('/');
}
