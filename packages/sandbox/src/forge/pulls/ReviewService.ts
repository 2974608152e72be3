import { accessOf, atLeast } from '../access';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import {
  PullRecord,
  RepositoryRecord,
  ReviewRecord,
  ReviewState,
  UserRecord,
} from '../model';
import { MergeService } from './MergeService';
import { PullNotifier } from './PullNotifier';
import { findReviewers, ReviewerNames, reviewerProblem } from './reviewers';
import { addReview, addReviewRequest } from './reviews';

/** Reviews of pull requests: asked for and given. */
export class ReviewService {
  constructor(
    private readonly store: ForgeStore,
    private readonly merges: MergeService,
    private readonly notifier: PullNotifier,
  ) {}

  /** @returns the requests that are new */
  async request(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    names: ReviewerNames,
  ): Promise<ReviewRecord[]> {
    const reviewers = findReviewers(this.store, repository, names);
    for (const reviewer of reviewers) {
      const problem = reviewerProblem(this.store, repository, pull, reviewer);
      if (problem) throw new GiteaError(422, problem);
    }
    const added = reviewers.flatMap(
      reviewer =>
        addReviewRequest(this.store, repository, pull, reviewer) ?? [],
    );
    this.store.save();
    for (const review of added) {
      await this.notifier.reviewRequested({ repository, pull, user }, review);
    }
    return added;
  }

  /** Takes what a person says; a verdict may be what a scheduled merge waited for. */
  async submit(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    input: {
      state: Exclude<ReviewState, 'REQUEST_REVIEW'>;
      body: string;
      commit?: string;
    },
  ): Promise<ReviewRecord> {
    const { state, body } = input;
    const verdict = state === 'APPROVED' || state === 'REQUEST_CHANGES';
    if (verdict && pull.poster === user.name) {
      const what = state === 'APPROVED' ? 'approve' : 'reject';
      throw new GiteaError(422, `${what} your own pull is not allowed`);
    }
    if (state === 'REQUEST_CHANGES' && !body) {
      throw new GiteaError(422, 'review event REQUEST_CHANGES requires a body');
    }
    if (state === 'COMMENT' && !body) {
      throw new GiteaError(
        422,
        'review event COMMENT requires a body or a comment',
      );
    }
    if (verdict) {
      // A new verdict takes the place of the request and of what this person said before.
      pull.reviews = pull.reviews.filter(
        review =>
          review.user !== user.name || review.state !== 'REQUEST_REVIEW',
      );
      for (const review of pull.reviews) {
        if (review.user !== user.name || review.state === 'COMMENT') continue;
        review.official = false;
        review.dismissed = true;
      }
    }
    const review = addReview(this.store, pull, {
      user: user.name,
      state,
      body,
      commit: input.commit || pull.headCommit,
      official:
        verdict && atLeast(accessOf(this.store, repository, user), 'write'),
    });
    this.store.save();
    if (state !== 'PENDING') {
      await this.notifier.reviewed({ repository, pull, user }, { state, body });
      await this.merges.tryScheduled(repository, pull);
    }
    return review;
  }
}
