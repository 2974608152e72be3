import { z } from 'zod';
import {
  ChangeSet,
  Forge,
  ForgeError,
  NotAsked,
  Pull,
  PullCheck,
  RepositoryFile,
  RepositorySnapshot,
} from '../types';
import { GiteaCall, GiteaClient, pause } from './GiteaClient';
import {
  branchSchema,
  combinedStatusSchema,
  commitSchema,
  compareSchema,
  fileContentsSchema,
  pullSchema,
  repositorySchema,
  reviewsSchema,
  treeSchema,
} from './giteaSchemas';
import { toChecks } from './toChecks';

/**
 * How to reach a Gitea server.
 *
 * @public
 */
export interface GiteaForgeOptions {
  /** `https://git.acme.org`, with the path that it is served below, if any. */
  baseUrl: string;
  /** Access token of the portal's user with the scope `write:repository`. */
  token: string;
  /** Requests under way at once; more are not faster, they only fail. Default 4. */
  concurrency?: number;
  /** For one answer, in milliseconds. Default 10 seconds to read, 30 to write. */
  timeoutMs?: { read: number; write: number };
  fetch?: typeof fetch;
}

/** The server leaves out silently what is more. */
const FILES_PER_CALL = 30;
/** The paths go into the address of a GET, since a token that reads may not POST. */
const PATH_LENGTH_PER_CALL = 4000;
const MAX_FILES = 3000;
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_FOLDER_BYTES = 24 * 1024 * 1024;
const CACHED_FOLDERS = 8;
const OPEN_ATTEMPTS = 3;

/** Fails on what is not UTF-8 and keeps a byte order mark: what is written back must be what was read. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Gitea 1.26 or newer as a forge.
 *
 * @public
 */
export class GiteaForge implements Forge {
  readonly #client: GiteaClient;
  /** By repository, commit and folder: such a snapshot never changes. */
  readonly #folders = new Map<string, RepositorySnapshot>();

  private constructor(client: GiteaClient) {
    this.#client = client;
  }

  /** @throws InputError when the address cannot be one */
  static create(options: GiteaForgeOptions): GiteaForge {
    return new GiteaForge(GiteaClient.create(options));
  }

