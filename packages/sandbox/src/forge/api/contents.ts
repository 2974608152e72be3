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

const putFile = changeOptions.extend({
  content: z.string(),
  sha: z.string().optional(),
  from_path: z.string().optional(),
});

const deleteFile = changeOptions.extend({ sha: z.string().min(1) });

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

  router.get('/contents-ext/*', async (request, response) => {
    const repository = repositoryOf(response);
    const includes = (queryText(request, 'includes') ?? '').split(',');
    const ref = await resolveRef(repository, request);
    const path = (request.params as Record<string, string>)[0].replace(
      /\/$/,
      '',
    );
    const show = async (entries: TreeEntry[], withContent: boolean) =>
      (await present(repository, ref, entries, withContent)).map(item => {
        if (includes.includes('commit_metadata')) return item;
        const {
          last_commit_sha: _sha,
          last_author_date: _author,
          last_committer_date: _committer,
          ...rest
        } = item;
        return rest;
      });
    const entry = path
      ? await entryAt(repository, ref.commit, path)
      : undefined;
    if (entry?.type === 'blob') {
      const [file] = await show([entry], includes.includes('file_content'));
      response.json({ file_contents: file });
    } else {
      const entries = await children(repository, ref, path);
      response.json({ dir_contents: await show(entries, false) });
    }
  });

  router.get('/raw/*', async (request, response) => {
    const repository = repositoryOf(response);
    const path = (request.params as Record<string, string>)[0];
    const git = store.git(repository);
    const ref = await resolveRef(repository, request).catch(() => {
      throw GiteaError.notFound();
    });
    const entry = (await git.entries(ref.commit, [path])).get(path);
    if (entry?.type !== 'blob') throw GiteaError.notFound();
    const touched = (await git.lastTouched(ref.commit, [path])).get(path);
    response.setHeader('ETag', `"${entry.sha}"`);
    response.setHeader('X-Gitea-Object-Type', 'file');
    if (touched) {
      response.setHeader(
        'Last-Modified',
        new Date(touched.committerDate).toUTCString(),
      );
    }
    if (request.headers['if-none-match'] === `"${entry.sha}"`) {
      response.setHeader(
        'Cache-Control',
        'max-age=0, private, must-revalidate',
      );
      response.status(304).end();
      return;
    }
    const content = await git.blob(entry.sha);
    response.setHeader('Cache-Control', 'private, max-age=21600');
    // Never as a page of this server, whatever the file holds.
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; sandbox",
    );
    const binary = content.subarray(0, 8000).includes(0);
    response.setHeader(
      'Content-Type',
      binary ? 'application/octet-stream' : 'text/plain; charset=utf-8',
    );
    response.setHeader(
      'Content-Disposition',
      `${binary ? 'attachment' : 'inline'}; filename=${encodeURIComponent(
        posix.basename(path),
      )}`,
    );
    response.end(content);
  });

  router.get('/archive/*', async (request, response) => {
    const repository = repositoryOf(response);
    const found = /^(.+)\.(tar\.gz|zip)$/.exec(
      (request.params as Record<string, string>)[0],
    );
    if (!found) throw GiteaError.notFound();
    const [, name, format] = found;
    const git = store.git(repository);
    const commit = await git.resolve(name);
    if (!commit) {
      throw GiteaError.notFound(`unrecognized repository reference: ${name}`);
    }
    response.setHeader('Content-Type', 'application/octet-stream');
    response.setHeader(
      'Content-Disposition',
      `attachment; filename=${repository.name}-${encodeURIComponent(
        name,
      )}.${format}`,
    );
    response.setHeader(
      'Link',
      `<${presenter.api(
        repository,
      )}/archive/${commit}.${format}?rev=${commit}>; rel="immutable"`,
    );
    response.end(await git.archive(commit, format as 'tar.gz' | 'zip'));
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

  router.get('/git/blobs/:sha', async (request, response) => {
    const repository = repositoryOf(response);
    const { sha } = request.params as Record<string, string>;
    const git = store.git(repository);
    if (!/^[0-9a-f]{40}$/.test(sha) || (await git.objectType(sha)) !== 'blob') {
      throw GiteaError.notFound();
    }
    const content = await git.blob(sha);
    response.json({
      content: content.toString('base64'),
      encoding: 'base64',
      url: `${presenter.api(repository)}/git/blobs/${sha}`,
      sha,
      size: content.length,
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
    const target =
      change.new_branch || change.branch || repository.defaultBranch;
    if (!repositories.mayWriteBranch(repository, user, target)) {
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

  async function single(
    response: Response,
    status: number,
    change: ChangeRequest,
  ) {
    const result = await makeCommit(response, change);
    const { files, rest } = await presentChanged(response, result);
    response.status(status).json({ content: files[0], ...rest });
  }

  function filePath(request: Request): string {
    return (request.params as Record<string, string>)[0];
  }

  router.post('/contents/*', async (request, response) => {
    const body = parseBody(request, putFile, 'CreateFileOptions');
    const file = {
      operation: 'create',
      path: filePath(request),
      content: body.content,
    };
    await single(response, 201, { ...body, files: [file] });
  });

  router.put('/contents/*', async (request, response) => {
    const body = parseBody(request, putFile, 'UpdateFileOptions');
    const file = {
      operation: body.sha ? 'update' : 'create',
      path: filePath(request),
      content: body.content,
      sha: body.sha,
      from_path: body.from_path,
    };
    await single(response, body.sha ? 200 : 201, {
      ...body,
      files: [file],
    });
  });

  router.delete('/contents/*', async (request, response) => {
    const body = parseBody(request, deleteFile, 'DeleteFileOptions');
    const file = {
      operation: 'delete',
      path: filePath(request),
      sha: body.sha,
    };
    await single(response, 200, { ...body, files: [file] });
  });

  return router;
}
