import { assertError } from '@backstage/errors';
import { z } from 'zod';
import { checkBucketName, NameIssue } from './naming';
import { parseBytes, toQuantity } from './quantity';
import { AccessActions, SecretForm } from './access';
import { BlueprintFinding, RequestSubject } from './declarations';
import { parseTenantRef } from './refs';
import { Problem } from './views';

const refused = (check: (text: string) => unknown) =>
  function refine(text: string, ctx: z.core.$RefinementCtx<string>) {
    try {
      check(text);
    } catch (error) {
      assertError(error);
      ctx.addIssue({ code: 'custom', message: error.message });
    }
  };

/**
 * The data classes that a request can name.
 *
 * @public
 */
export const DATA_CLASSES = ['public', 'internal', 'confidential'] as const;

/**
 * What a person asks for: one bucket for one catalog entity. Every issue names its field, the reason and an example.
 *
 * @public
 */
export const bucketRequestSchema = z.strictObject({
  /** Entity that the bucket is for, `component:default/invoices`. */
  entityRef: z
    .string(
      'Expected an entity reference, for example component:default/invoices',
    )
    .regex(
      /^[a-z0-9]+:[a-z0-9._-]+\/[a-z0-9._-]+$/i,
      'Expected an entity reference, for example component:default/invoices',
    ),
  /** `cluster/namespace/name`. */
  tenant: z
    .string('Expected a tenant reference, for example prod/storage/media')
    .trim()
    // Three names of Kubernetes, 63 characters each.
    .max(191, 'Use at most 191 characters, for example prod/storage/media')
    .superRefine(refused(parseTenantRef)),
  bucket: z
    .string('Expected a bucket name, for example checkout-invoices')
    .superRefine((name, ctx) => {
      for (const issue of checkBucketName(name)) {
        ctx.addIssue({ code: 'custom', message: issue.message });
      }
    }),
  /** Kubernetes quantity, `50Gi`; each amount is written in one way, whatever way it came in. */
  quota: z
    .string('Expected an amount of bytes, for example 50Gi')
    .trim()
    .max(30, 'Use at most 30 characters, for example 50Gi')
    .transform((text, ctx) => {
      try {
        return toQuantity(parseBytes(text));
      } catch (error) {
        assertError(error);
        ctx.addIssue({ code: 'custom', message: error.message });
        return z.NEVER;
      }
    })
    .optional(),
  versioning: z.boolean('Expected true or false').default(false),
  /** Can only be chosen when a bucket is made; turns versioning on. */
  objectLock: z.boolean('Expected true or false').default(false),
  purpose: z
    .string(
      'Say in a few words what the bucket is for, for example "invoices as PDF"',
    )
    .trim()
    .min(
      1,
      'Say in a few words what the bucket is for, for example "invoices as PDF"',
    )
    .max(200, 'Use at most 200 characters')
    .regex(/^[^\p{Cc}]*$/u, 'Write one line of text'),
  dataClass: z.enum(DATA_CLASSES, {
    error: `Expected one of ${DATA_CLASSES.join(', ')}`,
  }),
});

/**
 * A parsed request for a bucket.
 *
 * @public
 */
export type BucketRequest = z.output<typeof bucketRequestSchema>;

/**
 * A request for a bucket as it is sent.
 *
 * @public
 */
export type BucketRequestInput = z.input<typeof bucketRequestSchema>;

/**
 * The states of a storage request.
 *
 * `submitting`: accepted, its pull request is not open yet; `proposed`: pull request open; `merged`; `applied`: the
 * GitOps engine has applied a revision that contains the merge commit; `ready`: the operator says so and the live
 * server agrees; `failed`: `failure` says who refused and why; `closed`: not merged; `withdrawn`: by the one who asked.
 *
 * @public
 */
export type RequestState =
  | 'submitting'
  | 'proposed'
  | 'merged'
  | 'applied'
  | 'ready'
  | 'failed'
  | 'closed'
  | 'withdrawn';

/**
 * All states of a storage request, in the order of its way.
 *
 * @public
 */
export const REQUEST_STATES: readonly RequestState[] = [
  'submitting',
  'proposed',
  'merged',
  'applied',
  'ready',
  'failed',
  'closed',
  'withdrawn',
];

/**
 * One step that a request has taken. Where it takes several pull requests, `submitting` by `server` is the step from one
 * to the next: what was merged is in effect.
 *
 * @public
 */
export interface RequestEvent {
  state: RequestState;
  /** ISO 8601, when the source says it happened; else when it was seen. */
  at: string;
  /**
   * Who says so; of the `operator` and the `setup-program` the one that makes the storage of the tenant; `secrets`: what makes the
   * Secrets of what was merged, such as the sealed-secrets controller; `engine`: a GitOps engine that a module adds.
   */
  source:
    | 'portal'
    | 'forge'
    | 'flux'
    | 'secrets'
    | 'argocd'
    | 'engine'
    | 'operator'
    | 'setup-program'
    | 'server';
  /** One sentence. */
  message: string;
  /** Where to look. */
  link?: { title: string; url?: string };
  /** Entity ref of the person who did it, where the portal knows. */
  actor?: string;
}

