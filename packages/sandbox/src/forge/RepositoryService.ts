import {
  accessOf,
  atLeast,
  mayForcePush,
  mayPush,
  protectionOf,
} from './access';
import { ForgeStore } from './ForgeStore';
import { GiteaError } from './GiteaError';
import { GitError, NO_COMMIT, Signature } from './GitRepository';
import { RepositoryRecord, UserRecord } from './model';

/** A branch or tag that was made, moved or deleted. */
export interface RefChange {
  repository: RepositoryRecord;
  ref: string;
  /** {@link NO_COMMIT} when it was not there. */
  before: string;
  /** {@link NO_COMMIT} when it is gone. */
  after: string;
  user: UserRecord;
}

/** The branch that changed; undefined when it is another ref, a tag for example. */
export function branchOf(change: RefChange): string | undefined {
  const prefix = 'refs/heads/';
  return change.ref.startsWith(prefix)
    ? change.ref.slice(prefix.length)
    : undefined;
}

type RefListener = (change: RefChange) => Promise<void>;

export function isValidBranchName(name: string): boolean {
  return (
    name.length > 0 &&
    !/[\s\p{Cc}~^:?*[\\]/u.test(name) &&
    !/(^|\/)\.|\.\.|@\{|\/\/|\.lock($|\/)|^\/|\/$|\.$|^@$|^-/.test(name)
  );
}

/** The text of git's own refusal to move a ref, which callers of the API decide on. */
function lockMessage(error: unknown): string | undefined {
  if (!(error instanceof GitError)) return undefined;
  const found = /cannot lock ref .*/.exec(error.stderr);
  return found?.[0];
}

/** Repositories and their branches. */
export class RepositoryService {
  private readonly listeners: RefListener[] = [];

  constructor(private readonly store: ForgeStore) {}

  onRefChange(listener: RefListener): void {
    this.listeners.push(listener);
  }

  async create(
    options: Pick<RepositoryRecord, 'owner' | 'name'> &
      Partial<RepositoryRecord>,
  ): Promise<RepositoryRecord> {
    const repository = this.store.addRepository(options);
    await this.store.git(repository).init(repository.defaultBranch);
    this.store.save();
    return repository;
  }

  /** First commit of an empty repository. */
  async seed(
    repository: RepositoryRecord,
    files: Record<string, string>,
    author: Signature,
    message: string,
  ): Promise<string> {
    const git = this.store.git(repository);
    const paths = Object.keys(files).sort();
    const blobs = await git.writeBlobs(
      paths.map(path => Buffer.from(files[path], 'utf8')),
    );
    const tree = await git.writeTree(
      undefined,
      paths.map((path, index) => ({
        path,
        entry: { mode: '100644', sha: blobs[index] },
      })),
    );
    const commit = await git.writeCommit({
      tree,
      parents: [],
      author,
      committer: author,
      message,
    });
    await git.updateRef(
      `refs/heads/${repository.defaultBranch}`,
      commit,
      NO_COMMIT,
    );
    return commit;
  }

  async isEmpty(repository: RepositoryRecord): Promise<boolean> {
    return (await this.store.git(repository).branches()).length === 0;
  }

  /**
   * Moves, makes or deletes a branch in one step and tells everybody who follows branches.
   *
   * @throws GiteaError 403 with git's `cannot lock ref` when the branch is no longer at `before`
   */
  async moveBranch(
    repository: RepositoryRecord,
    branch: string,
    move: { before: string; after: string },
    user: UserRecord,
  ): Promise<void> {
    const ref = `refs/heads/${branch}`;
    const git = this.store.git(repository);
    try {
      if (move.after === NO_COMMIT) await git.deleteRef(ref, move.before);
      else await git.updateRef(ref, move.after, move.before);
    } catch (error) {
      const message = lockMessage(error);
      if (message) throw new GiteaError(403, message);
      throw error;
    }
    await this.refChanged({ repository, ref, ...move, user });
  }

  /** To be called after a ref was changed by other means than {@link RepositoryService.moveBranch}. */
  async refChanged(change: RefChange): Promise<void> {
    if (change.before === change.after) return;
    change.repository.updatedAt = new Date().toISOString();
    this.store.save();
    for (const listener of this.listeners) await listener(change);
  }

  async createBranch(
    repository: RepositoryRecord,
    user: UserRecord,
    options: { name: string; from: string },
  ): Promise<void> {
    const git = this.store.git(repository);
    const commit = await git.resolve(options.from);
    // Gitea has no answer of its own for this.
    if (!commit) throw new GiteaError(500, '');
    if (await git.branch(options.name)) {
      throw new GiteaError(409, 'The branch already exists.');
    }
    await this.moveBranch(
      repository,
      options.name,
      { before: NO_COMMIT, after: commit },
      user,
    );
  }

  async deleteBranch(
    repository: RepositoryRecord,
    user: UserRecord,
    branch: string,
  ): Promise<void> {
    const commit = await this.store.git(repository).branch(branch);
    if (!commit) throw GiteaError.notFound();
    if (branch === repository.defaultBranch) {
      throw new GiteaError(
        403,
        'can not delete default or pull request target branch',
      );
    }
    if (protectionOf(repository, branch)) {
      throw new GiteaError(403, 'branch protected');
    }
    await this.moveBranch(
      repository,
      branch,
      { before: commit, after: NO_COMMIT },
      user,
    );
  }

  async updateBranch(
    repository: RepositoryRecord,
    user: UserRecord,
    branch: string,
    options: { newCommit: string; oldCommit?: string; force?: boolean },
  ): Promise<void> {
    const git = this.store.git(repository);
    const before = await git.branch(branch);
    if (!before) throw GiteaError.notFound();
    if (options.oldCommit && options.oldCommit !== before) {
      throw new GiteaError(
        422,
        `branch commit does not match [expected: ${options.oldCommit}, given: ${before}]`,
      );
    }
    const after = await git.resolve(options.newCommit);
    if (!after) throw new GiteaError(500, '');
    if (after === before) return;
    const forced = !(await git.isAncestor(before, after));
    if (forced && !options.force) {
      throw new GiteaError(
        422,
        `Force push ${branch} need a confirm force parameter`,
      );
    }
    this.checkPush(repository, user, branch, { forced });
    await this.moveBranch(repository, branch, { before, after }, user);
  }

  /** @throws GiteaError 403 when a protection rule keeps this user from pushing to the branch */
  checkPush(
    repository: RepositoryRecord,
    user: UserRecord,
    branch: string,
    options: { forced: boolean },
  ): void {
    const rule = protectionOf(repository, branch);
    if (!mayPush(rule, user)) {
      throw new GiteaError(
        403,
        `Not allowed to push to protected branch ${branch}`,
      );
    }
    if (options.forced && !mayForcePush(rule, user)) {
      throw new GiteaError(
        403,
        `branch ${branch} is protected from force push`,
      );
    }
  }

  mayWrite(repository: RepositoryRecord, user: UserRecord): boolean {
    return atLeast(accessOf(this.store, repository, user), 'write');
  }
}
