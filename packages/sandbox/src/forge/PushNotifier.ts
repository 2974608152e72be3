import { NO_COMMIT } from './GitRepository';
import { ForgeStore } from './ForgeStore';
import { Presenter } from './Presenter';
import { branchOf, RefChange } from './RepositoryService';
import { WebhookDispatcher } from './WebhookDispatcher';

/** Commits that a push event names at the most. */
const SHOWN_COMMITS = 30;

/** Tells those who subscribed that a branch was made, moved or deleted. */
export class PushNotifier {
  constructor(
    private readonly store: ForgeStore,
    private readonly presenter: Presenter,
    private readonly webhooks: WebhookDispatcher,
  ) {}

  async refChanged(change: RefChange): Promise<void> {
    const { repository, before, after } = change;
    const branch = branchOf(change);
    if (branch === undefined || repository.hooks.length === 0) return;
    const shown = {
      repository: await this.presenter.repository(repository),
      sender: this.presenter.user(change.user),
    };
    if (after === NO_COMMIT) {
      this.webhooks.dispatch(repository, {
        subscription: 'delete',
        event: 'delete',
        type: 'delete',
        branch,
        payload: {
          ref: branch,
          ref_type: 'branch',
          pusher_type: 'user',
          ...shown,
        },
      });
      return;
    }
    if (before === NO_COMMIT) {
      this.webhooks.dispatch(repository, {
        subscription: 'create',
        event: 'create',
        type: 'create',
        branch,
        payload: { sha: after, ref: branch, ref_type: 'branch', ...shown },
      });
    }
    this.webhooks.dispatch(repository, {
      subscription: 'push',
      event: 'push',
      type: 'push',
      branch,
      payload: {
        ref: change.ref,
        before,
        after,
        ...(await this.commits(change)),
        ...shown,
        pusher: shown.sender,
      },
    });
  }

  private async commits({ repository, before, after }: RefChange) {
    const git = this.store.git(repository);
    const base =
      before === NO_COMMIT
        ? (await git.branch(repository.defaultBranch)) ?? after
        : before;
    const commits = await git.log([after, `^${base}`, `-${SHOWN_COMMITS}`]);
    const shown = await Promise.all(
      commits.map(async commit =>
        this.presenter.payloadCommit(
          repository,
          commit,
          await git.commitFiles(commit),
        ),
      ),
    );
    const html = this.presenter.html(repository);
    return {
      compare_url: `${html}/compare/${base}...${after}`,
      commits: shown,
      total_commits: shown.length,
      head_commit: shown[0] ?? null,
    };
  }
}
