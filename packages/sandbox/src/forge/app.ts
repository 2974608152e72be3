import { setTimeout as delay } from 'node:timers/promises';
import express, {
  ErrorRequestHandler,
  Express,
  Request,
  RequestHandler,
  Response,
} from 'express';
import Router from 'express-promise-router';
import { namesLoopback } from '../loopback';
import { accessOf, atLeast } from './access';
import { createAccountsRouter } from './api/accounts';
import { createBranchesRouter } from './api/branches';
import { createContentsRouter } from './api/contents';
import { callerOf, requireUser } from './api/http';
import { createIssuesRouter } from './api/issues';
import { createPullsRouter } from './api/pulls';
import { createRepositoryRouter } from './api/repositories';
import { authenticate, requireScope, ScopeCategory } from './authentication';
import { ChangeService } from './ChangeService';
import { ForgeStore } from './ForgeStore';
import { createGitHubApi } from './github/createGitHubApi';
import { createGitLabApi } from './gitlab/createGitLabApi';
import { GiteaError } from './GiteaError';
import { createGitRouter } from './gitHttp';
import { createPagesRouter } from './pages/router';
import { Presenter } from './Presenter';
import { MergeService } from './pulls/MergeService';
import { PullFactsReader } from './pulls/PullFacts';
import { PullPresenter } from './pulls/PullPresenter';
import { PullService } from './pulls/PullService';
import { ReviewService } from './pulls/ReviewService';
import { RepositoryService } from './RepositoryService';

/** What can be made to go wrong, for tests and for looking. */
export interface ForgeFaults {
  /** Connections are dropped without an answer. */
  down?: boolean;
  /** Every answer is this late. */
  delayMs?: number;
  /** Everything that would change something is refused like this. */
  refuseWrites?: { status: number; message: string };
  /**
   * Asked for each call whether its connection is dropped: before anything is done, or when it is done and the answer is
   * due.
   */
  hangUp?: (call: ForgeCall) => 'before' | 'after' | undefined;
  /** Asked for each call whether it gets another answer than its own, for example that of a rate limit. */
  answer?: (call: ForgeCall) => ForgeAnswer | undefined;
}

/** An answer in place of the forge's own. @public */
export interface ForgeAnswer {
  status: number;
  headers?: Record<string, string>;
  body: unknown;
}

/** A call to the forge. @public */
export interface ForgeCall {
  method: string;
  /** Path without query. */
  path: string;
}

export interface ForgeServices {
  store: ForgeStore;
  repositories: RepositoryService;
  changes: ChangeService;
  pulls: PullService;
  reviews: ReviewService;
  merges: MergeService;
  facts: PullFactsReader;
  presenter: Presenter;
  pullPresenter: PullPresenter;
  faults: () => ForgeFaults | undefined;
  /** Takes note of a call or an answer that is not as GitHub has published it. */
  tellViolation: (violation: string) => void;
  /** Nothing is held back or begun any more when it is aborted. */
  stopping: AbortSignal;
  warn: (message: string) => void;
}

function isWrite(request: Request): boolean {
  if (['GET', 'HEAD', 'OPTIONS'].includes(request.method)) return false;
  return !/\/(file-contents|git-upload-pack)$|^\/user\/log(in|out)$/.test(
    request.path,
  );
}

