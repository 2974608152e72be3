import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import {
  BranchTip,
  ChangeSet,
  CommitStatus,
  Forge,
  ForgeError,
  NotAsked,
  ListedPull,
  Pull,
  PullCheck,
  PullState,
  RepositoryFile,
  RepositorySnapshot,
  WrittenBranch,
} from '../../types';
import { explainLostRace, explainStale } from '../explain';
import { BlobText, toText } from '../files/BlobCache';
import { FolderReader, TreeEntry } from '../files/FolderReader';
import { ForgeConnection } from '../ForgeFactory';
import { pause } from '../http/Clock';
import { openOnce } from '../openOnce';
import { toBatches as inParts } from '../toBatches';
import { Dialect, FORGEJO, GITEA } from './Dialect';
import { GiteaAnswer, GiteaCall, GiteaClient } from './GiteaClient';
import {
  blobsSchema,
  branchSchema,
  combinedStatusSchema,
  commitSchema,
  compareSchema,
  contentsSchema,
  fileContentsSchema,
  listedPullSchema,
  pullSchema,
  pullsSchema,
  repositorySchema,
  reviewsSchema,
  statusSchema,
  treeSchema,
} from './schemas';
import { toChecks } from './toChecks';
import { GiteaPull, stateOf, toPull } from './toPull';

/** The server leaves out silently what is more. */
const FILES_PER_CALL = 30;
/** The paths go into the address of a GET, since a token that reads may not POST. */
const PATH_LENGTH_PER_CALL = 4000;
/** Their ids go into the address, too. */
const BLOBS_PER_CALL = 40;
const MAX_PAGES = 40;
/** A few for each open request of a company. */
const MAX_BEFORE = 20_000;
/** Hardly a server is set to give less than this at once: a shorter page is the last. */
const SHORTEST_PAGE = 10;
/** Of a write that replaces a branch without comparing. */
const FORCED_ATTEMPTS = 3;

/**
 * Gitea 1.26 or newer as a forge, and Forgejo.
 *
 * @public
 */
export class GiteaForge implements Forge {
  readonly #client: GiteaClient;
  readonly #dialect: Dialect;
  readonly #folders: FolderReader;
  /** Whether the server was asked what it is. */
  #isChecked = false;
  /** Blob ids of the files that the portal has edited, at the commit that it found them at; undefined: not there. */
  readonly #before = new LRUCache<string, { id?: string }>({ max: MAX_BEFORE });

  /**
   * Where it was tried, it is there: see {@link Forge.scheduleMerge}.
   */
  readonly scheduleMerge?: NonNullable<Forge['scheduleMerge']>;

