import {
  AccessRecord,
  BucketRecord,
  ClusterObjectRef,
  InstalledBy,
  SourceObstacle,
  TenantEndpoints,
  TenantState,
} from '@rustfs-portal/plugin-rustfs-common';
import { SourcedPlace } from './SourcedPlace';

/**
 * What a provisioner says of one thing that it makes: the RustFS operator of an entry in its Tenant, the setup program of
 * a record.
 *
 * @public
 */
export interface ProvisionerVerdict {
  /**
   * `drift`: it was made, and the server has it otherwise by now, which the provisioner does not mend; `retained`: it is not
   * declared any more, and the server has kept it.
   */
  state: 'ready' | 'failed' | 'waiting' | 'drift' | 'retained';
  /** One word for programs; present when it has failed, or drifted. */
  reason?: string;
  /** A sentence for people, without secrets. */
  message?: string;
  /** Of one that has failed: what to do about it, and who. Undefined: what the portal says of the reason. */
  hint?: string;
  /** ISO 8601: since when it stands so. */
  at?: string;
}

/**
 * Why something is not in effect yet: a word for programs and a sentence for people.
 *
 * @public
 */
export interface WaitingReason {
  reason: string;
  message: string;
}

/**
 * A bucket or an access as its provisioner knows it; of a setup program, the program itself.
 *
 * @public
 */
export interface ProvisionedItem {
  type: 'bucket' | 'access' | 'setup';
  /** Of a setup program: that of the tenant. */
  name: string;
  /** Whether it is declared; else the provisioner only remembers it. */
  listed: boolean;
  /** Of a bucket. */
  objectLock?: boolean;
  /** Of a bucket: undefined where only its record says it, or nobody does. */
  versioning?: boolean;
  /** Of an access: the names of the policies that are declared for its user. */
  policies?: string[];
  verdict: ProvisionerVerdict;
  /**
   * The verdict is about what was declared before, and this is what the present declaration waits for; undefined when it is
   * about the present one.
   */
  outdated?: WaitingReason;
}

/**
 * How many of something a tenant declares and takes.
 *
 * @public
 */
export interface DeclaredLimit {
  declared: number;
  limit: number;
}

/**
 * What a source says of a tenant as a whole.
 *
 * @public
 */
export interface TenantCondition {
  state: TenantState;
  reason?: string;
  message?: string;
}

/**
 * Where in the cluster the objects are that declare the storage of a tenant; of a setup folder, where its program runs.
 *
 * @public
 */
export interface SetupPlace {
  /** They count there and nowhere else. */
  namespace: string;
  /** The names of the ConfigMaps that are records of the tenant, those included that cannot be read. */
  records: string[];
}

/**
 * What is known of a tenant without asking its server, whatever runs it. Sources turn what they read into this; nobody else
 * knows how it was said.
 *
 * @public
 */
export interface TenantFacts {
  /** `cluster/namespace/name`. */
  ref: string;
  /** What runs the server. */
  workload?: ClusterObjectRef;
  /** Id of the layout in which storage is declared for it; undefined: in none, so that nothing can be asked for. */
  layout?: string;
  /**
   * Of `operator-tenant`: which fields an entry of `spec.buckets` has in the kind that the cluster serves, by name: its type,
   * as `boolean`. Undefined: the cluster does not say.
   */
  entryFields?: Record<string, string>;
  /**
   * Who sets on the server what a record says of a bucket beyond its making, as quota and versions: `portal`, which then needs
   * the right to, or words that begin a sentence: `The setup program`. Undefined: nobody is named, and the portal only
   * compares, as two would undo each other's work.
   */
  settledBy?: string;
  /** Undefined where its source says nothing of it: then its server decides. */
  condition?: TenantCondition;
  endpoints: TenantEndpoints;
  /** What installed the workload. */
  installedBy?: InstalledBy;
  items: ProvisionedItem[];
  /** What something waits for that is among no items: it is not declared, or not any more. */
  unlisted: WaitingReason;
  /** Undefined: as many as one likes. */
  limits?: {
    users: DeclaredLimit;
    policies: DeclaredLimit;
    buckets: DeclaredLimit;
  };
  records: BucketRecord[];
  /**
   * Buckets that have a record which cannot be read. Whose they are is not known, so nobody sees them for being annotated
   * with them.
   */
  unreadRecords: string[];
  /** What is declared of who may use its buckets. */
  accesses: AccessRecord[];
  /** Accesses that have a record which cannot be read, or more than one: their names are taken. */
  unreadAccesses: string[];
  /** Where Git declares it, where that could be found. */
  place?: SourcedPlace;
  /**
   * Where what is declared counts, when that is not in the object of an operator in the namespace of the tenant; whether
   * anything is declared there already or not.
   */
  setup?: SetupPlace;
  /** Where Git declares what installed the workload, where that could be found. */
  installedAt?: SourcedPlace;
  /** Why no change can be proposed, where the source knows. */
  obstacle?: SourceObstacle;
}
