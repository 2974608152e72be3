import {
  AccessRecord,
  BucketRecord,
  Problem,
  SourceObstacle,
  TenantSourceLocation,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  GitRepositoryObject,
  KustomizationObject,
  TenantObject,
} from './objects';

/**
 * A tenant as its source has it.
 *
 * @public
 */
export interface SourcedTenant {
  /** `cluster/namespace/name`. */
  ref: string;
  tenant: TenantObject;
  /** What applies its manifest, where that could be found. */
  kustomization?: KustomizationObject;
  gitRepository?: GitRepositoryObject;
  /** Where Git declares it, where that could be found. */
  location?: TenantSourceLocation;
  /** Why no change can be proposed, where the source knows. */
  obstacle?: SourceObstacle;
  records: BucketRecord[];
  /**
   * Buckets that have a record which cannot be read. Whose they are is not known, so nobody sees them for being annotated
   * with them.
   */
  unreadRecords?: string[];
  /** What is declared of who may use its buckets. */
  accesses: AccessRecord[];
  /** Accesses that have a record which cannot be read, or more than one: their names are taken. */
  unreadAccesses?: string[];
}

/**
 * One reading of a source.
 *
 * @public
 */
export interface TenantSourceReading {
  tenants: SourcedTenant[];
  /** Parts that could not be read. A reading without problems is complete. */
  problems: Problem[];
}

/**
 * Where a Flux Kustomization gets what it applies.
 *
 * @public
 */
export interface SourcedPlace
  extends Pick<
    SourcedTenant,
    'kustomization' | 'gitRepository' | 'location' | 'obstacle'
  > {
  /** What could not be read. */
  problems: Problem[];
}

/**
 * A place where tenants are found, for example a cluster.
 *
 * @public
 */
export interface TenantSource {
  /** The first segment of the refs of all its tenants; one source per cluster. */
  readonly cluster: string;
  /**
   * Reads all tenants with a number of upstream calls that does not grow with tenants or buckets. Throws an error of
   * `@backstage/errors` that names the cluster when nothing can be said about it.
   */
  read(): Promise<TenantSourceReading>;
  /**
   * Looks at one Kustomization, for what is declared elsewhere than a tenant. Fails as `read` does. A source without it has
   * no such places.
   */
  readPlace?(kustomization: {
    namespace: string;
    name: string;
  }): Promise<SourcedPlace>;
}