  private constructor(client: GiteaClient, dialect: Dialect) {
    this.#client = client;
    this.#dialect = dialect;
    if (dialect.schedulesMerges) {
      this.scheduleMerge = options => this.#scheduleMerge(options);
    }
    this.#folders = new FolderReader({
      host: client.host,
      listTree: ({ repository, revision }) =>
        this.#listTree(repository, revision),
      readTexts: async ({ repository, revision, files }) => {
        if (!dialect.readsByPath) {
          return this.#readBlobs(
            repository,
            files.map(({ id }) => id),
          );
        }
        const found = await this.#readContents({
          repository,
          ref: revision,
          paths: files.map(({ path }) => path),
        });
        return new Map([...found.values()].map(({ id, text }) => [id, text]));
      },
    });
  }

  /** @throws InputError when the address cannot be one */
  static create(connection: ForgeConnection): GiteaForge {
    return GiteaForge.#speak(connection, GITEA);
  }

  /**
   * Forgejo 16 or newer, which went its own way from Gitea.
   *
   * @throws InputError when the address cannot be one
   */
  static createForgejo(connection: ForgeConnection): GiteaForge {
    return GiteaForge.#speak(connection, FORGEJO);
  }

  static #speak(connection: ForgeConnection, dialect: Dialect): GiteaForge {
    return new GiteaForge(GiteaClient.create(connection, dialect), dialect);
  }

  /** {@inheritDoc Forge.readFolder} */
  async readFolder(options: {
    repository: string;
    ref: string;
    folder: string;
  }): Promise<RepositorySnapshot> {
    const { repository, ref, folder } = options;
    const revision = await this.#resolve(repository, ref);
    return this.#folders.read({ repository, revision, folder });
  }

  /** {@inheritDoc Forge.readFiles} */
  async readFiles(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Promise<Record<string, RepositoryFile>> {
    const known = this.#recall(options);
    if (known) {
      return known;
    }
    const found = await this.#readContents(options);
    return Object.fromEntries(
      [...found].flatMap(([path, { id, text }]) => {
        this.#folders.blobs.set(id, text);
        return 'content' in text ? [[path, { ...text, id }]] : [];
      }),
    );
  }

  /** Files that are known to have been at a commit when the portal edited them there: it takes no call to see them again. */
  #recall(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Record<string, RepositoryFile> | undefined {
    const { paths, ref, repository } = options;
    const files: Record<string, RepositoryFile> = {};
    for (const path of paths) {
      const known = this.#before.get(fileKey(repository, ref, path));
      const blob = known?.id && this.#folders.blobs.get(known.id);
      if (!known || (known.id && !(blob && 'content' in blob))) {
        return undefined;
      }
      if (known.id && blob && 'content' in blob) {
        files[path] = { content: blob.content, id: known.id };
      }
    }
    return files;
  }

  /** {@inheritDoc Forge.readDefaultBranch} */
  async readDefaultBranch(repository: string): Promise<string> {
    const found = await this.#get(repository, { path: [] }, repositorySchema);
    return found.default_branch ?? 'main';
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
    mayReplace: (tip: BranchTip) => boolean;
  }): Promise<WrittenBranch> {
    const { repository, changeSet, mayReplace } = options;
    const { branch, baseBranch } = changeSet;
    if (branch === baseBranch) {
      // The server would take it for a forced push of the base branch.
      throw new ForgeError('unsupported', `${branch} is the base branch`);
    }
    await this.#checkServer(repository);
    const tip = await this.readBranch(repository, branch);
    if (tip && !mayReplace(tip)) {
      return { outcome: 'kept', tip };
    }
    if (!tip || !this.#dialect.movesBranches) {
      const made = await this.#commit(repository, changeSet, {
        branch,
        isReplaced: tip !== undefined,
        replaces: tip?.commit,
      });
      return { outcome: 'written', ...made };
    }
    // The call that commits replaces whatever is on a branch. The one that moves a branch compares first, so the commit
    // is made beside it.
    const beside = `${branch}.next`;
    const made = await this.#commit(repository, changeSet, {
      branch: beside,
      isReplaced: true,
    });
    if (made.commit !== tip.commit) {
      await this.#moveBranch(repository, {
        branch,
        from: tip.commit,
        to: made.commit,
      });
    }
    // One that stays is no harm: the next time it is replaced.
    await this.#client
      .write(repository, { method: 'DELETE', path: ['branches', beside] })
      .catch(() => undefined);
    return { outcome: 'written', ...made };
  }

  /** It is asked once what it is, before anything is written there. */
  async #checkServer(repository: string): Promise<void> {
    if (!this.#isChecked) {
      await this.#client.checkServer(repository);
      this.#isChecked = true;
    }
  }

  /**
   * Commits to a branch that is made for it; one beside the branch of the request may be there from an attempt before.
   *
   * @param options - `replaces`: the commit that is lost, where the branch is one that others may write to
   */
  async #commit(
    repository: string,
    changeSet: ChangeSet,
    options: { branch: string; isReplaced: boolean; replaces?: string },
  ): Promise<{ commit: string; base: string }> {
    const { branch, isReplaced, replaces } = options;
    const { baseBranch, author, committer, date } = changeSet;
    const call: GiteaCall = {
      method: 'POST',
      path: ['contents'],
      body: {
        branch: baseBranch,
        new_branch: branch,
        ...(isReplaced && { [this.#dialect.force]: true }),
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
    // With fixed dates a repeat is the same commit, so it is safe after any error, unless it is by force.
    const answer = replaces
      ? await this.#force(repository, call, { branch, replaces })
      : await this.#client.write(repository, call);
    // What these mean is looked up: the server tells it in words only.
    if ([403, 404, 409, 422].includes(answer.status)) {
      await this.#explainConflict(repository, changeSet, isReplaced);
    }
    const { commit } = this.#client.parse(repository, call, {
      answer,
      schema: commitSchema,
      expected: 201,
    });
    for (const { after, before, path } of changeSet.files) {
      if (after !== undefined) {
        this.#folders.blobs.setWritten(after);
      }
      this.#before.set(fileKey(repository, commit.parents[0].sha, path), {
        id: before?.id,
      });
    }
    return { commit: commit.sha, base: commit.parents[0].sha };
  }

  /**
   * Replaces a branch, whatever is on it: before that is repeated, it is looked what that is.
   *
   * @throws ForgeError `lost-race` when it has another commit by now, which may be the one that was written
   */
  async #force(
    repository: string,
    call: GiteaCall,
    { branch, replaces }: { branch: string; replaces: string },
  ): Promise<GiteaAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#client.send(repository, call);
      if (answer.status < 500 || attempt === FORCED_ATTEMPTS) {
        return answer;
      }
      await pause(attempt);
      const now = await this.readBranch(repository, branch);
      if (now?.commit !== replaces) {
        throw explainLostRace(this.#place(repository), branch);
      }
    }
  }

  #place(repository: string): string {
    return `${repository} on ${this.#client.host}`;
  }

  /**
   * Looks why a commit was refused.
   *
   * @throws ForgeError `lost-race` when the branch is there by now, `stale` when a file has changed on the base branch
   */
  async #explainConflict(
    repository: string,
    { branch, baseBranch, files }: ChangeSet,
    isReplaced: boolean,
  ): Promise<void> {
    if (!isReplaced && (await this.readBranch(repository, branch))) {
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
      throw explainStale(this.#place(repository), baseBranch);
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
      throw explainLostRace(this.#place(repository), branch);
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
    return openOnce({
      send: () => this.#client.send(repository, call),
      mayBeOpen: ({ status }) => status === 409,
      read: answer =>
        toPull(
          this.#client.parse(repository, call, {
            answer,
            schema: pullSchema,
            expected: 201,
          }),
          [],
        ),
      find: () => this.findPull({ repository, baseBranch, branch }),
    });
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

  /** {@inheritDoc Forge.listOpenPulls} */
  async listOpenPulls(repository: string): Promise<ListedPull[]> {
    const open = await this.#readPages(
      repository,
      { path: ['pulls'], query: { state: 'open', sort: 'recentupdate' } },
      z.array(z.unknown()),
    );
    return open.flatMap(item => {
      const { data } = listedPullSchema.safeParse(item);
      return data
        ? [
            {
              number: data.number,
              head: data.head.sha,
              updatedAt: data.updated_at,
              mergeable: data.mergeable,
            },
          ]
        : [];
    });
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
      const paged: GiteaCall = {
        ...call,
        query: { ...call.query, limit: '50', page: String(page) },
      };
      const answer = await this.#client.write(repository, paged);
      if (answer.status === 404) {
        break;
      }
      const more = this.#client.parse(repository, paged, {
        answer,
        schema,
        expected: 200,
      });
      items.push(...more);
      const total = Number(answer.headers.get('x-total-count') ?? Infinity);
      if (more.length < SHORTEST_PAGE || items.length >= total) {
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
    const { head, merged } = await this.#get(
      repository,
      { path: ['pulls', String(number)] },
      pullSchema,
    );
    if (!merged && !(await this.readBranch(repository, head.label))) {
      // The server opens it without its branch too, and closes it again from a queue.
      const call: GiteaCall = {
        method: 'POST',
        path: ['branches'],
        body: { new_branch_name: head.label, old_ref_name: head.sha },
      };
      const answer = await this.#client.write(repository, call);
      if (answer.status !== 201 && answer.status !== 409) {
        throw this.#client.refusal(repository, call, answer);
      }
    }
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

  async #scheduleMerge(options: {
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
      throw this.#client.absence(repository, call);
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

  async #listTree(repository: string, revision: string) {
    const entries: TreeEntry[] = [];
    for (let page = 1, more = true; more; page += 1) {
      const { tree, truncated } = await this.#readTree(
        repository,
        revision,
        page,
      );
      entries.push(...tree);
      more = truncated && tree.length > 0;
    }
    return entries;
  }

  /** By path. */
  async #readContents(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Promise<Map<string, { id: string; text: BlobText }>> {
    const { repository, ref, paths } = options;
    const answers = this.#dialect.readsByPath
      ? await Promise.all(
          toBatches(paths).map(batch =>
            this.#readBatch(repository, ref, batch),
          ),
        )
      : await Promise.all(
          paths.map(path =>
            this.#client.read(
              repository,
              { path: ['contents', ...path.split('/')], query: { ref } },
              contentsSchema,
            ),
          ),
        );
    return new Map(
      answers
        .flat()
        .flatMap(answer =>
          answer?.type === 'file'
            ? [[answer.path, { id: answer.sha, text: decode(answer) }] as const]
            : [],
        ),
    );
  }

  async #readBlobs(
    repository: string,
    ids: string[],
  ): Promise<Map<string, BlobText>> {
    const batches = await Promise.all(
      inParts([...new Set(ids)], BLOBS_PER_CALL).map(batch =>
        this.#get(
          repository,
          { path: ['git', 'blobs'], query: { shas: batch.join(',') } },
          blobsSchema,
        ),
      ),
    );
    return new Map(batches.flat().map(blob => [blob.sha, decode(blob)]));
  }

  /** In the order of the paths. A server that is set to give fewer files at once is asked again for the others. */
  async #readBatch(repository: string, ref: string, paths: string[]) {
    const all: z.output<typeof fileContentsSchema> = [];
    while (all.length < paths.length) {
      const rest = paths.slice(all.length);
      const call: GiteaCall = {
        path: ['file-contents'],
        query: { ref, body: JSON.stringify({ files: rest }) },
      };
      const answers = await this.#client.read(
        repository,
        call,
        fileContentsSchema,
      );
      if (!answers) {
        const { message, reason } = this.#client.absence(repository, call);
        throw new ForgeError(
          reason,
          `${message}. If it is a Forgejo, it has type: forgejo in rustfs.forges`,
        );
      }
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

function decode({
  content,
  encoding,
}: {
  content?: string | null;
  encoding?: string | null;
}): BlobText {
  return encoding === 'base64' && typeof content === 'string'
    ? toText(Buffer.from(content, 'base64'))
    : { unreadable: 'too large for the forge' };
}

function fileKey(repository: string, commit: string, path: string): string {
  return [repository, commit, path].join('\n');
}

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
