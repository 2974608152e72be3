/**
 * Addresses of a tenant, each for its reader. Where the portal itself reaches it is another matter.
 *
 * @public
 */
export interface TenantEndpoints {
  /** S3 for workloads in the same cluster. */
  inCluster?: string;
  /** S3 for all others. */
  external?: string;
  /** The console, for people. */
  console?: string;
}

/**
 * How a release of Helm stands: `failing` in the words of Helm; `rolled-back` and `remediated` after a failure that was
 * undone; `unknown` where it cannot be read.
 *
 * @public
 */
export type ReleaseState =
  | 'ready'
  | 'releasing'
  | 'failing'
  | 'rolled-back'
  | 'remediated'
  | 'suspended'
  | 'unknown';

/**
 * What installed the workload of a tenant.
 *
 * @public
 */
export interface InstalledBy {
  /** `Helm release`: by Helm alone, of which only the labels of the workload tell. */
  kind: 'HelmRelease' | 'Helm release';
  /** Undefined where it is not known. */
  namespace?: string;
  name: string;
  chart?: string;
  version?: string;
  state: ReleaseState;
  /** Helm's own words, without secrets. */
  words?: string;
}
