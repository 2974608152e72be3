import { z } from 'zod';
import { Pull, PullCheck, PullRemark } from '../../types';
import { ForgeReview, judgeReviews } from '../judgeReviews';
import { toLine } from '../plainText';
import { ForgeCheck, sortChecks } from '../sortChecks';
import {
  checkSchema,
  fullPullSchema,
  pullSchema,
  requestedSchema,
  reviewerSchema,
} from './schemas';

type FullPull = z.output<typeof fullPullSchema>;
type Review = FullPull['verdicts'][number];
type Reviewer = z.output<typeof reviewerSchema>;

const MAX_NAME = 100;

const VERDICTS: Record<string, PullRemark['verdict']> = {
  APPROVED: 'approved',
  CHANGES_REQUESTED: 'changes-requested',
  COMMENTED: 'commented',
};

const STATES = { OPEN: 'open', CLOSED: 'closed', MERGED: 'merged' } as const;

/** How a check run ended; every other end holds a merge up. */
const PASSING = ['SUCCESS', 'NEUTRAL', 'SKIPPED'];

/**
 * A pull request as GraphQL gives it.
 *
 * @param options - `requested`: who is asked, where the answer could not name teams; `missing`: checks that are required and have
 * not been heard of
 */
export function toPull(
  pull: FullPull,
  options: {
    organization: string;
    requested?: z.output<typeof requestedSchema>;
    missing?: string[];
  },
): Pull {
  const isOpen = pull.state === 'OPEN';
  const reviewers = pull.reviewRequests.flatMap(
    ({ requestedReviewer }) => requestedReviewer ?? [],
  );
  const people = reviewers.flatMap(toPerson);
  const teams =
    options.requested?.teams.map(
      ({ slug }) => `${options.organization}/${slug}`,
    ) ?? reviewers.flatMap(toTeam);
  const checks = toChecks(pull, options.missing ?? []);
  const reviews = [...pull.verdicts, ...pull.comments].sort(bySubmission);
  return {
    number: pull.number,
    url: pull.url,
    state: STATES[pull.state],
    title: pull.title,
    body: pull.body,
    branch: pull.headRefName,
    baseBranch: pull.baseRefName,
    head: pull.headRefOid,
    // The portal's branch is one commit; where somebody adds to it, it stands where the first one does.
    mergeBase: pull.firstCommit[0]?.commit.parents[0]?.oid,
    mergeable: isOpen ? toMergeable(pull.mergeable) : undefined,
    held: isOpen ? toHeld(pull, checks) : undefined,
    draft: pull.isDraft,
    reviewers: [...people.map(({ login }) => login), ...teams],
    teams,
    fullNames: Object.fromEntries(
      [...people, ...reviews.flatMap(({ author }) => author ?? [])].flatMap(
        ({ login, name }) => {
          const line = toLine(name, MAX_NAME);
          return line ? [[login, line]] : [];
        },
      ),
    ),
    reviews: judgeReviews(toReviews(pull, reviews), pull),
    ...(checks && { checks }),
    mergedAt: pull.mergedAt,
    mergedBy: pull.mergedBy?.login,
    mergeCommit: pull.state === 'MERGED' ? pull.mergeCommit?.oid : undefined,
    closedAt: pull.closedAt,
  };
}

/** A pull request that was opened just now. */
export function toNewPull(
  pull: z.output<typeof pullSchema>,
  organization: string,
): Pull {
  const teams = (pull.requested_teams ?? []).map(
    ({ slug }) => `${organization}/${slug}`,
  );
  return {
    number: pull.number,
    url: pull.html_url,
    state: 'open',
    title: pull.title,
    body: pull.body,
    branch: pull.head.ref,
    baseBranch: pull.base.ref,
    head: pull.head.sha,
    draft: pull.draft ?? false,
    reviewers: [
      ...(pull.requested_reviewers ?? []).map(({ login }) => login),
      ...teams,
    ],
    teams,
    reviews: { approvedBy: [], changesRequestedBy: [] },
  };
}

