import { isDraft } from '../access';
import { ForgeStore } from '../ForgeStore';
import {
  CommentRecord,
  PullRecord,
  RepositoryRecord,
  ReviewRecord,
  UserRecord,
} from '../model';
import { Presenter } from '../Presenter';
import { seconds } from '../wireFormat';
import { PullFactsReader } from './PullFacts';
import { latestReviews } from './reviews';

/** What the API answers with about pull requests, in Gitea's field names. */
export class PullPresenter {
  constructor(
    private readonly store: ForgeStore,
    private readonly facts: PullFactsReader,
    private readonly presenter: Presenter,
  ) {}

  url(repository: RepositoryRecord, pull: PullRecord): string {
    return `${this.presenter.html(repository)}/pulls/${pull.number}`;
  }

  async pull(
    repository: RepositoryRecord,
    pull: PullRecord,
    viewer?: UserRecord,
    options: { listed?: boolean } = {},
  ) {
    const facts = await this.facts.read(repository, pull);
    const repo = await this.presenter.repository(repository, viewer);
    const url = this.url(repository, pull);
    const reviews = latestReviews({
      reviews: pull.reviews.filter(review => !review.dismissed),
    });
    const reviewComments = pull.reviews.filter(
      review => review.state !== 'REQUEST_REVIEW',
    ).length;
    // In lists Gitea writes empty arrays as null.
    const list = <T>(items: T[]) =>
      options.listed && items.length === 0 ? null : items;
    return {
      id: pull.id,
      url,
      number: pull.number,
      user: this.presenter.userNamed(pull.poster, viewer),
      title: pull.title,
      body: pull.body,
      labels: [],
      milestone: null,
      assignee: null,
      assignees: list([]),
      requested_reviewers: list(
        reviews
          .filter(review => review.user)
          .map(review => this.presenter.userNamed(review.user)),
      ),
      requested_reviewers_teams: list(
        reviews.flatMap(review => {
          const found = review.team && this.store.teamById(review.team);
          return found
            ? [this.presenter.team(found.organization, found.team)]
            : [];
        }),
      ),
      state: pull.state,
      draft: isDraft(pull),
      is_locked: false,
      comments: pull.comments.length,
      ...(reviewComments > 0 && { review_comments: reviewComments }),
      ...(!options.listed && {
        additions: facts.additions,
        deletions: facts.deletions,
        changed_files: facts.files.length,
      }),
      html_url: url,
      diff_url: `${url}.diff`,
      patch_url: `${url}.patch`,
      mergeable: facts.mergeable,
      merged: pull.merged !== undefined,
      merged_at: pull.merged ? seconds(pull.merged.at) : null,
      merge_commit_sha: pull.merged?.commit ?? null,
      merged_by: pull.merged ? this.presenter.userNamed(pull.merged.by) : null,
      allow_maintainer_edit: true,
      base: {
        label: pull.base,
        ref: pull.base,
        sha: facts.baseCommit,
        repo_id: repository.id,
        repo,
      },
      head: {
        label: pull.head,
        ref: facts.headExists ? pull.head : `refs/pull/${pull.number}/head`,
        sha: pull.headCommit,
        repo_id: repository.id,
        repo,
      },
      merge_base: pull.mergeBase,
      due_date: null,
      created_at: seconds(pull.createdAt),
      updated_at: seconds(pull.updatedAt),
      closed_at: pull.closedAt ? seconds(pull.closedAt) : null,
      pin_order: 0,
      content_version: pull.contentVersion,
    };
  }

  /** A pull request as the issue API shows it. */
  issue(repository: RepositoryRecord, pull: PullRecord, viewer?: UserRecord) {
    return {
      id: pull.id,
      url: `${this.presenter.api(repository)}/issues/${pull.number}`,
      html_url: this.url(repository, pull),
      number: pull.number,
      user: this.presenter.userNamed(pull.poster, viewer),
      original_author: '',
      original_author_id: 0,
      title: pull.title,
      body: pull.body,
      ref: '',
      assets: [],
      labels: [],
      milestone: null,
      projects: null,
      assignee: null,
      assignees: null,
      state: pull.state,
      is_locked: false,
      comments: pull.comments.length,
      created_at: seconds(pull.createdAt),
      updated_at: seconds(pull.updatedAt),
      closed_at: pull.closedAt ? seconds(pull.closedAt) : null,
      due_date: null,
      time_estimate: 0,
      pull_request: {
        merged: pull.merged !== undefined,
        merged_at: pull.merged ? seconds(pull.merged.at) : null,
        draft: isDraft(pull),
        html_url: this.url(repository, pull),
      },
      repository: {
        id: repository.id,
        name: repository.name,
        owner: repository.owner,
        full_name: `${repository.owner}/${repository.name}`,
      },
      pin_order: 0,
      content_version: pull.contentVersion,
    };
  }

  comment(
    repository: RepositoryRecord,
    pull: PullRecord,
    comment: CommentRecord,
  ) {
    return {
      id: comment.id,
      html_url: `${this.url(repository, pull)}#issuecomment-${comment.id}`,
      pull_request_url: this.url(repository, pull),
      issue_url: '',
      user: this.presenter.userNamed(comment.user),
      original_author: '',
      original_author_id: 0,
      body: comment.body,
      assets: [],
      created_at: seconds(comment.createdAt),
      updated_at: seconds(comment.updatedAt),
    };
  }

  review(
    repository: RepositoryRecord,
    pull: PullRecord,
    review: ReviewRecord,
    viewer?: UserRecord,
  ) {
    const url = this.url(repository, pull);
    const found = review.team && this.store.teamById(review.team);
    return {
      id: review.id,
      user: this.presenter.userNamed(review.user, viewer),
      team: found ? this.presenter.team(found.organization, found.team) : null,
      state: review.state,
      body: review.body,
      commit_id: review.commit,
      stale: review.stale,
      official: review.official,
      dismissed: review.dismissed,
      comments_count: 0,
      submitted_at: seconds(review.submittedAt),
      updated_at: seconds(review.updatedAt),
      html_url:
        review.state === 'REQUEST_REVIEW'
          ? ''
          : `${url}#pullrequestreview-${review.id}`,
      pull_request_url: url,
    };
  }
}
