import {
  AccessDeclared,
  BlueprintFinding,
  BuildOptions,
  ChangeWords,
  Declaration,
  Declared,
  TenantRef,
} from '@rustfs-portal/plugin-rustfs-common';
import { HiddenList, MadeElsewhere } from '../recognize/types';
import { SealedSecret, SecretNeed } from '../secrets';

/**
 * A text file of a repository at one commit.
 *
 * @public
 */
export interface RepositoryFile {
  content: string;
  /** Git blob id; a forge uses it to notice that the file has changed meanwhile. */
  id: string;
}

/**
 * The YAML files below one folder of a repository, and the `.sourceignore` files that count for it, as of one commit.
 *
 * @public
 */
export interface RepositorySnapshot {
  /** The commit. */
  revision: string;
  /** By path from the root of the repository. */
  files: Record<string, RepositoryFile>;
  /** Files that are there and were not read, by path, with the reason in words: too large, not text. */
  skipped?: Record<string, string>;
  /** Paths of templates, which are not read: what is rendered from them lies elsewhere. */
  templates?: string[];
  /** All YAML files of the repository are here, and not only those below the folder. */
  whole?: boolean;
}

/**
 * Where a change is declared.
 *
 * @public
 */
export interface DeclarationTarget {
  tenant: TenantRef;
  /**
   * Id of the layout: how the repository declares storage. `operator-tenant`: for the RustFS operator; `setup-folder`: as
   * records for the setup program; `consumer-secret`: it holds the Secrets of workloads alone, and the rest is declared
   * elsewhere; `blueprint`: whole folders are put into it; others come from elsewhere.
   */
  layout: string;
  /** Folder of the GitOps engine's entry point; a leading `./` does not matter, empty is the whole repository. */
  folder: string;
  baseBranch: string;
  /** Where what is declared counts, when that is not in the namespace of the tenant. */
  setup?: {
    /** Of `setup-folder`, that of the setup program: records and keys count there alone. */
    namespace: string;
    /** Folder of the records, from the root of the repository; undefined: the one of the entry point. */
    folder?: string;
  };
  /**
   * Where the Secrets of workloads are declared, when that is not beside the records: in the same repository and folder
   * otherwise.
   */
  consumers?: 'elsewhere';
  /** Of `consumer-secret`. */
  consumer?: {
    /** Folder for new Secrets, from the root of the repository. */
    folder: string;
    /** The access whose Secret it is, as it is declared elsewhere by now; undefined while it is not. */
    access?: AccessDeclared;
  };
  /** Of `blueprint`. */
  blueprint?: BlueprintTarget;
  /** What the engine does to the files on their way to the cluster. Undefined is not known, `{}` is nothing. */
  build?: BuildOptions;
  /** What is in the cluster, to prove that the files are understood; undefined is not proved. */
  applied?: AppliedState;
  /** Other folders of the same repository and branch that an engine applies to the same cluster, as far as they are known. */
  others?: AppliedFolder[];
  /** What somebody else makes already: lists of charts and the like. */
  madeElsewhere?: MadeElsewhere[];
  /** Lists of the same kind that cannot be read. */
  hidden?: HiddenList[];
  /** What else could not be looked at, and why, as a sentence; undefined where all was. */
  unseen?: string;
  /** Where what runs the tenant is declared in the same repository and branch; undefined: not there, or not known. */
  installed?: {
    folder: string;
    /** What installs a server was found in that folder, and not only what leads to it. */
    holdsServer: boolean;
  };
  /** Files of the repository that are rendered from templates, by path: the path of the template. They are never edited. */
  rendered?: Record<string, string>;
  /**
   * Of `operator-tenant`: which fields an entry of `spec.buckets` has in the CRD that the cluster serves, by name: its type,
   * as `boolean`. Undefined: not known, so those that every release has.
   */
  entryFields?: Record<string, string>;
}

/**
 * What is known of a place into which blueprints are put.
 *
 * @public
 */
export interface BlueprintTarget {
  /** Who applies the objects of the engine itself, such as a new Kustomization. */
  parent?: { by: string; folder: string; build?: BuildOptions };
  /** Answers for those that a person leaves out. */
  presets?: Record<string, unknown>;
  /** Answers that are not for a person to give: they count whatever was answered. */
  given?: Record<string, unknown>;
  /** What runs the server, where the repository shows it. */
  software?: 'rustfs' | 'minio';
}

/**
 * A folder that an engine applies beside the one that a change is for.
 *
 * @public
 */
export interface AppliedFolder {
  /** Who applies it, in words: `Kustomization flux-system/apps`. */
  by: string;
  folder: string;
  build?: BuildOptions;
  /** The YAML files below it, at the base branch; undefined: they cannot be read, so that everything below it may be applied. */
  snapshot?: RepositorySnapshot;
}

/**
 * What a GitOps engine has made of a folder.
 *
 * @public
 */
export interface AppliedState {
  /** Names of what is in the cluster; a layout says which of them it compares. */
  live: LiveNames;
  /**
   * The folder at each revision that may be the one in the cluster: the applied one, and the one that is being applied or
   * whose health checks have failed. None: those revisions cannot be told, or are not in the repository any more.
   */
  snapshots: RepositorySnapshot[];
}

