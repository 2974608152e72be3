import { AccessScope, SecretForm } from './access';
import { AccessConsumer } from './records';
import { InstalledBy, TenantEndpoints } from './tenants';

/**
 * A part of an answer that is missing or may be wrong, in words for the reader.
 *
 * @public
 */
export interface Problem {
  /** Stable, for code: `tenant-unreachable`, `usage-unknown`, `cluster-unreachable`, … */
  code: string;
  /** Which part: a tenant ref, a cluster, a forge, or `catalog`. */
  part: string;
  /** What failed. Never holds a secret. */
  message: string;
  /** What the reader can do. */
  hint?: string;
}

/**
 * When a value was true.
 *
 * `live`: read for this answer or within its short cache; `stale`: a last good value is shown, its source does not answer
 * now. A source of which nothing was ever read makes nothing stale: what it would say is unknown.
 *
 * @public
 */
export interface Observed {
  /** ISO 8601. */
  asOf: string;
  freshness: 'live' | 'stale';
}

/**
 * The state of a tenant: what the operator, or Kubernetes of its workload, says, unless its server does not answer, or has lost drives that the operator
 * does not know of.
 *
 * @public
 */
export type TenantState =
  | 'ready'
  | 'reconciling'
  | 'degraded'
  | 'blocked'
  | 'unreachable'
  | 'unknown';

/**
 * Where Git declares a tenant.
 *
 * @public
 */
export interface TenantSourceLocation {
  /** The address of the repository as the GitOps engine reads it. */
  repository: string;
  branch: string;
  /** Folder of the GitOps engine's entry point, without leading `./`. */
  path: string;
  /** `Kustomization flux-system/storage`. */
  appliedBy: string;
  /** Commit last applied. */
  revision?: string;
}

/**
 * An object of a cluster by name.
 *
 * @public
 */
export interface ClusterObjectRef {
  /** `Kustomization`, `GitRepository`, `HelmRelease`, `Application`, … */
  kind: string;
  /** Undefined where it is not known. */
  namespace?: string;
  name: string;
}

/**
 * What a GitOps engine follows in a repository. Only into a branch can something be merged.
 *
 * @public
 */
export type GitReference =
  | { kind: 'branch'; branch: string }
  | { kind: 'commit'; commit: string }
  | { kind: 'tag'; tag: string }
  /** Released versions within a range. */
  | { kind: 'semver'; range: string }
  /** A pull request or any other reference: `refs/pull/7/head`. */
  | { kind: 'other'; name: string };

/**
 * Why no change can be proposed for a tenant.
 *
 * `tenant-missing`: the cluster has no such Tenant, only its server is known; `setup-missing`: it has no setup folder;
 * `declared-twice`: two places declare its storage, or two tenants have one place for it; `not-tracked`: nothing on the Tenant
 * says what applies it; `engine-unsupported`: something applies it that the portal cannot follow into Git; `version-unsupported`: the cluster does not serve the kind in the version that the portal reads;
 * `object-missing`, `object-unreadable`: what leads to Git is not in the cluster, or not as it should be;
 * `destination-elsewhere`: it applies into another cluster; `render-unsupported`: it makes the objects of something that the
 * portal does not edit; `source-unclear`: it has several folders, and nothing says from which one;
 * `source-unsupported`: it is not applied from a Git repository; `reference-fixed`: from one, but not from a branch;
 * `folder-included`: its folder comes from another repository; `folder-outside`: the path of the folder leaves the
 * repository; `forge-unknown`: no forge is configured for the repository.
 *
 * @public
 */
