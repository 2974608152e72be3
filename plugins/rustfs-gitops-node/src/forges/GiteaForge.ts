import { z } from 'zod';
import { isBelow } from '../plan/paths';
import { isTemplate } from '../recognize/rendered';
import {
  BranchTip,
  ChangeSet,
  CommitStatus,
  Forge,
  ForgeError,
  NotAsked,
  Pull,
  PullCheck,
  PullRemark,
  PullState,
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
  pullsSchema,
  repositorySchema,
  reviewsSchema,
  statusSchema,
  treeSchema,
} from './giteaSchemas';
import { toLine, toLink, toText } from './plainText';
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
const MAX_PAGES = 40;
/** Hardly a server is set to give less than this at once: a shorter page is the last. */
const SHORTEST_PAGE = 10;
const MAX_REMARKS = 10;
const MAX_REMARK = 1000;
const MAX_NAME = 100;

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
    const { paths, skipped, templates } = await this.#listYaml(
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
      ...(templates.length && { templates }),
      ...(!folder && { whole: true }),
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

  /** {@inheritDoc Forge.readBranch} */
  async readBranch(
    repository: string,
    branch: string,
  ): Promise<BranchTip | undefined> {
    const found = await this.#client.read(
      repository,
      { path: ['branches', branch] },
      branchSchema,
    );
    return (
      found && {
        commit: found.commit.id,
        message: found.commit.message ?? '',
        committer: found.commit.committer ?? { name: '', email: '' },
        date: found.commit.timestamp ?? '',
      }
    );
  }

  /** {@inheritDoc Forge.replaceBranch} */
  async replaceBranch(options: {
    repository: string;
    changeSet: ChangeSet;
    expected?: string;
  }): Promise<{ commit: string; base: string }> {
    const { repository, changeSet, expected } = options;
    const { branch, baseBranch } = changeSet;
    if (branch === baseBranch) {
      // The server would take it for a forced push of the base branch.
      throw new ForgeError('unsupported', `${branch} is the base branch`);
    }
    if (expected === undefined) {
      return this.#commit(repository, changeSet, branch);
    }
    // The call that commits replaces whatever is on a branch. The one that moves a branch compares first, so the commit
    // is made beside it.
    const beside = `${branch}.next`;
    const made = await this.#commit(repository, changeSet, beside);
    if (made.commit !== expected) {
      await this.#moveBranch(repository, {
        branch,
        from: expected,
        to: made.commit,
      });
    }
    // One that stays is no harm: the next time it is replaced.
    await this.#client
      .write(repository, { method: 'DELETE', path: ['branches', beside] })
      .catch(() => undefined);
    return made;
  }

  /** Commits to a branch that is made for it; one beside the branch of the request may be there from an attempt before. */
  async #commit(
    repository: string,
    changeSet: ChangeSet,
    branch: string,
  ): Promise<{ commit: string; base: string }> {
    const { baseBranch, author, committer, date } = changeSet;
    const isBeside = branch !== changeSet.branch;
    const call: GiteaCall = {
      method: 'POST',
      path: ['contents'],
      body: {
        branch: baseBranch,
        new_branch: branch,
        ...(isBeside && { force_push: true }),
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
    // What these mean is looked up: the server tells it in words only.
    if ([403, 404, 409, 422].includes(answer.status)) {
      await this.#explainConflict(repository, changeSet, isBeside);
    }
    const { commit } = this.#client.parse(repository, call, {
      answer,
      schema: commitSchema,
      expected: 201,
    });
    return { commit: commit.sha, base: commit.parents[0].sha };
  }

  /**
   * Looks why a commit was refused.
   *
   * @throws ForgeError `lost-race` when the branch is there by now, `stale` when a file has changed on the base branch
   */
  async #explainConflict(
    repository: string,
    { branch, baseBranch, files }: ChangeSet,
    isBeside: boolean,
  ): Promise<void> {
    if (!isBeside && (await this.readBranch(repository, branch))) {
      throw new ForgeError(
        'lost-race',
        `The branch ${branch} of ${repository} on ${
          this.#client.host
        } is there already`,
      );
    }
    const base = await this.#client.read(
      repository,
      { path: ['branches', baseBranch] },
      branchSchema,
    );
    if (!base) {
      return;
    }
    const now = await this.readFiles({
      repository,
      ref: base.commit.id,
      paths: files.map(({ path }) => path),
    });
    if (files.some(({ path, before }) => now[path]?.id !== before?.id)) {
      throw new ForgeError(
        'stale',
        `The files of ${repository} on ${
          this.#client.host
        } have changed on ${baseBranch} meanwhile`,
      );
    }
  }

  /** @throws ForgeError `lost-race` when the branch has another commit than it is moved from */
  async #moveBranch(
    repository: string,
    move: { branch: string; from: string; to: string },
  ): Promise<void> {
    const { branch, from, to } = move;
    const call: GiteaCall = {
      method: 'PUT',
      path: ['branches', branch],
      body: { new_commit_id: to, old_commit_id: from, force: true },
    };
    const answer = await this.#client.write(repository, call);
    if (answer.status === 204) {
      return;
    }
    const now = await this.readBranch(repository, branch);
    if (now?.commit === to) {
      return;
    }
    if (now?.commit !== from) {
      throw new ForgeError(
        'lost-race',
        `Somebody else has written the branch ${branch} of ${repository} on ${
          this.#client.host
        }`,
      );
    }
    throw answer.status === 404 || answer.status === 405
      ? new ForgeError(
          'unsupported',
          `${
            this.#client.host
          } cannot move a branch by its API; Gitea 1.26 or newer is needed`,
        )
      : this.#client.refusal(repository, call, answer);
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
      if (!failed && answer.status !== 409) {
        const pull = this.#client.parse(repository, call, {
          answer,
          schema: pullSchema,
          expected: 201,
        });
        return toPull(pull, []);
      }
      // It may have been opened all the same, or before.
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

  /** {@inheritDoc Forge.describePull} */
  async describePull(options: {
    repository: string;
    number: number;
    title: string;
    body: string;
  }): Promise<void> {
    const { repository, number, title, body } = options;
    const call: GiteaCall = {
      method: 'PATCH',
      path: ['pulls', String(number)],
      body: { title, body },
    };
    const answer = await this.#client.write(repository, call);
    this.#client.parse(repository, call, {
      answer,
      schema: pullSchema,
      expected: 201,
    });
  }

  /** {@inheritDoc Forge.findPull} */
  async findPull(options: {
    repository: string;
    baseBranch: string;
    branch: string;
  }): Promise<Pull | undefined> {
    const { repository, baseBranch, branch } = options;
    // It answers the oldest one, whatever its state: the one that the portal opened, unless somebody opened another since.
    const oldest = await this.#client.read(
      repository,
      { path: ['pulls', baseBranch, branch] },
      pullSchema,
    );
    const pull =
      oldest?.state === 'closed'
        ? (await this.#findOpen(options)) ?? oldest
        : oldest;
    return pull && this.#withReviews(repository, pull);
  }

  /** The server has no filter for the branch. */
  async #findOpen(options: {
    repository: string;
    baseBranch: string;
    branch: string;
  }): Promise<GiteaPull | undefined> {
    const { repository, baseBranch, branch } = options;
    const open = await this.#readPages(
      repository,
      {
        path: ['pulls'],
        query: { state: 'open', base_branch: baseBranch },
      },
      pullsSchema,
    );
    return open.find(
      ({ base, head }) => base.ref === baseBranch && head.label === branch,
    );
  }

  /** All of a list; a server may give less at once than it is asked for. */
  async #readPages<T>(
    repository: string,
    call: GiteaCall,
    schema: z.ZodType<T[]>,
  ): Promise<T[]> {
    const items: T[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const more = await this.#client.read(
        repository,
        {
          ...call,
          query: { ...call.query, limit: '50', page: String(page) },
        },
        schema,
      );
      if (!more?.length) {
        break;
      }
      items.push(...more);
      if (more.length < SHORTEST_PAGE) {
        break;
      }
    }
    return items;
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
  async closePull(repository: string, number: number): Promise<PullState> {
    // The branch stays: deleting it while the forge checks the pull request leaves that unmergeable for good.
    return this.#setState(repository, number, 'closed');
  }

  /** {@inheritDoc Forge.reopenPull} */
  async reopenPull(repository: string, number: number): Promise<PullState> {
    return this.#setState(repository, number, 'open');
  }

  /** {@inheritDoc Forge.setCommitStatus} */
  async setCommitStatus(
    options: { repository: string; commit: string } & CommitStatus,
  ): Promise<void> {
    const { repository, commit, context, state, description, url } = options;
    const call: GiteaCall = {
      method: 'POST',
      path: ['statuses', commit],
      body: { context, state, description, target_url: url },
    };
    const answer = await this.#client.write(repository, call);
    this.#client.parse(repository, call, {
      answer,
      schema: statusSchema,
      expected: 201,
    });
  }

  /** {@inheritDoc Forge.scheduleMerge} */
  async scheduleMerge(options: {
    repository: string;
    number: number;
    head: string;
    status: string;
  }): Promise<'merged' | 'scheduled' | 'later'> {
    const { repository, number, head, status } = options;
    const path = ['pulls', String(number)];
    const before = await this.#get(repository, { path }, pullSchema);
    if (before.merged) {
      return 'merged';
    }
    if (before.head.sha !== head) {
      return 'later';
    }
    await this.#requireStatus(repository, before.base.ref, status);
    const { default_merge_style: style } = await this.#get(
      repository,
      { path: [] },
      repositorySchema,
    );
    const call: GiteaCall = {
      method: 'POST',
      path: [...path, 'merge'],
      body: {
        Do: style ?? 'merge',
        head_commit_id: head,
        merge_when_checks_succeed: true,
      },
    };
    const answer = await this.#client.send(repository, call);
    if (answer.status === 200) {
      return 'merged';
    }
    if (answer.status === 201) {
      return 'scheduled';
    }
    if (answer.status !== 405 && answer.status !== 409) {
      throw this.#client.refusal(repository, call, answer);
    }
    // What these mean is looked up: the server tells it in words only.
    const now = await this.#get(repository, { path }, pullSchema);
    if (now.head.sha !== head || now.mergeable === false) {
      return 'later';
    }
    if (answer.status === 409) {
      return 'scheduled';
    }
    throw this.#client.refusal(repository, call, answer);
  }

  /**
   * A scheduled merge takes whatever commit the branch has when its time comes. A status that is required keeps back the
   * ones that nobody has judged.
   */
  async #requireStatus(repository: string, branch: string, status: string) {
    const base = await this.#get(
      repository,
      { path: ['branches', branch] },
      branchSchema,
    );
    if (
      !base.enable_status_check ||
      !base.status_check_contexts?.includes(status)
    ) {
      throw new ForgeError(
        'unsupported',
        `The portal has nothing merged by itself in ${repository} on ${
          this.#client.host
        }, because the branch ${branch} does not require the status ${status}; add it to the status checks of the branch protection, by its full name`,
      );
    }
  }

  /** {@inheritDoc Forge.pagesOf} */
  pagesOf({ url }: Pick<Pull, 'url'>) {
    // The server writes its own public address into it, which need not be the one that the portal calls.
    const root = url.replace(/\/pulls\/\d+$/, '');
    const escape = (path: string) =>
      path
        .split('/')
        .filter(part => part && part !== '.')
        .map(encodeURIComponent)
        .join('/');
    return {
      commit: (commit: string) => `${root}/commit/${escape(commit)}`,
      folder: (branch: string, folder: string) =>
        `${root}/src/branch/${escape(branch)}/${escape(folder)}`,
    };
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
    const templates: string[] = [];
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
        if (isFile && isTemplate(path) && isBelow(path, folder)) {
          templates.push(path);
        }
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
    return { paths, skipped, templates };
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
    return toPull(
      pull,
      pull.state === 'open' || pull.merged
        ? await this.#readPages(
            repository,
            { path: ['pulls', String(pull.number), 'reviews'] },
            reviewsSchema,
          )
        : [],
    );
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
  ): Promise<PullState> {
    const call: GiteaCall = {
      method: 'PATCH',
      path: ['pulls', String(number)],
      body: { state },
    };
    const answer = await this.#client.write(repository, call);
    // A merged one is refused, or left as it is.
    const pull = await this.#get(
      repository,
      { path: ['pulls', String(number)] },
      pullSchema,
    );
    const now = stateOf(pull);
    if (now !== state && now !== 'merged') {
      throw this.#client.refusal(repository, call, answer);
    }
    return now;
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

