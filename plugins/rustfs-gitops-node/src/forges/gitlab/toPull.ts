import { z } from 'zod';
import { Pull, PullState } from '../../types';
import { ForgeReview, judgeReviews } from '../judgeReviews';
import { toLine } from '../plainText';
import { ForgeCheck, sortChecks } from '../sortChecks';
import {
  approvalsSchema,
  mergeRequestSchema,
  notesSchema,
  reviewersSchema,
  statusesSchema,
  versionsSchema,
} from './schemas';

export type MergeRequest = z.output<typeof mergeRequestSchema>;

/** What is read of a merge request beside itself; what is undefined was not asked for or cannot be seen. */
export interface MergeRequestParts {
  approvals?: z.output<typeof approvalsSchema>;
  reviewers?: z.output<typeof reviewersSchema>;
  versions?: z.output<typeof versionsSchema>;
  notes?: z.output<typeof notesSchema>;
  statuses?: z.output<typeof statusesSchema>;
  /** These are not all of them. */
  hasMoreStatuses?: boolean;
}

const MAX_NAME = 100;

/** A merge that is under way has not happened. */
const STATES: Record<string, PullState> = {
  opened: 'open',
  locked: 'open',
  merged: 'merged',
  closed: 'closed',
};

/** What GitLab is still working out. */
const UNSURE = ['unchecked', 'checking', 'preparing', 'approvals_syncing'];

/** What needs no words of its own: it is shown already, or there is nothing. */
const SHOWN = [
  'mergeable',
  'conflict',
  'broken_status',
  'draft_status',
  'not_open',
  'requested_changes',
  'commits_status',
];

const PIPELINE = ['ci_must_pass', 'ci_still_running'];

export function stateOf({ state }: Pick<MergeRequest, 'state'>): PullState {
  return STATES[state] ?? 'open';
}

/** A merge request with what was read beside it. */
export function toPull(
  request: MergeRequest,
  parts: MergeRequestParts = {},
): Pull {
  const state = stateOf(request);
  const isOpen = state === 'open';
  const people = request.reviewers ?? [];
  const checks = isOpen ? toChecks(request, parts) : undefined;
  const holding = isOpen
    ? toHeld(request, { checks, approvals: parts.approvals })
    : {};
  const known = [
    ...people,
    ...(parts.reviewers ?? []).map(({ user }) => user),
    ...(parts.approvals?.approved_by ?? []).map(({ user }) => user),
    ...(parts.notes ?? []).flatMap(({ author }) => author ?? []),
  ];
  return {
    number: request.iid,
    url: request.web_url,
    state,
    title: request.title,
    body: request.description,
    branch: request.source_branch,
    baseBranch: request.target_branch,
    head: request.sha ?? '',
    mergeBase: request.diff_refs?.base_sha,
    mergeable: isOpen ? toMergeable(request) : undefined,
    held: holding.held,
    heldBy: holding.heldBy,
    draft: request.draft ?? false,
    reviewers: people.map(({ username }) => username),
    fullNames: Object.fromEntries(
      known.flatMap(({ username, name }) => {
        const line = toLine(name, MAX_NAME);
        return line ? [[username, line]] : [];
      }),
    ),
    reviews: judgeReviews(toReviews(request, parts), {
      url: request.web_url,
      mergedAt: request.merged_at,
    }),
    ...(checks && { checks }),
    mergedAt: request.merged_at,
    mergedBy: request.merge_user?.username,
    // A fast-forward leaves no commit of its own; a squashed one has another than the branch.
    mergeCommit:
      state === 'merged'
        ? request.merge_commit_sha ?? request.squash_commit_sha ?? request.sha
        : undefined,
    closedAt: request.closed_at,
  };
}

/** What a new commit of the portal can cure; a rebase is needed where the project merges by fast-forward, or nearly so. */
const CURABLE = ['conflict', 'need_rebase', 'commits_status'];

/**
 * False where there is a conflict, or the branch has to stand on the newest commit of its target. Most of what GitLab names is
 * neither: somebody has to do something. Undefined while it works that out, and where it says what is not known here.
 */
export function toMergeable({
  detailed_merge_status: status,
  has_conflicts: hasConflicts,
}: Pick<MergeRequest, 'detailed_merge_status' | 'has_conflicts'>):
  | boolean
  | undefined {
  if (hasConflicts || (status !== undefined && CURABLE.includes(status))) {
    return false;
  }
  return status === undefined || UNSURE.includes(status) || !isKnown(status)
    ? undefined
    : true;
}

/** States that say that there is no conflict, beside those with words of their own. */
const CONFLICT_FREE = [
  'blocked_status',
  'external_status_checks',
  'jira_association_missing',
  'locked_lfs_files',
  'locked_paths',
  'merge_request_blocked',
  'merge_time',
  'not_approved',
  'discussions_not_resolved',
  'policies_denied',
  'security_policy_evaluation',
  'security_policy_violations',
  'status_checks_must_pass',
  'title_regex',
  ...PIPELINE,
  ...SHOWN,
];

function isKnown(status: string): boolean {
  return CONFLICT_FREE.includes(status);
}

