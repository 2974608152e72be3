import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { PORTAL_EMAIL } from '../../plan/pullRequest';
import { BranchTip, ChangeSet, ForgeError, WrittenBranch } from '../../types';
import { explainLostRace, explainNoBranch, explainStale } from '../explain';
import { blobIdOf } from '../files/blobId';
import { pause } from '../http/Clock';
import { explainCommit } from './explainAnswer';
import { GitLabCall, GitLabClient } from './GitLabClient';
import { GitLabFiles } from './GitLabFiles';
import { branchSchema, commitSchema, diffSchema, selfSchema } from './schemas';

type Commit = z.output<typeof commitSchema>;

/** Who the portal is, which changes with its token. */
const SELVES = { max: 500, ttl: 60 * 60_000 };
const DIFFS_PER_PAGE = 100;
const ATTEMPTS = 3;

/**
 * Reads and writes the branches of changes: one call commits to a branch that it makes, or whose content it replaces.
 *
 * GitLab has no compare and swap for a branch and sets name and date of who commits itself. So a branch is looked at before, and
 * what is as it should be is left alone; what somebody pushes between that look and the write is lost. Where a write has no good
 * answer, it is looked again before it is repeated.
 */
export class GitLabBranches {
  readonly #client: GitLabClient;
  readonly #files: GitLabFiles;
  readonly #selves = new LRUCache<string, string[]>(SELVES);

  constructor(client: GitLabClient, files: GitLabFiles) {
    this.#client = client;
    this.#files = files;
  }

  /** As `Forge.readBranch`. */
  async read(
    repository: string,
    branch: string,
  ): Promise<BranchTip | undefined> {
    const commit = await this.#read(repository, branch);
    return commit && this.#toTip(repository, commit);
  }

  /** Makes a branch again, unless it is there. */
  async restore(
    repository: string,
    { branch, commit }: { branch: string; commit: string },
  ): Promise<void> {
    if (await this.#read(repository, branch)) {
      return;
    }
    const call: GitLabCall = {
      method: 'POST',
      path: ['repository', 'branches'],
      query: { branch, ref: commit },
    };
    const answer = await this.#client.repeat(repository, call);
    const isThere =
      answer.status === 400 && /already exists/i.test(answer.message);
    if (answer.status !== 201 && !isThere) {
      throw this.#client.refusal(repository, call, answer);
    }
  }

  /** As `Forge.replaceBranch`. */
  async replace(options: {
    repository: string;
    changeSet: ChangeSet;
    mayReplace: (tip: BranchTip) => boolean;
  }): Promise<WrittenBranch> {
    const { repository, changeSet, mayReplace } = options;
    const { branch, baseBranch, files } = changeSet;
    if (branch === baseBranch) {
      throw new ForgeError('unsupported', `${branch} is the base branch`);
    }
    const [base, before] = await Promise.all([
      this.#read(repository, baseBranch),
      this.#read(repository, branch),
    ]);
    const place = this.#client.placeOf(repository);
    if (!base) {
      await this.#client.checkProject(repository);
      throw explainNoBranch(place, baseBranch);
    }
    const tip = before && (await this.#toTip(repository, before));
    if (tip && !mayReplace(tip)) {
      return { outcome: 'kept', tip };
    }
    const ids = await this.#files.readIds({
      repository,
      revision: base.id,
      paths: files.map(({ path }) => path),
    });
    const isCurrent = files.every(
      ({ before: known, path }) => ids.get(path) === known?.id,
    );
    if (!isCurrent || hasAll(ids, changeSet)) {
      // In the second case Git has it already, in other words; GitLab would take an empty commit.
      throw explainStale(place, baseBranch);
    }
    const isThere =
      before &&
      isOn(before, base, changeSet) &&
      (await this.#holds(repository, before, changeSet));
    const commit = isThere
      ? before.id
      : await this.#commit(repository, changeSet, { base, before, ids });
    return { outcome: 'written', commit, base: base.id };
  }

