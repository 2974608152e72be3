import Router from 'express-promise-router';
import { Request } from 'express';
import { z } from 'zod';
import { PullPresenter } from '../pulls/PullPresenter';
import { PullService } from '../pulls/PullService';
import {
  parseBody,
  repositoryOf,
  requireNotArchived,
  requireUser,
} from './http';

function numberOf(request: Request): number {
  return Number((request.params as Record<string, string>).number);
}

/** Comments; pull requests are issues here. */
export function createIssuesRouter(options: {
  pulls: PullService;
  pullPresenter: PullPresenter;
}) {
  const { pulls, pullPresenter } = options;
  const router = Router({ mergeParams: true });

  router.get('/issues/:number(\\d+)/comments', async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pulls.get(repository, numberOf(request));
    response.setHeader('X-Total-Count', String(pull.comments.length));
    response.json(
      pull.comments.map(comment =>
        pullPresenter.comment(repository, pull, comment),
      ),
    );
  });

  router.post('/issues/:number(\\d+)/comments', async (request, response) => {
    const user = requireUser(response);
    const repository = repositoryOf(response);
    requireNotArchived(repository);
    const pull = pulls.get(repository, numberOf(request));
    const { body } = parseBody(
      request,
      z.object({ body: z.string().min(1) }),
      'CreateIssueCommentOption',
    );
    const comment = await pulls.comment(repository, pull, user, body);
    response.status(201).json(pullPresenter.comment(repository, pull, comment));
  });

  return router;
}
