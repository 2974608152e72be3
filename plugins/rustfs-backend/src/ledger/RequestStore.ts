import { PermissionCriteria } from '@backstage/plugin-permission-common';
import {
  AccessRecord,
  ClusterObjectRef,
  RequestEvent,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { CommitStatus } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { RequestClaim, RequestQuery } from '@rustfs-portal/plugin-rustfs-node';

/** The layout of places that name none: there was no other once. */
export const FIRST_LAYOUT = 'operator-tenant';

/** Where the pull request of a request is, as far as it is known. */
export interface RequestDelivery {
  /** Address of the repository as the GitOps engine reads it. */
  repository: string;
  /** Folder of the GitOps engine's entry point. */
  folder: string;
  baseBranch: string;
  /** Id of the layout; undefined: {@link FIRST_LAYOUT}. */
  layout?: string;
  /** Where what is declared counts, when the tenant says so. */
  setupNamespace?: string;
}

/** The stage of a request that is about the Secret of its workload, in another repository or cluster. */
export interface ConsumerStage {
  cluster: string;
  /** The Kustomization or Application that applies the Secret. */
  appliedBy: ClusterObjectRef;
  /** Of the workload. */
  namespace: string;
  /** For the Secret, from the root of the repository; undefined: beside what it applies. */
  folder?: string;
  /** Id of what writes the Secret, where that was configured. */
  writer?: string;
  /** The access as it was when this was asked; undefined when it is new. */
  access?: AccessRecord;
}

/** A request as the ledger keeps it. */
export interface RequestRecord {
  request: StorageRequest;
  /** Counts changes; a change of an older version is refused. */
  version: number;
  /** When the portal last saw the state move; ISO 8601. */
  movedAt: string;
  delivery?: RequestDelivery;
  /** The commit of its branch as the portal wrote it last: any other is somebody else's. */
  head?: string;
  /** Users of the forge who are asked to review. */
  reviewers: string[];
  /** What it holds while it is open. */
  claims: RequestClaim[];
  /** Where the stage before was merged. */
  before?: { delivery: RequestDelivery; mergeCommit: string };
  /** The stage before was approved, with all that it announced. */
  isApproved?: boolean;
  /** Its second stage, if it has one. */
  consumer?: ConsumerStage;
  /** What its approvals are judged by, as it was last seen before the merge. */
  policyBasis?: PolicyBasis;
  /** What was last said on the forge about its approvals, and of which commit. */
  policyStatus?: Omit<CommitStatus, 'context'> & { commit: string };
  /** Ids of open requests about the same subject whose place it takes: they end once it is proposed. */
  superseded?: string[];
  /** The commit that the forge was asked to merge once its checks pass. */
  scheduledMerge?: string;
  /** Owners of buckets of others who were asked to approve. */
  askedOwners?: string[];
  /** When somebody last looked at it alone, to some seconds; ISO 8601. */
  viewedAt?: string;
}

/** What a request needs before it may be merged, beside approvals. */
export interface PolicyBasis {
  /** Why the guardrails refuse it; empty when they do not. */
  broken: string[];
  /** Owners of buckets of others that it reaches. */
  foreign: Array<{ owner: string; buckets: string[] }>;
  /** A guardrail trusts the team with it. */
  trusted: boolean;
}

/** A request that is not in the ledger yet. */
export interface NewRequest {
  request: StorageRequest;
  /** Chosen by the caller; the same key of the same person is the same request. */
  key: string;
  reviewers: string[];
  claims: RequestClaim[];
  /** Kinds of open requests about the same subject whose place it takes. */
  supersedes?: string[];
  consumer?: ConsumerStage;
}

/** What to list. Everything that is given must hold. */
export interface RequestListQuery {
  entityRef?: string;
  states?: RequestState[];
  requestedBy?: string;
  /** Conditions of the permission decision. */
  conditions?: PermissionCriteria<RequestQuery>;
  limit: number;
  cursor?: string;
}

/** The ledger of storage requests. */
export interface RequestStore {
  /**
   * Adds a request, or finds the one that the same person made with the same key. It takes over what those hold whose place
   * it takes.
   *
   * @throws ConflictError when the key was used for another content, or when an open request holds
   * what it claims
   */
  create(
    request: NewRequest,
  ): Promise<{ record: RequestRecord; created: boolean }>;

  get(id: string): Promise<RequestRecord | undefined>;

  /**
   * The request that a person made with a key.
   *
   * @throws ConflictError when the key was used for another content
   */
  findByKey(
    query: Pick<NewRequest, 'key' | 'request'>,
  ): Promise<RequestRecord | undefined>;

  /** Newest first. */
  list(query: RequestListQuery): Promise<{
    items: StorageRequest[];
    total: number;
    nextCursor?: string;
  }>;

  /** Requests that may still move: open ones, and those that ended before they were ready, if they changed after the given time. */
  listFollowed(options: { endedSince: string }): Promise<RequestRecord[]>;

  /** Requests that ended before they were ready, whose last change lies after the one time and not after the other. */
  listEnded(options: {
    since: string;
    until: string;
  }): Promise<RequestRecord[]>;

  /** What of its claims a request could not have now; what those hold whose place it takes, it could. */
  findTaken(
    request: Pick<NewRequest, 'request' | 'claims' | 'supersedes'>,
  ): Promise<RequestClaim[]>;

  /** The names on a tenant of what open requests make or end, by type; of Secrets, those of all tenants. */
  listRequested(
    tenant: string,
  ): Promise<Record<RequestClaim['type'], string[]>>;

  /**
   * Writes a new version of a record and appends to its trail.
   *
   * @param options - `claim`: the request takes the name of its bucket again, and is not written without it; `isFinal`: it
   * has ended and does not go on, whatever happens on the forge
   * @returns undefined when somebody else changed the record meanwhile; read it again
   * @throws ConflictError when the name is to be taken and another request holds it
   */
  update(
    record: RequestRecord,
    events: RequestEvent[],
    options?: { claim?: boolean; isFinal?: boolean },
  ): Promise<RequestRecord | undefined>;

  /** Writes down that somebody looks at a proposed request now; it is no new version of it. */
  markViewed(id: string): Promise<void>;

  /** Forgets the ciphertext of requests that ended before they were ready, and have not changed since the given time. */
  forgetSecrets(options: { endedBefore: string }): Promise<void>;

  /** Forgets a request that was refused before anything was made of it; one that somebody has changed since stays. */
  remove(record: RequestRecord): Promise<void>;
}
