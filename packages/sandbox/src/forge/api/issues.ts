import Router from 'express-promise-router';
import { Request } from 'express';
import { z } from 'zod';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { LabelRecord, RepositoryRecord } from '../model';
import { Presenter } from '../Presenter';
import { PullPresenter } from '../pulls/PullPresenter';
import { PullService } from '../pulls/PullService';
import {
  callerOf,
  paginate,
  parseBody,
  queryText,
  repositoryOf,
  requireAccess,
  requireNotArchived,
  requireUser,
} from './http';

const createLabel = z.object({
  name: z.string().min(1),
  color: z.string().min(1),
  description: z.string().default(''),
  exclusive: z.boolean().default(false),
});

const labelList = z.object({ labels: z.array(z.unknown()) });

function numberOf(request: Request): number {
  return Number((request.params as Record<string, string>).number);
}

/** Labels and comments, and the search; pull requests are issues here. */
export function createIssuesRouter(options: {
  store: ForgeStore;
  pulls: PullService;
  presenter: Presenter;
  pullPresenter: PullPresenter;
}) {
  const { store, pulls, presenter, pullPresenter } = options;
  const router = Router({ mergeParams: true });

  router.get('/labels', async (request, response) => {
    const repository = repositoryOf(response);
    response.json(
      paginate(request, response, repository.labels, presenter.url).map(label =>
        presenter.label(repository, label),
      ),
    );
  });

  router.post('/labels', async (request, response) => {
    requireAccess(store, response, 'write', 'write permission is required');
    const repository = repositoryOf(response);
    const body = parseBody(request, createLabel, 'CreateLabelOption');
    const color = body.color.replace(/^#/, '').toLowerCase();
    if (!/^([0-9a-f]{3}|[0-9a-f]{6})$/.test(color)) {
      throw new GiteaError(422, `color [${body.color}] is invalid`);
    }
    const label: LabelRecord = { ...body, color, id: store.nextId('label') };
    repository.labels.push(label);
    store.save();
    response.status(201).json(presenter.label(repository, label));
  });

  router.get('/issues', async (request, response) => {
    const repository = repositoryOf(response);
    const state = queryText(request, 'state') ?? 'open';
    const words = (queryText(request, 'q') ?? '').toLowerCase();
    const found = repository.pulls
      .filter(() => queryText(request, 'type') !== 'issues')
      .filter(pull => state === 'all' || pull.state === state)
      .filter(pull =>
        [pull.title, pull.body, ...pull.comments.map(item => item.body)].some(
          text => text.toLowerCase().includes(words),
        ),
      )
      .sort((a, b) => b.number - a.number);
    const viewer = callerOf(response).user;
    response.json(
      paginate(request, response, found, presenter.url).map(pull =>
        pullPresenter.issue(repository, pull, viewer),
      ),
    );
  });

  router.get('/issues/:number(\\d+)', async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pulls.get(repository, numberOf(request));
    response.json(
      pullPresenter.issue(repository, pull, callerOf(response).user),
    );
  });

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

  router.get('/issues/:number(\\d+)/timeline', async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pulls.get(repository, numberOf(request));
    response.setHeader('X-Total-Count', String(pull.events.length));
    response.json(
      pull.events.map(event => pullPresenter.event(repository, pull, event)),
    );
  });

  function labelIds(repository: RepositoryRecord, labels: unknown[]): number[] {
    if (labels.every(label => typeof label === 'number')) return labels;
    if (!labels.every(label => typeof label === 'string')) {
      throw new GiteaError(
        400,
        'labels should be an array of strings or integers',
      );
    }
    // Names that are not known are silently left out.
    return repository.labels
      .filter(label => labels.includes(label.name))
      .map(label => label.id);
  }

  router.get('/issues/:number(\\d+)/labels', async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pulls.get(repository, numberOf(request));
    response.json(presenter.labels(repository, pull.labels));
  });

  for (const method of ['post', 'put'] as const) {
    router[method](
      '/issues/:number(\\d+)/labels',
      async (request, response) => {
        requireAccess(store, response, 'write', 'write permission is required');
        const repository = repositoryOf(response);
        const pull = pulls.get(repository, numberOf(request));
        const body = parseBody(request, labelList, 'IssueLabelsOption');
        const ids = labelIds(repository, body.labels);
        pulls.setLabels(
          repository,
          pull,
          method === 'post' ? [...pull.labels, ...ids] : ids,
        );
        response.json(presenter.labels(repository, pull.labels));
      },
    );
  }

  router.delete(
    '/issues/:number(\\d+)/labels/:label(\\d+)',
    async (request, response) => {
      requireAccess(store, response, 'write', 'write permission is required');
      const repository = repositoryOf(response);
      const pull = pulls.get(repository, numberOf(request));
      const label = Number((request.params as Record<string, string>).label);
      pulls.setLabels(
        repository,
        pull,
        pull.labels.filter(id => id !== label),
      );
      response.status(204).end();
    },
  );

  return router;
}
