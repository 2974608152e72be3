import { createHash } from 'node:crypto';
import { Request, Response } from 'express';
import Router from 'express-promise-router';
import { accessOf, atLeast } from '../access';
import { callerOf, queryText, repositoryOf } from '../api/http';
import { ForgeServices } from '../app';
import { PullRecord, RepositoryRecord } from '../model';
import { mayReopen, ownerOfTeam } from './pullRules';
import { GitHubError } from './GitHubError';

/** What reads and writes the repository that is named; its answers are completed by the published description. */
export function createRestRoutes(services: ForgeServices) {
  const { store, pulls, reviews, presenter } = services;
  const router = Router({ mergeParams: true });

  const gitOf = (response: Response) => store.git(repositoryOf(response));
  const pullOf = (request: Request, response: Response): PullRecord => {
    const { number } = request.params as Record<string, string>;
    const found = repositoryOf(response).pulls.find(
      pull => pull.number === Number(number),
    );
    if (!found) throw new GitHubError(404, 'Not Found');
    return found;
  };
  const toPull = (repository: RepositoryRecord, pull: PullRecord) => {
    const owner = { login: repository.owner };
    const repo = {
      name: repository.name,
      full_name: fullName(repository),
      pushed_at: repository.updatedAt,
    };
    const asked = pull.reviews.filter(
      ({ state }) => state === 'REQUEST_REVIEW',
    );
    return {
      number: pull.number,
      html_url: `${presenter.url}/${fullName(repository)}/pull/${pull.number}`,
      state: pull.state,
      title: pull.title,
      body: pull.body,
      draft: false,
      merged: pull.merged !== undefined,
      merged_at: pull.merged?.at ?? null,
      closed_at: pull.closedAt ?? null,
      created_at: pull.createdAt,
      updated_at: pull.updatedAt,
      user: { login: pull.poster },
      head: {
        label: `${repository.owner}:${pull.head}`,
        ref: pull.head,
        sha: pull.headCommit,
        user: owner,
        repo,
      },
      base: {
        label: `${repository.owner}:${pull.base}`,
        ref: pull.base,
        sha: pull.mergeBase,
        user: owner,
        repo,
      },
      requested_reviewers: asked.flatMap(({ user }) =>
        user ? [{ login: user }] : [],
      ),
      requested_teams: asked.flatMap(({ team }) =>
        team === undefined ? [] : [{ slug: store.teamById(team)!.team.name }],
      ),
    };
  };

  router.get('/', async (_request, response) => {
    const repository = repositoryOf(response);
    response.json({
      name: repository.name,
      full_name: fullName(repository),
      private: repository.private,
      archived: repository.archived,
      default_branch: repository.defaultBranch,
    });
  });

  router.get('/git/ref/heads/*', async (request, response) => {
    const repository = repositoryOf(response);
    const branch = restOf(request);
    const commit = await gitOf(response).branch(branch);
    if (!commit) {
      const isEmpty = await services.repositories.isEmpty(repository);
      throw isEmpty
        ? new GitHubError(409, 'Git Repository is empty.')
        : new GitHubError(404, 'Not Found');
    }
    if (!isAsSeen(request, response, commit)) {
      response.json({
        ref: `refs/heads/${branch}`,
        object: { type: 'commit', sha: commit },
      });
    }
  });

  router.get('/git/trees/:sha', async (request, response) => {
    const git = gitOf(response);
    const type = await git.objectType(request.params.sha);
    if (type !== 'commit' && type !== 'tree') {
      throw new GitHubError(404, 'Not Found');
    }
    const entries = await git.tree(
      request.params.sha,
      queryText(request, 'recursive') !== undefined,
    );
    response.json({
      sha: request.params.sha,
      truncated: false,
      tree: entries.map(({ size, ...entry }) => ({
        ...entry,
        ...(entry.type === 'blob' && { size }),
      })),
    });
  });

  router.get('/git/blobs/:sha', async (request, response) => {
    const git = gitOf(response);
    if ((await git.objectType(request.params.sha)) !== 'blob') {
      throw new GitHubError(404, 'Not Found');
    }
    const content = await git.blob(request.params.sha);
    response.json({
      sha: request.params.sha,
      size: content.length,
      encoding: 'base64',
      content: content.toString('base64'),
    });
  });

  router.post('/git/trees', async (request, response) => {
    const git = gitOf(response);
    const { base_tree: base, tree } = request.body as {
      base_tree: string;
      tree: Array<{
        path: string;
        mode: string;
        content?: string;
        sha?: string | null;
      }>;
    };
    const known = await git.entries(
      base,
      tree.map(({ path }) => path),
    );
    for (const { path, sha } of tree) {
      if (sha === null && !known.has(path)) {
        throw new GitHubError(422, 'GitRPC::BadObjectState');
      }
    }
    const written = tree.filter(({ content }) => content !== undefined);
    const blobs = await git.writeBlobs(
      written.map(({ content }) => Buffer.from(content!, 'utf8')),
    );
    const sha = await git.writeTree(
      base,
      tree.map(entry => {
        const blob = entry.sha ?? blobs[written.indexOf(entry)];
        return {
          path: entry.path,
          entry: blob ? { mode: entry.mode, sha: blob } : undefined,
        };
      }),
    );
    response.status(201).json({ sha, truncated: false, tree: [] });
  });

  router.post('/git/commits', async (request, response) => {
    const git = gitOf(response);
    const { author, committer, message, parents, tree } = request.body;
    const sha = await git.writeCommit({
      author,
      committer,
      message,
      parents,
      tree,
    });
    response.status(201).json({ sha, message, author, committer });
  });

  router.get('/pulls', async (request, response) => {
    const repository = repositoryOf(response);
    const state = queryText(request, 'state') ?? 'open';
    const head = queryText(request, 'head');
    const base = queryText(request, 'base');
    const isOldestFirst = queryText(request, 'direction') === 'asc';
    const found = repository.pulls.filter(
      pull =>
        (state === 'all' || pull.state === state) &&
        (!base || pull.base === base) &&
        (!head || head === `${repository.owner}:${pull.head}`),
    );
    const perPage = Number(queryText(request, 'per_page') ?? 30);
    const start = (Number(queryText(request, 'page') ?? 1) - 1) * perPage;
    const sorted =
      queryText(request, 'sort') === 'updated'
        ? found.sort((a, b) => a.updatedAt.localeCompare(b.updatedAt))
        : found;
    const listed = (isOldestFirst ? sorted : [...sorted].reverse())
      .slice(start, start + perPage)
      .map(pull => toPull(repository, pull));
    if (!isAsSeen(request, response, JSON.stringify(listed))) {
      response.json(listed);
    }
  });

  router.post('/pulls', async (request, response) => {
    const repository = repositoryOf(response);
    const user = callerOf(response).user!;
    const git = gitOf(response);
    const { base, body, head, title } = request.body;
    const [baseCommit, headCommit] = await Promise.all([
      git.branch(base),
      git.branch(head),
    ]);
    if (!baseCommit || !headCommit) {
      throw invalid({
        field: headCommit ? 'base' : 'head',
        code: 'invalid',
      });
    }
    if (
      repository.pulls.some(
        pull =>
          pull.state === 'open' && pull.head === head && pull.base === base,
      )
    ) {
      throw invalid({
        code: 'custom',
        message: `A pull request already exists for ${repository.owner}:${head}.`,
      });
    }
    if (await git.isAncestor(headCommit, baseCommit)) {
      throw invalid({
        code: 'custom',
        message: `No commits between ${base} and ${head}`,
      });
    }
    const pull = await pulls.create(repository, user, {
      base,
      body,
      head,
      title,
    });
    response.status(201).json(toPull(repository, pull));
  });

  router.get('/pulls/:number(\\d+)', async (request, response) => {
    response.json(toPull(repositoryOf(response), pullOf(request, response)));
  });

  router.patch('/pulls/:number(\\d+)', async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pullOf(request, response);
    const { body, state, title } = request.body;
    if (state === 'open' && pull.state === 'closed') {
      const reason = await mayReopen(services, repository, pull);
      if (reason) {
        throw invalid({ code: 'custom', field: 'state', message: reason });
      }
    }
    // What is merged is closed.
    if (!(pull.merged && state === 'closed')) {
      await pulls.edit(repository, pull, callerOf(response).user!, {
        body,
        state,
        title,
      });
    }
    response.json(toPull(repository, pull));
  });

  const REVIEWERS = '/pulls/:number(\\d+)/requested_reviewers';
  router.get(REVIEWERS, async (request, response) => {
    const { requested_reviewers: users, requested_teams: teams } = toPull(
      repositoryOf(response),
      pullOf(request, response),
    );
    response.json({ users, teams });
  });

  router.post(REVIEWERS, async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pullOf(request, response);
    const { reviewers = [], team_reviewers: teams = [] } = request.body;
    for (const name of reviewers) {
      const user = store.user(name);
      if (user?.name === pull.poster) {
        throw new GitHubError(
          422,
          'Review cannot be requested from pull request author.',
        );
      }
      if (!user || !atLeast(accessOf(store, repository, user), 'read')) {
        throw new GitHubError(
          422,
          `Reviews may only be requested from collaborators. One or more of the users or teams you specified is not a collaborator of the ${fullName(
            repository,
          )} repository.`,
        );
      }
    }
    for (const name of teams) {
      if (!ownerOfTeam(store, repository, name)) {
        throw new GitHubError(
          422,
          `Could not resolve to a node with the global id of '${name}'`,
        );
      }
    }
    await reviews.request(repository, pull, callerOf(response).user!, {
      users: reviewers,
      teams,
    });
    response.status(201).json(toPull(repository, pull));
  });

  router.get('/compare/*', async (request, response) => {
    const git = gitOf(response);
    const [base, head] = await Promise.all(
      restOf(request)
        .split('...')
        .map(ref => git.resolve(ref)),
    );
    if (!base || !head) throw new GitHubError(404, 'Not Found');
    response.json({ status: await relate(git, base, head) });
  });

  router.post('/statuses/:sha', async (request, response) => {
    const repository = repositoryOf(response);
    const { context, description = '', state, target_url = '' } = request.body;
    if (description.length > 140) {
      throw invalid({ field: 'description', code: 'too_long' });
    }
    if (!(await gitOf(response).resolve(request.params.sha))) {
      throw new GitHubError(
        422,
        `No commit found for SHA: ${request.params.sha}`,
      );
    }
    const now = new Date().toISOString();
    repository.statuses.push({
      id: store.nextId('status'),
      commit: request.params.sha,
      state,
      context,
      description,
      targetUrl: target_url,
      creator: callerOf(response).user!.name,
      createdAt: now,
    });
    store.save();
    response
      .status(201)
      .json({ context, description, state, created_at: now, updated_at: now });
  });

  router.get('/rules/branches/*', async (request, response) => {
    const branch = restOf(request);
    const rule = repositoryOf(response).protections.find(
      ({ rule_name: name }) => name === branch,
    );
    response.json(
      rule?.enable_status_check
        ? [
            {
              type: 'required_status_checks',
              parameters: {
                required_status_checks: rule.status_check_contexts.map(
                  context => ({ context }),
                ),
                strict_required_status_checks_policy: false,
              },
            },
          ]
        : [],
    );
  });

  return router;
}

/** Tells what an answer is known by, and answers by that alone when the caller has it. */
function isAsSeen(
  request: Request,
  response: Response,
  content: string,
): boolean {
  const etag = `"${createHash('sha256').update(content).digest('hex')}"`;
  response.setHeader('ETag', etag);
  const isSeen = request.headers['if-none-match'] === etag;
  if (isSeen) {
    response.status(304).end();
  }
  return isSeen;
}

async function relate(
  git: { isAncestor(a: string, b: string): Promise<boolean> },
  base: string,
  head: string,
): Promise<string> {
  if (base === head) return 'identical';
  if (await git.isAncestor(head, base)) return 'behind';
  return (await git.isAncestor(base, head)) ? 'ahead' : 'diverged';
}

function restOf(request: Request): string {
  return (request.params as Record<string, string>)[0];
}

export function fullName({ name, owner }: RepositoryRecord): string {
  return `${owner}/${name}`;
}

function invalid(error: object): GitHubError {
  return new GitHubError(422, 'Validation Failed', {
    errors: [{ resource: 'PullRequest', ...error }],
  });
}