function stateOf({ state, merged }: GiteaPull): PullState {
  if (state === 'open') {
    return 'open';
  }
  return merged ? 'merged' : 'closed';
}

type GiteaReviews = z.output<typeof reviewsSchema>;

const VERDICTS: Record<string, PullRemark['verdict']> = {
  APPROVED: 'approved',
  REQUEST_CHANGES: 'changes-requested',
  COMMENT: 'commented',
};

/** The last verdict of each reviewer, of those that the forge counts or of the others. */
function findVerdicts(
  reviews: GiteaReviews,
  { isOfficial }: { isOfficial: boolean },
) {
  const verdicts = new Map<string, PullRemark['verdict']>();
  for (const { user, state, official, stale, dismissed } of reviews) {
    const verdict = VERDICTS[state];
    if (
      !user ||
      (official ?? false) !== isOfficial ||
      dismissed ||
      !verdict ||
      verdict === 'commented'
    ) {
      continue;
    }
    if (verdict === 'approved' && stale) {
      // It is not about what is there now; whoever gave it has no objection any more.
      verdicts.delete(user.login);
    } else {
      verdicts.set(user.login, verdict);
    }
  }
  return verdicts;
}

function toRemarks(reviews: GiteaReviews, pullUrl: string): PullRemark[] {
  return reviews
    .flatMap(({ user, state, dismissed, stale, ...review }): PullRemark[] => {
      const verdict = VERDICTS[state];
      const text = toText(review.body, MAX_REMARK);
      if (!user || !verdict || dismissed || !text) {
        return [];
      }
      const url = toLink(review.html_url, pullUrl);
      return [
        {
          by: user.login,
          verdict,
          text,
          isOutdated: stale ?? false,
          ...(review.submitted_at && { at: review.submitted_at }),
          ...(url && { url }),
        },
      ];
    })
    .slice(-MAX_REMARKS);
}

