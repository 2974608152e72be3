import { AsyncLocalStorage } from 'node:async_hooks';
import { accessOf, atLeast, isDraft, protectionOf } from '../access';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { MergeStyle, PullRecord, RepositoryRecord, UserRecord } from '../model';
import { RepositoryService } from '../RepositoryService';
import { mergeBlocker } from './mergeBlocker';
import { writeMerge } from './mergeCommits';
import { PullFactsReader } from './PullFacts';
import { PullNotifier } from './PullNotifier';
import { addEvent } from './pullState';

export interface MergeInput {
  style: MergeStyle;
  title?: string;
  message?: string;
  headCommit?: string;
  deleteBranch?: boolean;
  whenChecksSucceed?: boolean;
  force?: boolean;
}

/** What Gitea says when the two sides do not fit together as they are now. */
const TRY_LATER = 'Please try again later';

/** Brings pull requests into their base, now or as soon as nothing is in the way. */
export class MergeService {
  private readonly locks = new Map<number, Promise<unknown>>();
  /** The repository whose lock the current work holds. */
  private readonly held = new AsyncLocalStorage<number>();

  constructor(
    private readonly store: ForgeStore,
    private readonly repositories: RepositoryService,
    private readonly facts: PullFactsReader,
    private readonly notifier: PullNotifier,
  ) {}

  /** Merges, or schedules the merge. @returns which of the two happened */
  async merge(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    input: MergeInput,
  ): Promise<'merged' | 'scheduled'> {
    return await this.exclusively(repository, () =>
      this.mergeNow(repository, pull, user, input),
    );
  }

  private async mergeNow(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    input: MergeInput,
  ): Promise<'merged' | 'scheduled'> {
    this.checkMayMerge(repository, pull, user);
    const facts = await this.facts.read(repository, pull);
    if (!facts.mergeable) throw new GiteaError(405, TRY_LATER);

    const blocker = mergeBlocker(repository, pull, facts);
    if (blocker && input.whenChecksSucceed) {
      this.schedule(pull, user, input);
      return 'scheduled';
    }
    const overridden =
      input.force && atLeast(accessOf(this.store, repository, user), 'admin');
    if (blocker && !overridden) throw new GiteaError(405, blocker);
    if (!repository.mergeStyles.includes(input.style)) {
      throw new GiteaError(
        405,
        `${input.style} is not allowed an allowed merge style for this repository`,
      );
    }
    if (input.headCommit && input.headCommit !== pull.headCommit) {
      throw new GiteaError(409, 'head out of date');
    }

    await this.moveBase(repository, pull, user, {
      ...input,
      base: facts.baseCommit,
    });
    await this.notifier.changed({ repository, pull, user }, 'closed');
    if (input.deleteBranch) await this.deleteHead(repository, pull, user);
    return 'merged';
  }

  private checkMayMerge(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
  ): void {
    if (pull.merged) throw new GiteaError(405, 'The PR is already merged');
    if (pull.state === 'closed') throw GiteaError.notFound();
    const rule = protectionOf(repository, pull.base);
    if (
      !atLeast(accessOf(this.store, repository, user), 'write') ||
      (rule?.enable_merge_whitelist &&
        !rule.merge_whitelist_usernames.includes(user.name))
    ) {
      throw new GiteaError(405, 'User not allowed to merge PR');
    }
    if (isDraft(pull)) {
      throw new GiteaError(405, 'Work in progress PRs cannot be merged');
    }
  }

  private schedule(
    pull: PullRecord,
    user: UserRecord,
    input: MergeInput,
  ): void {
    if (pull.scheduledMerge) {
      throw new GiteaError(
        409,
        `pull request is already scheduled to auto merge when checks succeed [pull_id: ${pull.id}]`,
      );
    }
    pull.scheduledMerge = {
      user: user.name,
      style: input.style,
      title: input.title,
      message: input.message,
      deleteBranch: input.deleteBranch ?? false,
    };
    this.store.save();
  }

  private async moveBase(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    how: Pick<MergeInput, 'style' | 'title' | 'message'> & { base: string },
  ): Promise<void> {
    const { base } = how;
    const git = this.store.git(repository);
    const merged = await git.mergeTrees(base, pull.headCommit);
    const commit =
      'tree' in merged
        ? await writeMerge(git, {
            ...how,
            pull,
            user,
            poster: this.store.user(pull.poster),
            tree: merged.tree,
          })
        : undefined;
    if (!commit) throw new GiteaError(405, TRY_LATER);
    await this.repositories
      .moveBranch(repository, pull.base, { before: base, after: commit }, user)
      .catch(error => {
        // Somebody pushed to the base meanwhile; the check has to run again.
        if (error instanceof GiteaError && error.status === 403) {
          throw new GiteaError(405, TRY_LATER);
        }
        throw error;
      });
    this.markMerged(pull, user, { commit, base });
  }

  private markMerged(
    pull: PullRecord,
    user: UserRecord,
    merge: { commit: string; base: string },
  ): void {
    const at = new Date().toISOString();
    pull.merged = { at, by: user.name, ...merge };
    pull.state = 'closed';
    pull.closedAt = at;
    pull.updatedAt = at;
    pull.scheduledMerge = undefined;
    addEvent(this.store, pull, {
      type: 'merge_pull',
      user,
      body: merge.commit,
    });
    this.store.save();
  }

  private async deleteHead(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
  ): Promise<void> {
    const needed = repository.pulls.some(
      other => other.state === 'open' && other.head === pull.head,
    );
    if (needed) return;
    await this.repositories
      .deleteBranch(repository, user, pull.head)
      .catch(error => {
        // The merge stands, whether the branch could be removed or not.
        if (!(error instanceof GiteaError)) throw error;
      });
  }

  /** After a status, a review or a push: does what was scheduled, if nothing is in its way any more. */
  async tryScheduled(
    repository: RepositoryRecord,
    pull: PullRecord,
  ): Promise<void> {
    const scheduled = pull.scheduledMerge;
    const user = scheduled && this.store.user(scheduled.user);
    if (!scheduled || !user || pull.state !== 'open') return;
    const facts = await this.facts.read(repository, pull);
    if (!facts.mergeable || mergeBlocker(repository, pull, facts)) return;
    await this.merge(repository, pull, user, scheduled).catch(error => {
      // Whoever pushed or reviewed did not ask for this merge, so a refusal is no answer to them.
      if (!(error instanceof GiteaError)) throw error;
    });
  }

  /**
   * One at a time per repository: a merge must see the base that it moves. What that makes move may in turn be what
   * another merge of the repository waited for; this one is part of the work and does not wait for its end.
   */
  private async exclusively<T>(
    repository: RepositoryRecord,
    work: () => Promise<T>,
  ): Promise<T> {
    const { id } = repository;
    if (this.held.getStore() === id) return await work();
    const before = this.locks.get(id) ?? Promise.resolve();
    const locked = () => this.held.run(id, work);
    const run = before.then(locked, locked);
    this.locks.set(
      id,
      run.catch(() => {}),
    );
    return await run;
  }
}
