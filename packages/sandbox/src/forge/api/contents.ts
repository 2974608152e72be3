import Router from 'express-promise-router';
import { Request, Response } from 'express';
import { posix } from 'node:path';
import { z } from 'zod';
import { ChangeRequest, ChangeResult, ChangeService } from '../ChangeService';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { TreeEntry } from '../GitRepository';
import { RepositoryRecord } from '../model';
import { Presenter } from '../Presenter';
import { RepositoryService } from '../RepositoryService';
import {
  LIMITS,
  parseBody,
  queryFlag,
  queryText,
  repositoryOf,
  requireNotArchived,
  requireUser,
} from './http';

const MAX_FILES = 30;

const identity = z
  .object({ name: z.string(), email: z.string() })
  .partial()
  .optional();

const changeOptions = z.object({
  branch: z.string().optional(),
  new_branch: z.string().optional(),
  force_push: z.boolean().optional(),
  message: z.string().optional(),
  author: identity,
  committer: identity,
  dates: z
    .object({ author: z.string(), committer: z.string() })
    .partial()
    .optional(),
  signoff: z.boolean().optional(),
});

const changeFiles = changeOptions.extend({
  files: z.array(
    z.object({
      operation: z.string(),
      path: z.string().min(1),
      content: z.string().optional(),
      sha: z.string().optional(),
      from_path: z.string().optional(),
    }),
  ),
});

const fileList = z.object({ files: z.array(z.string()) });

interface ResolvedRef {
  name: string;
  kind: 'branch' | 'commit' | 'tag';
  commit: string;
}

