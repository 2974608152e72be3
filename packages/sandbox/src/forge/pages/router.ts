import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import express, { Request, Response } from 'express';
import Router from 'express-promise-router';
import { accessOf, atLeast } from '../access';
import type { ForgeServices } from '../app';
import { GiteaError } from '../GiteaError';
import { MergeStyle, PullRecord, RepositoryRecord, UserRecord } from '../model';
import { mergeBlocker } from '../pulls/mergeBlocker';
import { latestStatuses } from '../statuses';
import { encodePath } from '../wireFormat';
import { parseDiff } from './diff';
import { PageContext } from './layout';
import { pullPage } from './pullPage';
import {
  commitPage,
  emptyRepositoryPage,
  FileView,
  FolderView,
  loginPage,
  messagePage,
  pullListPage,
  repositoriesPage,
  sourcePage,
} from './repositoryPages';
import { Sessions } from './session';
import { STYLE } from './style';

const SHOWN_FILE_BYTES = 512 * 1024;

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="4" fill="#0f766e"/><path fill="none" stroke="#fff" stroke-width="1.5" d="M5 4v8M5 9h4a2 2 0 0 0 2-2V4"/></svg>';

/** Why an action was refused, for a person. */
function explain(error: GiteaError): string {
  const known: Record<string, string> = {
    'Please try again later':
      'This cannot be merged just now: it conflicts with the base branch, or the base branch moved in this moment. Load the page again to see which.',
    'head out of date':
      'The branch changed after you loaded this page, so nothing was merged. Look at the changes again.',
    'The PR is already merged': 'Somebody merged this already.',
    'User not allowed to merge PR':
      'You may not merge here: it needs the right to write to this repository.',
    'review event REQUEST_CHANGES requires a body':
      'Say what should be changed, then send it again.',
    'review event COMMENT requires a body or a comment':
      'There is nothing to send: write something first.',
    'repo is archived': 'This repository is archived; nothing can be changed.',
  };
  if (known[error.message]) return known[error.message];
  if (error.message) return `That did not work: ${error.message}.`;
  return error.status === 403
    ? 'You may not do this: it needs the right to write to this repository.'
    : 'That did not work, and the forge does not know why.';
}

/** A path on this server and nothing else, so that signing in cannot lead somewhere foreign. */
function localPath(value: unknown): string {
  const path = typeof value === 'string' ? value : '/';
  return /^\/(?![/\\])[^\p{Cc}\\]*$/u.test(path) ? path : '/';
}

