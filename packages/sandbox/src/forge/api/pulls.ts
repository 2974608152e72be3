import Router from 'express-promise-router';
import { Request, Response } from 'express';
import { z } from 'zod';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { MergeStyle, PullRecord } from '../model';
import { Presenter } from '../Presenter';
import { MergeService } from '../pulls/MergeService';
import { PullPresenter } from '../pulls/PullPresenter';
import { PullService } from '../pulls/PullService';
import { ReviewService } from '../pulls/ReviewService';
import {
  callerOf,
  paginate,
  parseBody,
  queryText,
  repositoryOf,
  requireNotArchived,
  requireUser,
} from './http';

const createPull = z.object({
  title: z.string().min(1),
  head: z.string().min(1),
  base: z.string().min(1),
  body: z.string().optional(),
  reviewers: z.array(z.string()).optional(),
  team_reviewers: z.array(z.string()).optional(),
});

const editPull = z.object({
  title: z.string().optional(),
  body: z.string().optional(),
  base: z.string().optional(),
  state: z.enum(['open', 'closed']).optional(),
  content_version: z.number().optional(),
});

const STYLES = [
  'merge',
  'rebase',
  'rebase-merge',
  'squash',
  'fast-forward-only',
] as const;

const mergePull = z.object({
  Do: z.enum(STYLES),
  MergeTitleField: z.string().optional(),
  MergeMessageField: z.string().optional(),
  head_commit_id: z.string().optional(),
  delete_branch_after_merge: z.boolean().optional(),
  merge_when_checks_succeed: z.boolean().optional(),
  force_merge: z.boolean().optional(),
});

const reviewers = z.object({
  reviewers: z.array(z.string()).default([]),
  team_reviewers: z.array(z.string()).default([]),
});

const createReview = z.object({
  event: z.string().optional(),
  body: z.string().default(''),
  commit_id: z.string().optional(),
});

const REVIEW_EVENTS = ['APPROVED', 'REQUEST_CHANGES', 'COMMENT'] as const;