/**
 * Names of what is in the cluster for one tenant; undefined where nobody has looked, or there is no such thing.
 *
 * @public
 */
export interface LiveNames {
  /** In `spec.buckets`, `spec.users` and `spec.policies` of the Tenant. */
  buckets?: string[];
  users?: string[];
  policies?: string[];
  /** The ConfigMaps that are records of the tenant, by their own names. */
  records?: string[];
}

/**
 * A change that somebody asks for.
 *
 * @public
 */
export interface StorageChange {
  /** Names the branch and marks the pull request. */
  requestId: string;
  /** Which of the pull requests of its request it is, from one, which is the default. */
  stage?: number;
  /** ISO 8601; dates the commit, so that the same change on the same base is the same commit. */
  createdAt: string;
  entityRef: string;
  /** Entity ref of the owner. */
  owner: string;
  /** Entity ref of the person. */
  requestedBy: string;
  /** Page of the request in the portal. */
  portalUrl?: string;
  words: ChangeWords;
  /** Whether what it declares is new, so that another thing of the same name is in its way, or is there and changes. */
  edits: 'new' | 'existing';
  /** What is to be declared, from what Git declares now. Pure. */
  declare: (declared: Declared) => Declaration[];
  /** What was encrypted for it before; what does not fit any more is asked for anew. */
  sealed?: SealedSecret[];
  /** Its key is merged, so no other can be made: what was encrypted is taken as long as it can be read where it belongs. */
  hasMergedKey?: boolean;
}

/**
 * Why nothing can be proposed.
 *
 * `tenant-not-found`, `tenant-ambiguous`: the manifest cannot be told; `tenant-elsewhere`: it or its list comes from
 * somewhere else, or something on the way to the cluster sets or removes it; `tenant-shared`: one manifest stands for
 * several objects; `not-parsable`, `too-large`, `unsupported`: it cannot be edited safely; `not-as-applied`: the cluster
 * has another list than the files say; `declared-otherwise`: the bucket is in Git with other settings or by somebody
 * else; `made-elsewhere`: a chart or a script makes it too; `rendered`: a file is rendered from a template, which has to be
 * changed instead; `limit`: the list is full; `secret`: a Secret cannot be encrypted there, or would not be decrypted; `invalid`:
 * the change itself cannot be.
 *
 * @public
 */
export type RefusalCode =
  | 'tenant-not-found'
  | 'tenant-ambiguous'
  | 'tenant-elsewhere'
  | 'tenant-shared'
  | 'not-parsable'
  | 'too-large'
  | 'unsupported'
  | 'not-as-applied'
  | 'declared-otherwise'
  | 'made-elsewhere'
  | 'rendered'
  | 'limit'
  | 'secret'
  | 'invalid';

/**
 * One reason why nothing can be proposed.
 *
 * @public
 */
export interface Refusal {
  code: RefusalCode;
  /** The field of the request that is to blame, if one is. */
  field?: string;
  /** For people: what, in which file and line, and what to do. */
  message: string;
  /** Files, with the line where one can be told, and fields of the Flux Kustomization that are the reason. */
  places?: string[];
  /** More files may lead further: those of the whole repository. */
  wider?: true;
  /** It is mended elsewhere, and the same change can be planned then: it is kept, and tried again. */
  waits?: true;
  /** Of `not-as-applied`: the names in the files and in the cluster. */
  lists?: { declared: string[]; live: string[] };
}

/**
 * What a change would do to a repository.
 *
 * @public
 */
export type PlanResult =
  | { outcome: 'change'; changeSet: ChangeSet; findings?: BlueprintFinding[] }
  /** Git declares it already; `branch` is the one that a change would have. */
  | { outcome: 'unchanged'; branch?: string }
  | { outcome: 'refused'; reasons: Refusal[]; branch?: string }
  /** Secrets have to be encrypted first: plan again with all of them. */
  | { outcome: 'secrets'; needs: SecretNeed[]; branch: string };

/**
 * What a change would do to a repository, all its Secrets encrypted.
 *
 * @public
 */
export type SealedPlanResult = Exclude<PlanResult, { outcome: 'secrets' }>;

/**
 * Who made a commit.
 *
 * @public
 */
export interface CommitIdentity {
  name: string;
  email: string;
}

/**
 * The files that a request changes and the words of its pull request: everything that a forge needs.
 *
 * @public
 */
export interface ChangeSet {
  /** `rustfs/<request id>`, of later stages `rustfs/<request id>-<stage>`: one branch per stage, for life. */
  branch: string;
  baseBranch: string;
  title: string;
  /** Markdown; ends with a hidden marker that holds the request id. */
  body: string;
  commitMessage: string;
  author: CommitIdentity;
  committer: CommitIdentity;
  /** ISO 8601 in whole seconds. */
  date: string;
  files: FileChange[];
}

/**
 * One file of a change set.
 *
 * @public
 */
export interface FileChange {
  path: string;
  operation: 'create' | 'update' | 'delete';
  /** What it was rendered from; undefined when it is created. */
  before?: RepositoryFile;
  /** Undefined when it is deleted. */
  after?: string;
  /** Unified diff for people; encrypted and secret values are redacted. */
  diff: string;
}