export type SourceObstacle =
  | { code: 'tenant-missing' }
  | {
      code: 'setup-missing';
      /** Where its records would be. */
      namespace: string;
    }
  | { code: 'declared-twice' }
  | { code: 'not-tracked' }
  | { code: 'engine-unsupported'; appliedBy: ClusterObjectRef }
  | {
      code: 'version-unsupported';
      object: ClusterObjectRef;
      /** `v1`. */
      neededVersion: string;
      /** Empty: the cluster does not know the kind. */
      servedVersions: string[];
    }
  | { code: 'object-missing'; object: ClusterObjectRef }
  | { code: 'object-unreadable'; object: ClusterObjectRef }
  | {
      code: 'destination-elsewhere';
      object: ClusterObjectRef;
      /** As its engine calls the cluster: a name or an address. */
      destination: string;
    }
  | {
      code: 'render-unsupported';
      appliedBy: ClusterObjectRef;
      /** `Helm chart`. */
      render: string;
    }
  | { code: 'source-unclear'; appliedBy: ClusterObjectRef }
  | {
      code: 'source-unsupported';
      appliedBy: ClusterObjectRef;
      source: ClusterObjectRef;
    }
  | {
      code: 'reference-fixed';
      source: ClusterObjectRef;
      reference: Exclude<GitReference, { kind: 'branch' }>;
    }
  | {
      code: 'folder-included';
      /** The one that includes it. */
      source: ClusterObjectRef;
      /** The one that it comes from. */
      included: ClusterObjectRef;
      folder: string;
    }
  | { code: 'folder-outside'; appliedBy: ClusterObjectRef; path: string }
  | { code: 'forge-unknown'; repository: string };

/**
 * One tenant as lists show it.
 *
 * @public
 */
export interface TenantView extends Observed {
  /** `cluster/namespace/name`. */
  ref: string;
  state: TenantState;
  /** The operator's reason, or the portal's when the server does not answer. */
  reason?: string;
  message?: string;
  /** S3 endpoint for people: that for all, else as the portal reaches it. */
  endpoint?: string;
  /** What else is known of where it is reached. */
  endpoints?: TenantEndpoints;
  /** What runs its server. */
  workload?: ClusterObjectRef;
  /** What installed that. */
  installedBy?: InstalledBy;
  version?: string;
  capacity?: { usedBytes: number; totalBytes: number };
  drives?: { online: number; total: number };
  /** Number of buckets on the server; undefined while unknown. */
  buckets?: number;
  /** Number of objects; undefined while unknown. */
  objects?: number;
  source?: TenantSourceLocation;
  /** Why nothing can be asked for; undefined as well while that cannot be told. */
  obstacle?: SourceObstacle;
  /** The reader may ask for its setup folder, which is all that is missing. */
  mayEnable?: boolean;
  problems: Problem[];
}

/**
 * How a bucket stands: `pending` is declared and not on the server yet; `missing` was ready and is gone from the
 * server; `undeclared` is on the server only; `unknown` when the server does not answer.
 *
 * @public
 */
export type BucketState =
  | 'ready'
  | 'pending'
  | 'failed'
  | 'missing'
  | 'undeclared'
  | 'unknown';

/**
 * What Git declares for a bucket, as applied to the cluster.
 *
 * @public
 */
export interface BucketDeclaration {
  objectLock: boolean;
  /** From the bucket record; undefined where there is none. */
  owner?: string;
  entity?: string;
  purpose?: string;
  dataClass?: string;
  quotaBytes?: number;
  versioning?: boolean;
  /** Id of the request that declared it. */
  request?: string;
}

/**
 * What the server has for a bucket. A value that the server has not measured is undefined, not zero.
 *
 * @public
 */
export interface BucketLive {
  createdAt?: string;
  sizeBytes?: number;
  objects?: number;
  /** Undefined: no quota is set. */
  quotaBytes?: number;
  versioning: 'enabled' | 'suspended' | 'off';
  objectLock: boolean;
}

/**
 * A difference between what Git declares and what the server has.
 *
 * @public
 */
export interface BucketDrift {
  field: 'quota' | 'versioning' | 'objectLock' | 'existence';
  declared: string;
  live: string;
}

/**
 * An access that reaches a bucket, by name only.
 *
 * @public
 */
