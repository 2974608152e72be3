import { Pull } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { PullObservation } from './observations';

/** What a pull request says about its request, with what it waits for in words. */
export function describePull(pull: Pull): PullObservation {
  return {
    state: pull.state,
    ...(pull.state === 'open' && {
      waitingFor: describeWait(pull),
      note: describeObstacle(pull),
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

function describeWait({ reviews, reviewers }: Pull): string {
  if (reviews.changesRequestedBy.length) {
    return `Changes that ${reviews.changesRequestedBy.join(', ')} asked for`;
  }
  if (reviews.approvedBy.length) {
    return `To be merged; approved by ${reviews.approvedBy.join(', ')}`;
  }
  return reviewers.length
    ? `A review by ${reviewers.join(', ')}`
    : 'A review, and to be merged';
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
