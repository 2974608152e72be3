import { POLICY_STATUS } from '@rustfs-portal/plugin-rustfs-common';
import { LRUCache } from 'lru-cache';
import {
  BranchTip,
  ChangeSet,
  CommitStatus,
  Forge,
  ForgeError,
  NotAsked,
  ListedPull,
  Pull,
  PullState,
  RepositoryFile,
  RepositorySnapshot,
  WrittenBranch,
} from '../../types';
import { explainStale } from '../explain';
import { ForgeConnection } from '../ForgeFactory';
import { openOnce } from '../openOnce';
import { toLine } from '../plainText';
import { HttpAnswer } from '../http/ForgeHttp';
import { OPEN_DOCUMENT, pullDocument } from './documents';
import { GitHubBranches } from './GitHubBranches';
import { GitHubCall, GitHubClient } from './GitHubClient';
import { GitHubFiles } from './GitHubFiles';
import { isCommit } from './refs';
import {
  compareSchema,
  listedPullsSchema,
  openPullsSchema,
  pullAnswerSchema,
  pullSchema,
  repositorySchema,
  requestedSchema,
  rulesSchema,
  statusSchema,
} from './schemas';
import { toMergeable, toNewPull, toPull } from './toPull';

const MAX_PAGES = 20;
/** Lists that are kept, and for how long: by then whether something can be merged may have changed without a trace. */
const LISTS = { max: 500, ttl: 5 * 60_000 };
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
  readonly #branches: GitHubBranches;
  readonly #files: GitHubFiles;
  readonly #contained = new LRUCache<string, true>({ max: CONTAINED });
  /** By repository, with the answer that told that it is as it was. */
  readonly #lists = new LRUCache<
    string,
    { probe: HttpAnswer; pulls: ListedPull[] }
  >(LISTS);
  /** Repositories whose answers name no teams, for want of a right. */
  readonly #withoutTeams = new Set<string>();

  private constructor(client: GitHubClient) {
    this.#client = client;
    this.#branches = new GitHubBranches(client);
    this.#files = new GitHubFiles(client);
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

  /** {@inheritDoc Forge.readDefaultBranch} */
  async readDefaultBranch(repository: string): Promise<string> {
    const found = await this.#client.get(
      repository,
      { path: [] },
      repositorySchema,
    );
    return found.default_branch;
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
    const call: GitHubCall = {
      method: 'POST',
      path: ['pulls'],
      isSeen: true,
      body: { head: branch, base: baseBranch, title, body },
    };
    return openOnce({
      send: () => this.#client.send(repository, call),
      mayBeOpen: ({ status }) => status === 422,
      read: answer =>
        toNewPull(
          this.#client.parse(repository, call, {
            answer,
            schema: pullSchema,
            expected: 201,
          }),
          ownerOf(repository),
        ),
      find: () => this.findPull({ repository, baseBranch, branch }),
      explain: ({ message }) =>
        /no commits between/i.test(message)
          ? explainStale(`${repository} on ${this.#client.host}`, baseBranch)
          : undefined,
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
    const pulls = await this.#client.get(
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

  /** {@inheritDoc Forge.listOpenPulls} */
  async listOpenPulls(repository: string): Promise<ListedPull[]> {
    // The one that moved last, with the repository: it is as it was for as long as nothing is pushed, opened, closed or
    // said, and to be told so costs nothing.
    const call: GitHubCall = {
      path: ['pulls'],
      query: {
        state: 'all',
        sort: 'updated',
        direction: 'desc',
        per_page: '1',
      },
      isKept: true,
    };
    const probe = await this.#client.repeat(repository, call);
    if (probe.status !== 200) {
      throw this.#client.refusal(repository, call, probe);
    }
    const known = this.#lists.get(repository);
    if (known?.probe === probe) {
      return known.pulls;
    }
    const pulls = await this.#readOpen(repository);
    // GitHub works out whether one can be merged once it is asked: what it does not know yet is asked again.
    if (pulls.every(({ mergeable }) => mergeable !== undefined)) {
      this.#lists.set(repository, { probe, pulls });
    }
    return pulls;
  }

  async #readOpen(repository: string): Promise<ListedPull[]> {
    const pulls: ListedPull[] = [];
    let after: string | undefined;
    for (let page = 1; page <= MAX_PAGES; page += 1) {
      const { repository: found } = await this.#client.query(
        repository,
        { document: OPEN_DOCUMENT, variables: { after } },
        openPullsSchema,
      );
      const { nodes, pageInfo } = found.pullRequests;
      pulls.push(
        ...nodes.map(({ headRefOid: head, mergeable, ...pull }) => ({
          ...pull,
          head,
          mergeable: toMergeable(mergeable),
        })),
      );
      if (!pageInfo.hasNextPage) {
        break;
      }
      after = pageInfo.endCursor;
    }
    return pulls;
  }

  /** {@inheritDoc Forge.getPull} */
  async getPull(
    repository: string,
    number: number,
    options: { checks?: boolean } = {},
  ): Promise<Pull> {
    const { checks = false } = options;
    const { pull, requested } = await this.#readPull(
      repository,
      number,
      checks,
    );
    const organization = ownerOf(repository);
    const found = toPull(pull, { organization, requested });
    if (found.held !== 'blocked' || !found.checks) {
      return found;
    }
    // A check that is required and has not been heard of is in no list: only the rules name it.
    const rules = await this.#readRules(repository, found.baseBranch);
    const explained = toPull(pull, {
      organization,
      requested,
      missing: rules.checks,
    });
    return explained.held === 'blocked' && rules.wantsSignatures
      ? { ...explained, held: 'unsigned' }
      : explained;
  }

  async #readPull(repository: string, number: number, checks: boolean) {
    const hidden = new Set<string>();
    const ask = (teams: boolean) =>
      this.#client.query(
        repository,
        {
          document: pullDocument({ checks, teams }),
          variables: { number, ...(checks && { status: POLICY_STATUS }) },
          optional: {
            // It is among the others too, as a rule.
            status: () => {},
            statusCheckRollup: () => hidden.add('checks'),
            // Who is asked is looked up in another way.
            requestedReviewer: () => {},
          },
        },
        pullAnswerSchema,
      );
    const isKnown = this.#withoutTeams.has(repository);
    const answer = await ask(!isKnown).catch(error => {
      // Names of teams ask for rights that nothing else needs.
      const isRefused =
        error instanceof ForgeError && error.reason === 'denied';
      if (!isRefused || isKnown) {
        throw error;
      }
      return ask(false).then(without => {
        // It was the teams, and not a hiccup.
        this.#withoutTeams.add(repository);
        return without;
      });
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
      ? await this.#client.get(
          repository,
          { path: ['pulls', String(number), 'requested_reviewers'] },
          requestedSchema,
        )
      : undefined;
    return {
      pull: {
        ...pull,
        headCommit: hidden.has('checks') ? undefined : pull.headCommit,
      },
      requested,
    };
  }

  /** What the rules of a branch ask for; nothing where they cannot be read. */
  async #readRules(repository: string, branch: string) {
    const call: GitHubCall = {
      path: ['rules', 'branches', branch],
      query: { per_page: '100' },
      isKept: true,
    };
    const answer = await this.#client.repeat(repository, call);
    const rules = rulesSchema.catch([]).parse(answer.body);
    return {
      checks: rules.flatMap(({ parameters }) =>
        (parameters?.required_status_checks ?? []).map(
          ({ context }) => context,
        ),
      ),
      wantsSignatures: rules.some(({ type }) => type === 'required_signatures'),
    };
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
    await this.#branches.putBack(repository, {
      branch: pull.head.ref,
      to: pull.head.sha,
      replaces: options.replaces,
    });
    return this.#setState(repository, number, 'open');
  }

  async #getState(repository: string, number: number) {
    return this.#client.get(
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
    const { status } = await this.#client.get(
      repository,
      {
        path: ['compare', `${revision}...${commit}`],
        query: { per_page: '1' },
      },
      compareSchema,
    );
    const isContained = status === 'identical' || status === 'behind';
    if (isContained && isCommit(revision)) {
      this.#contained.set(key, true);
    }
    return isContained;
  }
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