  /** {@inheritDoc Forge.readFolder} */
  async readFolder(options: {
    repository: string;
    ref: string;
    folder: string;
  }): Promise<RepositorySnapshot> {
    const { repository, ref } = options;
    const folder = options.folder.replace(/^(\.?\/)+|^\.$|\/+$/g, '');
    const revision = await this.#resolve(repository, ref);
    const key = [repository, revision, folder].join('\n');
    const cached = this.#folders.get(key);
    if (cached) {
      return cached;
    }
    const { paths, skipped } = await this.#listYaml(
      repository,
      revision,
      folder,
    );
    const found = await this.#readContents({
      repository,
      ref: revision,
      paths,
    });
    const snapshot = {
      revision,
      files: found.files,
      skipped: { ...skipped, ...found.skipped },
    };
    this.#folders.set(key, snapshot);
    const [oldest] = this.#folders.keys();
    if (this.#folders.size > CACHED_FOLDERS) {
      this.#folders.delete(oldest);
    }
    return snapshot;
  }

  /** {@inheritDoc Forge.readFiles} */
  async readFiles(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Promise<Record<string, RepositoryFile>> {
    return (await this.#readContents(options)).files;
  }

  /** {@inheritDoc Forge.replaceBranch} */
  async replaceBranch(options: {
    repository: string;
    changeSet: ChangeSet;
  }): Promise<{ commit: string; base: string }> {
    const { repository, changeSet } = options;
    const { branch, baseBranch, author, committer, date } = changeSet;
    if (branch === baseBranch) {
      // The server would take it for a forced push of the base branch.
      throw new ForgeError('unsupported', `${branch} is the base branch`);
    }
    const call: GiteaCall = {
      method: 'POST',
      path: ['contents'],
      body: {
        branch: baseBranch,
        new_branch: branch,
        force_push: true,
        message: changeSet.commitMessage,
        author,
        committer,
        dates: { author: date, committer: date },
        files: changeSet.files.map(({ path, operation, before, after }) => ({
          operation,
          path,
          ...(before && { sha: before.id }),
          ...(after !== undefined && {
            content: Buffer.from(after, 'utf8').toString('base64'),
          }),
        })),
      },
    };
    // With fixed dates a repeat is the same commit, so it is safe after any error.
    const answer = await this.#client.write(repository, call);
    const { status, message } = answer;
    if (status === 422 && message.includes('branch already exists')) {
      throw new ForgeError(
        'unsupported',
        `${
          this.#client.host
        } cannot replace a branch by its API; Gitea 1.26 or newer is needed`,
      );
    }
    const conflict = /sha does not match|already exists/.test(message);
    // A 404 is a file that is gone, or a repository that is; reading again tells.
    if (status === 404 || (status === 422 && conflict)) {
      throw new ForgeError(
        'stale',
        `The files of ${repository} on ${
          this.#client.host
        } have changed on ${baseBranch} meanwhile`,
      );
    }
    const { commit } = this.#client.parse(repository, call, {
      answer,
      schema: commitSchema,
      expected: 201,
    });
    return { commit: commit.sha, base: commit.parents[0].sha };
  }

  /** {@inheritDoc Forge.ensurePull} */
  async ensurePull(options: {
    repository: string;
    changeSet: ChangeSet;
  }): Promise<Pull> {
    const { repository, changeSet } = options;
    const { branch, baseBranch, title, body } = changeSet;
    const call: GiteaCall = {
      method: 'POST',
      path: ['pulls'],
      // Reviewers are asked afterwards: one who cannot be asked makes this call fail although it opens the pull request.
      body: { head: branch, base: baseBranch, title, body },
    };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#client.send(repository, call).catch(error => {
        if (error instanceof ForgeError && error.reason === 'unreachable') {
          return error;
        }
        throw error;
      });
      const failed = answer instanceof ForgeError || answer.status >= 500;
      if (!failed) {
        const number = /issue_id: (\d+)/.exec(answer.message)?.[1];
        if (answer.status === 409 && number) {
          return this.#checkBranch(
            await this.getPull(repository, Number(number)),
            changeSet,
          );
        }
        const pull = this.#client.parse(repository, call, {
          answer,
          schema: pullSchema,
          expected: 201,
        });
        return toPull(pull, []);
      }
      // It may have been opened all the same.
      const made = await this.findPull({ repository, baseBranch, branch });
      if (made?.state === 'open') {
        return made;
      }
      if (attempt === OPEN_ATTEMPTS) {
        throw answer instanceof ForgeError
          ? answer
          : this.#client.refusal(repository, call, answer);
      }
      await pause(attempt);
    }
  }

  /** {@inheritDoc Forge.findPull} */
  async findPull(options: {
    repository: string;
    baseBranch: string;
    branch: string;
  }): Promise<Pull | undefined> {
    // It answers the oldest one, whatever its state: the one that the portal opened.
    const pull = await this.#client.read(
      options.repository,
      { path: ['pulls', options.baseBranch, options.branch] },
      pullSchema,
    );
    return pull && this.#withReviews(options.repository, pull);
  }

  /** {@inheritDoc Forge.getPull} */
  async getPull(
    repository: string,
    number: number,
    options: { checks?: boolean } = {},
  ): Promise<Pull> {
    const pull = await this.#get(
      repository,
      { path: ['pulls', String(number)] },
      pullSchema,
    );
    if (!options.checks || pull.state !== 'open') {
      return this.#withReviews(repository, pull);
    }
    const [reviewed, checks] = await Promise.all([
      this.#withReviews(repository, pull),
      this.#readChecks(repository, pull),
    ]);
    return { ...reviewed, checks };
  }

  /** {@inheritDoc Forge.askReviewers} */
  async askReviewers(options: {
    repository: string;
    number: number;
    reviewers: string[];
  }): Promise<NotAsked[]> {
    const { repository, number, reviewers } = options;
    const notAsked: NotAsked[] = [];
    for (const reviewer of reviewers) {
      const call: GiteaCall = {
        method: 'POST',
        path: ['pulls', String(number), 'requested_reviewers'],
        body: { reviewers: [reviewer] },
      };
      const answer = await this.#client.write(repository, call);
      if (answer.status === 404 || answer.status === 422) {
        notAsked.push({
          reviewer,
          reason: answer.message || 'no user of this name can see it',
        });
      } else if (answer.status !== 201) {
        throw this.#client.refusal(repository, call, answer);
      }
    }
    return notAsked;
  }

  /** {@inheritDoc Forge.closePull} */
  async closePull(repository: string, number: number): Promise<void> {
    // The branch stays: deleting it while the forge checks the pull request leaves that unmergeable for good.
    await this.#setState(repository, number, 'closed');
  }

  /** {@inheritDoc Forge.reopenPull} */
  async reopenPull(repository: string, number: number): Promise<void> {
    await this.#setState(repository, number, 'open');
  }

  /** {@inheritDoc Forge.contains} */
  async contains(options: {
    repository: string;
    revision: string;
    commit: string;
  }): Promise<boolean> {
    const { repository, revision, commit } = options;
    if (revision === commit) {
      return true;
    }
    const { total_commits: missing } = await this.#get(
      repository,
      { path: ['compare', `${revision}...${commit}`] },
      compareSchema,
    );
    return missing === 0;
  }

  /** The commit of a branch; a branch that is not there is told from a repository that is not. */
  async #readTip(repository: string, branch: string): Promise<string> {
    const found = await this.#client.read(
      repository,
      { path: ['branches', branch] },
      branchSchema,
    );
    if (found) {
      return found.commit.id;
    }
    await this.#get(repository, { path: [] }, repositorySchema);
    throw new ForgeError(
      'not-found',
      `${repository} on ${
        this.#client.host
      } has no branch ${branch}, which the GitOps source follows; make it, or correct the branch of the source`,
    );
  }

  async #get<T>(
    repository: string,
    call: GiteaCall,
    schema: z.ZodType<T>,
  ): Promise<T> {
    const found = await this.#client.read(repository, call, schema);
    if (found === undefined) {
      throw this.#client.refusal(repository, call, {
        status: 404,
        body: undefined,
        message: '',
      });
    }
    return found;
  }

  /** The commit of a branch; a commit is one already. */
  async #resolve(repository: string, ref: string): Promise<string> {
    if (/^[0-9a-f]{40}$/.test(ref)) {
      return ref;
    }
    return this.#readTip(repository, ref);
  }

  /** A page of all files of a commit. */
  async #readTree(repository: string, revision: string, page: number) {
    const call: GiteaCall = {
      path: ['git', 'trees', revision],
      query: { recursive: 'true', per_page: '1000', page: String(page) },
    };
    const answer = await this.#client.write(repository, call);
    return this.#client.parse(repository, call, {
      // The server says so where the commit is not there.
      answer: answer.status === 400 ? { ...answer, status: 404 } : answer,
      schema: treeSchema,
      expected: 200,
    });
  }

  async #listYaml(repository: string, revision: string, folder: string) {
    const paths: string[] = [];
    const skipped: Record<string, string> = {};
    let bytes = 0;
    for (let page = 1, more = true; more; page += 1) {
      const { tree, truncated } = await this.#readTree(
        repository,
        revision,
        page,
      );
      for (const { path, type, mode, size = 0 } of tree) {
        const isFile = type === 'blob' && mode !== '120000';
        if (!isFile || !countsFor(folder, path)) {
          continue;
        }
        if (size > MAX_FILE_BYTES) {
          skipped[path] = 'over 1 MiB';
        } else {
          paths.push(path);
          bytes += size;
        }
      }
      more = truncated && tree.length > 0;
    }
    if (paths.length > MAX_FILES || bytes > MAX_FOLDER_BYTES) {
      throw new ForgeError(
        'unsupported',
        `${folder || 'The repository'} of ${repository} on ${
          this.#client.host
        } holds more YAML than the portal reads (${
          paths.length
        } files of at most ${MAX_FILES}, ${Math.ceil(
          bytes / 2 ** 20,
        )} of at most 24 MiB); give the Kustomization of the tenant a folder of its own`,
      );
    }
    return { paths, skipped };
  }

  async #readContents(options: {
    repository: string;
    ref: string;
    paths: string[];
  }) {
    const { repository, ref } = options;
    const files: Record<string, RepositoryFile> = {};
    const skipped: Record<string, string> = {};
    const batches = await Promise.all(
      toBatches(options.paths).map(paths =>
        this.#readBatch(repository, ref, paths),
      ),
    );
    for (const answer of batches.flat()) {
      if (answer?.type !== 'file') {
        continue;
      }
      if (answer.encoding !== 'base64' || typeof answer.content !== 'string') {
        skipped[answer.path] = 'too large for the forge';
        continue;
      }
      try {
        files[answer.path] = {
          content: decoder.decode(Buffer.from(answer.content, 'base64')),
          id: answer.sha,
        };
      } catch {
        skipped[answer.path] = 'not UTF-8 text';
      }
    }
    return { files, skipped };
  }

  /** In the order of the paths. A server that is set to give fewer files at once is asked again for the others. */
  async #readBatch(repository: string, ref: string, paths: string[]) {
    const all: z.output<typeof fileContentsSchema> = [];
    while (all.length < paths.length) {
      const rest = paths.slice(all.length);
      const answers = await this.#get(
        repository,
        {
          path: ['file-contents'],
          query: { ref, body: JSON.stringify({ files: rest }) },
        },
        fileContentsSchema,
      );
      const isInOrder = answers.every(
        (answer, index) => !answer || answer.path === rest[index],
      );
      if (answers.length === 0 || answers.length > rest.length || !isInOrder) {
        throw new ForgeError(
          'unexpected',
          `${
            this.#client.host
          } gave other files of ${repository} than it was asked for: ${
            answers.length
          } of ${rest.length} came back; Gitea 1.26 or newer is expected`,
        );
      }
      all.push(...answers);
    }
    return all;
  }

  async #withReviews(repository: string, pull: GiteaPull): Promise<Pull> {
    const reviews =
      pull.state === 'open'
        ? await this.#client.read(
            repository,
            {
              path: ['pulls', String(pull.number), 'reviews'],
              query: { limit: '50' },
            },
            reviewsSchema,
          )
        : [];
    return toPull(pull, reviews ?? []);
  }

  /** Those 50 that spoke last: the server gives no more at once. */
  async #readChecks(
    repository: string,
    pull: GiteaPull,
  ): Promise<PullCheck[] | undefined> {
    const combined = await this.#client.read(
      repository,
      {
        path: ['commits', pull.head.sha, 'status'],
        query: { limit: '50' },
      },
      combinedStatusSchema,
    );
    return combined && toChecks(combined, pull.html_url);
  }

  async #setState(
    repository: string,
    number: number,
    state: 'open' | 'closed',
  ): Promise<void> {
    const call: GiteaCall = {
      method: 'PATCH',
      path: ['pulls', String(number)],
      body: { state },
    };
    const answer = await this.#client.write(repository, call);
    if (answer.status === 412) {
      throw new ForgeError(
        'unsupported',
        `Pull request #${number} of ${repository} was merged; it cannot be opened or closed any more`,
      );
    }
    this.#client.parse(repository, call, {
      answer,
      schema: pullSchema,
      expected: 201,
    });
  }

  #checkBranch(pull: Pull, changeSet: ChangeSet): Pull {
    if (
      pull.branch !== changeSet.branch ||
      pull.baseBranch !== changeSet.baseBranch
    ) {
      throw new ForgeError(
        'unexpected',
        `${this.#client.host} names pull request #${pull.number} for ${
          changeSet.branch
        }, which is about ${pull.branch}`,
      );
    }
    return pull;
  }
}

