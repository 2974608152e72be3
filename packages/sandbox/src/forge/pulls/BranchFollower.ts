import { unattended } from '../../unattended';
import { protectionOf } from '../access';
import { ForgeStore } from '../ForgeStore';
import { NO_COMMIT } from '../GitRepository';
import { PullRecord, RepositoryRecord, UserRecord } from '../model';
import { branchOf, RefChange } from '../RepositoryService';
import { MergeService } from './MergeService';
import { PullNotifier } from './PullNotifier';
import { addPushEvent, setHead, setState } from './pullState';

/** After this long an open pull request notices that its branch is gone: Gitea does it from a queue. */
const CLOSE_DELAY_MS = 40;

/** Keeps open pull requests up with their branches: those that move and those that go. */
export class BranchFollower {
  private readonly timers = new Set<NodeJS.Timeout>();

  constructor(
    private readonly store: ForgeStore,
    private readonly merges: MergeService,
    private readonly notifier: PullNotifier,
    private readonly warn: (message: string) => void,
  ) {}

  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
  }

  async refChanged(change: RefChange): Promise<void> {
    const branch = branchOf(change);
    if (branch === undefined) return;
    if (change.after === NO_COMMIT) {
      this.closeLater(change.repository, branch, change.user);
    } else {
      await this.moveHeads(change, branch);
    }
  }

  private async moveHeads(change: RefChange, branch: string): Promise<void> {
    const { repository, after } = change;
    for (const pull of repository.pulls) {
      if (
        pull.state === 'open' &&
        pull.head === branch &&
        pull.headCommit !== after
      ) {
        await this.headMoved(repository, pull, change);
      }
    }
  }

  private async headMoved(
    repository: RepositoryRecord,
    pull: PullRecord,
    move: Pick<RefChange, 'before' | 'after' | 'user'>,
  ): Promise<void> {
    const { before, after, user } = move;
    const git = this.store.git(repository);
    const forced =
      before !== NO_COMMIT && !(await git.isAncestor(before, after));
    await setHead(this.store, repository, pull, after);
    this.outdateReviews(repository, pull);
    const commits = forced
      ? [before, after]
      : (
          await git.log([after, before === NO_COMMIT ? '-1' : `^${before}`])
        ).map(commit => commit.sha);
    addPushEvent(this.store, pull, { user, commits, forced });
    pull.updatedAt = new Date().toISOString();
    this.store.save();
    await this.notifier.synchronized({ repository, pull, user }, move);
    await this.merges.tryScheduled(repository, pull);
  }

  private outdateReviews(repository: RepositoryRecord, pull: PullRecord): void {
    const rule = protectionOf(repository, pull.base);
    for (const review of pull.reviews) {
      if (
        review.state === 'REQUEST_REVIEW' ||
        review.commit === pull.headCommit
      ) {
        continue;
      }
      review.stale = true;
      if (rule?.dismiss_stale_approvals && review.state === 'APPROVED') {
        review.dismissed = true;
      }
    }
  }

  private closeLater(
    repository: RepositoryRecord,
    branch: string,
    user: UserRecord,
  ): void {
    const affected = repository.pulls.filter(
      pull =>
        pull.state === 'open' && (pull.head === branch || pull.base === branch),
    );
    if (affected.length === 0) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      for (const pull of affected) {
        // Also when the branch was made again meanwhile: that is how Gitea does it.
        if (pull.state !== 'open') continue;
        setState(this.store, pull, user, 'closed');
        unattended(
          `Keeping that a pull request of ${branch} is closed`,
          () => this.store.save(),
          this.warn,
        );
        this.notifier
          .changed({ repository, pull, user }, 'closed')
          // A delivery that cannot be put together is a lost delivery, nothing more.
          .catch(() => {});
      }
    }, CLOSE_DELAY_MS);
    this.timers.add(timer);
  }
}
