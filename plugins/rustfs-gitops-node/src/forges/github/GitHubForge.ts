import { createHash } from 'node:crypto';
import {
  BranchTip,
  ChangeSet,
  CommitStatus,
  Forge,
  ForgeError,
  NotAsked,
  Pull,
  PullState,
  RepositoryFile,
  RepositorySnapshot,
} from '../../types';
import { BlobText, toText } from '../files/BlobCache';
import { FolderReader, TreeEntry, UnreadFile } from '../files/FolderReader';
import { ForgeConnection } from '../ForgeFactory';
import { Clock, pause } from '../http/Clock';
import { toLine } from '../plainText';
import {
  blobsDocument,
  BRANCH_DOCUMENT,
  filesDocument,
  MOVE_DOCUMENT,
  pullDocument,
  tipDocument,
} from './documents';
import { explainArchived, explainEmpty, explainRule } from './explainAnswer';
import { GitHubCall, GitHubClient } from './GitHubClient';
import {
  blobsSchema,
  blobSchema,
  branchSchema,
  compareSchema,
  filesSchema,
  listedPullsSchema,
  madeSchema,
  pullAnswerSchema,
  pullSchema,
  refSchema,
  requestedSchema,
  rulesSchema,
  statusSchema,
  tipSchema,
  treeSchema,
} from './schemas';
import { toNewPull, toPull } from './toPull';

/** Aliases in one document: more end in a time limit. */
const FILES_PER_CALL = 50;
const OPEN_ATTEMPTS = 3;
const NO_COMMIT = '0'.repeat(40);
/** GitHub refuses a longer one. */
const MAX_DESCRIPTION = 140;
/** Relations of two commits, which never change. */
const CONTAINED = 1_000;

/**
 * GitHub as a forge: github.com, Enterprise Cloud with data residency, and Enterprise Server 3.17 or newer.
 *
 * A commit is made of a tree and of fixed names and dates, so that the same change on the same base has the same id; the
 * branch is moved by compare and swap.
 *
 * @public
 */
export class GitHubForge implements Forge {
  readonly #client: GitHubClient;
  readonly #clock?: Clock;
  readonly #folders: FolderReader;
  readonly #contained = new Set<string>();
  /** Repositories whose answers name no teams, for want of a right. */
  readonly #withoutTeams = new Set<string>();

