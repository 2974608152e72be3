import { Entity } from '@backstage/catalog-model';
import {
  BucketView,
  EntityStorage,
  Problem,
  SourceObstacle,
  TenantSourceLocation,
  TenantView,
  ViewList,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  BucketRecord,
  GitRepositoryObject,
  KustomizationObject,
  RustfsClient,
  TenantObject,
} from '@rustfs-portal/plugin-rustfs-node';

/** What the cluster of a tenant says about it now. */
export interface TenantObservation {
  ref: string;
  /** Undefined when the cluster has no such Tenant, or when it does not answer; then a problem says so. */
  tenant?: TenantObject;
  /** What applies the tenant's manifest. */
  kustomization?: KustomizationObject;
  gitRepository?: GitRepositoryObject;
  /** Where Git declares the tenant. */
  location?: TenantSourceLocation;
  /** Why no change can be proposed. */
  obstacle?: SourceObstacle;
  /** The bucket records of the tenant as they are applied. */
  records: BucketRecord[];
  /** Buckets that have a record which cannot be read. */
  unreadRecords?: string[];
  problems: Problem[];
}

/**
 * Tenants and buckets, declared and live.
 *
 * There is no authorization in here: ask only after the caller's rights were checked. What could not be read is named
 * in `problems` and never turns into an error of the whole answer.
 */
export interface Inventory {
  listTenants(): Promise<ViewList<TenantView>>;
  getTenant(ref: string): Promise<TenantView | undefined>;
  /** Buckets of all tenants, or of the given ones; a fixed number of upstream calls per cluster and tenant. */
  listBuckets(tenants?: string[]): Promise<ViewList<BucketView>>;
  /**
   * The storage of an entity by its annotations and by the bucket records that name it.
   *
   * A bucket whose record names another owner than the entity's, or cannot be read at present, is left out and named in a
   * problem: an annotation, which the entity's authors write themselves, must not open the storage of another team.
   */
  describeEntity(entity: Entity): Promise<Omit<EntityStorage, 'mayRequest'>>;
  /** What the cluster says now, past every cache. Calls at the same time share one reading of the cluster. */
  observeTenant(ref: string): Promise<TenantObservation>;
  /** Undefined when no credentials are configured for the tenant. */
  clientFor(ref: string): RustfsClient | undefined;
  /** Has the next read ask the tenant's server and cluster again, after something was changed or seen to change. */
  invalidate(ref: string): void;
}