function toPerson(reviewer: Reviewer) {
  return reviewer.__typename === 'Team' ? [] : [reviewer];
}

function toTeam(reviewer: Reviewer): string[] {
  return reviewer.__typename === 'Team'
    ? [`${reviewer.organization.login}/${reviewer.slug}`]
    : [];
}

/** Unlike on other forges, false does mean a conflict here; undefined: GitHub works it out after it was asked. */
export function toMergeable(mergeable: string): boolean | undefined {
  return mergeable === 'UNKNOWN' ? undefined : mergeable === 'MERGEABLE';
}

function toHeld(
  { isInMergeQueue, mergeStateStatus, reviewDecision }: FullPull,
  checks: PullCheck[] = [],
): Pull['held'] {
  if (isInMergeQueue) {
    return 'queued';
  }
  if (mergeStateStatus === 'BEHIND') {
    return 'behind';
  }
  const isShown =
    reviewDecision === 'REVIEW_REQUIRED' ||
    reviewDecision === 'CHANGES_REQUESTED' ||
    checks.some(({ isRequired, state }) => isRequired && state !== 'passing');
  return mergeStateStatus === 'BLOCKED' && !isShown ? 'blocked' : undefined;
}

/** The one that is not sent yet has no time, and nobody else sees it. */
function bySubmission(a: Review, b: Review): number {
  return (a.submittedAt ?? '').localeCompare(b.submittedAt ?? '');
}

function toReviews(pull: FullPull, reviews: Review[]): ForgeReview[] {
  const counted = new Set(
    pull.counted.flatMap(({ author }) => author?.login ?? []),
  );
  return reviews.flatMap(
    ({ author, state, commit, submittedAt, body, url }): ForgeReview[] => {
      // An approval that was taken back takes what its author said before with it.
      const verdict = state === 'DISMISSED' ? 'commented' : VERDICTS[state];
      return author && verdict
        ? [
            {
              login: author.login,
              verdict,
              counts: counted.has(author.login),
              isStale: commit?.oid !== pull.headRefOid,
              isDismissed: state === 'DISMISSED',
              text: body,
              at: submittedAt,
              url,
            },
          ]
        : [];
    },
  );
}

function toChecks(pull: FullPull, missing: string[]): PullCheck[] | undefined {
  if (pull.state !== 'OPEN' || pull.headCommit === undefined) {
    return undefined;
  }
  const own = pull.headCommit.status?.context;
  const listed = (pull.headCommit.statusCheckRollup?.contexts ?? []).map(
    toCheck,
  );
  const checks = [
    ...listed,
    ...(own ? [toCheck(own)] : []).filter(
      ({ name }) => !listed.some(other => other.name === name),
    ),
  ];
  const names = new Set(checks.map(({ name }) => name));
  return sortChecks(
    [
      ...checks,
      ...missing
        .filter(name => !names.has(name))
        .map(
          (name): ForgeCheck => ({
            name,
            state: 'pending',
            description: 'required, and not heard of yet',
            isRequired: true,
          }),
        ),
    ],
    pull.url,
  );
}

function toCheck(check: z.output<typeof checkSchema>): ForgeCheck {
  if (check.__typename === 'CheckRun') {
    const { name, title, detailsUrl, isRequired } = check;
    return {
      name,
      state: toRunState(check),
      description: title,
      url: detailsUrl,
      isRequired,
    };
  }
  const { context, description, targetUrl, isRequired } = check;
  return {
    name: context,
    state: toStatusState(check.state),
    description,
    url: targetUrl,
    isRequired,
  };
}

function toRunState({
  conclusion,
  status,
}: {
  conclusion?: string;
  status: string;
}): PullCheck['state'] {
  if (status !== 'COMPLETED' || !conclusion || conclusion === 'STALE') {
    return 'pending';
  }
  return PASSING.includes(conclusion) ? 'passing' : 'failing';
}

function toStatusState(state: string): PullCheck['state'] {
  if (state === 'SUCCESS') {
    return 'passing';
  }
  return state === 'FAILURE' || state === 'ERROR' ? 'failing' : 'pending';
}
