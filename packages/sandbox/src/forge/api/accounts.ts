import Router from 'express-promise-router';
import { Request, Response } from 'express';
import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { isKnownScope } from '../authentication';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { OrganizationRecord, UserRecord } from '../model';
import { Presenter } from '../Presenter';
import { RepositoryService } from '../RepositoryService';
import { callerOf, paginate, parseBody, requireUser } from './http';
import { createByApi } from './repositories';

const createToken = z.object({
  name: z.string().min(1),
  scopes: z.array(z.string()).default([]),
});

const createTeam = z.object({
  name: z.string().min(1),
  description: z.string().default(''),
  permission: z.enum(['read', 'write', 'admin']).default('read'),
  includes_all_repositories: z.boolean().default(false),
  units_map: z.record(z.string(), z.string()).optional(),
});

const createUser = z.object({
  username: z.string().min(1),
  email: z.string().min(1),
  password: z.string().default(''),
  full_name: z.string().default(''),
});

/** Users, their tokens, organizations and teams. */
export function createAccountsRouter(options: {
  store: ForgeStore;
  repositories: RepositoryService;
  presenter: Presenter;
}) {
  const { store, repositories, presenter } = options;
  const router = Router();

  const param = (request: Request, name: string) =>
    (request.params as Record<string, string>)[name];

  function userNamed(request: Request): UserRecord {
    const user = store.user(param(request, 'user'));
    if (!user) {
      throw GiteaError.notFound(
        `user does not exist [uid: 0, name: ${param(request, 'user')}]`,
      );
    }
    return user;
  }

  function organizationNamed(request: Request): OrganizationRecord {
    const organization = store.organization(param(request, 'org'));
    if (!organization) throw GiteaError.notFound();
    return organization;
  }

  function isOwner(
    organization: OrganizationRecord,
    user: UserRecord,
  ): boolean {
    return (
      user.admin ||
      organization.teams.some(
        team => team.permission === 'admin' && team.members.includes(user.name),
      )
    );
  }

  router.get('/user', async (_request, response) => {
    const user = requireUser(response);
    response.json(presenter.user(user, user));
  });

  router.post('/user/repos', async (request, response) => {
    const user = requireUser(response);
    const repository = await createByApi(
      { store, repositories },
      request,
      user,
      user.name,
    );
    response.status(201).json(await presenter.repository(repository, user));
  });

  /** Tokens are only handed out to somebody who knows the password. */
  function requirePassword(request: Request, response: Response): UserRecord {
    const { user, withPassword } = callerOf(response);
    if (!user || !withPassword) throw new GiteaError(401, 'auth required');
    const owner = userNamed(request);
    if (owner.id !== user.id && !user.admin)
      throw GiteaError.silentlyForbidden();
    return owner;
  }

  router.post('/users/:user/tokens', async (request, response) => {
    const owner = requirePassword(request, response);
    const body = parseBody(request, createToken, 'CreateAccessTokenOption');
    if (body.scopes.length === 0) {
      throw new GiteaError(400, 'access token must have a scope');
    }
    const unknown = body.scopes.find(scope => !isKnownScope(scope));
    if (unknown) {
      throw new GiteaError(
        400,
        `invalid access token scope provided: invalid access token scope: ${unknown}`,
      );
    }
    if (owner.tokens.some(token => token.name === body.name)) {
      throw new GiteaError(400, 'access token name has been used already');
    }
    const { record, value } = store.addToken(owner, body);
    store.save();
    response.status(201).json({
      id: record.id,
      name: record.name,
      sha1: value,
      token_last_eight: record.lastEight,
      scopes: record.scopes,
      created_at: '0001-01-01T00:00:00Z',
      last_used_at: '0001-01-01T00:00:00Z',
    });
  });

  router.post('/admin/users', async (request, response) => {
    if (!requireUser(response).admin) {
      throw new GiteaError(403, 'user should be the site admin');
    }
    const body = parseBody(request, createUser, 'CreateUserOption');
    if (store.user(body.username) || store.organization(body.username)) {
      throw new GiteaError(422, `user already exists [name: ${body.username}]`);
    }
    const user = store.putUser({
      name: body.username,
      fullName: body.full_name,
      email: body.email,
      password: body.password || randomBytes(16).toString('hex'),
    });
    store.save();
    response.status(201).json(presenter.user(user, callerOf(response).user));
  });

  // Organizations

  router.post('/orgs', async (request, response) => {
    const user = requireUser(response);
    const body = parseBody(
      request,
      z.object({
        username: z.string().min(1),
        full_name: z.string().default(''),
      }),
      'CreateOrgOption',
    );
    if (store.organization(body.username) || store.user(body.username)) {
      throw new GiteaError(422, `user already exists [name: ${body.username}]`);
    }
    const organization = store.putOrganization(body.username, body.full_name);
    store.putTeam(organization, {
      name: 'Owners',
      permission: 'admin',
      includesAllRepositories: true,
      members: [user.name],
    });
    store.save();
    response.status(201).json(presenter.organization(organization));
  });

  router.post('/orgs/:org/repos', async (request, response) => {
    const user = requireUser(response);
    const organization = organizationNamed(request);
    if (!isOwner(organization, user)) {
      throw new GiteaError(
        403,
        'User is not allowed to create repositories in this organization.',
      );
    }
    const repository = await createByApi(
      { store, repositories },
      request,
      user,
      organization.name,
    );
    response.status(201).json(await presenter.repository(repository, user));
  });

  router.get('/orgs/:org/teams', async (request, response) => {
    requireUser(response);
    const organization = organizationNamed(request);
    response.json(
      paginate(request, response, organization.teams, presenter.url).map(team =>
        presenter.team(organization, team),
      ),
    );
  });

  router.post('/orgs/:org/teams', async (request, response) => {
    const user = requireUser(response);
    const organization = organizationNamed(request);
    if (!isOwner(organization, user)) {
      throw new GiteaError(403, 'Must be an organization owner');
    }
    const body = parseBody(request, createTeam, 'CreateTeamOption');
    const unit = body.units_map?.['repo.code'];
    const team = store.putTeam(organization, {
      name: body.name,
      description: body.description,
      permission: unit === 'write' || unit === 'admin' ? unit : body.permission,
      includesAllRepositories: body.includes_all_repositories,
    });
    store.save();
    response.status(201).json(presenter.team(organization, team));
  });

  function ownedTeam(request: Request, response: Response) {
    const user = requireUser(response);
    const found = store.teamById(Number(param(request, 'team')));
    if (!found) throw GiteaError.notFound();
    if (!isOwner(found.organization, user)) {
      throw new GiteaError(403, 'Must be an organization owner');
    }
    return found.team;
  }

  router.put('/teams/:team(\\d+)/members/:user', async (request, response) => {
    const team = ownedTeam(request, response);
    const user = userNamed(request);
    team.members = [...new Set([...team.members, user.name])];
    store.save();
    response.status(204).end();
  });

  router.put(
    '/teams/:team(\\d+)/repos/:org/:repo',
    async (request, response) => {
      const team = ownedTeam(request, response);
      const repository = store.repository(
        param(request, 'org'),
        param(request, 'repo'),
      );
      if (!repository) throw GiteaError.notFound();
      team.repositories = [...new Set([...team.repositories, repository.id])];
      store.save();
      response.status(204).end();
    },
  );

  return router;
}
