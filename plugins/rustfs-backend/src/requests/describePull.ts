import {
  POLICY_STATUS,
  PullRequestCheck,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { Pull } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { PullObservation } from './observations';

/** The page of the pull request has the rest. */
const MAX_CHECKS = 10;
/** In one sentence. */
const MAX_NAMES = 3;

/** What a pull request says about its request, with what it waits for in words. */
export function describePull(pull: Pull): PullObservation {
  const checks = findOpenChecks(pull);
  const isOpen = pull.state === 'open';
  const {
    approvedBy,
    approvedUncounted = [],
    changesRequestedBy,
    remarks = [],
  } = pull.reviews;
  return {
    state: pull.state,
    ...(isOpen && { waitingFor: describeWaits(pull, checks) }),
    isStale: isOpen && pull.mergeable === false && !pull.draft,
    ...(isOpen && pull.mergeable === undefined && { isUnsure: true }),
    head: pull.head,
    approvals: [
      ...approvedBy.map(login => ({ login })),
      ...approvedUncounted.map(login => ({ login, isUncounted: true })),
    ],
    policyStatus: pull.checks?.find(({ name }) => name === POLICY_STATUS)
      ?.state,
    shown: {
      state: pull.state,
      reviewers: pull.reviewers,
      teams: orNone(pull.teams),
      fullNames:
        Object.keys(pull.fullNames ?? {}).length > 0
          ? pull.fullNames
          : undefined,
      note: isOpen ? describeObstacle(pull) : undefined,
      turn: isOpen ? findTurn(pull, checks) : undefined,
      checks: isOpen ? orNone(checks.slice(0, MAX_CHECKS)) : undefined,
      // A forge tells the reviews of an open one only; what was said before it was closed stays to be read.
      ...(isOpen && {
        approvedBy: orNone(approvedBy),
        changesRequestedBy: orNone(changesRequestedBy),
        remarks: orNone(remarks),
      }),
    },
    mergedAt: pull.mergedAt,
    mergedBy: pull.mergedBy && nameOf(pull, pull.mergedBy),
    // A fast-forward leaves no commit of its own.
    mergeCommit:
      pull.mergeCommit ?? (pull.state === 'merged' ? pull.head : undefined),
    closedAt: pull.closedAt,
  };
}

function orNone<T>(items: T[] | undefined): T[] | undefined {
  return items?.length ? items : undefined;
}

/** Whom it waits for: an objection comes first, as it may change what the checks see. */
function findTurn(
  { reviews }: Pull,
  checks: PullRequestCheck[],
): NonNullable<StorageRequest['pullRequest']>['turn'] {
  if (reviews.changesRequestedBy.length) {
    return 'author';
  }
  if (checks.some(({ state }) => state === 'failing')) {
    return 'checks';
  }
  return reviews.approvedBy.length ? 'merge' : 'reviewers';
}

/** A person of the forge by full name, a team as such. */
function nameOf({ teams, fullNames }: Pull, reviewer: string): string {
  return teams?.includes(reviewer)
    ? `team ${reviewer}`
    : fullNames?.[reviewer] ?? reviewer;
}

/**
 * The checks that have not passed, whether the forge requires them or not. What the portal itself says there, it says of
 * the request in other words.
 */
function findOpenChecks({ checks = [] }: Pull): PullRequestCheck[] {
  return checks.flatMap(({ state, ...check }) =>
    state === 'passing' || check.name === POLICY_STATUS
      ? []
      : [{ ...check, state }],
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
function describeWait(pull: Pull): string {
  const { reviews, reviewers } = pull;
  const names = (logins: string[], word: 'and' | 'or') =>
    inWords(
      logins.map(login => nameOf(pull, login)),
      word,
    );
  if (reviews.changesRequestedBy.length) {
    return `changes that ${names(reviews.changesRequestedBy, 'and')} asked for`;
  }
  if (reviews.approvedBy.length) {
    return `to be merged, approved by ${names(reviews.approvedBy, 'and')}`;
  }
  return reviewers.length
    ? `a review by ${names(reviewers, 'or')}`
    : 'a review, and to be merged';
}

function inWords(names: string[], word: 'and' | 'or'): string {
  return names.length > 1
    ? `${names.slice(0, -1).join(', ')} ${word} ${names.at(-1)}`
    : names.join('');
}

/** What the rules of the forge wait for: the portal shows it, and never works against it. */
const HELD: Record<
  NonNullable<Pull['held']>,
  (base: string, rules: string) => string
> = {
  queued: base =>
    `It waits in the merge queue of ${base}, and the portal leaves its branch alone`,
  behind: base =>
    `The rules of ${base} want it brought up to date before it is merged: whoever merges does that on its page, as the last step, since the portal leaves the branch alone from then on`,
  unsigned: base =>
    `The rules of ${base} take signed commits only, and the portal does not sign: whoever looks after the repository can let it bypass that rule`,
  approvals: (base, rules) =>
    `The rules of ${base} ask for more approvals${rules}: its page says by whom`,
  discussions: base =>
    `The rules of ${base} want every discussion on it resolved: whoever began one does that on its page`,
  pipeline: base =>
    `The rules of ${base} want a pipeline to pass, and none has: whoever looks after the repository sees to it that one runs for branches rustfs/*`,
  blocked: (base, rules) =>
    `A rule of ${base} holds it back${rules}; its page says which, and whoever looks after the repository can tell who may`,
};

function describeObstacle(pull: Pull): string | undefined {
  if (pull.draft) {
    return 'It is a draft';
  }
  if (pull.held === 'behind' && pull.mergeable === false) {
    return `${pull.baseBranch} takes only what stands on its newest commit: the portal brings the branch up to date by itself`;
  }
  if (pull.held) {
    const rules = pull.heldBy?.length ? ` (${list(pull.heldBy)})` : '';
    return HELD[pull.held](pull.baseBranch, rules);
  }
  // A forge also says so while it checks, so "conflict" would claim more than is known.
  return pull.mergeable === false
    ? `It cannot be merged now: the forge checks it, or ${pull.baseBranch} has moved and the portal brings it up to date`
    : undefined;
}