/** The pages on which a person signs in, reads, reviews and merges. */
export function createPagesRouter(services: ForgeServices) {
  const { store, pulls, reviews, merges, presenter, pullPresenter } = services;
  const sessions = new Sessions(store);
  const router = Router();

  router.use((_request, response, next) => {
    response.setHeader(
      'Content-Security-Policy',
      "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Referrer-Policy', 'same-origin');
    response.setHeader('Cache-Control', 'no-store');
    next();
  });

  const styleTag = `"${createHash('sha1').update(STYLE).digest('hex')}"`;
  router.get('/assets/forge.css', (request, response) => {
    response.setHeader('Cache-Control', 'no-cache');
    response.setHeader('ETag', styleTag);
    if (request.headers['if-none-match'] === styleTag) {
      response.status(304).end();
    } else {
      response.type('css').send(STYLE);
    }
  });
  router.get('/assets/icon.svg', (_request, response) => {
    response.type('svg').send(ICON);
  });

  router.use(express.urlencoded({ extended: false, limit: '1mb' }));

  function contextOf(request: Request): PageContext {
    return {
      user: sessions.user(request),
      formToken: sessions.formToken(request),
      path: request.originalUrl,
    };
  }

  function param(request: Request, name: string | number): string {
    return (request.params as Record<string | number, string>)[name] ?? '';
  }

  /** Sends somebody who is not signed in to do that, and pretends to others that it is not there. */
  function open(
    request: Request,
    response: Response,
  ): { context: PageContext; repository: RepositoryRecord } | undefined {
    const context = contextOf(request);
    const repository = store.repository(
      param(request, 'owner'),
      param(request, 'repo').replace(/\.git$/, ''),
    );
    if (
      repository &&
      atLeast(accessOf(store, repository, context.user), 'read')
    ) {
      return { context, repository };
    }
    if (!context.user) {
      response.redirect(
        303,
        `/user/login?redirect_to=${encodeURIComponent(request.originalUrl)}`,
      );
      return undefined;
    }
    throw GiteaError.notFound();
  }

  // Signing in and out

  router.get('/user/login', (request, response) => {
    response.send(
      loginPage(contextOf(request), {
        redirectTo: localPath(request.query.redirect_to),
      }),
    );
  });

  router.post('/user/login', (request, response) => {
    sessions.checkForm(request);
    const name = String(request.body.user ?? '');
    const user = store.user(name);
    const redirectTo = localPath(request.body.redirect_to);
    if (
      !user ||
      !store.passwordMatches(user, String(request.body.password ?? ''))
    ) {
      response.status(401).send(
        loginPage(contextOf(request), {
          redirectTo,
          name,
          problem: 'User name or password is wrong.',
        }),
      );
      return;
    }
    sessions.signIn(response, user);
    response.redirect(303, redirectTo);
  });

  router.post('/user/logout', (request, response) => {
    sessions.checkForm(request);
    sessions.signOut(response);
    response.redirect(303, '/');
  });

  // Repositories

  function visibleTo(user: UserRecord | undefined): RepositoryRecord[] {
    return store.repositories.filter(repository =>
      atLeast(accessOf(store, repository, user), 'read'),
    );
  }

  router.get('/', (request, response) => {
    const context = contextOf(request);
    const visible = visibleTo(context.user);
    if (!context.user && visible.length === 0) {
      response.redirect(303, '/user/login');
    } else {
      response.send(repositoriesPage(context, visible));
    }
  });

  async function folderView(
    repository: RepositoryRecord,
    commit: string,
    path: string,
  ): Promise<FolderView> {
    const git = store.git(repository);
    const entries = (
      await git.tree(path ? `${commit}:${path}` : commit, false)
    ).map(entry => ({ ...entry, path: posix.join(path, entry.path) }));
    const readme = entries.find(
      entry =>
        entry.type === 'blob' &&
        entry.size <= SHOWN_FILE_BYTES &&
        /^readme\.md$/i.test(posix.basename(entry.path)),
    );
    return {
      entries,
      readme: readme && {
        name: posix.basename(readme.path),
        text: (await git.blob(readme.sha)).toString('utf8'),
      },
    };
  }

  async function fileView(
    repository: RepositoryRecord,
    commit: string,
    path: string,
  ): Promise<FileView | undefined> {
    const git = store.git(repository);
    const entry = (await git.entries(commit, [path])).get(path);
    if (!entry) throw GiteaError.notFound();
    if (entry.type !== 'blob') return undefined;
    if (entry.size > SHOWN_FILE_BYTES) return { entry };
    const content = await git.blob(entry.sha);
    return {
      entry,
      text: content.includes(0) ? undefined : content.toString('utf8'),
    };
  }

  /** Branch names may hold slashes, so where the name ends and the path begins is looked up. */
  async function splitRef(
    repository: RepositoryRecord,
    kind: string,
    rest: string,
  ): Promise<{ commit: string; at: string; path: string }> {
    const git = store.git(repository);
    const parts = rest.split('/').filter(Boolean);
    for (let length = 1; length <= parts.length; length += 1) {
      const name = parts.slice(0, length).join('/');
      const commit =
        kind === 'branch' ? await git.branch(name) : await git.resolve(name);
      if (commit) {
        const encoded = encodePath(name);
        return {
          commit,
          at: `${kind}/${encoded}`,
          path: parts.slice(length).join('/'),
        };
      }
    }
    throw GiteaError.notFound();
  }

  async function showSource(
    response: Response,
    context: PageContext,
    repository: RepositoryRecord,
    where: { commit: string; at: string; path: string },
  ): Promise<void> {
    const { commit, at, path } = where;
    const view =
      (path ? await fileView(repository, commit, path) : undefined) ??
      (await folderView(repository, commit, path));
    response.send(
      sourcePage(context, repository, {
        at,
        path,
        cloneUrl: `${presenter.html(repository)}.git`,
        view,
      }),
    );
  }

  router.get('/:owner/:repo', async (request, response) => {
    const opened = open(request, response);
    if (!opened) return;
    const { context, repository } = opened;
    const branch = repository.defaultBranch;
    const commit = await store.git(repository).branch(branch);
    if (commit) {
      const at = `branch/${encodePath(branch)}`;
      await showSource(response, context, repository, { commit, at, path: '' });
    } else {
      const cloneUrl = `${presenter.html(repository)}.git`;
      response.send(emptyRepositoryPage(context, repository, cloneUrl));
    }
  });

  router.get(
    '/:owner/:repo/src/:kind(branch|commit|tag)/*',
    async (request, response) => {
      const opened = open(request, response);
      if (!opened) return;
      const { context, repository } = opened;
      const kind = param(request, 'kind');
      const where = await splitRef(repository, kind, param(request, 0));
      await showSource(response, context, repository, where);
    },
  );

  router.get('/:owner/:repo/commit/:sha', async (request, response) => {
    const opened = open(request, response);
    if (!opened) return;
    const { context, repository } = opened;
    const git = store.git(repository);
    const sha = await git.resolve(param(request, 'sha'));
    if (!sha) throw GiteaError.notFound();
    const commit = await git.commit(sha);
    response.send(
      commitPage(
        context,
        repository,
        commit,
        parseDiff(await git.commitDiff(commit)),
      ),
    );
  });

  // Where GitHub has them, whose API tells other addresses.
  router.get('/:owner/:repo/pull/:number(\\d+)', (request, response) => {
    const { owner, repo, number } = request.params;
    response.redirect(`/${owner}/${repo}/pulls/${number}`);
  });
  // And GitLab.
  router.get(
    '/:owner/:repo/-/merge_requests/:number(\\d+)',
    (request, response) => {
      const { owner, repo, number } = request.params;
      response.redirect(`/${owner}/${repo}/pulls/${number}`);
    },
  );
  router.get('/:owner/:repo/(-/)?tree/*', (request, response) => {
    const { owner, repo } = request.params;
    const path = encodePath(param(request, 1));
    response.redirect(`/${owner}/${repo}/src/branch/${path}`);
  });

  // Pull requests

  router.get('/:owner/:repo/pulls', (request, response) => {
    const opened = open(request, response);
    if (!opened) return;
    const state = request.query.state === 'closed' ? 'closed' : 'open';
    response.send(pullListPage(opened.context, opened.repository, state));
  });

  async function showPull(
    response: Response,
    context: PageContext,
    repository: RepositoryRecord,
    pull: PullRecord,
    problem?: string,
  ): Promise<void> {
    const git = store.git(repository);
    const [facts, commits, diff] = await Promise.all([
      services.facts.read(repository, pull),
      git.log([pull.headCommit, `^${pull.mergeBase}`]),
      git.diff(pull.mergeBase, pull.headCommit),
    ]);
    const access = accessOf(store, repository, context.user);
    response.send(
      pullPage(context, repository, pull, {
        facts,
        commits,
        files: parseDiff(diff),
        statuses: latestStatuses(repository, pull.headCommit),
        blocker: mergeBlocker(repository, pull, facts),
        mayWrite: atLeast(access, 'write') && !repository.archived,
        teamName: id => store.teamById(id)?.team.name ?? `team ${id}`,
        fullName: name => store.user(name)?.fullName || name,
        problem,
      }),
    );
  }

  function openPull(request: Request, response: Response) {
    const opened = open(request, response);
    if (!opened) return undefined;
    const number = Number(param(request, 'number'));
    return { ...opened, pull: pulls.get(opened.repository, number) };
  }

  router.get('/:owner/:repo/pulls/:number(\\d+)', async (request, response) => {
    const opened = openPull(request, response);
    if (!opened) return;
    const { context, repository, pull } = opened;
    await showPull(response, context, repository, pull);
  });

  /** Does something with a pull request; when it is refused, the page says why and nothing is lost. */
  async function act(
    request: Request,
    response: Response,
    work: (
      repository: RepositoryRecord,
      pull: PullRecord,
      user: UserRecord,
    ) => Promise<void>,
  ): Promise<void> {
    const opened = openPull(request, response);
    if (!opened) return;
    const { context, repository, pull } = opened;
    sessions.checkForm(request);
    const path = pullPresenter
      .url(repository, pull)
      .slice(presenter.url.length);
    if (!context.user) {
      response.redirect(
        303,
        `/user/login?redirect_to=${encodeURIComponent(path)}`,
      );
      return;
    }
    try {
      if (repository.archived) throw new GiteaError(423, 'repo is archived');
      await work(repository, pull, context.user);
      response.redirect(303, path);
    } catch (error) {
      if (!(error instanceof GiteaError)) throw error;
      response.status(error.status);
      await showPull(
        response,
        { ...context, path },
        repository,
        pull,
        explain(error),
      );
    }
  }

  router.post(
    '/:owner/:repo/pulls/:number(\\d+)/review',
    async (request, response) => {
      await act(request, response, async (repository, pull, user) => {
        const body = String(request.body.body ?? '')
          .replace(/\r\n/g, '\n')
          .trim();
        const seen = String(request.body.head ?? '');
        switch (request.body.do) {
          case 'approve':
            if (seen !== pull.headCommit) {
              throw new GiteaError(
                409,
                'the branch changed after you loaded this page, so it was not approved',
              );
            }
            await reviews.submit(repository, pull, user, {
              state: 'APPROVED',
              body,
            });
            break;
          case 'reject':
            await reviews.submit(repository, pull, user, {
              state: 'REQUEST_CHANGES',
              body,
            });
            break;
          case 'close':
          case 'reopen':
            if (body) await pulls.comment(repository, pull, user, body);
            await pulls.edit(repository, pull, user, {
              state: request.body.do === 'close' ? 'closed' : 'open',
            });
            break;
          default:
            if (!body) {
              throw new GiteaError(
                422,
                'review event COMMENT requires a body or a comment',
              );
            }
            await pulls.comment(repository, pull, user, body);
        }
      });
    },
  );

  router.post(
    '/:owner/:repo/pulls/:number(\\d+)/merge',
    async (request, response) => {
      await act(request, response, async (repository, pull, user) => {
        const style = String(request.body.style ?? 'squash');
        const allowed = repository.mergeStyles.find(other => other === style);
        if (!allowed) throw new GiteaError(422, 'unknown way of merging');
        await merges.merge(repository, pull, user, {
          style: allowed satisfies MergeStyle,
          headCommit: String(request.body.head ?? ''),
          deleteBranch: request.body.delete_branch === 'yes',
        });
      });
    },
  );

  router.use(() => {
    throw GiteaError.notFound();
  });

  return {
    router,
    /** A refusal as a page instead of JSON. */
    sendError(request: Request, response: Response, error: GiteaError): void {
      const context = contextOf(request);
      response.status(error.status).type('html');
      response.send(
        error.status === 404
          ? messagePage(
              context,
              'Not found',
              'There is no such page, or you may not see it.',
            )
          : messagePage(context, 'That did not work', explain(error)),
      );
    },
  };
}