  /** Whether a commit changed the files of a change set to what they are to be, and no other. */
  async #holds(
    repository: string,
    commit: Commit,
    changeSet: ChangeSet,
  ): Promise<boolean> {
    const paths = changeSet.files.map(({ path }) => path);
    const [ids, diff] = await Promise.all([
      this.#files.readIds({ repository, revision: commit.id, paths }),
      this.#client.get(
        repository,
        {
          path: ['repository', 'commits', commit.id, 'diff'],
          query: { per_page: String(DIFFS_PER_PAGE) },
        },
        diffSchema,
      ),
    ]);
    return (
      hasAll(ids, changeSet) &&
      diff.length < DIFFS_PER_PAGE &&
      diff
        .flatMap(({ old_path: from, new_path: to }) => [from, to])
        .every(path => paths.includes(path))
    );
  }

  async #commit(
    repository: string,
    changeSet: ChangeSet,
    now: { base: Commit; before?: Commit; ids: Map<string, string> },
  ): Promise<string> {
    const { author, branch, baseBranch, commitMessage, files } = changeSet;
    const { base, before, ids } = now;
    const call: GitLabCall = {
      method: 'POST',
      path: ['repository', 'commits'],
      body: {
        branch,
        // So that nothing that moves meanwhile gets in; the files are what they are there.
        start_sha: base.id,
        // One that was not there a moment ago is not to be replaced.
        ...(before && { force: true }),
        commit_message: commitMessage,
        author_name: author.name,
        author_email: author.email,
        stats: false,
        actions: files.map(({ path, after }) => ({
          action: actionOf(after, ids.has(path)),
          file_path: path,
          ...(after !== undefined && {
            encoding: 'base64',
            content: Buffer.from(after, 'utf8').toString('base64'),
          }),
        })),
      },
    };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#client.send(repository, call).catch(error => {
        if (error instanceof ForgeError && error.reason === 'unreachable') {
          return error;
        }
        throw error;
      });
      if (answer instanceof ForgeError || answer.status >= 500) {
        await pause(attempt);
        // A repeat would be another commit, and by force, so it is looked first what the branch has.
        const made = await this.#findMade(repository, changeSet, now);
        if (made) {
          return made;
        }
        if (attempt === ATTEMPTS) {
          throw answer instanceof ForgeError
            ? answer
            : this.#client.refusal(repository, call, answer);
        }
      } else if (answer.status === 201) {
        return this.#client.parse(repository, call, {
          answer,
          schema: commitSchema,
          expected: 201,
        }).id;
      } else {
        throw explainCommit({
          ...this.#client.seen(repository, call),
          branch,
          baseBranch,
          status: answer.status,
          message: answer.message,
        });
      }
    }
  }

  /**
   * The commit of a call that had no good answer; undefined when nothing was written.
   *
   * @throws ForgeError `lost-race` when there is another one by now
   */
  async #findMade(
    repository: string,
    changeSet: ChangeSet,
    { base, before }: { base: Commit; before?: Commit },
  ): Promise<string | undefined> {
    const { branch } = changeSet;
    const made = await this.#read(repository, branch);
    if (made?.id === before?.id) {
      return undefined;
    }
    if (
      made &&
      isOn(made, base, changeSet) &&
      (await this.#toTip(repository, made)).isOwn
    ) {
      return made.id;
    }
    throw explainLostRace(this.#client.placeOf(repository), branch);
  }

  async #read(repository: string, branch: string): Promise<Commit | undefined> {
    const found = await this.#client.read(
      repository,
      { path: ['repository', 'branches', branch] },
      branchSchema,
    );
    return found?.commit;
  }

  async #toTip(repository: string, commit: Commit): Promise<BranchTip> {
    const {
      committer_name: name = '',
      committer_email: email = '',
      committed_date: date = '',
      message = '',
    } = commit;
    return {
      commit: commit.id,
      message,
      committer: { name, email },
      date,
      isOwn:
        (isServer(name, email) && isPortal(commit.author_email)) ||
        (await this.#readSelf(repository)).includes(email.toLowerCase()),
    };
  }

  /** The addresses that a commit of the portal's account can have. */
  async #readSelf(repository: string): Promise<string[]> {
    const known = this.#selves.get(repository);
    if (known) {
      return known;
    }
    const self = await this.#client.readPerhaps(
      repository,
      { path: ['user'], isGlobal: true },
      selfSchema,
    );
    const addresses = [self?.commit_email, self?.email].flatMap(address =>
      address ? [address.toLowerCase()] : [],
    );
    this.#selves.set(repository, addresses);
    return addresses;
  }
}

/** A server that signs what is committed by its API names itself as who commits. */
function isServer(name: string, email: string): boolean {
  return name === 'GitLab' && /^noreply@/i.test(email);
}

/** So is what people commit on its pages; only the portal's commits have its address. */
function isPortal(author: string | undefined): boolean {
  return author?.toLowerCase() === PORTAL_EMAIL;
}

function actionOf(after: string | undefined, isThere: boolean): string {
  if (after === undefined) {
    return 'delete';
  }
  return isThere ? 'update' : 'create';
}

/** Whether files are what a change set makes of them, by their blob ids. */
function hasAll(ids: Map<string, string>, { files }: ChangeSet): boolean {
  return files.every(
    ({ after, path }) =>
      ids.get(path) ===
      (after === undefined ? undefined : blobIdOf(Buffer.from(after, 'utf8'))),
  );
}

/** Whether a commit is the one of a change set, as far as it says. */
function isOn(
  { message = '', parent_ids: parents = [] }: Commit,
  base: Commit,
  { commitMessage }: ChangeSet,
): boolean {
  return (
    parents.length === 1 &&
    parents[0] === base.id &&
    message.trim() === commitMessage.trim()
  );
}
