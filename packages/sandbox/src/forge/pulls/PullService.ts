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
  /** `branch`, or `owner:branch` for a fork. */
  head: string;
  base: string;
  title: string;
  body?: string;
  labels?: number[];
  assignees?: string[];
  reviewers?: string[];
  teamReviewers?: string[];
}

export interface PullEdit {
  title?: string;
  body?: string;
  base?: string;
  state?: 'open' | 'closed';
  labels?: number[];
  assignees?: string[];
  contentVersion?: number;
}

interface Branch {
  repository: RepositoryRecord;
  branch: string;
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

/** Labels of the repository; ids that it does not have are left out. */
function knownLabels(repository: RepositoryRecord, ids: number[]): number[] {
  return ids.filter(id => repository.labels.some(label => label.id === id));
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
    const source = this.headOf(repository, head);
    return (
      source && repository.pulls.find(pull => isBetween(pull, source, base))
    );
  }

  private headOf(
    repository: RepositoryRecord,
    head: string,
  ): Branch | undefined {
    const colon = head.indexOf(':');
    if (colon < 0) return { repository, branch: head };
    const owner = head.slice(0, colon);
    const branch = head.slice(colon + 1);
    if (owner === repository.owner) return { repository, branch };
    const fork = this.store.repositories.find(
      other => other.owner === owner && other.parent === repository.id,
    );
    return fork && { repository: fork, branch };
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
    const assignees = this.checkAssignees(repository, input.assignees ?? []);
    const reviewers = findReviewers(this.store, repository, {
      users: input.reviewers ?? [],
      teams: input.teamReviewers ?? [],
    });
    const git = this.store.git(repository);
    if (head.repository !== repository) {
      await git.fetchFrom(
        this.store.git(head.repository),
        `refs/heads/${head.branch}`,
        `refs/forks/${head.repository.id}/${head.branch}`,
      );
    }
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
      head: head.branch,
      headRepository: head.repository.id,
      headCommit,
      mergeBase,
      state: 'open',
      createdAt: now,
      updatedAt: now,
      labels: knownLabels(repository, input.labels ?? []),
      assignees,
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
  ): Promise<{ head: Branch; headCommit: string; baseCommit: string }> {
    const head = this.headOf(repository, input.head);
    const [baseCommit, headCommit] = await Promise.all([
      this.store.git(repository).branch(input.base),
      head && this.store.git(head.repository).branch(head.branch),
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
    { head, base }: { head: Branch; base: string },
  ): void {
    if (head.repository === repository && head.branch === base) {
      throw new GiteaError(
        422,
        'Invalid PullRequest: There are no changes between the head and the base',
      );
    }
    if (
      head.repository === repository &&
      !this.isCollaborator(repository, user)
    ) {
      throw new GiteaError(403, 'user must be a collaborator');
    }
    // Checked here and not again when it is stored: like Gitea, calls at the same time all succeed.
    const duplicate = repository.pulls.find(
      pull => pull.state === 'open' && isBetween(pull, head, base),
    );
    if (duplicate) {
      throw new GiteaError(
        409,
        `pull request already exists for these targets [id: ${duplicate.id}, issue_id: ${duplicate.number}, head_repo_id: ${head.repository.id}, base_repo_id: ${repository.id}, head_branch: ${head.branch}, base_branch: ${base}]`,
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

  private checkAssignees(
    repository: RepositoryRecord,
    names: string[],
  ): string[] {
    return names.map(name => {
      const user = this.store.user(name);
      if (!user) {
        throw new GiteaError(
          422,
          `Assignee does not exist: [name: user does not exist [uid: 0, name: ${name}]]`,
        );
      }
      if (!this.isCollaborator(repository, user)) {
        throw new GiteaError(
          422,
          `user doesn't have access to repo [user_id: ${user.id}, repo_name: ${repository.name}]`,
        );
      }
      return user.name;
    });
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
    if (edit.assignees) {
      pull.assignees = this.checkAssignees(repository, edit.assignees);
    }
    if (edit.labels && writer) this.setLabels(repository, pull, edit.labels);
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
    if (pull.headRepository !== repository.id) return;
    const tip = await this.store.git(repository).branch(pull.head);
    if (tip && tip !== pull.headCommit) {
      await setHead(this.store, repository, pull, tip);
    }
  }

  setLabels(
    repository: RepositoryRecord,
    pull: PullRecord,
    ids: number[],
  ): void {
    pull.labels = knownLabels(repository, [...new Set(ids)]);
    pull.updatedAt = new Date().toISOString();
    this.store.save();
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

function isBetween(pull: PullRecord, head: Branch, base: string): boolean {
  return (
    pull.base === base &&
    pull.head === head.branch &&
    pull.headRepository === head.repository.id
  );
}