/**
 * What a reviewer wrote about a pull request; plain text.
 *
 * @public
 */
export interface PullRequestRemark {
  /** Login of the person in the forge. */
  by: string;
  verdict: 'approved' | 'changes-requested' | 'commented';
  text: string;
  /** ISO 8601. */
  at?: string;
  /** http(s) only. */
  url?: string;
  /** It is about an earlier state of the pull request. */
  isOutdated: boolean;
}

/**
 * A commit on the branch of a request that the portal did not write. It is never overwritten unless a person says so.
 *
 * @public
 */
export interface ForeignCommit {
  commit: string;
  /** Name of the committer, as it stands in the commit. */
  by: string;
  /** The author of the request, or the platform team, has decided to keep it. */
  isKept: boolean;
}

/**
 * What is to become of a {@link ForeignCommit}.
 *
 * @public
 */
export const commitDecisionSchema = z.strictObject({
  /** The commit that was looked at; for another one nothing is decided. */
  commit: z
    .string('Expected the id of the commit')
    .regex(/^[0-9a-f]{40,64}$/, 'Expected the id of the commit, in full'),
  decision: z.enum(['keep', 'replace'], {
    error: 'Expected keep or replace',
  }),
});

/**
 * A parsed {@link commitDecisionSchema}.
 *
 * @public
 */
export type CommitDecision = z.output<typeof commitDecisionSchema>;

/**
 * Why a request failed, and what can be done.
 *
 * @public
 */
export interface RequestFailure {
  source: RequestEvent['source'];
  reason: string;
  message: string;
  /** What to do. */
  hint: string;
  /** What asking once more would help: the same again, or another name; undefined where it would not. */
  remedy?: 'ask-again' | 'another-name';
  /** A command that the hint speaks of, for who looks after the tenant. */
  command?: string;
}

/**
 * A check of a pull request that fails or is not over. Its words and its link are those of whoever runs the check.
 *
 * @public
 */
export interface PullRequestCheck {
  /** One line. */
  name: string;
  state: 'failing' | 'pending';
  /** One line. */
  description?: string;
  /** http(s) only. */
  url?: string;
}

/**
 * An approval that does not count, and why: `unmatched`, nobody knows whose account it is; `asked`, it is of the person who
 * asked; `not-a-member`, it is of somebody else than is needed; `read-only`, the forge does not count it.
 *
 * @public
 */
export interface IgnoredApproval {
  /** User of the forge. */
  login: string;
  reason: 'unmatched' | 'asked' | 'not-a-member' | 'read-only';
}

/**
 * What a request lacks before it may be merged.
 *
 * `guardrails`: they are against it as they are now; `commit`: its branch has a commit that the portal did not write, so
 * nobody can say what it reaches; `anybody`: the approval of somebody other than the one who asked; `owner`: the approval of
 * a person, or of a member of a group, whose `buckets` it reaches.
 *
 * @public
 */
export type MissingApproval =
  | { type: 'guardrails'; reasons: string[] }
  | { type: 'commit'; commit: string }
  | { type: 'anybody'; ignored: IgnoredApproval[] }
  | {
      type: 'owner';
      /** Entity ref. */
      owner: string;
      buckets: string[];
      ignored: IgnoredApproval[];
    };

/**
 * Whether a request may be merged, by the rules of the portal. What the forge says of its pull request stands beside it.
 *
 * @public
 */
export interface RequestPolicy {
  /** `waiting` for approvals; `refused` whatever is approved. After the merge: what it was then. */
  state: 'approved' | 'waiting' | 'refused';
  /** Empty when it is approved. */
  missing: MissingApproval[];
  /** A guardrail trusts the team with it, so nobody had to approve. */
  isTrusted?: boolean;
}

/**
 * Context of the commit status in which the portal says whether a request may be merged.
 *
 * @public
 */
export const POLICY_STATUS = 'rustfs/policy';

/**
 * What every kind of request has in its input.
 *
 * @public
 */
export interface RequestInput {
  entityRef: string;
  tenant: string;
  purpose: string;
  [key: string]: unknown;
}

/**
 * A request as it is sent: its kind, and the input of that kind beside it. Without a kind it is a new bucket.
 *
 * @public
 */
export type RequestSubmission = RequestInput & { kind?: string };

/**
 * A storage request with its trail.
 *
 * @public
 */