export interface BucketAccess {
  access: string;
  /** Who uses it: an entity ref. */
  entity: string;
  /** `read`, `write`, `read-write`, or the id of a rule of the platform team. */
  mode: string;
  /** Only objects whose keys begin with this. */
  prefix?: string;
}

/**
 * One bucket: declared beside live.
 *
 * @public
 */
export interface BucketView extends Observed {
  /** `<tenant ref>:<bucket>`, unique; the row id of tables. */
  id: string;
  tenant: string;
  name: string;
  /** S3 endpoint of its tenant for people; undefined while it is not known. */
  endpoint?: string;
  state: BucketState;
  /** The operator's reason of a pending or failed bucket. */
  reason?: string;
  message?: string;
  /** Entity ref of the owner (`group:default/checkout`) where it is known. */
  owner?: string;
  /** Entity that the bucket is for, where it is known. */
  entity?: string;
  declared?: BucketDeclaration;
  live?: BucketLive;
  drift: BucketDrift[];
  /** Accesses that Git declares and that have not ended; undefined while they are not known. */
  access?: BucketAccess[];
}

/**
 * How an access stands: `pending` is declared, or has an end that is declared, and has not got there yet; `missing` was
 * ready and its user is gone from the server; `revoked` has really ended; `unknown` when the server does not answer.
 *
 * @public
 */
export type AccessState =
  | 'ready'
  | 'pending'
  | 'failed'
  | 'missing'
  | 'revoked'
  | 'unknown';

/**
 * A difference between what Git declares for the user of an access and what the server has.
 *
 * @public
 */
export interface AccessDrift {
  field: 'status' | 'policies' | 'groups' | 'existence';
  declared: string;
  live: string;
}

/**
 * One access: who may use which buckets, how, and where the Secret with the key is. No key is in it.
 *
 * @public
 */
export interface AccessView extends Observed {
  /** `<tenant ref>:<access>`, unique; the row id of tables. */
  id: string;
  tenant: string;
  name: string;
  /** S3 endpoint of its tenant as its consumer reaches it; undefined while it is not known. */
  endpoint?: string;
  /** Entity refs. */
  owner: string;
  entity: string;
  purpose: string;
  scope: AccessScope;
  /** `read`, `write`, `read-write`, or the id of a rule of the platform team. */
  mode: string;
  consumer: AccessConsumer;
  /** The form of its Secret where the platform team added it; the others are in {@link SECRET_FORMS}. */
  secretForm?: SecretForm;
  state: AccessState;
  /** The operator's reason of a pending or failed access, or the portal's. */
  reason?: string;
  message?: string;
  /** ISO 8601: when it was asked for, and when its end was. */
  createdAt: string;
  revokedAt?: string;
  /** Id of the request that declared it. */
  request?: string;
  drift: AccessDrift[];
  /**
   * Buckets of a revoked access that are declared public: whoever may read them without a key still may. That a bucket is
   * missing here does not say that it is closed.
   */
  stillOpenThrough?: string[];
}

/**
 * The storage of one catalog entity.
 *
 * @public
 */
export interface EntityStorage extends Observed {
  entityRef: string;
  /** False when the entity names neither a tenant nor buckets, and no record of its owner names the entity. */
  annotated: boolean;
  /** Annotations to add, filled with what looks right; only when not annotated. */
  suggestedAnnotations?: Record<string, string>;
  /** With state and endpoint only: counts, capacity and source are also about what others have there. */
  tenants: TenantView[];
  buckets: BucketView[];
  /** Those that are recorded for this entity and its owner. */
  accesses: AccessView[];
  /** True when the caller may ask for buckets for this entity. */
  mayRequest: boolean;
  /** True when the caller may ask for accesses for this entity, and for their end. */
  mayRequestAccess: boolean;
  problems: Problem[];
}

/**
 * A list that may be partial: `problems` names what is missing.
 *
 * @public
 */
export interface ViewList<T> extends Observed {
  items: T[];
  problems: Problem[];
}