type GiteaPull = z.output<typeof pullSchema>;

function toBatches(paths: string[]): string[][] {
  const batches: string[][] = [];
  let length = 0;
  for (const path of paths) {
    length += encodeURIComponent(path).length;
    const last = batches.at(-1);
    if (
      !last ||
      last.length === FILES_PER_CALL ||
      length > PATH_LENGTH_PER_CALL
    ) {
      batches.push([path]);
      length = encodeURIComponent(path).length;
    } else {
      last.push(path);
    }
  }
  return batches;
}

function toPull(
  pull: GiteaPull,
  reviews: z.output<typeof reviewsSchema>,
): Pull {
  const closed = pull.merged ? 'merged' : 'closed';
  const verdicts = new Map<string, string>();
  for (const { user, state, official, stale, dismissed } of reviews) {
    const counts = official && !stale && !dismissed;
    if (user && counts && /^(APPROVED|REQUEST_CHANGES)$/.test(state)) {
      verdicts.set(user.login, state);
    }
  }
  const whoSaid = (verdict: string) =>
    [...verdicts].filter(([, state]) => state === verdict).map(([u]) => u);
  const isOpen = pull.state === 'open';
  return {
    number: pull.number,
    url: pull.html_url,
    state: isOpen ? 'open' : closed,
    title: pull.title,
    branch: pull.head.label || pull.head.ref,
    baseBranch: pull.base.ref,
    head: pull.head.sha,
    mergeBase: pull.merge_base || undefined,
    mergeable: isOpen ? pull.mergeable : undefined,
    draft: pull.draft ?? false,
    reviewers: [
      ...(pull.requested_reviewers ?? []).map(({ login }) => login),
      ...(pull.requested_reviewers_teams ?? []).map(({ name }) => name),
    ],
    reviews: {
      approvedBy: whoSaid('APPROVED'),
      changesRequestedBy: whoSaid('REQUEST_CHANGES'),
    },
    mergedAt: pull.merged_at,
    mergedBy: pull.merged_by?.login,
    mergeCommit: pull.merged ? pull.merge_commit_sha : undefined,
    closedAt: pull.closed_at,
  };
}

/** Whether a file is YAML below a folder, or says what of the folder is left out on the way to a cluster. */
function countsFor(folder: string, path: string): boolean {
  const isBelow = (inner: string, outer: string) =>
    outer === '' || inner === outer || inner.startsWith(`${outer}/`);
  const [, above = '', name] = /^(?:(.*)\/)?([^/]*)$/.exec(path)!;
  if (name === '.sourceignore') {
    return isBelow(above, folder) || isBelow(folder, above);
  }
  return (
    isBelow(above, folder) &&
    (/\.ya?ml$/.test(name) || name === 'Kustomization')
  );
}
