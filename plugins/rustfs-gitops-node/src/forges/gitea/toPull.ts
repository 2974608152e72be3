import { z } from 'zod';
import { Pull, PullRemark, PullState } from '../../types';
import { ForgeReview, judgeReviews } from '../judgeReviews';
import { toLine } from '../plainText';
import { pullSchema, reviewsSchema } from './schemas';

export type GiteaPull = z.output<typeof pullSchema>;
export type GiteaReviews = z.output<typeof reviewsSchema>;

const MAX_NAME = 100;

const VERDICTS: Record<string, PullRemark['verdict']> = {
  APPROVED: 'approved',
  REQUEST_CHANGES: 'changes-requested',
  COMMENT: 'commented',
};

export function stateOf({ state, merged }: GiteaPull): PullState {
  if (state === 'open') {
    return 'open';
  }
  return merged ? 'merged' : 'closed';
}

export function toPull(pull: GiteaPull, reviews: GiteaReviews): Pull {
  const isOpen = pull.state === 'open';
  const users = pull.requested_reviewers ?? [];
  const teams = (pull.requested_reviewers_teams ?? []).map(({ name }) => name);
  const known = [...users, ...reviews.flatMap(({ user }) => user ?? [])];
  return {
    number: pull.number,
    url: pull.html_url,
    state: stateOf(pull),
    title: pull.title,
    body: pull.body,
    branch: pull.head.label || pull.head.ref,
    baseBranch: pull.base.ref,
    head: pull.head.sha,
    mergeBase: pull.merge_base || undefined,
    mergeable: isOpen ? pull.mergeable : undefined,
    draft: pull.draft ?? false,
    updatedAt: pull.updated_at,
    reviewers: [...users.map(({ login }) => login), ...teams],
    teams,
    fullNames: Object.fromEntries(
      known.flatMap(({ login, full_name: name }) => {
        const line = toLine(name, MAX_NAME);
        return line ? [[login, line]] : [];
      }),
    ),
    reviews: judgeReviews(reviews.flatMap(toReview), {
      url: pull.html_url,
      mergedAt: pull.merged_at,
    }),
    mergedAt: pull.merged_at,
    mergedBy: pull.merged_by?.login,
    mergeCommit: pull.merged ? pull.merge_commit_sha : undefined,
    closedAt: pull.closed_at,
  };
}

function toReview({
  user,
  state,
  ...review
}: GiteaReviews[number]): ForgeReview[] {
  const verdict = VERDICTS[state];
  return user && verdict
    ? [
        {
          login: user.login,
          verdict,
          counts: review.official ?? false,
          isStale: review.stale ?? false,
          isDismissed: review.dismissed ?? false,
          text: review.body,
          at: review.submitted_at,
          url: review.html_url,
        },
      ]
    : [];
}