/** What keeps it from being merged by the rules of the project: GitLab names the first one only. */
function toHeld(
  request: MergeRequest,
  {
    approvals,
    checks = [],
  }: Pick<MergeRequestParts, 'approvals'> & { checks?: Pull['checks'] },
): Pick<Pull, 'held' | 'heldBy'> {
  const { detailed_merge_status: status, head_pipeline: pipeline } = request;
  const isInTrain =
    /\/train$/.test(pipeline?.ref ?? '') &&
    toCheckState(pipeline?.status) === 'pending';
  if (isInTrain) {
    return { held: 'queued' };
  }
  if (
    status === undefined ||
    SHOWN.includes(status) ||
    UNSURE.includes(status)
  ) {
    return {};
  }
  if (status === 'need_rebase') {
    return { held: 'behind' };
  }
  if (status === 'discussions_not_resolved') {
    return { held: 'discussions' };
  }
  if (PIPELINE.includes(status)) {
    const isShown = checks.some(({ state }) => state !== 'passing');
    return isShown ? {} : { held: 'pipeline' };
  }
  if (status === 'not_approved') {
    const rules = (approvals?.approval_rules_left ?? []).flatMap(
      ({ name }) => toLine(name, MAX_NAME) || [],
    );
    return { held: 'approvals', ...(rules.length && { heldBy: rules }) };
  }
  // In GitLab's own word.
  return {
    held: 'blocked',
    heldBy: [toLine(status.replaceAll('_', ' '), MAX_NAME)],
  };
}

function toReviews(
  request: MergeRequest,
  { approvals, notes = [], reviewers = [], versions }: MergeRequestParts,
): ForgeReview[] {
  const since = pushedAt(request, versions);
  return [
    ...notes
      .filter(({ author, system }) => author && !system)
      .map(
        ({ author, body, created_at: at, id }): ForgeReview => ({
          login: author!.username,
          verdict: 'commented',
          counts: true,
          isStale: since !== undefined && isBefore(at, since),
          isDismissed: false,
          text: body,
          at,
          url: `${request.web_url}#note_${id}`,
        }),
      )
      .sort((a, b) => (a.at ?? '').localeCompare(b.at ?? '')),
    ...(approvals?.approved_by ?? []).map(
      ({ approved_at: said, user }): ForgeReview => {
        const at = said ?? approvedAt(user.username, notes);
        return {
          login: user.username,
          verdict: 'approved',
          counts: true,
          // Without a rule that takes it away, GitLab keeps it for whatever is pushed afterwards.
          isStale: since === undefined || isBefore(at, since),
          isDismissed: false,
          at,
        };
      },
    ),
    ...reviewers
      .filter(({ state }) => state === 'requested_changes')
      .map(
        ({ user }): ForgeReview => ({
          login: user.username,
          verdict: 'changes-requested',
          counts: true,
          isStale: false,
          isDismissed: false,
        }),
      ),
  ];
}

/** As GitLab notes it itself, also where its list of approvals has no times. */
function approvedAt(
  login: string,
  notes: NonNullable<MergeRequestParts['notes']>,
): string | undefined {
  return notes
    .filter(
      ({ author, body, system }) =>
        system &&
        author?.username === login &&
        body.startsWith('approved this merge request'),
    )
    .flatMap(({ created_at: at }) => at ?? [])
    .sort()
    .at(-1);
}

/** When the commit that it has now was pushed; undefined when that is not known. The target may have moved since. */
function pushedAt(
  { sha }: MergeRequest,
  versions: MergeRequestParts['versions'] = [],
): string | undefined {
  const later = versions.findIndex(({ head_commit_sha: head }) => head !== sha);
  const own = later < 0 ? versions : versions.slice(0, later);
  return own.at(-1)?.created_at;
}

/** What has no time is as old as can be. */
function isBefore(at: string | undefined, since: string): boolean {
  return at === undefined || Date.parse(at) < Date.parse(since);
}

function toChecks(
  request: MergeRequest,
  { hasMoreStatuses, statuses }: MergeRequestParts,
): Pull['checks'] {
  if (!statuses) {
    return undefined;
  }
  const { detailed_merge_status: status = '', head_pipeline: pipeline } =
    request;
  const isRequired = PIPELINE.includes(status) ? true : undefined;
  const own = statuses.flatMap(
    ({
      allow_failure: mayFail,
      description,
      name,
      status: said,
      target_url: url,
    }): ForgeCheck[] => {
      const state = toCheckState(said);
      if (!state) {
        return [];
      }
      return state === 'failing' && mayFail
        ? [{ name, state: 'passing', description: 'failed, and may', url }]
        : [{ name, state, description, url, isRequired }];
    },
  );
  // One of what it is merged to hangs on another commit.
  const state = toCheckState(pipeline?.status);
  const merged: ForgeCheck[] =
    pipeline?.sha && pipeline.sha !== request.sha && state
      ? [
          {
            name: 'pipeline of the merge result',
            state,
            url: pipeline.web_url,
            isRequired,
          },
        ]
      : [];
  const others: ForgeCheck[] = hasMoreStatuses
    ? [
        {
          name: 'pipeline',
          state: state ?? 'pending',
          description: `it has more than the ${statuses.length} jobs that are listed`,
          url: pipeline?.web_url,
          isRequired,
        },
      ]
    : [];
  return sortChecks([...own, ...merged, ...others], request.web_url);
}

/** Undefined for what was left out on purpose. */
function toCheckState(
  status: string | undefined,
): ForgeCheck['state'] | undefined {
  switch (status) {
    case undefined:
    case 'skipped':
      return undefined;
    case 'success':
      return 'passing';
    case 'failed':
    case 'canceled':
      return 'failing';
    default:
      return 'pending';
  }
}
