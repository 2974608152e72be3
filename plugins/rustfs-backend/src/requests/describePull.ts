import { PullRequestCheck } from '@rustfs-portal/plugin-rustfs-common';
import { Pull } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { PullObservation } from './observations';

/** The page of the pull request has the rest. */
const MAX_CHECKS = 10;
/** In one sentence. */
const MAX_NAMES = 3;

/** What a pull request says about its request, with what it waits for in words. */
export function describePull(pull: Pull): PullObservation {
  const checks = findOpenChecks(pull);
  return {
    state: pull.state,
    ...(pull.state === 'open' && {
      waitingFor: describeWaits(pull, checks),
      note: describeObstacle(pull),
      checks: checks.length ? checks.slice(0, MAX_CHECKS) : undefined,
    }),
    isStale: pull.state === 'open' && pull.mergeable === false && !pull.draft,
    reviewers: pull.reviewers,
    mergedAt: pull.mergedAt,
    mergedBy: pull.mergedBy,
    // A fast-forward leaves no commit of its own.
    mergeCommit:
      pull.mergeCommit ?? (pull.state === 'merged' ? pull.head : undefined),
    closedAt: pull.closedAt,
  };
}

/** The checks that have not passed, whether the forge requires them or not. */
function findOpenChecks({ checks = [] }: Pull): PullRequestCheck[] {
  return checks.flatMap(({ state, ...check }) =>
    state === 'passing' ? [] : [{ ...check, state }],
  );
}

function describeWaits(pull: Pull, checks: PullRequestCheck[]): string {
  const named = (state: PullRequestCheck['state']) =>
    checks.filter(check => check.state === state).map(({ name }) => name);
  const failing = named('failing');
  const pending = named('pending');
  const waits = [
    ...(failing.length ? [`${count(failing)} to pass: ${list(failing)}`] : []),
    ...(pending.length ? [`the result of ${list(pending)}`] : []),
    describeWait(pull),
  ];
  return upperFirst(waits.join('; '));
}

function count({ length }: string[]): string {
  return length === 1 ? 'a failing check' : `${length} failing checks`;
}

function list(names: string[]): string {
  const more = names.length - MAX_NAMES;
  return more > 0
    ? `${names.slice(0, MAX_NAMES).join(', ')} and ${more} more`
    : names.join(', ');
}

function upperFirst(text: string): string {
  return text[0].toUpperCase() + text.slice(1);
}

/** What people have to do; it may stand within a sentence. */
function describeWait({ reviews, reviewers }: Pull): string {
  if (reviews.changesRequestedBy.length) {
    return `changes that ${reviews.changesRequestedBy.join(', ')} asked for`;
  }
  if (reviews.approvedBy.length) {
    return `to be merged, approved by ${reviews.approvedBy.join(', ')}`;
  }
  return reviewers.length
    ? `a review by ${reviewers.join(', ')}`
    : 'a review, and to be merged';
}

function describeObstacle(pull: Pull): string | undefined {
  if (pull.draft) {
    return 'It is a draft';
  }
  // A forge also says so while it checks, so "conflict" would claim more than is known.
  return pull.mergeable === false
    ? `It cannot be merged now: the forge checks it, or ${pull.baseBranch} has moved and the portal brings it up to date`
    : undefined;
}