function faultHandler(
  services: ForgeServices,
  refuse: Refusal,
): RequestHandler {
  return async (request, response, next) => {
    const faults = services.faults();
    if (faults?.down) {
      request.socket.destroy();
      return;
    }
    const hangUp = faults?.hangUp?.({
      method: request.method,
      path: request.path,
    });
    if (hangUp === 'before') {
      request.socket.destroy();
      return;
    }
    if (hangUp === 'after') {
      response.write = () => true;
      response.end = () => {
        request.socket.destroy();
        return response;
      };
    }
    if (faults?.delayMs) {
      const { stopping: signal } = services;
      await delay(faults.delayMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
    }
    const answer = faults?.answer?.({
      method: request.method,
      path: request.path,
    });
    if (answer) {
      response
        .status(answer.status)
        .set(answer.headers ?? {})
        .json(answer.body);
      return;
    }
    if (faults?.refuseWrites && isWrite(request)) {
      const { status, message } = faults.refuseWrites;
      refuse(request, response, new GiteaError(status, message));
      return;
    }
    next();
  };
}

type Refusal = (
  request: Request,
  response: Response,
  error: GiteaError,
) => void;

/** The API and git get JSON, people get a page. */
function isForProgram(request: Request): boolean {
  return /^\/api\/|\/(info\/refs|git-upload-pack|git-receive-pack)$/.test(
    request.path,
  );
}

function sendError(
  presenter: Presenter,
  response: Response,
  error: GiteaError,
): void {
  response.status(error.status);
  if (error.options.emptyBody) {
    response.end();
    return;
  }
  response.json({
    message: error.message,
    url: `${presenter.url}/api/swagger`,
  });
}

function categoryOf(path: string): ScopeCategory | undefined {
  if (/^\/repos\/[^/]+\/[^/]+\/issues(\/|$)/.test(path)) {
    return 'issue';
  }
  if (path.startsWith('/repos/')) return 'repository';
  if (path.startsWith('/admin/')) return 'admin';
  if (/^\/(orgs|teams)(\/|$)/.test(path)) return 'organization';
  if (/^\/users?(\/|$)/.test(path)) return 'user';
  return undefined;
}

function createApi(services: ForgeServices) {
  const { store, presenter } = services;
  const api = Router();

  api.use((request, response, next) => {
    response.setHeader('Cache-Control', 'max-age=0, private, must-revalidate');
    response.locals.caller = authenticate(store, request.headers.authorization);
    next();
  });

  // Nobody needs a token for this.
  api.get('/version', async (_request, response) => {
    response.json({ version: presenter.serverVersion });
  });
  api.use((request, response, next) => {
    const category = categoryOf(request.path);
    if (category) {
      const reading = ['GET', 'HEAD'].includes(request.method);
      requireScope(callerOf(response), reading ? 'read' : 'write', category);
    }
    next();
  });

  api.use('/repos/:owner/:repo', async (request, response, next) => {
    const { owner, repo } = request.params;
    const repository = store.repository(owner, repo);
    const caller = callerOf(response);
    if (!repository) {
      const moved = store.renamedRepository(owner, repo);
      if (moved) {
        const path = request.originalUrl.replace(
          `/repos/${owner}/${repo}`,
          `/repos/${moved.owner}/${moved.name}`,
        );
        response.redirect(301, path);
        return;
      }
      throw GiteaError.notFound();
    }
    const hidden = repository.private && caller.scopes?.includes('public-only');
    if (hidden || !atLeast(accessOf(store, repository, caller.user), 'read')) {
      throw GiteaError.notFound();
    }
    response.locals.repository = repository;
    const reading =
      ['GET', 'HEAD'].includes(request.method) ||
      request.path.endsWith('/file-contents');
    if (!reading) requireUser(response);
    next();
  });
  api.use('/repos/:owner/:repo/pulls', createPullsRouter(services));
  api.use('/repos/:owner/:repo', createContentsRouter(services));
  api.use('/repos/:owner/:repo', createBranchesRouter(services));
  api.use('/repos/:owner/:repo', createIssuesRouter(services));
  api.use('/repos/:owner/:repo', createRepositoryRouter(services));
  api.use(createAccountsRouter(services));

  api.use((_request, response) => {
    response
      .status(404)
      .type('text/plain; charset=utf-8')
      .end('404 page not found\n');
  });
  return api;
}

/** The whole HTTP face of the forge: API, Git and pages. */
export function createApp(services: ForgeServices): Express {
  const { presenter } = services;
  const pages = createPagesRouter(services);
  const refuse: Refusal = (request, response, error) => {
    if (isForProgram(request)) sendError(presenter, response, error);
    else pages.sendError(request, response, error);
  };
  const app = express();
  app.disable('x-powered-by');
  // Answers to writes must never be taken for "not modified".
  app.disable('etag');
  app.set('query parser', 'simple');
  app.use((request, response, next) => {
    if (namesLoopback(request.headers.host)) {
      next();
    } else {
      // People sign in here with passwords that everybody knows.
      const reason = `The forge of the sandbox is at ${presenter.url} only`;
      refuse(request, response, new GiteaError(403, reason));
    }
  });
  app.use(faultHandler(services, refuse));

  app.use(
    '/api/v1',
    express.json({ limit: '64mb', strict: false, type: () => true }),
    createApi(services),
  );
  app.use('/api', createGitLabApi(services));
  app.use('/api', createGitHubApi(services, services.tellViolation));
  app.use(createGitRouter(services));
  app.use(pages.router);

  const onError: ErrorRequestHandler = (error, request, response, next) => {
    if (response.headersSent) {
      request.socket.destroy();
      next();
      return;
    }
    if (error instanceof GiteaError) {
      refuse(request, response, error);
    } else if (error instanceof SyntaxError || error instanceof URIError) {
      refuse(request, response, new GiteaError(422, `[]: ${error.message}`));
    } else {
      services.warn(`${request.method} ${request.path} failed: ${error}`);
      refuse(request, response, new GiteaError(500, ''));
    }
  };
  app.use(onError);
  return app;
}
