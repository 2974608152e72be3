import { Request, Response } from 'express';
import Router from 'express-promise-router';
import { accessOf, atLeast } from '../access';
import { callerOf, queryText, repositoryOf } from '../api/http';
import { ForgeServices } from '../app';
import { GiteaError } from '../GiteaError';
import { Commit, NO_COMMIT } from '../GitRepository';
import { identityOf } from '../identity';
import { PullRecord, RepositoryRecord, UserRecord } from '../model';
import { latestStatuses } from '../statuses';
import { GitLabError } from './GitLabError';
import { MergeRequestPresenter } from './mergeRequests';

interface Action {
  action: 'create' | 'update' | 'delete';
  file_path: string;
  content?: string;
}

/** What reads and writes the project that is named. */
export function createProjectRoutes(services: ForgeServices) {
  const { pulls, repositories, reviews, store } = services;
  const presenter = new MergeRequestPresenter(services);
  const router = Router({ mergeParams: true });

  const gitOf = (response: Response) => store.git(repositoryOf(response));
  const pullOf = (request: Request, response: Response): PullRecord => {
    const { iid } = request.params as Record<string, string>;
    const found = repositoryOf(response).pulls.find(
      ({ number }) => number === Number(iid),
    );
    if (!found) throw GitLabError.notFound('Not found');
    return found;
  };

  router.get('/', async (_request, response) => {
    const repository = repositoryOf(response);
    response.json({
      id: repository.id,
      path_with_namespace: pathOf(repository),
      archived: repository.archived,
      empty_repo: await repositories.isEmpty(repository),
      default_branch: repository.defaultBranch,
      repository_access_level: 'enabled',
      merge_requests_access_level: repository.pullRequests
        ? 'enabled'
        : 'disabled',
    });
  });

  router.get('/repository/branches/:branch', async (request, response) => {
    const git = gitOf(response);
    const { branch } = request.params as Record<string, string>;
    const sha = await git.branch(branch);
    if (!sha) throw GitLabError.notFound('Branch');
    response.json({ name: branch, commit: toCommit(await git.commit(sha)) });
  });

  router.post('/repository/branches', async (request, response) => {
    const git = gitOf(response);
    const branch = queryText(request, 'branch')!;
    const ref = queryText(request, 'ref')!;
    if (await git.branch(branch)) {
      throw new GitLabError(400, 'Branch already exists');
    }
    const sha = await git.resolve(ref);
    if (!sha) throw new GitLabError(400, 'Invalid reference name');
    await repositories.moveBranch(
      repositoryOf(response),
      branch,
      { before: NO_COMMIT, after: sha },
      callerOf(response).user!,
    );
    response
      .status(201)
      .json({ name: branch, commit: toCommit(await git.commit(sha)) });
  });

  router.get('/repository/tree', async (request, response) => {
    const git = gitOf(response);
    const folder = queryText(request, 'path') ?? '';
    const commit = await git.resolve(queryText(request, 'ref') ?? '');
    if (!commit) throw GitLabError.notFound('Tree');
    const all = (await git.tree(commit, true)).filter(
      ({ path }) => !folder || path.startsWith(`${folder}/`),
    );
    if (folder && !all.length) {
      throw new GitLabError(404, '404 invalid revision or path Not Found');
    }
    const size = Number(queryText(request, 'per_page') ?? 20);
    const start = Number(queryText(request, 'page_token') ?? 0);
    if (start + size < all.length) {
      response.setHeader(
        'Link',
        // Not every server knows by which name it is called.
        `<https://elsewhere.invalid/api/v4/tree?page_token=${
          start + size
        }>; rel="next"`,
      );
    }
    response.json(
      all.slice(start, start + size).map(({ mode, path, sha: id, type }) => ({
        id,
        name: path.split('/').at(-1),
        type,
        path,
        mode,
      })),
    );
  });

  router.get('/repository/blobs/:sha', async (request, response) => {
    const git = gitOf(response);
    const { sha } = request.params as Record<string, string>;
    if ((await git.objectType(sha)) !== 'blob') {
      throw GitLabError.notFound('Blob');
    }
    const content = await git.blob(sha);
    response.json({
      sha,
      size: content.length,
      encoding: 'base64',
      content: content.toString('base64'),
    });
  });

  router.get('/repository/commits/:sha', async (request, response) => {
    response.json(toCommit(await findCommit(request, response)));
  });

  router.get('/repository/commits/:sha/diff', async (request, response) => {
    const commit = await findCommit(request, response);
    const files = await gitOf(response).commitFiles(commit);
    response.json(
      files.map(({ path, previousPath, status }) => ({
        old_path: previousPath ?? path,
        new_path: path,
        deleted_file: status === 'deleted',
      })),
    );
  });

  router.get('/repository/commits/:sha/statuses', async (request, response) => {
    const commit = await findCommit(request, response);
    response.json(
      latestStatuses(repositoryOf(response), commit.sha).map(
        ({ context, description, state, targetUrl }) => ({
          name: context,
          status: state === 'failure' ? 'failed' : state,
          allow_failure: false,
          description: description || null,
          target_url: targetUrl || null,
        }),
      ),
    );
  });

  async function findCommit(request: Request, response: Response) {
    const git = gitOf(response);
    const { sha } = request.params as Record<string, string>;
    const found = await git.resolve(sha);
    if (!found) throw GitLabError.notFound('Commit');
    return git.commit(found);
  }

  router.post('/repository/commits', async (request, response) => {
    const sha = await writeCommit(
      repositoryOf(response),
      callerOf(response).user!,
      request.body,
    );
    response.status(201).json(toCommit(await gitOf(response).commit(sha)));
  });

  /** Commits on a chosen commit, to a branch that is made for it or replaced. */
  async function writeCommit(
    repository: RepositoryRecord,
    user: UserRecord,
    asked: {
      branch: string;
      start_sha: string;
      force?: boolean;
      commit_message: string;
      author_name: string;
      author_email: string;
      actions: Action[];
    },
  ): Promise<string> {
    const git = store.git(repository);
    const { actions, branch, force = false, start_sha: start } = asked;
    if (repository.archived) {
      throw new GitLabError(
        403,
        'You are not allowed to push into this branch',
      );
    }
    const base = await git.resolve(start);
    if (!base) {
      throw new GitLabError(400, `Cannot find start_sha '${start}'`);
    }
    const before = (await git.branch(branch)) ?? NO_COMMIT;
    if (before !== NO_COMMIT && !force) {
      throw new GitLabError(
        400,
        `A branch called '${branch}' already exists. Switch to that branch in order to make changes`,
      );
    }
    const known = await git.entries(
      base,
      actions.map(({ file_path: path }) => path),
    );
    for (const { action, file_path: path } of actions) {
      if (action === 'create' && known.has(path)) {
        throw new GitLabError(400, 'A file with this name already exists');
      }
      if (action !== 'create' && !known.has(path)) {
        throw new GitLabError(400, "A file with this name doesn't exist");
      }
    }
    const written = actions.filter(({ action }) => action !== 'delete');
    const blobs = await git.writeBlobs(
      written.map(({ content = '' }) => Buffer.from(content, 'base64')),
    );
    const tree = await git.writeTree(
      base,
      actions.map(action => {
        const sha = blobs[written.indexOf(action)];
        const { file_path: path } = action;
        return {
          path,
          entry: sha
            ? { mode: known.get(path)?.mode ?? '100644', sha }
            : undefined,
        };
      }),
    );
    // Nobody chooses when, nor who commits.
    const date = new Date().toISOString();
    const sha = await git.writeCommit({
      tree,
      parents: [base],
      author: { name: asked.author_name, email: asked.author_email, date },
      committer: { ...identityOf(user), date },
      message: asked.commit_message,
    });
    try {
      repositories.checkPush(repository, user, branch, {
        forced: before !== NO_COMMIT,
      });
    } catch (error) {
      throw error instanceof GiteaError
        ? new GitLabError(
            400,
            /force/.test(error.message)
              ? 'You are not allowed to force push code to a protected branch on this project.'
              : 'You are not allowed to push into this protected branch',
          )
        : error;
    }
    await repositories.moveBranch(
      repository,
      branch,
      { before, after: sha },
      user,
    );
    return sha;
  }

  router.get('/repository/merge_base', async (request, response) => {
    const git = gitOf(response);
    const refs = [request.query['refs[]']].flat() as string[];
    const [first, second] = await Promise.all(
      refs.map(ref => git.resolve(ref)),
    );
    if (!first || !second) {
      throw new GitLabError(
        400,
        `Could not find ref: ${first ? refs[1] : refs[0]}`,
      );
    }
    const base = await git.mergeBase(first, second);
    if (!base) throw GitLabError.notFound('Merge Base');
    response.json(toCommit(await git.commit(base)));
  });

  router.post('/statuses/:sha', async (request, response) => {
    const repository = repositoryOf(response);
    const { sha } = request.params as Record<string, string>;
    const {
      description = '',
      name,
      state,
      target_url: targetUrl = '',
    } = request.body;
    if (!(await gitOf(response).resolve(sha))) {
      throw GitLabError.notFound('Commit');
    }
    const last = latestStatuses(repository, sha).find(
      ({ context }) => context === name,
    );
    if (last?.state === 'pending' && state === 'pending') {
      throw new GitLabError(
        400,
        'Cannot transition status via :enqueue from :pending (Reason(s): Status cannot transition via "enqueue")',
      );
    }
    repository.statuses.push({
      id: store.nextId('status'),
      commit: sha,
      state: state === 'failed' ? 'failure' : state,
      context: name,
      description,
      targetUrl,
      creator: callerOf(response).user!.name,
      createdAt: new Date().toISOString(),
    });
    store.save();
    response.status(201).json({ name, status: state, description });
  });

  router.get('/merge_requests', async (request, response) => {
    const repository = repositoryOf(response);
    const state = queryText(request, 'state') ?? 'all';
    const source = queryText(request, 'source_branch');
    const target = queryText(request, 'target_branch');
    const found = repository.pulls.filter(
      pull =>
        (state === 'all' || pull.state === 'open') &&
        (!source || pull.head === source) &&
        (!target || pull.base === target),
    );
    const isByUpdate = queryText(request, 'order_by') === 'updated_at';
    const sorted = isByUpdate
      ? found.sort((a, b) => a.updatedAt.localeCompare(b.updatedAt))
      : found;
    const size = Number(queryText(request, 'per_page') ?? 20);
    const start = (Number(queryText(request, 'page') ?? 1) - 1) * size;
    const isOldestFirst = queryText(request, 'sort') === 'asc';
    response.json(
      await Promise.all(
        (isOldestFirst ? sorted : [...sorted].reverse())
          .slice(start, start + size)
          .map(pull => presenter.listed(repository, pull)),
      ),
    );
  });

  router.post('/merge_requests', async (request, response) => {
    const repository = repositoryOf(response);
    const {
      description = '',
      source_branch: head,
      target_branch: base,
      title,
    } = request.body;
    if (repository.archived) throw new GitLabError(403, '403 Forbidden');
    const known = repository.pulls.find(
      pull => pull.state === 'open' && pull.head === head && pull.base === base,
    );
    if (known) {
      response.status(409).json({
        message: [
          `Another open merge request already exists for this source branch: !${known.number}`,
        ],
      });
      return;
    }
    if (!(await gitOf(response).branch(head))) {
      response
        .status(400)
        .json({ message: { source_branch: ['does not exist'] } });
      return;
    }
    const pull = await pulls.create(repository, callerOf(response).user!, {
      base,
      head,
      title,
      body: withoutCommands(description),
    });
    response.status(201).json(await presenter.single(repository, pull));
  });

  const ONE = '/merge_requests/:iid(\\d+)';

  router.get(ONE, async (request, response) => {
    response.json(
      await presenter.single(repositoryOf(response), pullOf(request, response)),
    );
  });

  router.put(ONE, async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pullOf(request, response);
    const user = callerOf(response).user!;
    const {
      description,
      reviewer_ids: ids,
      state_event: event,
      title,
    } = request.body;
    const state = await mayBecome(repository, pull, event);
    if (state || title !== undefined || description !== undefined) {
      await pulls.edit(repository, pull, user, {
        title,
        body: description && withoutCommands(description),
        state,
      });
    }
    if (ids) {
      const names = (ids as number[]).flatMap(
        id => store.userById(id)?.name ?? [],
      );
      const asked = presenter.reviewers(pull).map(one => one.user.username);
      // Who cannot see it is left out, and nobody is told.
      const users = names.filter(
        name =>
          !asked.includes(name) &&
          name !== pull.poster &&
          atLeast(accessOf(store, repository, store.user(name)), 'read'),
      );
      await reviews.request(repository, pull, user, { users, teams: [] });
    }
    response.json(await presenter.single(repository, pull));
  });

  /** What cannot be done is not done, and answered with 200. */
  async function mayBecome(
    repository: RepositoryRecord,
    pull: PullRecord,
    event: string | undefined,
  ): Promise<'open' | 'closed' | undefined> {
    if (pull.merged || !event) return undefined;
    if (event === 'close') return 'closed';
    return (await store.git(repository).branch(pull.head)) ? 'open' : undefined;
  }

  router.get(`${ONE}/approvals`, async (request, response) => {
    response.json(
      presenter.approvals(repositoryOf(response), pullOf(request, response)),
    );
  });
  router.get(`${ONE}/reviewers`, async (request, response) => {
    response.json(presenter.reviewers(pullOf(request, response)));
  });
  router.get(`${ONE}/versions`, async (request, response) => {
    response.json(presenter.versions(pullOf(request, response)));
  });
  router.get(`${ONE}/notes`, async (request, response) => {
    response.json(presenter.notes(pullOf(request, response)));
  });

  return router;
}

function toCommit(commit: Commit) {
  const { author, committer } = commit;
  return {
    id: commit.sha,
    parent_ids: commit.parents,
    message: commit.message,
    author_name: author.name,
    author_email: author.email,
    committer_name: committer.name,
    committer_email: committer.email,
    committed_date: committer.date,
  };
}

function pathOf({ name, owner }: RepositoryRecord): string {
  return `${owner}/${name}`;
}

/** Lines that begin with a slash are commands; the text is without them. */
function withoutCommands(text: string): string {
  return text.replace(/^\/.*\n?/gm, '');
}
