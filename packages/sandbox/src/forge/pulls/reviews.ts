import { accessOf, atLeast } from '../access';
import { ForgeStore } from '../ForgeStore';
import { PullRecord, RepositoryRecord, ReviewRecord } from '../model';
import { Reviewer } from './reviewers';

/** The latest word of each reviewer, a person or a team, that is a verdict or is still waited for. */
export function latestReviews(
  pull: Pick<PullRecord, 'reviews'>,
): ReviewRecord[] {
  const latest = new Map<string, ReviewRecord>();
  for (const review of pull.reviews) {
    if (review.state === 'COMMENT' || review.state === 'PENDING') continue;
    latest.set(review.user ?? `team ${review.team}`, review);
  }
  return [...latest.values()];
}

export function addReview(
  store: ForgeStore,
  pull: PullRecord,
  review: Pick<
    ReviewRecord,
    'user' | 'team' | 'state' | 'body' | 'commit' | 'official'
  >,
): ReviewRecord {
  const now = new Date().toISOString();
  const record: ReviewRecord = {
    ...review,
    id: store.nextId('review'),
    stale: false,
    dismissed: false,
    submittedAt: now,
    updatedAt: now,
  };
  pull.reviews.push(record);
  pull.updatedAt = now;
  return record;
}

/** Asks for a review. @returns undefined when this reviewer is waited for already */
export function addReviewRequest(
  store: ForgeStore,
  repository: RepositoryRecord,
  pull: PullRecord,
  reviewer: Reviewer,
): ReviewRecord | undefined {
  const last = latestReviews(pull).find(
    review => review.user === reviewer.user && review.team === reviewer.team,
  );
  if (last?.state === 'REQUEST_REVIEW') return undefined;
  const user = reviewer.user && store.user(reviewer.user);
  return addReview(store, pull, {
    ...reviewer,
    state: 'REQUEST_REVIEW',
    body: '',
    commit: '',
    official: user ? atLeast(accessOf(store, repository, user), 'write') : true,
  });
}