  private constructor(client: GitHubClient, clock?: Clock) {
    this.#client = client;
    this.#clock = clock;
    this.#folders = new FolderReader({
      host: client.host,
      listTree: options => this.#listTree(options),
      readTexts: ({ repository, files }) => this.#readTexts(repository, files),
    });
  }

  /** @throws InputError when the address cannot be one */
  static create(connection: ForgeConnection): GitHubForge {
    return new GitHubForge(GitHubClient.create(connection));
  }

  /** {@inheritDoc Forge.readFolder} */
  async readFolder(options: {
    repository: string;
    ref: string;
    folder: string;
  }): Promise<RepositorySnapshot> {
    const { repository, ref, folder } = options;
    const revision = isCommit(ref) ? ref : await this.#readTip(repository, ref);
    return this.#folders.read({ repository, revision, folder });
  }

  /** {@inheritDoc Forge.readFiles} */
  async readFiles(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Promise<Record<string, RepositoryFile>> {
    const { repository, ref } = options;
    const revision = isCommit(ref) ? ref : toRef(ref);
    const batches = await Promise.all(
      toBatches(options.paths).map(async paths => {
        const { repository: found } = await this.#client.query(
          repository,
          {
            document: filesDocument(paths.length),
            variables: { revision, ...toVariables('p', paths) },
          },
          filesSchema,
        );
        if (!found.object) {
          throw this.#client.absence(repository, { path: ['git', ref] });
        }
        const entries: Entries = found.object;
        return paths.flatMap((path, index): UnreadFile[] => {
          const id = fileOf(entries, index)?.oid;
          return id ? [{ path, id }] : [];
        });
      }),
    );
    const { files } = await this.#folders.readFiles({
      repository,
      revision,
      files: batches.flat(),
    });
    return files;
  }

  /** {@inheritDoc Forge.readBranch} */
  async readBranch(
    repository: string,
    branch: string,
  ): Promise<BranchTip | undefined> {
    return (await this.#readBranch(repository, branch)).tip;
  }

  async #readBranch(repository: string, branch: string) {
    const { repository: found } = await this.#client.query(
      repository,
      { document: BRANCH_DOCUMENT, variables: { branch: toRef(branch) } },
      branchSchema,
    );
    const target = found.ref?.target;
    return {
      id: found.id,
      tip: target && {
        commit: target.oid,
        message: target.message,
        committer: {
          name: target.committer?.name ?? '',
          email: target.committer?.email ?? '',
        },
        date: target.committer?.date ?? '',
      },
    };
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
      throw new ForgeError('unsupported', `${branch} is the base branch`);
    }
    const now = await this.#readBase(repository, changeSet);
    if (now.branch?.oid !== expected) {
      throw this.#lostRace(repository, branch);
    }
    const tree = await this.#writeTree(repository, changeSet, now);
    if (tree === now.base.tree.oid) {
      // Git has it already, in other words.
      throw this.#stale(repository, baseBranch);
    }
    const isThere =
      now.branch?.tree.oid === tree &&
      now.branch.parents.nodes.length === 1 &&
      now.branch.parents.nodes[0].oid === now.base.oid &&
      now.branch.message.trim() === changeSet.commitMessage.trim();
    if (isThere) {
      // Reviews and checks of it stay.
      return { commit: now.branch!.oid, base: now.base.oid };
    }
    const commit = await this.#writeCommit(repository, changeSet, {
      tree,
      parent: now.base.oid,
    });
    await this.#moveBranch(repository, {
      id: now.id,
      branch,
      from: expected ?? NO_COMMIT,
      to: commit,
    });
    return { commit, base: now.base.oid };
  }

  /** The tip of the base branch, when every file is on it what the change set was rendered from. */
  async #readBase(
    repository: string,
    { baseBranch, branch, files }: ChangeSet,
  ) {
    const { host } = this.#client;
    const { repository: found } = await this.#client.query(
      repository,
      {
        document: tipDocument(files.length),
        variables: {
          base: toRef(baseBranch),
          branch: toRef(branch),
          ...toVariables(
            'p',
            files.map(({ path }) => path),
          ),
        },
      },
      tipSchema,
    );
    const place = `${repository} on ${host}`;
    if (found.isArchived) {
      throw explainArchived(place);
    }
    if (found.isEmpty) {
      throw explainEmpty(place);
    }
    if (!found.base) {
      throw this.#branchMissing(repository, baseBranch);
    }
    const base = found.base.target;
    const entries: Entries = base;
    if (
      files.some(
        ({ before }, index) => fileOf(entries, index)?.oid !== before?.id,
      )
    ) {
      throw this.#stale(repository, baseBranch);
    }
    return {
      id: found.id,
      base,
      branch: found.branch?.target,
      modeOf: (index: number) => fileOf(entries, index)?.mode,
    };
  }

  async #writeTree(
    repository: string,
    { files }: ChangeSet,
    now: {
      base: { tree: { oid: string } };
      modeOf: (index: number) => number | undefined;
    },
  ): Promise<string> {
    const call: GitHubCall = {
      method: 'POST',
      path: ['git', 'trees'],
      isSeen: true,
      body: {
        base_tree: now.base.tree.oid,
        tree: files.map(({ path, after }, index) => ({
          path,
          mode: now.modeOf(index) === 0o100755 ? '100755' : '100644',
          type: 'blob',
          ...(after === undefined ? { sha: null } : { content: after }),
        })),
      },
    };
    const answer = await this.#client.repeat(repository, call);
    return this.#client.parse(repository, call, {
      answer,
      schema: madeSchema,
      expected: 201,
    }).sha;
  }

  async #writeCommit(
    repository: string,
    { author, commitMessage, committer, date }: ChangeSet,
    { parent, tree }: { parent: string; tree: string },
  ): Promise<string> {
    const call: GitHubCall = {
      method: 'POST',
      path: ['git', 'commits'],
      isSeen: true,
      body: {
        message: commitMessage,
        tree,
        parents: [parent],
        author: { ...author, date },
        committer: { ...committer, date },
      },
    };
    const answer = await this.#client.repeat(repository, call);
    return this.#client.parse(repository, call, {
      answer,
      schema: madeSchema,
      expected: 201,
    }).sha;
  }

  /**
   * Moves or makes a branch.
   *
   * @throws ForgeError `lost-race` when it has another commit than it is moved from
   */
  async #moveBranch(
    repository: string,
    move: { id: string; branch: string; from: string; to: string },
  ): Promise<void> {
    const { branch, from, id, to } = move;
    const problem = await this.#client.mutate(repository, {
      document: MOVE_DOCUMENT,
      variables: {
        repositoryId: id,
        name: toRef(branch),
        before: from,
        after: to,
      },
    });
    if (!problem) {
      return;
    }
    // What it means is looked up: GitHub tells it in words only.
    const tip = await this.readBranch(repository, branch);
    if (tip?.commit === to) {
      return;
    }
    if ((tip?.commit ?? NO_COMMIT) !== from) {
      throw this.#lostRace(repository, branch);
    }
    throw explainRule(
      `${repository} on ${this.#client.host}`,
      problem.message.slice(0, 300),
    );
  }

  /** {@inheritDoc Forge.ensurePull} */
  async ensurePull(options: {
    repository: string;
    changeSet: ChangeSet;
  }): Promise<Pull> {
    const { repository, changeSet } = options;
    const { branch, baseBranch, title, body } = changeSet;
    const call: GitHubCall = {
      method: 'POST',
      path: ['pulls'],
      isSeen: true,
      body: { head: branch, base: baseBranch, title, body },
    };
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#client.send(repository, call).catch(error => {
        if (error instanceof ForgeError && error.reason === 'unreachable') {
          return error;
        }
        throw error;
      });
      const isUnsure = answer instanceof ForgeError || answer.status >= 500;
      if (!isUnsure && answer.status !== 422) {
        const pull = this.#client.parse(repository, call, {
          answer,
          schema: pullSchema,
          expected: 201,
        });
        return toNewPull(pull, ownerOf(repository));
      }
      // It may have been opened all the same, or before.
      const made = await this.findPull({ repository, baseBranch, branch });
      if (made?.state === 'open') {
        return made;
      }
      if (!isUnsure && /no commits between/i.test(answer.message)) {
        throw this.#stale(repository, baseBranch);
      }
      if (attempt === OPEN_ATTEMPTS) {
        throw answer instanceof ForgeError
          ? answer
          : this.#client.refusal(repository, call, answer);
      }
      // A branch that was made just now may not be known everywhere yet.
      await pause(attempt, this.#clock);
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
    const call: GitHubCall = {
      method: 'PATCH',
      path: ['pulls', String(number)],
      body: { title, body },
    };
    const answer = await this.#client.repeat(repository, call);
    this.#client.parse(repository, call, {
      answer,
      schema: pullSchema,
      expected: 200,
    });
  }

  /** {@inheritDoc Forge.findPull} */
  async findPull(options: {
    repository: string;
    baseBranch: string;
    branch: string;
  }): Promise<Pull | undefined> {
    const { repository, baseBranch, branch } = options;
    const pulls = await this.#get(
      repository,
      {
        path: ['pulls'],
        query: {
          state: 'all',
          // With the owner: a fork may have a branch of the same name.
          head: `${ownerOf(repository)}:${branch}`,
          base: baseBranch,
          sort: 'created',
          direction: 'asc',
          per_page: '100',
        },
      },
      listedPullsSchema,
    );
    const pull = pulls.find(({ state }) => state === 'open') ?? pulls[0];
    return pull && this.getPull(repository, pull.number);
  }

  /** {@inheritDoc Forge.getPull} */
  async getPull(
    repository: string,
    number: number,
    options: { checks?: boolean } = {},
  ): Promise<Pull> {
    const { checks = false } = options;
    const [pull, requested] = await this.#readPull(repository, number, checks);
    const organization = ownerOf(repository);
    const found = toPull(pull, { organization, requested });
    // A check that is required and has not been heard of is in no list: only the rules name it.
    return found.held === 'blocked' && found.checks
      ? toPull(pull, {
          organization,
          requested,
          missing: await this.#readRequired(repository, found.baseBranch),
        })
      : found;
  }

  async #readPull(repository: string, number: number, checks: boolean) {
    const ask = (teams: boolean) =>
      this.#client.query(
        repository,
        {
          document: pullDocument({ checks, teams }),
          variables: { number },
          optional: ['statusCheckRollup', 'requestedReviewer'],
        },
        pullAnswerSchema,
      );
    const isKnown = this.#withoutTeams.has(repository);
    const answer = await ask(!isKnown).catch(error => {
      // Names of teams ask for rights that nothing else needs.
      const isRefused =
        error instanceof ForgeError && error.reason === 'denied';
      if (isRefused && !isKnown) {
        this.#withoutTeams.add(repository);
        return ask(false);
      }
      throw error;
    });
    const pull = answer.repository.pullRequest;
    if (!pull) {
      throw this.#client.absence(repository, {
        path: ['pulls', String(number)],
      });
    }
    const requested = pull.reviewRequests.some(
      ({ requestedReviewer }) => requestedReviewer === undefined,
    )
      ? await this.#get(
          repository,
          { path: ['pulls', String(number), 'requested_reviewers'] },
          requestedSchema,
        )
      : undefined;
    return [pull, requested] as const;
  }

  /** The checks that the rules of a branch ask for; none where they cannot be read. */
  async #readRequired(repository: string, branch: string): Promise<string[]> {
    const call: GitHubCall = {
      path: ['rules', 'branches', branch],
      query: { per_page: '100' },
      isKept: true,
    };
    const answer = await this.#client.repeat(repository, call);
    return rulesSchema
      .catch([])
      .parse(answer.body)
      .flatMap(({ parameters }) =>
        (parameters?.required_status_checks ?? []).map(
          ({ context }) => context,
        ),
      );
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
      const team = /\/(.*)$/.exec(reviewer)?.[1];
      const call: GitHubCall = {
        method: 'POST',
        path: ['pulls', String(number), 'requested_reviewers'],
        body: team ? { team_reviewers: [team] } : { reviewers: [reviewer] },
      };
      const answer = await this.#client.repeat(repository, call);
      if (answer.status === 404 || answer.status === 422) {
        notAsked.push({
          reviewer,
          reason: answer.message || 'nobody of this name can see it',
        });
      } else if (answer.status !== 201) {
        throw this.#client.refusal(repository, call, answer);
      }
    }
    return notAsked;
  }

  /** {@inheritDoc Forge.closePull} */
  async closePull(repository: string, number: number): Promise<PullState> {
    return this.#setState(repository, number, 'closed');
  }

  /** {@inheritDoc Forge.reopenPull} */
  async reopenPull(
    repository: string,
    number: number,
    options: { replaces?: string } = {},
  ): Promise<PullState> {
    const pull = await this.#getState(repository, number);
    if (pull.state === 'open' || pull.merged_at) {
      return stateOf(pull);
    }
    // Only with the commit that it was closed with it is opened again; a ref of the pull request keeps that.
    const { id, tip } = await this.#readBranch(repository, pull.head.ref);
    const isFree = !tip || tip.commit === options.replaces;
    if (isFree && tip?.commit !== pull.head.sha) {
      await this.#moveBranch(repository, {
        id,
        branch: pull.head.ref,
        from: tip?.commit ?? NO_COMMIT,
        to: pull.head.sha,
      });
    }
    return this.#setState(repository, number, 'open');
  }

  async #getState(repository: string, number: number) {
    return this.#get(
      repository,
      { path: ['pulls', String(number)] },
      pullSchema,
    );
  }

  async #setState(
    repository: string,
    number: number,
    state: 'open' | 'closed',
  ): Promise<PullState> {
    const call: GitHubCall = {
      method: 'PATCH',
      path: ['pulls', String(number)],
      body: { state },
    };
    const answer = await this.#client.repeat(repository, call);
    if (answer.status !== 422) {
      const pull = this.#client.parse(repository, call, {
        answer,
        schema: pullSchema,
        expected: 200,
      });
      return stateOf(pull);
    }
    // A merged one is refused.
    const now = stateOf(await this.#getState(repository, number));
    if (now !== state && now !== 'merged') {
      throw new ForgeError(
        'unsupported',
        `Pull request ${number} of ${repository} on ${
          this.#client.host
        } cannot be opened again ("${
          answer.message
        }"); withdraw the request and ask again`,
      );
    }
    return now;
  }

  /** {@inheritDoc Forge.setCommitStatus} */
  async setCommitStatus(
    options: { repository: string; commit: string } & CommitStatus,
  ): Promise<void> {
    const { repository, commit, context, state, description, url } = options;
    const call: GitHubCall = {
      method: 'POST',
      path: ['statuses', commit],
      body: {
        context,
        state,
        description: toLine(description, MAX_DESCRIPTION),
        ...(url && { target_url: url }),
      },
    };
    const answer = await this.#client.repeat(repository, call);
    this.#client.parse(repository, call, {
      answer,
      schema: statusSchema,
      expected: 201,
    });
  }

  /** {@inheritDoc Forge.pagesOf} */
  pagesOf({ url }: Pick<Pull, 'url'>) {
    const root = url.replace(/\/pull\/\d+$/, '');
    const escape = (path: string) =>
      path
        .split('/')
        .filter(part => part && part !== '.')
        .map(encodeURIComponent)
        .join('/');
    return {
      commit: (commit: string) => `${root}/commit/${escape(commit)}`,
      folder: (branch: string, folder: string) =>
        `${root}/tree/${escape(branch)}/${escape(folder)}`,
    };
  }

  /** {@inheritDoc Forge.contains} */
  async contains(options: {
    repository: string;
    revision: string;
    commit: string;
  }): Promise<boolean> {
    const { repository, revision, commit } = options;
    const key = `${repository} ${revision} ${commit}`;
    if (revision === commit || this.#contained.has(key)) {
      return true;
    }
    // In this order nothing is listed when it is contained.
    const { status } = await this.#get(
      repository,
      {
        path: ['compare', `${revision}...${commit}`],
        query: { per_page: '1' },
      },
      compareSchema,
    );
    const isContained = status === 'identical' || status === 'behind';
    if (isContained && isCommit(revision)) {
      this.#contained.add(key);
      const [oldest] = this.#contained;
      if (this.#contained.size > CONTAINED) {
        this.#contained.delete(oldest);
      }
    }
    return isContained;
  }

  /** The commit of a branch; a branch that is not there is told from a repository that is not. */
  async #readTip(repository: string, branch: string): Promise<string> {
    const call: GitHubCall = {
      path: ['git', 'ref', `heads/${branch}`],
      isKept: true,
    };
    const found = await this.#client.read(repository, call, refSchema);
    if (found) {
      return found.object.sha;
    }
    const about: GitHubCall = { path: [] };
    const answer = await this.#client.repeat(repository, about);
    throw answer.status === 200
      ? this.#branchMissing(repository, branch)
      : this.#client.refusal(repository, about, answer);
  }

  /** Everything in a commit, or what counts for a folder where that is too much for one answer. */
  async #listTree(options: {
    repository: string;
    revision: string;
    folder: string;
  }): Promise<TreeEntry[]> {
    const { repository, revision, folder } = options;
    const all = await this.#readTree(repository, revision, true);
    if (!all.truncated) {
      return all.tree;
    }
    const entries: TreeEntry[] = [];
    let above = '';
    let id = revision;
    for (const segment of folder.split('/').filter(Boolean)) {
      const { tree } = await this.#readTree(repository, id, false);
      entries.push(
        ...below(
          above,
          tree.filter(({ type }) => type === 'blob'),
        ),
      );
      const next = tree.find(
        ({ path, type }) => path === segment && type === 'tree',
      );
      if (!next) {
        return entries;
      }
      above = [above, segment].filter(Boolean).join('/');
      id = next.sha;
    }
    const { tree, truncated } = await this.#readTree(repository, id, true);
    if (truncated) {
      throw new ForgeError(
        'unsupported',
        `${folder || 'The repository'} of ${repository} on ${
          this.#client.host
        } holds more files than GitHub lists at once; give the Kustomization of the tenant a folder of its own`,
      );
    }
    return [...entries, ...below(above, tree)];
  }

  async #readTree(repository: string, id: string, recursive: boolean) {
    return this.#get(
      repository,
      {
        path: ['git', 'trees', id],
        ...(recursive && { query: { recursive: '1' } }),
      },
      treeSchema,
    );
  }

  async #readTexts(
    repository: string,
    files: UnreadFile[],
  ): Promise<Map<string, BlobText>> {
    const ids = [...new Set(files.map(({ id }) => id))];
    const batches = await Promise.all(
      toBatches(ids).map(batch => this.#readBatch(repository, batch)),
    );
    const texts = new Map(batches.flat());
    await Promise.all(
      ids
        .filter(id => !texts.has(id))
        .map(async id => texts.set(id, await this.#readBlob(repository, id))),
    );
    return texts;
  }

  /** The texts that came as they are: what was cut, or is no UTF-8, has another blob id. */
  async #readBatch(
    repository: string,
    ids: string[],
  ): Promise<Array<[string, BlobText]>> {
    const { repository: found } = await this.#client.query(
      repository,
      {
        document: blobsDocument(ids.length),
        variables: toVariables('b', ids),
      },
      blobsSchema,
    );
    return Object.values(found).flatMap((blob): Array<[string, BlobText]> => {
      if (blob?.text === undefined || blob.isTruncated || blob.isBinary) {
        return [];
      }
      const bytes = Buffer.from(blob.text, 'utf8');
      return blobIdOf(bytes) === blob.oid ? [[blob.oid, toText(bytes)]] : [];
    });
  }

  async #readBlob(repository: string, id: string): Promise<BlobText> {
    const { content, encoding } = await this.#get(
      repository,
      { path: ['git', 'blobs', id] },
      blobSchema,
    );
    return encoding === 'base64'
      ? toText(Buffer.from(content, 'base64'))
      : { unreadable: 'too large for the forge' };
  }

  async #get<T>(
    repository: string,
    call: GitHubCall,
    schema: Parameters<typeof GitHubClient.prototype.read<T>>[2],
  ): Promise<T> {
    const found = await this.#client.read(repository, call, schema);
    if (found === undefined) {
      throw this.#client.absence(repository, call);
    }
    return found;
  }

  #branchMissing(repository: string, branch: string): ForgeError {
    return new ForgeError(
      'not-found',
      `${repository} on ${
        this.#client.host
      } has no branch ${branch}, which the GitOps source follows; make it, or correct the branch of the source`,
    );
  }

  #stale(repository: string, baseBranch: string): ForgeError {
    return new ForgeError(
      'stale',
      `The files of ${repository} on ${
        this.#client.host
      } have changed on ${baseBranch} meanwhile`,
    );
  }

  #lostRace(repository: string, branch: string): ForgeError {
    return new ForgeError(
      'lost-race',
      `Somebody else has written the branch ${branch} of ${repository} on ${
        this.#client.host
      }`,
    );
  }
}