export interface StorageRequest {
  id: string;
  /** `bucket-create`, `access-revoke`, …: see `RequestInputs`. */
  kind: string;
  /** What it is about. */
  subject: RequestSubject;
  /** As the kind has parsed it; `inputOf` gives it its type. */
  input: RequestInput;
  /** Which of its pull requests it is at, from one. */
  stage: number;
  /** How many pull requests it takes. */
  stages: number;
  /** The pull requests of the stages before: merged, and in effect. */
  earlier?: Array<{
    number: number;
    url: string;
    /** `acme/atlas`; undefined where it was not kept. */
    repository?: string;
  }>;
  entityRef: string;
  /** Entity ref of the owner of the entity when it was asked. */
  owner: string;
  requestedBy: string;
  createdAt: string;
  updatedAt: string;
  state: RequestState;
  /** What the current state waits for, in the words of the part it waits for. */
  waitingFor?: string;
  /** Nothing has moved for longer than is usual; says for how long. What it hangs at is in `waitingFor`. */
  stalled?: string;
  pullRequest?: {
    number: number;
    url: string;
    state: 'open' | 'merged' | 'closed';
    /** Why it cannot be merged now, if so. */
    note?: string;
    /** Users and teams of the forge who are asked. */
    reviewers: string[];
    /** Those of the reviewers that are teams. */
    teams?: string[];
    /** Full names of people of the forge, by login, where it has them. */
    fullNames?: Record<string, string>;
    /**
     * Whom an open one waits for: its `author`, after a reviewer asked for changes; the `reviewers`; the `checks`, when
     * one fails; or somebody who may `merge`.
     */
    turn?: 'author' | 'checks' | 'reviewers' | 'merge';
    approvedBy?: string[];
    changesRequestedBy?: string[];
    /** What reviewers wrote, oldest first. */
    remarks?: PullRequestRemark[];
    /** Checks of an open one that fail or are not over, the failing ones first; at most ten. */
    checks?: PullRequestCheck[];
  };
  /** Whether it may be merged; undefined as long as that is not known. */
  policy?: RequestPolicy;
  mergeCommit?: string;
  /** Revision of the GitOps engine that contains it. */
  appliedRevision?: string;
  /** A commit of somebody else on its branch. */
  foreignCommit?: ForeignCommit;
  /** Where it is declared, with the page of the folder once the pull request is open. */
  source?: { repository: string; branch: string; path: string; url?: string };
  failure?: RequestFailure;
  trail: RequestEvent[];
  /** Parts that cannot be read at present; the state is as of the last time they could. */
  problems: Problem[];
}

/**
 * A list of requests, newest first.
 *
 * @public
 */
export interface StorageRequestPage {
  items: StorageRequest[];
  total: number;
  nextCursor?: string;
}

/**
 * What a person may ask for on one tenant: the guardrails that apply.
 *
 * @public
 */
export interface TenantOffer {
  ref: string;
  title: string;
  /** Regular expression that names must match (JavaScript, anchored by the portal), with words for people. */
  namePattern?: { regex: string; description: string; example: string };
  maxQuota?: string;
  defaultQuota?: string;
  /** True: a request without a quota is refused. */
  quotaRequired: boolean;
  objectLock: boolean;
  /** Ids of the modes of access that may be asked for. */
  accessModes: string[];
  /** Namespaces that the owner may have Secrets in: names, or their beginnings and a star. */
  namespaces: string[];
  /** Ids of the forms of Secrets that may be asked for; undefined: all. */
  secretForms?: string[];
  /** Why nothing can be asked for here at present. */
  unavailable?: string;
}

/**
 * What the request form offers for one entity.
 *
 * @public
 */
export interface RequestOptions {
  entityRef: string;
  owner: string;
  tenants: TenantOffer[];
  dataClasses: string[];
  /** All modes of access and all forms of Secrets; what a tenant offers of them says the tenant. */
  accessModes: Array<{
    id: string;
    title: string;
    description: string;
    /** What it allows, for showing the policy. */
    actions: AccessActions;
  }>;
  secretForms: SecretForm[];
  /** A name that would pass. */
  suggestedName?: string;
  problems: Problem[];
}

/**
 * The verdict on a bucket name: rules, guardrails, buckets that exist, requests under way.
 *
 * @public
 */
export interface NameCheck {
  ok: boolean;
  issues: NameIssue[];
  suggestion?: string;
  /** What could not be checked. */
  problems: Problem[];
}

/**
 * One changed file of a preview.
 *
 * @public
 */
export interface FilePreview {
  path: string;
  operation: 'create' | 'update' | 'delete';
  /** Unified diff; encrypted values are redacted. */
  diff: string;
}

/**
 * The pull request that a request would open.
 *
 * @public
 */
export interface RequestPreview {
  repository: string;
  branch: string;
  baseBranch: string;
  title: string;
  body: string;
  files: FilePreview[];
  /** What has to be known, or done, beside it. */
  findings?: BlueprintFinding[];
  /** Pull requests that follow once this one is in effect. */
  later?: Array<{
    repository: string;
    branch: string;
    baseBranch: string;
    title: string;
    files: FilePreview[];
  }>;
  reviewers: string[];
  /** Guardrails that were checked, in words. */
  guardrails: string[];
  /** Owners of buckets of others that it reaches: each has to approve. */
  approvers: Array<{ owner: string; buckets: string[] }>;
}