/** Files and folders of a repository: read, and the commit call that changes many at once. */
export function createContentsRouter(options: {
  store: ForgeStore;
  changes: ChangeService;
  repositories: RepositoryService;
  presenter: Presenter;
}) {
  const { store, changes, repositories, presenter } = options;
  const router = Router({ mergeParams: true });

  async function resolveRef(
    repository: RepositoryRecord,
    request: Request,
  ): Promise<ResolvedRef> {
    const name = queryText(request, 'ref') || repository.defaultBranch;
    const git = store.git(repository);
    const branch = await git.branch(name);
    if (branch) return { name, kind: 'branch', commit: branch };
    const commit = await git.resolve(name);
    if (!commit) {
      throw GiteaError.notFound(
        `object does not exist [id: ${name}, rel_path: ]`,
      );
    }
    return { name, commit, kind: commit.startsWith(name) ? 'commit' : 'tag' };
  }

  async function present(
    repository: RepositoryRecord,
    ref: ResolvedRef,
    entries: TreeEntry[],
    withContent: boolean,
  ) {
    const git = store.git(repository);
    const small = entries.filter(
      entry =>
        withContent &&
        entry.type === 'blob' &&
        entry.size <= LIMITS.default_max_blob_size,
    );
    const [touched, blobs] = await Promise.all([
      git.lastTouched(
        ref.commit,
        entries.map(entry => entry.path),
      ),
      git.blobs(small.map(entry => entry.sha)),
    ]);
    return entries.map(entry =>
      presenter.contents(repository, entry, ref, {
        touched: touched.get(entry.path),
        content: small.includes(entry) ? blobs.get(entry.sha) : undefined,
      }),
    );
  }

  async function entryAt(
    repository: RepositoryRecord,
    commit: string,
    path: string,
  ): Promise<TreeEntry> {
    const entries = await store.git(repository).entries(commit, [path]);
    const entry = entries.get(path);
    if (!entry) {
      throw GiteaError.notFound(
        `object does not exist [id: , rel_path: ${path}]`,
      );
    }
    return entry;
  }

  async function children(
    repository: RepositoryRecord,
    ref: ResolvedRef,
    folder: string,
  ): Promise<TreeEntry[]> {
    const git = store.git(repository);
    const at = folder ? `${ref.commit}:${folder}` : ref.commit;
    return (await git.tree(at, false)).map(entry => ({
      ...entry,
      path: folder ? `${folder}/${entry.path}` : entry.path,
    }));
  }

  async function readContents(request: Request, response: Response) {
    const repository = repositoryOf(response);
    const path = request.params[0]?.replace(/\/$/, '') ?? '';
    const ref = await resolveRef(repository, request);
    if (!path) {
      const entries = await children(repository, ref, '');
      response.json(await present(repository, ref, entries, false));
      return;
    }
    const entry = await entryAt(repository, ref.commit, path);
    if (entry.type === 'tree') {
      const entries = await children(repository, ref, path);
      response.json(await present(repository, ref, entries, false));
    } else {
      response.json((await present(repository, ref, [entry], true))[0]);
    }
  }

  async function readFiles(
    request: Request,
    response: Response,
    input: unknown,
  ) {
    const parsed = fileList.safeParse(input);
    if (!parsed.success) throw new GiteaError(422, '[Files]: Required');
    const repository = repositoryOf(response);
    const ref = await resolveRef(repository, request);
    // The rest is silently left out, as Gitea does.
    const paths = parsed.data.files
      .slice(0, MAX_FILES)
      .map(path => posix.normalize(path).replace(/^\/|\/$/g, ''));
    const entries = await store.git(repository).entries(ref.commit, paths);
    const wanted = [...new Set(paths)].flatMap(path => {
      const entry = entries.get(path);
      return entry?.type === 'blob' ? [entry] : [];
    });
    const shown = await present(repository, ref, wanted, true);
    response.json(
      paths.map(path => shown.find(item => item.path === path) ?? null),
    );
  }

  router.get('/contents', readContents);
  router.get('/contents/*', readContents);

  router.get('/file-contents', async (request, response) => {
    let body: unknown;
    try {
      body = JSON.parse(queryText(request, 'body') ?? '{}');
    } catch {
      throw new GiteaError(422, 'invalid body parameter');
    }
    await readFiles(request, response, body);
  });

  router.post('/file-contents', async (request, response) => {
    await readFiles(request, response, request.body);
  });

  router.get('/git/trees/*', async (request, response) => {
    const repository = repositoryOf(response);
    const name = (request.params as Record<string, string>)[0];
    const git = store.git(repository);
    const commit =
      (await git.resolve(name)) ??
      (/^[0-9a-f]{40}$/.test(name) && (await git.objectType(name)) === 'tree'
        ? name
        : undefined);
    if (!commit) throw new GiteaError(400, `sha not found [${name}]`);
    const entries = await git.tree(commit, queryFlag(request, 'recursive'));
    const perPage = Math.min(
      Number(queryText(request, 'per_page')) ||
        LIMITS.default_git_trees_per_page,
      LIMITS.default_git_trees_per_page,
    );
    const page = Math.max(Number(queryText(request, 'page')) || 1, 1);
    response.setHeader('X-Total-Count', String(entries.length));
    response.json({
      sha: commit,
      url: `${presenter.api(repository)}/git/trees/${commit}`,
      tree: entries.slice((page - 1) * perPage, page * perPage).map(entry => ({
        path: entry.path,
        mode: entry.mode,
        type: entry.type,
        size: entry.size,
        sha: entry.sha,
        url: `${presenter.api(repository)}/git/${entry.type}s/${entry.sha}`,
      })),
      truncated: page * perPage < entries.length,
      page,
      total_count: entries.length,
    });
  });

  // Writing

  async function makeCommit(
    response: Response,
    change: ChangeRequest,
  ): Promise<ChangeResult> {
    const repository = repositoryOf(response);
    const user = requireUser(response);
    requireNotArchived(repository, 'repo is not allowed to edit');
    if (!repositories.mayWrite(repository, user)) {
      throw new GiteaError(
        403,
        'user should have a permission to write to the target branch',
      );
    }
    return await changes.commit(repository, user, change);
  }

  async function presentChanged(response: Response, result: ChangeResult) {
    const repository = repositoryOf(response);
    const git = store.git(repository);
    const listed = result.paths.slice(0, MAX_FILES);
    const paths = listed.filter(path => path !== undefined);
    const entries = await git.entries(result.commit.sha, paths);
    const shown = await present(
      repository,
      { name: result.branch, kind: 'branch', commit: result.commit.sha },
      paths.flatMap(path => entries.get(path) ?? []),
      true,
    );
    return {
      files: listed.map(
        path => shown.find(item => path && item.path === path) ?? null,
      ),
      rest: {
        commit: presenter.fileCommit(repository, result.commit),
        verification: presenter.unsigned,
      },
    };
  }

  router.post('/contents', async (request, response) => {
    requireUser(response);
    const change = parseBody(request, changeFiles, 'ChangeFilesOptions');
    const result = await makeCommit(response, change);
    const { files, rest } = await presentChanged(response, result);
    response
      .status(201)
      .json({ files: files.length > 0 ? files : null, ...rest });
  });

  return router;
}
