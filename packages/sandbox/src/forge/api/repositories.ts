import Router from 'express-promise-router';
import { Request } from 'express';
import { z } from 'zod';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { signatureNow } from '../identity';
import {
  HookRecord,
  MergeStyle,
  ProtectionRecord,
  RepositoryRecord,
  UserRecord,
} from '../model';
import { Presenter } from '../Presenter';
import { RepositoryService } from '../RepositoryService';
import { expandEvents } from '../WebhookDispatcher';
import {
  callerOf,
  paginate,
  parseBody,
  repositoryOf,
  requireAccess,
} from './http';

const createRepository = z.object({
  name: z.string().min(1),
  description: z.string().default(''),
  private: z.boolean().default(false),
  auto_init: z.boolean().default(false),
  default_branch: z.string().default('main'),
});

const editRepository = z.object({
  name: z.string().optional(),
  description: z.string().optional(),
  private: z.boolean().optional(),
  archived: z.boolean().optional(),
  default_branch: z.string().optional(),
  has_pull_requests: z.boolean().optional(),
  allow_merge_commits: z.boolean().optional(),
  allow_rebase: z.boolean().optional(),
  allow_rebase_explicit: z.boolean().optional(),
  allow_squash_merge: z.boolean().optional(),
  allow_fast_forward_only_merge: z.boolean().optional(),
});

const STYLE_FIELDS = {
  allow_merge_commits: 'merge',
  allow_rebase: 'rebase',
  allow_rebase_explicit: 'rebase-merge',
  allow_squash_merge: 'squash',
  allow_fast_forward_only_merge: 'fast-forward-only',
} satisfies Record<string, MergeStyle>;

const hookOptions = z.object({
  type: z.string().default('gitea'),
  active: z.boolean().default(false),
  branch_filter: z.string().default(''),
  authorization_header: z.string().default(''),
  events: z.array(z.string()).default(['push']),
  config: z.record(z.string(), z.string()),
});

const names = z.array(z.string()).default([]);
const flag = z.boolean().default(false);

const protectionOptions = z.object({
  rule_name: z.string().default(''),
  branch_name: z.string().default(''),
  enable_push: flag,
  enable_push_whitelist: flag,
  push_whitelist_usernames: names,
  enable_force_push: flag,
  enable_force_push_allowlist: flag,
  force_push_allowlist_usernames: names,
  enable_merge_whitelist: flag,
  merge_whitelist_usernames: names,
  enable_status_check: flag,
  status_check_contexts: names,
  required_approvals: z.number().default(0),
  block_on_rejected_reviews: flag,
  block_on_official_review_requests: flag,
  block_on_outdated_branch: flag,
  dismiss_stale_approvals: flag,
  protected_file_patterns: z.string().default(''),
  priority: z.number().optional(),
});

/** Makes a repository for a user or an organization, with a README when asked. */
export async function createByApi(
  services: {
    store: ForgeStore;
    repositories: RepositoryService;
  },
  request: Request,
  user: UserRecord,
  owner: string,
): Promise<RepositoryRecord> {
  const body = parseBody(request, createRepository, 'CreateRepoOption');
  if (!/^[-.\w]+$/.test(body.name)) {
    throw new GiteaError(422, '[Name]: AlphaDashDot');
  }
  if (services.store.repository(owner, body.name)) {
    throw new GiteaError(
      409,
      'The repository with the same name already exists.',
    );
  }
  const repository = await services.repositories.create({
    owner,
    name: body.name,
    description: body.description,
    private: body.private,
    defaultBranch: body.default_branch,
  });
  if (body.auto_init) {
    await services.repositories.seed(
      repository,
      { 'README.md': `# ${body.name}\n\n${body.description}` },
      signatureNow(user),
      'Initial commit',
    );
  }
  return repository;
}