type Entries = Record<string, unknown>;

/** The file that stands under the alias of a document. */
function fileOf(entries: Entries, index: number) {
  return entries[`f${index}`] as { oid: string; mode: number } | undefined;
}

function toVariables(letter: string, values: string[]) {
  return Object.fromEntries(
    values.map((value, index) => [`${letter}${index}`, value]),
  );
}

function toBatches<T>(items: T[]): T[][] {
  return Array.from(
    { length: Math.ceil(items.length / FILES_PER_CALL) },
    (_, index) =>
      items.slice(index * FILES_PER_CALL, (index + 1) * FILES_PER_CALL),
  );
}

function below(folder: string, tree: TreeEntry[]): TreeEntry[] {
  return folder
    ? tree.map(entry => ({ ...entry, path: `${folder}/${entry.path}` }))
    : tree;
}

function isCommit(ref: string): boolean {
  return /^[0-9a-f]{40}$/.test(ref);
}

function toRef(branch: string): string {
  return `refs/heads/${branch}`;
}

function ownerOf(repository: string): string {
  return repository.split('/')[0];
}

function stateOf({
  merged_at: mergedAt,
  state,
}: {
  state: 'open' | 'closed';
  merged_at?: string;
}): PullState {
  return mergedAt ? 'merged' : state;
}

/** As Git makes it of the bytes of a file. */
function blobIdOf(bytes: Buffer): string {
  return createHash('sha1')
    .update(`blob ${bytes.length}\0`)
    .update(bytes)
    .digest('hex');
}