/** Pull requests over HTTP. */
export function createPullsRouter(options: {
  store: ForgeStore;
  pulls: PullService;
  reviews: ReviewService;
  merges: MergeService;
  presenter: Presenter;
  pullPresenter: PullPresenter;
}) {
  const { store, pulls, reviews, merges, presenter, pullPresenter } = options;
  const router = Router({ mergeParams: true });

  function pullOf(request: Request, response: Response): PullRecord {
    return pulls.get(
      repositoryOf(response),
      Number((request.params as Record<string, string>).number),
    );
  }

  // Switched off, or nothing there that could be merged: as if there were no such address.
  router.use('/', async (_request, response, next) => {
    const repository = repositoryOf(response);
    const branches = await store.git(repository).branches();
    if (!repository.pullRequests || branches.length === 0) {
      throw GiteaError.notFound();
    }
    next();
  });

  router.get('/', async (request, response) => {
    const repository = repositoryOf(response);
    const state = queryText(request, 'state') ?? 'open';
    const base = queryText(request, 'base_branch');
    const poster = queryText(request, 'poster');
    if (poster && !store.user(poster)) {
      throw new GiteaError(
        400,
        `user does not exist [uid: 0, name: ${poster}]`,
      );
    }
    const sort = queryText(request, 'sort');
    const found = repository.pulls
      .filter(pull => state === 'all' || pull.state === state)
      .filter(pull => !base || pull.base === base)
      .filter(pull => !poster || pull.poster === poster)
      .sort((a, b) => {
        if (sort === 'oldest') return a.number - b.number;
        if (sort === 'recentupdate') {
          return b.updatedAt.localeCompare(a.updatedAt) || b.number - a.number;
        }
        return b.number - a.number;
      });
    const viewer = callerOf(response).user;
    response.json(
      await Promise.all(
        paginate(request, response, found, presenter.url).map(pull =>
          pullPresenter.pull(repository, pull, viewer, { listed: true }),
        ),
      ),
    );
  });

  router.post('/', async (request, response) => {
    const user = requireUser(response);
    const repository = repositoryOf(response);
    requireNotArchived(repository);
    const body = parseBody(request, createPull, 'CreatePullRequestOption');
    const pull = await pulls.create(repository, user, {
      ...body,
      teamReviewers: body.team_reviewers,
    });
    response.status(201).json(await pullPresenter.pull(repository, pull, user));
  });

  router.get('/:number(\\d+)', async (request, response) => {
    const repository = repositoryOf(response);
    const viewer = callerOf(response).user;
    response.json(
      await pullPresenter.pull(repository, pullOf(request, response), viewer),
    );
  });

  router.patch('/:number(\\d+)', async (request, response) => {
    const user = requireUser(response);
    const repository = repositoryOf(response);
    const pull = pullOf(request, response);
    const { content_version: contentVersion, ...edit } = parseBody(
      request,
      editPull,
      'EditPullRequestOption',
    );
    await pulls.edit(repository, pull, user, { ...edit, contentVersion });
    response.status(201).json(await pullPresenter.pull(repository, pull, user));
  });

  router.get('/:number(\\d+)/commits', async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pullOf(request, response);
    const git = store.git(repository);
    const commits = await git.log([pull.headCommit, `^${pull.mergeBase}`]);
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

  router.post('/:number(\\d+)/merge', async (request, response) => {
    const user = requireUser(response);
    const repository = repositoryOf(response);
    const pull = pullOf(request, response);
    requireNotArchived(repository);
    const body = parseBody(request, mergePull, 'MergePullRequestForm');
    const outcome = await merges.merge(repository, pull, user, {
      style: body.Do satisfies MergeStyle,
      title: body.MergeTitleField,
      message: body.MergeMessageField,
      headCommit: body.head_commit_id,
      deleteBranch: body.delete_branch_after_merge,
      whenChecksSucceed: body.merge_when_checks_succeed,
      force: body.force_merge,
    });
    response.status(outcome === 'merged' ? 200 : 201).end();
  });

  router.post(
    '/:number(\\d+)/requested_reviewers',
    async (request, response) => {
      const user = requireUser(response);
      const repository = repositoryOf(response);
      const pull = pullOf(request, response);
      const body = parseBody(request, reviewers, 'PullReviewRequestOptions');
      const added = await reviews.request(repository, pull, user, {
        users: body.reviewers,
        teams: body.team_reviewers,
      });
      response
        .status(201)
        .json(
          added.map(review =>
            pullPresenter.review(repository, pull, review, user),
          ),
        );
    },
  );

  router.get('/:number(\\d+)/reviews', async (request, response) => {
    const repository = repositoryOf(response);
    const pull = pullOf(request, response);
    const viewer = callerOf(response).user;
    response.json(
      paginate(request, response, pull.reviews, presenter.url).map(review =>
        pullPresenter.review(repository, pull, review, viewer),
      ),
    );
  });

  router.post('/:number(\\d+)/reviews', async (request, response) => {
    const user = requireUser(response);
    const repository = repositoryOf(response);
    const pull = pullOf(request, response);
    const body = parseBody(request, createReview, 'CreatePullReviewOptions');
    const review = await reviews.submit(repository, pull, user, {
      // An event that is not known leaves the review unfinished.
      state: REVIEW_EVENTS.find(event => event === body.event) ?? 'PENDING',
      body: body.body,
      commit: body.commit_id,
    });
    response.json(pullPresenter.review(repository, pull, review, user));
  });

  // `{base}/{head}`; the head may hold slashes and `owner:`.
  router.get('/:base/*', async (request, response) => {
    const repository = repositoryOf(response);
    const params = request.params as Record<string, string>;
    const pull = pulls.find(repository, params.base, params[0]);
    if (!pull) throw GiteaError.notFound();
    response.json(
      await pullPresenter.pull(repository, pull, callerOf(response).user),
    );
  });

  return router;
}