/** A repository itself: settings, collaborators, webhooks and protection rules. */
export function createRepositoryRouter(options: {
  store: ForgeStore;
  presenter: Presenter;
}) {
  const { store, presenter } = options;
  const router = Router({ mergeParams: true });

  router.get('/', async (_request, response) => {
    response.json(
      await presenter.repository(
        repositoryOf(response),
        callerOf(response).user,
      ),
    );
  });

  router.patch('/', async (request, response) => {
    const user = requireAccess(store, response, 'admin');
    const repository = repositoryOf(response);
    const body = parseBody(request, editRepository, 'EditRepoOption');
    if (body.name && body.name !== repository.name) {
      store.renameRepository(repository, body.name);
    }
    repository.description = body.description ?? repository.description;
    repository.private = body.private ?? repository.private;
    repository.archived = body.archived ?? repository.archived;
    repository.pullRequests = body.has_pull_requests ?? repository.pullRequests;
    if (body.default_branch) {
      repository.defaultBranch = body.default_branch;
      await store.git(repository).setDefaultBranch(body.default_branch);
    }
    for (const [field, style] of Object.entries(STYLE_FIELDS)) {
      const allowed = body[field as keyof typeof STYLE_FIELDS];
      if (allowed === undefined) continue;
      repository.mergeStyles = repository.mergeStyles.filter(
        other => other !== style,
      );
      if (allowed) repository.mergeStyles.push(style);
    }
    store.save();
    response.json(await presenter.repository(repository, user));
  });

  router.delete('/', async (_request, response) => {
    requireAccess(store, response, 'admin');
    store.removeRepository(repositoryOf(response));
    store.save();
    response.status(204).end();
  });

  // People

  router.put('/collaborators/:user', async (request, response) => {
    requireAccess(store, response, 'admin');
    const repository = repositoryOf(response);
    const name = (request.params as Record<string, string>).user;
    const user = store.user(name);
    if (!user) {
      throw new GiteaError(422, `user does not exist [uid: 0, name: ${name}]`);
    }
    const { permission } = parseBody(
      request,
      z.object({
        permission: z.enum(['read', 'write', 'admin']).default('write'),
      }),
    );
    repository.collaborators[user.name] = permission;
    store.save();
    response.status(204).end();
  });

  // Webhooks

  router.get('/hooks', async (request, response) => {
    requireAccess(store, response, 'admin');
    const { hooks } = repositoryOf(response);
    response.json(
      paginate(request, response, hooks, presenter.url).map(hook =>
        presenter.hook(hook),
      ),
    );
  });

  router.post('/hooks', async (request, response) => {
    requireAccess(store, response, 'admin');
    const repository = repositoryOf(response);
    const body = parseBody(request, hookOptions, 'CreateHookOption');
    const { url, content_type: contentType, secret } = body.config;
    if (!url || !URL.canParse(url)) {
      throw new GiteaError(422, 'Invalid url or missing url');
    }
    if (contentType !== 'json') {
      throw new GiteaError(422, 'Invalid content type');
    }
    const now = new Date().toISOString();
    const hook: HookRecord = {
      id: store.nextId('hook'),
      active: body.active,
      url,
      contentType,
      secret: secret ?? '',
      authorizationHeader: body.authorization_header,
      events: expandEvents(body.events),
      branchFilter: body.branch_filter,
      createdAt: now,
      updatedAt: now,
    };
    repository.hooks.push(hook);
    store.save();
    response.status(201).json(presenter.hook(hook));
  });

  router.delete('/hooks/:id', async (request, response) => {
    requireAccess(store, response, 'admin');
    const { hooks } = repositoryOf(response);
    const index = hooks.findIndex(({ id }) => id === Number(request.params.id));
    if (index < 0) throw GiteaError.notFound();
    hooks.splice(index, 1);
    store.save();
    response.status(204).end();
  });

  // Branch protection

  function ruleOf(
    repository: RepositoryRecord,
    request: Request,
  ): ProtectionRecord {
    const name = (request.params as Record<string, string>)[0];
    const rule = repository.protections.find(other => other.rule_name === name);
    if (!rule) throw GiteaError.notFound();
    return rule;
  }

  router.get('/branch_protections', async (_request, response) => {
    requireAccess(store, response, 'admin');
    response.json(
      repositoryOf(response).protections.map(rule =>
        presenter.protection(rule),
      ),
    );
  });

  router.post('/branch_protections', async (request, response) => {
    requireAccess(store, response, 'admin');
    const repository = repositoryOf(response);
    const { branch_name: branchName, ...body } = parseBody(
      request,
      protectionOptions,
      'CreateBranchProtectionOption',
    );
    const name = body.rule_name || branchName;
    if (repository.protections.some(rule => rule.rule_name === name)) {
      throw new GiteaError(403, 'Branch protection already exist');
    }
    const now = new Date().toISOString();
    const rule: ProtectionRecord = {
      ...body,
      rule_name: name,
      priority: body.priority ?? repository.protections.length + 1,
      createdAt: now,
      updatedAt: now,
    };
    repository.protections.push(rule);
    store.save();
    response.status(201).json(presenter.protection(rule));
  });

  router.patch('/branch_protections/*', async (request, response) => {
    requireAccess(store, response, 'admin');
    const rule = ruleOf(repositoryOf(response), request);
    const known = Object.keys(rule);
    const given = Object.entries(
      parseBody(request, protectionOptions.partial()),
    ).filter(([key]) => known.includes(key) && key in request.body);
    Object.assign(rule, Object.fromEntries(given), {
      updatedAt: new Date().toISOString(),
    });
    store.save();
    response.json(presenter.protection(rule));
  });

  return router;
}
