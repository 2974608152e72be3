import { accessOf, atLeast, isDraft } from '../access';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import {
  CommentRecord,
  PullRecord,
  RepositoryRecord,
  UserRecord,
} from '../model';
import { PullNotifier } from './PullNotifier';
import {
  addEvent,
  addPushEvent,
  keepHead,
  setHead,
  setState,
} from './pullState';
import { findCodeOwners, findReviewers, reviewerProblem } from './reviewers';
import { addReviewRequest } from './reviews';

export interface PullInput {
  /** `branch`, or `owner:branch` with the owner of the repository. */
  head: string;
  base: string;
  title: string;
  body?: string;
  reviewers?: string[];
  teamReviewers?: string[];
}

export interface PullEdit {
  title?: string;
  body?: string;
  base?: string;
  state?: 'open' | 'closed';
  contentVersion?: number;
}

/** Titles have at most 255 bytes; a longer one ends in an ellipsis. */
function shortTitle(title: string): string {
  const bytes = Buffer.from(title);
  if (bytes.length <= 255) return title;
  // A character that was cut in two is left out.
  return `${bytes
    .subarray(0, 252)
    .toString()
    .replace(/\uFFFD+$/, '')}…`;
}

/** Pull requests: found, opened, edited and discussed. */
export class PullService {
  constructor(
    private readonly store: ForgeStore,
    private readonly notifier: PullNotifier,
  ) {}

  get(repository: RepositoryRecord, number: number): PullRecord {
    const pull = repository.pulls.find(other => other.number === number);
    if (!pull) throw GiteaError.notFound();
    return pull;
  }

  /** The oldest pull request between two branches, whatever its state. */
  find(
    repository: RepositoryRecord,
    base: string,
    head: string,
  ): PullRecord | undefined {
    const branch = branchOf(repository, head);
    return repository.pulls.find(
      pull => pull.head === branch && pull.base === base,
    );
  }

  async create(
    repository: RepositoryRecord,
    user: UserRecord,
    input: PullInput,
  ): Promise<PullRecord> {
    const { head, headCommit, baseCommit } = await this.sides(
      repository,
      input,
    );
    this.checkMayOpen(repository, user, { head, base: input.base });
    const reviewers = findReviewers(this.store, repository, {
      users: input.reviewers ?? [],
      teams: input.teamReviewers ?? [],
    });
    const git = this.store.git(repository);
    const mergeBase =
      (await git.mergeBase(baseCommit, headCommit)) ?? baseCommit;
    const owners = isDraft(input)
      ? []
      : await findCodeOwners(this.store, repository, user, async () =>
          (
            await git.changedFiles(mergeBase, headCommit)
          ).map(file => file.path),
        );

    const now = new Date().toISOString();
    const pull = this.store.addPull(repository, {
      poster: user.name,
      title: shortTitle(input.title),
      body: input.body ?? '',
      contentVersion: 0,
      base: input.base,
      head,
      headCommit,
      mergeBase,
      state: 'open',
      createdAt: now,
      updatedAt: now,
      comments: [],
      reviews: [],
      events: [],
    });
    await keepHead(this.store, repository, pull);
    for (const owner of owners) {
      addReviewRequest(this.store, repository, pull, owner);
    }
    const commits = await git.log([headCommit, `^${mergeBase}`]);
    addPushEvent(this.store, pull, {
      user,
      commits: commits.map(commit => commit.sha),
      forced: false,
    });
    this.store.save();

    for (const reviewer of reviewers) {
      if (reviewerProblem(this.store, repository, pull, reviewer)) {
        // Gitea fails here, after it has made the pull request and before it tells anybody.
        throw new GiteaError(500, '');
      }
      addReviewRequest(this.store, repository, pull, reviewer);
    }
    this.store.save();
    await this.notifier.changed({ repository, pull, user }, 'opened');
    return pull;
  }

  /** @throws GiteaError 404 when one of the branches is not there */
  private async sides(
    repository: RepositoryRecord,
    input: Pick<PullInput, 'head' | 'base'>,
  ): Promise<{ head: string; headCommit: string; baseCommit: string }> {
    const git = this.store.git(repository);
    const head = branchOf(repository, input.head);
    const [baseCommit, headCommit] = await Promise.all([
      git.branch(input.base),
      head && git.branch(head),
    ]);
    if (!baseCommit) {
      throw GiteaError.notFound(`ref "${input.base}" does not exist`);
    }
    if (!head || !headCommit) {
      throw GiteaError.notFound(`ref "${input.head}" does not exist`);
    }
    return { head, headCommit, baseCommit };
  }

