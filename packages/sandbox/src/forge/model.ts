/** What the forge remembers besides the Git repositories themselves. Plain data: it is written to disk as JSON. */

export type AccessLevel = 'none' | 'read' | 'write' | 'admin';

export interface TokenRecord {
  id: number;
  name: string;
  hash: string;
  lastEight: string;
  scopes: string[];
  createdAt: string;
}

export interface UserRecord {
  id: number;
  name: string;
  fullName: string;
  email: string;
  passwordHash: string;
  admin: boolean;
  createdAt: string;
  tokens: TokenRecord[];
}

export interface TeamRecord {
  id: number;
  name: string;
  description: string;
  permission: Exclude<AccessLevel, 'none'>;
  includesAllRepositories: boolean;
  members: string[];
  repositories: number[];
}

export interface OrganizationRecord {
  id: number;
  name: string;
  fullName: string;
  teams: TeamRecord[];
}

export interface CommentRecord {
  id: number;
  user: string;
  body: string;
  createdAt: string;
  updatedAt: string;
}

export type ReviewState =
  | 'APPROVED'
  | 'REQUEST_CHANGES'
  | 'COMMENT'
  | 'PENDING'
  | 'REQUEST_REVIEW';

export interface ReviewRecord {
  id: number;
  /** Name of the reviewer; absent when a team is asked. */
  user?: string;
  team?: number;
  state: ReviewState;
  body: string;
  commit: string;
  official: boolean;
  stale: boolean;
  dismissed: boolean;
  submittedAt: string;
  updatedAt: string;
}

/** Something that happened to a pull request, for its timeline. */
export interface EventRecord {
  id: number;
  type: 'pull_push' | 'close' | 'reopen' | 'merge_pull' | 'change_title';
  user: string;
  body: string;
  createdAt: string;
}

export interface ScheduledMerge {
  user: string;
  style: MergeStyle;
  title?: string;
  message?: string;
  deleteBranch: boolean;
}

export interface PullRecord {
  id: number;
  number: number;
  poster: string;
  title: string;
  body: string;
  /** Counts edits of the body, for callers that want to notice somebody else's. */
  contentVersion: number;
  base: string;
  head: string;
  headCommit: string;
  mergeBase: string;
  state: 'open' | 'closed';
  createdAt: string;
  updatedAt: string;
  closedAt?: string;
  merged?: { at: string; by: string; commit: string; base: string };
  comments: CommentRecord[];
  reviews: ReviewRecord[];
  events: EventRecord[];
  scheduledMerge?: ScheduledMerge;
}

export type MergeStyle =
  | 'merge'
  | 'rebase'
  | 'rebase-merge'
  | 'squash'
  | 'fast-forward-only';

export interface HookRecord {
  id: number;
  active: boolean;
  url: string;
  contentType: string;
  secret: string;
  authorizationHeader: string;
  events: string[];
  branchFilter: string;
  createdAt: string;
  updatedAt: string;
}

/** One branch protection rule, in the field names of the API, because it is only stored and shown. */
export interface ProtectionRecord {
  rule_name: string;
  enable_push: boolean;
  enable_push_whitelist: boolean;
  push_whitelist_usernames: string[];
  enable_force_push: boolean;
  enable_force_push_allowlist: boolean;
  force_push_allowlist_usernames: string[];
  enable_merge_whitelist: boolean;
  merge_whitelist_usernames: string[];
  enable_status_check: boolean;
  status_check_contexts: string[];
  required_approvals: number;
  block_on_rejected_reviews: boolean;
  block_on_official_review_requests: boolean;
  block_on_outdated_branch: boolean;
  dismiss_stale_approvals: boolean;
  protected_file_patterns: string;
  priority: number;
  createdAt: string;
  updatedAt: string;
}

export interface StatusRecord {
  id: number;
  commit: string;
  state: string;
  context: string;
  description: string;
  targetUrl: string;
  creator: string;
  createdAt: string;
}

export interface RepositoryRecord {
  id: number;
  owner: string;
  name: string;
  description: string;
  private: boolean;
  defaultBranch: string;
  archived: boolean;
  pullRequests: boolean;
  mergeStyles: MergeStyle[];
  collaborators: Record<string, Exclude<AccessLevel, 'none'>>;
  createdAt: string;
  updatedAt: string;
  pulls: PullRecord[];
  hooks: HookRecord[];
  protections: ProtectionRecord[];
  statuses: StatusRecord[];
  /** Issues and pull requests share one numbering; it never goes back. */
  lastNumber: number;
}

export interface ForgeState {
  sequence: Record<string, number>;
  /** Key of the cookies and form tokens of the pages, so that a restart does not sign people out. */
  sessionKey: string;
  users: UserRecord[];
  organizations: OrganizationRecord[];
  repositories: RepositoryRecord[];
  /** `owner/name` in lower case that a repository had before, to its id. */
  formerNames: Record<string, number>;
}