function toPull(pull: GiteaPull, all: GiteaReviews): Pull {
  // What somebody says of a merge afterwards is no part of it.
  const reviews = all.filter(
    ({ submitted_at: at }) =>
      !pull.merged_at || !at || Date.parse(at) <= Date.parse(pull.merged_at),
  );
  const verdicts = findVerdicts(reviews, { isOfficial: true });
  const others = findVerdicts(reviews, { isOfficial: false });
  const whoSaid = (verdict: PullRemark['verdict'], of = verdicts) =>
    [...of].filter(([, said]) => said === verdict).map(([u]) => u);
  const isOpen = pull.state === 'open';
  const users = pull.requested_reviewers ?? [];
  const teams = (pull.requested_reviewers_teams ?? []).map(({ name }) => name);
  const known = [...users, ...reviews.flatMap(({ user }) => user ?? [])];
  return {
    number: pull.number,
    url: pull.html_url,
    state: stateOf(pull),
    title: pull.title,
    body: pull.body,
    branch: pull.head.label || pull.head.ref,
    baseBranch: pull.base.ref,
    head: pull.head.sha,
    mergeBase: pull.merge_base || undefined,
    mergeable: isOpen ? pull.mergeable : undefined,
    draft: pull.draft ?? false,
    reviewers: [...users.map(({ login }) => login), ...teams],
    teams,
    fullNames: Object.fromEntries(
      known.flatMap(({ login, full_name: name }) => {
        const line = toLine(name, MAX_NAME);
        return line ? [[login, line]] : [];
      }),
    ),
    reviews: {
      approvedBy: whoSaid('approved'),
      changesRequestedBy: whoSaid('changes-requested'),
      approvedUncounted: whoSaid('approved', others).filter(
        login => !verdicts.has(login),
      ),
      remarks: toRemarks(reviews, pull.html_url),
    },
    mergedAt: pull.merged_at,
    mergedBy: pull.merged_by?.login,
    mergeCommit: pull.merged ? pull.merge_commit_sha : undefined,
    closedAt: pull.closed_at,
  };
}

/** Whether a file is YAML below a folder, or says what of the folder is left out on the way to a cluster. */
function countsFor(folder: string, path: string): boolean {
  const isWithin = (inner: string, outer: string) =>
    inner === outer || isBelow(inner, outer);
  const [, above = '', name] = /^(?:(.*)\/)?([^/]*)$/.exec(path)!;
  if (name === '.sourceignore') {
    return isWithin(above, folder) || isWithin(folder, above);
  }
  return (
    isWithin(above, folder) &&
    (/\.ya?ml$/.test(name) || name === 'Kustomization')
  );
}
