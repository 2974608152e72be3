import { Problem } from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { TenantConfig } from '../config';
import { EngineLook } from '../gitops';
import { ObjectMetadata } from '../kubernetes';
import { ClusterLister } from './ClusterLister';
import { ClusterRecords, RecordsPlace } from './ClusterRecords';

/** What else a cluster has, by which a source tells what it has found. */
export interface ClusterLook {
  cluster: string;
  records: ClusterRecords;
  /** What brings folders of Git into the cluster. */
  engines: EngineLook;
  /** The tenants of the cluster in the configuration. */
  configured: TenantConfig[];
  /** Refs of tenants that sources before this one have found. */
  found: ReadonlySet<string>;
  /** ISO 8601. */
  now: string;
}

/** What a source says of a tenant; what it says nothing of is left out. */
export type SourceFacts = Pick<TenantFacts, 'ref'> & Partial<TenantFacts>;

/** A tenant that a source has found. */
export interface FoundTenant {
  facts: SourceFacts;
  /** What tells by its labels what installed the tenant. */
  object?: ObjectMetadata;
  /** It only adds to what another source has found. */
  isAddition?: boolean;
  /** What is declared for it cannot be read now, so that nothing is said of it, whatever others have found. */
  isUnknown?: boolean;
  /** Where its records count, whether anything is declared there already or not. */
  declaredIn?: RecordsPlace;
  /** What is wrong with it as a whole; its ref is the part. */
  problems?: Problem[];
}

/** How tenants of one kind are found in a cluster. */
export interface ClusterTenantSource {
  /** For words: `the RustFS operator`. */
  title: string;
  /** It says what is declared for tenants, and not which there are. */
  isProvisioner?: boolean;
  /**
   * Reads with a number of calls that does not grow with tenants, before anybody knows what others have read; what it
   * returns turns that into facts, and calls nobody but the engines.
   */
  read(
    lister: ClusterLister,
    options: {
      /** How long one call to the cluster may take. */
      callTimeoutMs: number;
      /** Where tenants are looked for; undefined: everywhere. */
      namespaces?: string[];
      configured: TenantConfig[];
      /** What brings folders of Git into the cluster. */
      engines: EngineLook;
      /** ISO 8601. */
      now: string;
      /** Nothing else may have tenants there: a cluster that cannot say is an error. */
      isExpected: boolean;
    },
  ): Promise<(look: ClusterLook) => FoundTenant[] | Promise<FoundTenant[]>>;
}
