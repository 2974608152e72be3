import Router from 'express-promise-router';
import { Request } from 'express';
import { z } from 'zod';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { RepositoryRecord } from '../model';
import { Presenter } from '../Presenter';
import { MergeService } from '../pulls/MergeService';
import { isValidBranchName, RepositoryService } from '../RepositoryService';
import { combineStates, latestStatuses } from '../statuses';
import {
  callerOf,
  paginate,
  parseBody,
  queryText,
  repositoryOf,
  requireAccess,
  requireNotArchived,
} from './http';

const createBranch = z.object({
  new_branch_name: z.string().min(1),
  old_ref_name: z.string().optional(),
  old_branch_name: z.string().optional(),
});

const updateBranch = z.object({
  new_commit_id: z.string().min(1),
  old_commit_id: z.string().optional(),
  force: z.boolean().optional(),
});

const createStatus = z.object({
  state: z.string(),
  context: z.string().default(''),
  description: z.string().default(''),
  target_url: z.string().default(''),
});

function rest(request: Request): string {
  return (request.params as Record<string, string>)[0];
}

/** Branches, commits, comparisons and the statuses of commits. */
export function createBranchesRouter(options: {
  store: ForgeStore;
  repositories: RepositoryService;
  merges: MergeService;
  presenter: Presenter;
}) {
  const { store, repositories, merges, presenter } = options;
  const router = Router({ mergeParams: true });

  async function showBranch(
    repository: RepositoryRecord,
    name: string,
    viewer: ReturnType<typeof callerOf>['user'],
  ) {
    const git = store.git(repository);
    const sha = await git.branch(name);
    if (!sha) throw GiteaError.notFound();
    return presenter.branch(repository, name, await git.commit(sha), viewer);
  }

  router.post('/branches', async (request, response) => {
    const user = requireAccess(store, response, 'write');
    const repository = repositoryOf(response);
    requireNotArchived(repository);
    const body = parseBody(request, createBranch, 'CreateBranchRepoOption');
    if (!isValidBranchName(body.new_branch_name)) {
      throw new GiteaError(422, '[BranchName]: GitRefName');
    }
    if (body.new_branch_name.length > 100) {
      throw new GiteaError(422, '[BranchName]: MaxSize');
    }
    if (await repositories.isEmpty(repository)) {
      throw GiteaError.notFound('Git Repository is empty.');
    }
    await repositories.createBranch(repository, user, {
      name: body.new_branch_name,
      from:
        body.old_ref_name || body.old_branch_name || repository.defaultBranch,
    });
    response
      .status(201)
      .json(await showBranch(repository, body.new_branch_name, user));
  });

  router.get('/branches/*', async (request, response) => {
    response.json(
      await showBranch(
        repositoryOf(response),
        rest(request),
        callerOf(response).user,
      ),
    );
  });

  router.delete('/branches/*', async (request, response) => {
    const user = requireAccess(store, response, 'write');
    requireNotArchived(repositoryOf(response));
    await repositories.deleteBranch(
      repositoryOf(response),
      user,
      rest(request),
    );
    response.status(204).end();
  });

  // The portal moves the branch of a request, from the commit that it has looked at.
  router.put('/branches/*', async (request, response) => {
    const user = requireAccess(store, response, 'write');
    requireNotArchived(repositoryOf(response));
    const body = parseBody(request, updateBranch, 'UpdateBranchRepoOption');
    await repositories.updateBranch(
      repositoryOf(response),
      user,
      rest(request),
      {
        newCommit: body.new_commit_id,
        oldCommit: body.old_commit_id,
        force: body.force,
      },
    );
    response.status(204).end();
  });

  // Commits

  async function resolveCommit(repository: RepositoryRecord, ref: string) {
    const sha = await store.git(repository).resolve(ref);
    if (!sha) throw GiteaError.notFound(`ref "${ref}" does not exist`);
    return sha;
  }

  router.get('/commits', async (request, response) => {
    const repository = repositoryOf(response);
    const git = store.git(repository);
    const ref = queryText(request, 'sha') || repository.defaultBranch;
    const sha = await resolveCommit(repository, ref);
    const commits = await git.log([sha]);
    const page = paginate(request, response, commits, presenter.url);
    response.json(
      await Promise.all(
        page.map(async commit =>
          presenter.commit(repository, commit, {
            files: await git.commitFiles(commit),
            verified: true,
          }),
        ),
      ),
    );
  });

  router.get('/compare/*', async (request, response) => {
    const repository = repositoryOf(response);
    const git = store.git(repository);
    const range = rest(request);
    const dots = range.includes('...') ? '...' : '..';
    const [from, to] = range.includes(dots)
      ? range.split(dots)
      : [repository.defaultBranch, range];
    const [base, head] = await Promise.all([
      resolveCommit(repository, from || repository.defaultBranch),
      resolveCommit(repository, to || repository.defaultBranch),
    ]);
    const commits = await git.log([head, `^${base}`]);
    response.json({
      total_commits: commits.length,
      commits: await Promise.all(
        commits.map(async commit =>
          presenter.commit(repository, commit, {
            files: await git.commitFiles(commit),
            verified: true,
          }),
        ),
      ),
    });
  });

  // Statuses

  router.post('/statuses/:sha', async (request, response) => {
    const user = requireAccess(store, response, 'write');
    const repository = repositoryOf(response);
    const body = parseBody(request, createStatus, 'CreateStatusOption');
    const { sha } = request.params as Record<string, string>;
    const commit = await store.git(repository).resolve(sha);
    // Gitea has no answer of its own for a commit that is not there.
    if (!commit) throw new GiteaError(500, '');
    const status = {
      id: store.nextId('status'),
      commit,
      state: body.state,
      context: body.context,
      description: body.description,
      targetUrl: body.target_url,
      creator: user.name,
      createdAt: new Date().toISOString(),
    };
    repository.statuses.push(status);
    store.save();
    for (const pull of repository.pulls) {
      if (pull.headCommit === commit) {
        await merges.tryScheduled(repository, pull);
      }
    }
    response.status(201).json(presenter.status(repository, status));
  });

  router.get(/^\/commits\/(.+)\/status$/, async (request, response) => {
    const repository = repositoryOf(response);
    const commit = await resolveCommit(repository, rest(request));
    // The latest come first, page by page, and on a page last; state and total are those of the page.
    const statuses = paginate(
      request,
      response,
      latestStatuses(repository, commit).reverse(),
      presenter.url,
    ).reverse();
    response.json({
      state: combineStates(statuses),
      sha: commit,
      total_count: statuses.length,
      statuses:
        statuses.length > 0
          ? statuses.map(status => presenter.status(repository, status))
          : null,
      repository: await presenter.repository(
        repository,
        callerOf(response).user,
      ),
      commit_url: `${presenter.api(repository)}/commits/${commit}`,
      url: `${presenter.api(repository)}/commits/${commit}/status`,
    });
  });

  return router;
}
