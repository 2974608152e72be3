import { LRUCache } from 'lru-cache';
import {
  BranchTip,
  ChangeSet,
  CommitStatus,
  Forge,
  ForgeError,
  ListedPull,
  NotAsked,
  Pull,
  PullState,
  RepositoryFile,
  RepositorySnapshot,
  WrittenBranch,
} from '../../types';
import { ForgeConnection } from '../ForgeFactory';
import { HttpAnswer } from '../http/ForgeHttp';
import { openOnce } from '../openOnce';
import { toLine } from '../plainText';
import { GitLabBranches } from './GitLabBranches';
import { GitLabCall, GitLabClient } from './GitLabClient';
import { GitLabFiles } from './GitLabFiles';
import {
  approvalsSchema,
  listedMergeRequestsSchema,
  mergeBaseSchema,
  mergeRequestSchema,
  notesSchema,
  reviewersSchema,
  statusesSchema,
  statusSchema,
  userSchema,
  versionsSchema,
} from './schemas';
import { MergeRequest, stateOf, toMergeable, toPull } from './toPull';

const PULLS_PER_PAGE = 100;
const MAX_PAGES = 20;
/** The state of the pipeline stands for what is more. */
const STATUS_PAGES = 5;
/** GitLab keeps no longer one. */
const MAX_DESCRIPTION = 255;
/** Relations of two commits, which never change. */
const CONTAINED = 1_000;
/** Those that are shown, and many that GitLab itself has written. */
const NOTES = 100;
/** A branch that was made just now is known to the rest of GitLab some seconds later; in milliseconds. */
const OPEN_WAITS = [1_000, 2_000, 4_000];

/**
 * GitLab as a forge: gitlab.com, and a server of one's own, 16 or newer. A repository is the whole path of a project.
 *
 * @public
 */
export class GitLabForge implements Forge {
  readonly #client: GitLabClient;
  readonly #branches: GitLabBranches;
  readonly #files: GitLabFiles;
  readonly #contained = new LRUCache<string, true>({ max: CONTAINED });

  private constructor(client: GitLabClient) {
    this.#client = client;
    this.#files = new GitLabFiles(client);
    this.#branches = new GitLabBranches(client, this.#files);
  }

  /** @throws InputError when the address cannot be one */
  static create(connection: ForgeConnection): GitLabForge {
    return new GitLabForge(GitLabClient.create(connection));
  }

  /** {@inheritDoc Forge.readFolder} */
  async readFolder(options: {
    repository: string;
    ref: string;
    folder: string;
  }): Promise<RepositorySnapshot> {
    return this.#files.readFolder(options);
  }

  /** {@inheritDoc Forge.readFiles} */
  async readFiles(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Promise<Record<string, RepositoryFile>> {
    return this.#files.readFiles(options);
  }

  /** {@inheritDoc Forge.readBranch} */
  async readBranch(
    repository: string,
    branch: string,
  ): Promise<BranchTip | undefined> {
    return this.#branches.read(repository, branch);
  }

  /** {@inheritDoc Forge.replaceBranch} */
  async replaceBranch(options: {
    repository: string;
    changeSet: ChangeSet;
    mayReplace: (tip: BranchTip) => boolean;
  }): Promise<WrittenBranch> {
    return this.#branches.replace(options);
  }

  /** {@inheritDoc Forge.ensurePull} */
  async ensurePull(options: {
    repository: string;
    changeSet: ChangeSet;
  }): Promise<Pull> {
    const { repository, changeSet } = options;
    const { branch, baseBranch, title, body } = changeSet;
    const call: GitLabCall = {
      method: 'POST',
      path: ['merge_requests'],
      body: {
        source_branch: branch,
        target_branch: baseBranch,
        title,
        description: withoutCommands(body),
      },
    };
    return openOnce({
      waits: OPEN_WAITS,
      send: () => this.#client.send(repository, call),
      mayBeOpen: ({ message, status }) =>
        status === 409 || (status === 400 && /source.branch/i.test(message)),
      read: answer =>
        toPull(
          this.#client.parse(repository, call, {
            answer,
            schema: mergeRequestSchema,
            expected: 201,
          }),
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
    await this.#update(repository, number, {
      title,
      description: withoutCommands(body),
    });
  }

