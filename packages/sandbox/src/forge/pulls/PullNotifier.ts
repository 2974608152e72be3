import {
  CommentRecord,
  PullRecord,
  RepositoryRecord,
  ReviewRecord,
  UserRecord,
} from '../model';
import { Presenter } from '../Presenter';
import { WebhookDispatcher, WebhookEvent } from '../WebhookDispatcher';
import { PullPresenter } from './PullPresenter';

/** What has happened, to which pull request, by whom. */
interface Occasion {
  repository: RepositoryRecord;
  pull: PullRecord;
  user: UserRecord;
}

const REVIEW_KINDS = {
  APPROVED: 'approved',
  REQUEST_CHANGES: 'rejected',
  COMMENT: 'comment',
} as const;

/** Tells those who subscribed what happened to a pull request. */
export class PullNotifier {
  constructor(
    private readonly presenter: Presenter,
    private readonly pullPresenter: PullPresenter,
    private readonly webhooks: WebhookDispatcher,
  ) {}

  async changed(
    occasion: Occasion,
    action: 'opened' | 'edited' | 'closed' | 'reopened',
  ): Promise<void> {
    await this.send(occasion, async () => ({
      subscription: 'pull_request',
      event: 'pull_request',
      type: 'pull_request',
      payload: await this.payload(occasion, action),
    }));
  }

  /** The branch of the pull request moved. */
  async synchronized(
    occasion: Occasion,
    move: { before: string; after: string },
  ): Promise<void> {
    await this.send(occasion, async () => ({
      subscription: 'pull_request_sync',
      event: 'pull_request',
      type: 'pull_request_sync',
      payload: {
        ...(await this.payload(occasion, 'synchronized')),
        before: move.before,
        after: move.after,
        commit_id: move.after,
      },
    }));
  }

  async commented(occasion: Occasion, comment: CommentRecord): Promise<void> {
    const { repository, pull, user } = occasion;
    await this.send(occasion, async () => ({
      subscription: 'pull_request_comment',
      event: 'issue_comment',
      type: 'pull_request_comment',
      payload: {
        action: 'created',
        issue: this.pullPresenter.issue(repository, pull),
        pull_request: await this.pullPresenter.pull(repository, pull),
        comment: this.pullPresenter.comment(repository, pull, comment),
        repository: await this.presenter.repository(repository),
        sender: this.presenter.user(user),
        is_pull: true,
      },
    }));
  }

  async reviewRequested(
    occasion: Occasion,
    review: ReviewRecord,
  ): Promise<void> {
    await this.send(occasion, async () => ({
      subscription: 'pull_request_review_request',
      event: 'pull_request',
      type: 'pull_request_review_request',
      payload: {
        ...(await this.payload(occasion, 'review_requested')),
        requested_reviewer: this.presenter.userNamed(review.user),
      },
    }));
  }

  async reviewed(
    occasion: Occasion,
    review: { state: keyof typeof REVIEW_KINDS; body: string },
  ): Promise<void> {
    const kind = REVIEW_KINDS[review.state];
    const type = `pull_request_review_${kind}`;
    await this.send(occasion, async () => ({
      subscription: 'pull_request_review',
      event:
        kind === 'comment' ? 'pull_request_comment' : `pull_request_${kind}`,
      type,
      payload: {
        ...(await this.payload(occasion, 'reviewed')),
        review: { type, content: review.body },
      },
    }));
  }

  /** The event is put together only where somebody listens: it costs several runs of git. */
  private async send(
    { repository }: Occasion,
    event: () => Promise<WebhookEvent>,
  ): Promise<void> {
    if (repository.hooks.length === 0) return;
    this.webhooks.dispatch(repository, await event());
  }

  private async payload({ repository, pull, user }: Occasion, action: string) {
    return {
      action,
      number: pull.number,
      pull_request: await this.pullPresenter.pull(repository, pull),
      requested_reviewer: null,
      repository: await this.presenter.repository(repository),
      sender: this.presenter.user(user),
      commit_id: '',
      review: null,
    };
  }
}
