import { Problem, TenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { PlaceReading } from '../sources/SourcedPlace';
import { TenantFacts } from '../sources/TenantFacts';

/**
 * A kind of objects of a cluster.
 *
 * @public
 */
export interface ClusterKind {
  /** Path of group and version: `/apis/rustfs.com/v1alpha1`. */
  api: string;
  /** In the plural: `tenants`. */
  resource: string;
  /** `?labelSelector=…`, encoded; undefined: all objects. */
  query?: string;
}

/**
 * What of an object says who applies it: its labels and annotations. What else is given is held against what they say, as a
 * copy has those of its original.
 *
 * @public
 */
export interface TrackedObject {
  kind?: string;
  namespace?: string;
  name?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/**
 * One reading of one cluster of `rustfs.clusters`, with the rights that the portal has there.
 *
 * @public
 */
export interface ClusterReading {
  /** The first segment of the refs of its tenants. */
  readonly cluster: string;
  /** When it began; ISO 8601. */
  readonly now: string;
  /**
   * Lists a kind, with one call, or one for each namespace where some are given.
   *
   * @throws ServiceUnavailableError when the cluster does not say, does not let the portal, or does not serve the kind. Let
   * it pass: then nothing is taken for absent, and the portal tells what is wrong and what to do
   */
  list(kind: ClusterKind, namespaces?: string[]): Promise<unknown[]>;
  /**
   * An object as it should be; else nothing, and a problem tells the platform team what is wrong with it.
   *
   * @param what - its kind, for words: `RustFSBucket`
   */
  parse<T>(item: unknown, schema: z.ZodType<T>, what: string): T[];
  /**
   * Where Git declares an object, by what its GitOps engine has written on it; or why nothing can be proposed there.
   */
  locate(object: TrackedObject): Promise<Omit<PlaceReading, 'problems'>>;
}

/**
 * What a provisioner says of one tenant: all that is declared for it in the cluster, and how that stands. What the
 * configuration says of the tenant is added.
 *
 * @public
 */
export interface ProvisionedTenant
  extends Omit<
      TenantFacts,
      'endpoints' | 'layout' | 'unreadAccesses' | 'unreadRecords'
    >,
    Partial<
      Pick<TenantFacts, 'endpoints' | 'unreadAccesses' | 'unreadRecords'>
    > {
  /** What is wrong with it as a whole, for the platform team. */
  problems?: Problem[];
}

/**
 * The words of whoever makes in a cluster what a layout declares in Git.
 *
 * @public
 */
export interface Provisioner {
  /** For words: `the manager operator`. */
  readonly title: string;
  /**
   * Reads what is declared for tenants and what the provisioner says of each item, with a number of calls that does not grow
   * with items. A tenant that it says nothing of has no place where anything could be declared. When it fails, answers
   * something else, or takes longer than two calls to the cluster may, nothing is known of its tenants for now; those of
   * others stay as they are.
   *
   * @param tenants - those of the cluster that the configuration gives this layout; what is said of others does not count
   * @throws as {@link ClusterReading.list}
   */
  read(
    cluster: ClusterReading,
    tenants: TenantRef[],
  ): Promise<ProvisionedTenant[]>;
}