  private checkMayOpen(
    repository: RepositoryRecord,
    user: UserRecord,
    { head, base }: { head: string; base: string },
  ): void {
    if (head === base) {
      throw new GiteaError(
        422,
        'Invalid PullRequest: There are no changes between the head and the base',
      );
    }
    if (!this.isCollaborator(repository, user)) {
      throw new GiteaError(403, 'user must be a collaborator');
    }
    // Checked here and not again when it is stored: like Gitea, calls at the same time all succeed.
    const duplicate = repository.pulls.find(
      pull => pull.state === 'open' && pull.head === head && pull.base === base,
    );
    if (duplicate) {
      throw new GiteaError(
        409,
        `pull request already exists for these targets [id: ${duplicate.id}, issue_id: ${duplicate.number}, head_repo_id: ${repository.id}, base_repo_id: ${repository.id}, head_branch: ${head}, base_branch: ${base}]`,
      );
    }
  }

  private isCollaborator(
    repository: RepositoryRecord,
    user: UserRecord,
  ): boolean {
    return atLeast(
      accessOf(this.store, { ...repository, private: true }, user),
      'read',
    );
  }

  async edit(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    edit: PullEdit,
  ): Promise<void> {
    const writer = atLeast(accessOf(this.store, repository, user), 'write');
    if (!writer && pull.poster !== user.name)
      throw GiteaError.silentlyForbidden();
    if (
      edit.contentVersion !== undefined &&
      edit.contentVersion !== pull.contentVersion
    ) {
      throw new GiteaError(409, 'the issue is already changed');
    }
    if (edit.base && edit.base !== pull.base) {
      await this.setBase(repository, pull, edit.base);
    }
    if (edit.state && pull.merged) {
      throw new GiteaError(
        412,
        'cannot change state of this pull request, it was already merged',
      );
    }
    const actions: Array<'edited' | 'closed' | 'reopened'> = [];
    if (edit.title && edit.title !== pull.title) {
      addEvent(this.store, pull, {
        type: 'change_title',
        user,
        body: edit.title,
      });
      pull.title = shortTitle(edit.title);
      actions.push('edited');
    }
    if (edit.body !== undefined) {
      if (edit.body !== pull.body) actions.push('edited');
      pull.body = edit.body;
      pull.contentVersion += 1;
    }
    if (edit.state && edit.state !== pull.state) {
      setState(this.store, pull, user, edit.state);
      if (edit.state === 'open') await this.refreshHead(repository, pull);
      actions.push(edit.state === 'open' ? 'reopened' : 'closed');
    }
    pull.updatedAt = new Date().toISOString();
    this.store.save();
    for (const action of actions) {
      await this.notifier.changed({ repository, pull, user }, action);
    }
  }

  private async setBase(
    repository: RepositoryRecord,
    pull: PullRecord,
    base: string,
  ): Promise<void> {
    const git = this.store.git(repository);
    const commit = await git.branch(base);
    if (!commit) throw GiteaError.notFound(`new base '${base}' not exist`);
    pull.base = base;
    pull.mergeBase = (await git.mergeBase(commit, pull.headCommit)) ?? commit;
  }

  /** While it was closed, its branch may have been made again. */
  private async refreshHead(
    repository: RepositoryRecord,
    pull: PullRecord,
  ): Promise<void> {
    const tip = await this.store.git(repository).branch(pull.head);
    if (tip && tip !== pull.headCommit) {
      await setHead(this.store, repository, pull, tip);
    }
  }

  async comment(
    repository: RepositoryRecord,
    pull: PullRecord,
    user: UserRecord,
    body: string,
  ): Promise<CommentRecord> {
    const now = new Date().toISOString();
    const comment: CommentRecord = {
      id: this.store.nextId('comment'),
      user: user.name,
      body,
      createdAt: now,
      updatedAt: now,
    };
    pull.comments.push(comment);
    pull.updatedAt = now;
    this.store.save();
    await this.notifier.commented({ repository, pull, user }, comment);
    return comment;
  }
}

/** The branch that `head` names; undefined when it is said to be in another repository. */
function branchOf(
  repository: RepositoryRecord,
  head: string,
): string | undefined {
  const colon = head.indexOf(':');
  if (colon < 0) return head;
  return head.slice(0, colon) === repository.owner
    ? head.slice(colon + 1)
    : undefined;
}
