import express, { ErrorRequestHandler } from 'express';
import Router from 'express-promise-router';
import { accessOf, atLeast } from '../access';
import { callerOf } from '../api/http';
import { ForgeServices } from '../app';
import { authenticate } from '../authentication';
import { GiteaError } from '../GiteaError';
import { RepositoryRecord } from '../model';
import { GitLabError } from './GitLabError';
import { answerGraphql } from './graphql';
import { createProjectRoutes } from './projectRoutes';

const READS = ['GET', 'HEAD'];

/** GitLab's REST and GraphQL API over the same repositories, as far as the portal calls it. */
export function createGitLabApi(services: ForgeServices) {
  const { store } = services;
  const api = Router();

  /** A project by its number or its path, whose groups are the name of its owner here. */
  function find(id: string): RepositoryRecord | undefined {
    if (/^\d+$/.test(id)) return store.repositoryById(Number(id));
    const [owner, name] = split(id);
    return store.repository(owner, name);
  }

  api.use(express.json({ limit: '64mb' }));

  api.post('/graphql', async (request, response, next) => {
    // That of GitHub has the same address, and names no project.
    if (request.body?.variables?.project === undefined) {
      next('router');
      return;
    }
    const { user } = authenticate(store, request.headers.authorization);
    response.json(
      await answerGraphql(request.body, path => {
        const repository = find(path);
        return repository && atLeast(accessOf(store, repository, user), 'read')
          ? store.git(repository)
          : undefined;
      }),
    );
  });

  api.use('/v4', async (request, response, next) => {
    response.locals.caller = authenticate(store, request.headers.authorization);
    next();
  });

  api.get('/v4/user', async (_request, response) => {
    const { user } = callerOf(response);
    if (!user) throw new GitLabError(401, '401 Unauthorized');
    const { email, id, name: username } = user;
    response.json({ id, username, email, commit_email: email });
  });

  api.get('/v4/users', async (request, response) => {
    const user = store.user(String(request.query.username));
    response.json(
      user ? [{ id: user.id, username: user.name, name: user.fullName }] : [],
    );
  });

  api.use('/v4/projects/:id', async (request, response, next) => {
    const { id } = request.params;
    const repository = find(id);
    const moved = repository
      ? undefined
      : store.renamedRepository(...split(id));
    const isReading = READS.includes(request.method);
    if (moved && isReading) {
      response.redirect(
        301,
        `${services.presenter.url}/api/v4/projects/${moved.id}${request.url}`,
      );
      return;
    }
    if (moved) {
      throw new GitLabError(
        405,
        'Non GET methods are not allowed for moved projects',
      );
    }
    const { scopes, user } = callerOf(response);
    const access = repository && accessOf(store, repository, user);
    if (!repository || !access || !atLeast(access, 'read')) {
      throw GitLabError.notFound();
    }
    const mayWrite =
      atLeast(access, 'write') &&
      (!scopes ||
        scopes.includes('all') ||
        scopes.includes('write:repository'));
    if (!isReading && !mayWrite) {
      throw new GitLabError(403, '403 Forbidden');
    }
    response.locals.repository = repository;
    next();
  });
  api.use('/v4/projects/:id', createProjectRoutes(services));
  api.use('/v4', () => {
    throw GitLabError.notFound('Not found');
  });

  const onError: ErrorRequestHandler = (error, _request, response, next) => {
    if (error instanceof GitLabError) {
      response.status(error.status).json({ message: error.message });
    } else if (error instanceof GiteaError) {
      const isUnknown = error.status === 401;
      response
        .status(error.status)
        .json({ message: isUnknown ? '401 Unauthorized' : error.message });
    } else {
      next(error);
    }
  };
  api.use(onError);
  return api;
}

function split(path: string): [string, string] {
  const at = path.lastIndexOf('/');
  return [path.slice(0, Math.max(at, 0)), path.slice(at + 1)];
}
