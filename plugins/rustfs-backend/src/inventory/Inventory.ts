import { Entity } from '@backstage/catalog-model';
import {
  ProvisioningClient,
  RustfsClient,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  AccessRecord,
  AccessView,
  BucketView,
  ClusterObjectRef,
  EntityStorage,
  Problem,
  TenantView,
  ViewList,
} from '@rustfs-portal/plugin-rustfs-common';
import { PlaceReading, TenantFacts } from '@rustfs-portal/plugin-rustfs-node';

/** What the cluster of a tenant says about it now. */
export interface TenantObservation {
  ref: string;
  /** Undefined when there is no such tenant, or when its cluster does not answer; then a problem says so. */
  facts?: TenantFacts;
  problems: Problem[];
}

/**
 * Who reads an answer. The platform team is told why something cannot be read; a team that it cannot, without addresses
 * and causes, and only where it concerns its own storage.
 */
export type Audience = 'team' | 'platform';

/** What is known of a bucket or an access before its server is asked. */
export type RecordedFacts = Pick<BucketView, 'id' | 'tenant' | 'owner'>;

/** Of what to list buckets or accesses, and for whom. */
export interface ListOptions {
  /** Decides about the words on them. Default: `team`. */
  audience?: Audience;
  /**
   * Leaves out the tenants that can have nothing of that kind. Their servers are not asked, so nothing of the answer, not
   * even its age and how long it takes, hangs on them.
   */
  isWanted?: (item: RecordedFacts) => boolean;
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
  /**
   * Buckets of all tenants, or of the given ones; a fixed number of upstream calls per cluster and tenant. The problems
   * beside them are whole, see `problemsAbout`.
   */
  listBuckets(
    tenants?: string[],
    options?: ListOptions,
  ): Promise<ViewList<BucketView>>;
  /** Accesses of all tenants, or of the given ones, with what the operator and the server say of their users. */
  listAccesses(
    tenants?: string[],
    options?: ListOptions,
  ): Promise<ViewList<AccessView>>;
  /** The accesses that Git declares, on all tenants of the clusters that can be read; no server is asked. */
  listAccessRecords(): Promise<Array<{ tenant: string; record: AccessRecord }>>;
  /**
   * The storage of an entity by its annotations and by the records that name it.
   *
   * A record counts when its owner is the owner of the entity, whatever entity it names; a bucket without a record when a
   * guardrail gives its name to that owner; an access when its record names the entity and its owner. Annotations are written by the entity's authors: for all else that they name,
   * the answer is the same whether it is there or not. An entity whose name was somebody else's sees nothing of theirs.
   */
  describeEntity(
    entity: Entity,
    audience?: Audience,
  ): Promise<Omit<EntityStorage, 'mayRequest' | 'mayRequestAccess'>>;
  /** What the cluster says now, past every cache. Calls at the same time share one reading of the cluster. */
  observeTenant(ref: string): Promise<TenantObservation>;
  /**
   * All tenants of the clusters that answer now, past every cache, one reading for each cluster. A cluster that does not
   * answer says nothing, and its last good reading does not count.
   */
  observeTenants(): Promise<TenantFacts[]>;
  /** What a cluster says now of something that applies folders there. */
  observePlace(
    cluster: string,
    appliedBy: ClusterObjectRef,
  ): Promise<PlaceReading>;
  /** To look at a server; undefined when no credentials are configured for the tenant. */
  clientFor(
    ref: string,
  ): Pick<RustfsClient, 'accountInfo' | 'listUsers'> | undefined;
  /** To set what records declare, as the same user; for nobody but the settings task. */
  settlerFor(ref: string): ProvisioningClient | undefined;
  /** Has the next read ask the tenant's server and cluster again, after something was changed or seen to change. */
  invalidate(ref: string): void;
}
