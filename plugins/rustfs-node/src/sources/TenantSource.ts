import { ClusterObjectRef, Problem } from '@rustfs-portal/plugin-rustfs-common';
import { PlaceReading } from './SourcedPlace';
import { TenantFacts } from './TenantFacts';

/**
 * One reading of a source.
 *
 * @public
 */
export interface TenantSourceReading {
  tenants: TenantFacts[];
  /** Parts that could not be read. A reading without problems is complete. */
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
   * Looks at something that applies a folder, for what is declared elsewhere than a tenant: a Kustomization, an Application.
   * Fails as `read` does. A source without it has no such places.
   */
  readPlace?(appliedBy: ClusterObjectRef): Promise<PlaceReading>;
}