  /** {@inheritDoc Forge.findPull} */
  async findPull(options: {
    repository: string;
    baseBranch: string;
    branch: string;
  }): Promise<Pull | undefined> {
    const { repository, baseBranch, branch } = options;
    const found = await this.#client.get(
      repository,
      {
        path: ['merge_requests'],
        query: {
          state: 'all',
          scope: 'all',
          source_branch: branch,
          target_branch: baseBranch,
          order_by: 'created_at',
          sort: 'asc',
          per_page: String(PULLS_PER_PAGE),
        },
      },
      listedMergeRequestsSchema,
    );
    // A fork may have a branch of the same name.
    const own = found.filter(isOwn);
    const request = own.find(one => stateOf(one) === 'open') ?? own[0];
    return request && this.getPull(repository, request.iid);
  }

  /** {@inheritDoc Forge.listOpenPulls} */
  async listOpenPulls(repository: string): Promise<ListedPull[]> {
    const pulls: ListedPull[] = [];
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const more = await this.#client.get(
        repository,
        {
          path: ['merge_requests'],
          query: {
            state: 'opened',
            scope: 'all',
            order_by: 'updated_at',
            sort: 'desc',
            // Otherwise a list tells what was known when somebody looked last.
            with_merge_status_recheck: 'true',
            per_page: String(PULLS_PER_PAGE),
            page: String(page),
          },
        },
        listedMergeRequestsSchema,
      );
      pulls.push(
        ...more.map(
          ({ iid: number, sha: head = '', updated_at, ...request }) => ({
            number,
            head,
            updatedAt: updated_at,
            // That there is none may be old news.
            mergeable: toMergeable(request) === false ? false : undefined,
          }),
        ),
      );
      if (more.length < PULLS_PER_PAGE) {
        break;
      }
    }
    return pulls;
  }

  /** {@inheritDoc Forge.getPull} */
  async getPull(
    repository: string,
    number: number,
    options: { checks?: boolean } = {},
  ): Promise<Pull> {
    const path = ['merge_requests', String(number)];
    const part = (name: string, query?: Record<string, string>) => ({
      path: [...path, name],
      query,
    });
    const [request, approvals] = await Promise.all([
      this.#read(repository, number),
      this.#client.readPerhaps(repository, part('approvals'), approvalsSchema),
    ]);
    const isOpen = stateOf(request) === 'open';
    const { reviewers: asked = [], sha, user_notes_count: said = 0 } = request;
    const approved = approvals?.approved_by ?? [];
    const hasTimes = approved.every(({ approved_at: at }) => at !== undefined);
    const [reviewers, versions, notes, statuses] = await Promise.all([
      isOpen && asked.length
        ? this.#client.readPerhaps(
            repository,
            part('reviewers'),
            reviewersSchema,
          )
        : undefined,
      // An approval has no commit, only a time.
      approved.length
        ? this.#client.get(
            repository,
            part('versions', { per_page: '20' }),
            versionsSchema,
          )
        : undefined,
      (isOpen && said) || !hasTimes
        ? this.#client.readPerhaps(
            repository,
            part('notes', { sort: 'desc', per_page: String(NOTES) }),
            notesSchema,
          )
        : undefined,
      isOpen && options.checks && sha
        ? this.#client.readPages(
            repository,
            { path: ['repository', 'commits', sha, 'statuses'] },
            { schema: statusesSchema, maxPages: STATUS_PAGES },
          )
        : undefined,
    ]);
    return toPull(request, {
      approvals,
      reviewers,
      versions,
      notes,
      statuses: statuses?.items,
      hasMoreStatuses: statuses?.hasMore,
    });
  }

  async #read(repository: string, number: number): Promise<MergeRequest> {
    return this.#client.get(
      repository,
      { path: ['merge_requests', String(number)] },
      mergeRequestSchema,
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
    const wanted = new Map<string, number>();
    for (const reviewer of reviewers) {
      const user = reviewer.includes('/')
        ? undefined
        : await this.#findUser(repository, reviewer);
      if (user) {
        wanted.set(reviewer, user.id);
      } else {
        notAsked.push({
          reviewer,
          reason: reviewer.includes('/')
            ? 'GitLab asks people for a review, and no groups'
            : 'nobody of this name is there',
        });
      }
    }
    if (!wanted.size) {
      return notAsked;
    }
    // The list is replaced as a whole.
    const { reviewers: before = [] } = await this.#read(repository, number);
    const { reviewers: after = [] } = await this.#update(repository, number, {
      reviewer_ids: [
        ...new Set([...before.map(({ id }) => id), ...wanted.values()]),
      ],
    });
    const ids = new Set(after.map(({ id }) => id));
    return [
      ...notAsked,
      ...[...wanted]
        .filter(([, id]) => !ids.has(id))
        .map(([reviewer]) => ({
          reviewer,
          // It says nothing about those that it leaves out.
          reason:
            'GitLab did not take it: it leaves out who cannot see the project, and where its edition has room for one reviewer, all others',
        })),
    ];
  }

  async #findUser(repository: string, username: string) {
    const found = await this.#client.get(
      repository,
      { path: ['users'], query: { username }, isGlobal: true },
      userSchema.array(),
    );
    return found.find(
      user => user.username.toLowerCase() === username.toLowerCase(),
    );
  }

  /** {@inheritDoc Forge.closePull} */
  async closePull(repository: string, number: number): Promise<PullState> {
    const { answer, call, state } = await this.#setState(
      repository,
      number,
      'close',
    );
    if (state === 'open') {
      throw this.#client.refusal(repository, call, answer);
    }
    return state;
  }

  /** {@inheritDoc Forge.reopenPull} */
  async reopenPull(repository: string, number: number): Promise<PullState> {
    const before = await this.#read(repository, number);
    if (stateOf(before) !== 'closed') {
      return stateOf(before);
    }
    if (before.sha) {
      // It stays closed without its branch, and takes whatever is on it.
      await this.#branches.restore(repository, {
        branch: before.source_branch,
        commit: before.sha,
      });
    }
    const { answer, call, state } = await this.#setState(
      repository,
      number,
      'reopen',
    );
    if (state === 'closed' && answer.status === 403) {
      throw this.#client.refusal(repository, call, answer);
    }
    // An answer of 200 is given as well to what was not done.
    if (state === 'closed') {
      throw new ForgeError(
        'unsupported',
        `Merge request ${number} of ${this.#client.placeOf(
          repository,
        )} cannot be opened again${
          answer.message ? ` ("${answer.message}")` : ''
        }, as its discussion is locked, the project is full, or another one is open for its branch; see to that, or withdraw the request and ask again`,
      );
    }
    return state;
  }

  /**
   * Closes or opens one, and says what it is then.
   *
   * @throws ForgeError when the project as a whole lets nobody do it
   */
  async #setState(
    repository: string,
    number: number,
    event: 'close' | 'reopen',
  ) {
    const call = {
      ...this.#toUpdate(number, { state_event: event }),
      isExamined: true,
    };
    const answer = await this.#client.repeat(repository, call);
    // One that is merged cannot be closed, and depending on the version that is said or not.
    const now = isRefusal(answer)
      ? await this.#read(repository, number)
      : this.#parse(repository, call, answer);
    const state = stateOf(now);
    if (
      answer.status === 403 &&
      state === (event === 'close' ? 'open' : 'closed')
    ) {
      await this.#client.checkProject(repository);
    }
    return { answer, call, state };
  }

  async #update(
    repository: string,
    number: number,
    body: object,
  ): Promise<MergeRequest> {
    const call = this.#toUpdate(number, body);
    const answer = await this.#client.repeat(repository, call);
    return this.#parse(repository, call, answer);
  }

  #toUpdate(number: number, body: object): GitLabCall {
    return { method: 'PUT', path: ['merge_requests', String(number)], body };
  }

  #parse(
    repository: string,
    call: GitLabCall,
    answer: HttpAnswer,
  ): MergeRequest {
    return this.#client.parse(repository, call, {
      answer,
      schema: mergeRequestSchema,
      expected: 200,
    });
  }

  /** {@inheritDoc Forge.setCommitStatus} */
  async setCommitStatus(
    options: { repository: string; commit: string } & CommitStatus,
  ): Promise<void> {
    const { repository, commit, context, state, description, url } = options;
    const call: GitLabCall = {
      method: 'POST',
      path: ['statuses', commit],
      body: {
        name: context,
        state: state === 'failure' ? 'failed' : state,
        description: toLine(description, MAX_DESCRIPTION),
        ...(url && { target_url: url }),
      },
    };
    const answer = await this.#client.repeat(repository, call);
    // What is pending cannot become it again.
    if (answer.status === 400 && /cannot transition/i.test(answer.message)) {
      return;
    }
    this.#client.parse(repository, call, {
      answer,
      schema: statusSchema,
      expected: 201,
    });
  }

  /** {@inheritDoc Forge.pagesOf} */
  pagesOf({ url }: Pick<Pull, 'url'>) {
    const root = url.replace(/\/-\/merge_requests\/\d+$/, '');
    const escape = (path: string) =>
      path
        .split('/')
        .filter(part => part && part !== '.')
        .map(encodeURIComponent)
        .join('/');
    return {
      commit: (commit: string) => `${root}/-/commit/${escape(commit)}`,
      folder: (branch: string, folder: string) =>
        `${root}/-/tree/${escape(branch)}/${escape(folder)}`,
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
    const call: GitLabCall = {
      path: ['repository', 'merge_base'],
      query: [
        ['refs[]', revision],
        ['refs[]', commit],
      ],
    };
    const answer = await this.#client.repeat(repository, call);
    if (answer.status === 400 && /could not find ref/i.test(answer.message)) {
      throw this.#client.refusal(repository, call, { ...answer, status: 404 });
    }
    if (answer.status === 404 && !/project not found/i.test(answer.message)) {
      // The two have nothing in common.
      return false;
    }
    const { id } = this.#client.parse(repository, call, {
      answer,
      schema: mergeBaseSchema,
      expected: 200,
    });
    const isContained = id === commit;
    if (isContained && /^[0-9a-f]{40}$/.test(revision)) {
      this.#contained.set(key, true);
    }
    return isContained;
  }
}

function isOwn({
  source_project_id: source,
  target_project_id: target,
}: Pick<MergeRequest, 'source_project_id' | 'target_project_id'>): boolean {
  return source === target;
}

/** It is as it was: what that means is in its state. */
function isRefusal({ status }: HttpAnswer): boolean {
  return [400, 403, 405, 409, 422].includes(status);
}

/** GitLab takes a line that begins with a slash for a command, and does it with the rights of the portal. */
function withoutCommands(text: string): string {
  return text.replace(/^([^\S\n]*)\//gm, '$1\\/');
}
