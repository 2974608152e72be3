import express, { ErrorRequestHandler, Request, Response } from 'express';
import Router from 'express-promise-router';
import { graphql } from 'graphql';
import { accessOf, atLeast } from '../access';
import { callerOf } from '../api/http';
import { ForgeServices } from '../app';
import { authenticate } from '../authentication';
import { GiteaError } from '../GiteaError';
import { ContractError, GitHubContract } from './contract/GitHubContract';
import { GitHubError } from './GitHubError';
import { createGraphqlRoot } from './graphqlRoot';
import { createRestRoutes, fullName } from './restRoutes';

const READS = ['GET', 'HEAD'];

/**
 * GitHub's REST and GraphQL API over the same repositories, as far as the portal calls it. Every call and every answer is
 * held against what GitHub has published; what does not fit is answered with 500, and told.
 */
export function createGitHubApi(
  services: ForgeServices,
  tell: (violation: string) => void,
) {
  const { presenter, store } = services;
  const contract = new GitHubContract();
  const merges = new Set<string>();
  const api = Router();

  api.use(express.json({ limit: '64mb' }));
  api.use((request, response, next) => {
    // GitHub turns away who does not say who they are.
    if (!request.headers['user-agent']) {
      throw new GitHubError(403, 'Request forbidden by administrative rules.');
    }
    response.locals.caller = authenticate(store, request.headers.authorization);
    next();
  });

  api.post('/graphql', async (request, response) => {
    const { query, variables } = request.body;
    const { data, errors = [] } = await graphql({
      schema: contract.graphql,
      source: query,
      rootValue: createGraphqlRoot(services, callerOf(response), merges),
      variableValues: variables,
    });
    for (const { extensions, message } of errors) {
      // An error without a type of GitHub's own is about the document or about an answer of ours.
      if (!extensions || !('type' in extensions)) {
        throw new ContractError(`GraphQL: ${message}`);
      }
    }
    response.json({
      data,
      ...(errors.length && {
        errors: errors.map(({ extensions, locations, message, path }) => ({
          type: extensions?.type,
          path,
          locations,
          message,
        })),
      }),
    });
  });

  api.get('/v3/repositories/:id', async (request, response) => {
    const repository = store.repositoryById(Number(request.params.id));
    if (!repository) throw new GitHubError(404, 'Not Found');
    response.json({ id: repository.id, full_name: fullName(repository) });
  });

  api.use('/v3/repos/:owner/:repo', async (request, response, next) => {
    const { owner, repo } = request.params;
    const moved = store.renamedRepository(owner, repo);
    const repository = store.repository(owner, repo);
    if (moved && !repository) {
      const [, rest] = request.originalUrl.split(`/repos/${owner}/${repo}`);
      const url = `${presenter.url}/api/v3/repositories/${moved.id}${rest}`;
      response
        .status(READS.includes(request.method) ? 301 : 307)
        .setHeader('Location', url)
        .json({ message: 'Moved Permanently', url });
      return;
    }
    const { scopes, user } = callerOf(response);
    const access = repository && accessOf(store, repository, user);
    if (!repository || !access || !atLeast(access, 'read')) {
      throw new GitHubError(404, 'Not Found');
    }
    response.locals.repository = repository;
    if (!READS.includes(request.method)) {
      const mayWrite =
        atLeast(access, 'write') &&
        (!scopes ||
          scopes.includes('all') ||
          scopes.includes('write:repository'));
      if (!mayWrite) {
        throw new GitHubError(403, 'Resource not accessible by integration', {
          headers: { 'X-Accepted-GitHub-Permissions': 'contents=write' },
        });
      }
      if (repository.archived) {
        throw new GitHubError(403, 'Repository was archived so is read-only.');
      }
    }
    hold(request, response, contract, tell);
    next();
  });
  api.use('/v3/repos/:owner/:repo', createRestRoutes(services));
  api.use(() => {
    throw new GitHubError(404, 'Not Found');
  });

  const onError: ErrorRequestHandler = (error, _request, response, next) => {
    if (error instanceof ContractError) {
      tell(error.message);
      response.status(500).json({ message: error.message });
    } else if (error instanceof GitHubError) {
      response
        .status(error.status)
        .set(error.options.headers ?? {})
        .json({
          message: error.message,
          documentation_url: 'https://docs.github.com/rest',
          ...(error.options.errors && { errors: error.options.errors }),
        });
    } else if (error instanceof GiteaError) {
      const isUnknown = error.status === 401;
      response.status(error.status).json({
        message: isUnknown ? 'Bad credentials' : error.message,
      });
    } else {
      next(error);
    }
  };
  api.use(onError);
  return api;
}

/** Holds a call and its answer against the description. */
function hold(
  request: Request,
  response: Response,
  contract: GitHubContract,
  tell: (violation: string) => void,
): void {
  // What stands for the repository in the path of the description is of no account.
  const { owner, repo } = request.params;
  const rest = request.path === '/' ? '' : decodeURIComponent(request.path);
  const operation = contract.find(
    request.method,
    `/repos/${owner}/${repo}${rest}`,
  );
  contract.checkRequest(operation, {
    query: request.query,
    body: request.body,
  });
  const json = response.json.bind(response);
  response.json = body => {
    if (response.statusCode >= 400) {
      return json(body);
    }
    const whole = contract.complete(operation, response.statusCode, body);
    try {
      contract.checkAnswer(operation, response.statusCode, whole);
    } catch (error) {
      tell(String(error));
      return json({ message: String(error) });
    }
    return json(whole);
  };
}
