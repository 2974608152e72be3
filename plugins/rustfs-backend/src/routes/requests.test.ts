import {
  AuditorService,
  HttpAuthService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import { mockCredentials } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { CatalogService } from '@backstage/plugin-catalog-node';
import {
  AuthorizeResult,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  bucketRequestPermission,
  bucketRequestSchema,
  Problem,
  requestReadPermission,
  requestUpdatePermission,
  StorageRequest,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  createRequestConditionalDecision,
  requestConditions,
  requestRules,
} from '@rustfs-portal/plugin-rustfs-node';
import express, { NextFunction, Request, Response } from 'express';
import request from 'supertest';
import { Access } from '../access';
import { createNotFoundError } from '../requests';
import { createRequestRoutes } from './requests';
import { newBucket } from '../requests/__testUtils__/kinds';

const ADA = 'user:default/ada';
const BEN = 'user:default/ben';
const ALLOW: PolicyDecision = { result: AuthorizeResult.ALLOW };
const DENY: PolicyDecision = { result: AuthorizeResult.DENY };

const asked: StorageRequest = {
  id: 'a1',
  ...newBucket(
    bucketRequestSchema.parse({
      entityRef: 'component:default/invoices',
      tenant: 'atlas/storage/apps',
      bucket: 'checkout-invoices',
      purpose: 'Invoices',
      dataClass: 'internal',
    }),
  ),
  entityRef: 'component:default/invoices',
  owner: 'group:default/checkout',
  requestedBy: ADA,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  state: 'proposed',
  trail: [],
  problems: [],
};

const invoices: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
};

const DECISIONS = [
  ['withdraw', {}],
  ['reopen', {}],
  ['commit', { commit: 'a'.repeat(40), decision: 'replace' }],
] as const;

function setup(policy: {
  read: PolicyDecision;
  update: PolicyDecision;
  /** Whether Ben may ask for storage for the entity. */
  mayAsk?: boolean;
  /** Whether Ben may see tenants, as the platform team may. */
  seesTenants?: boolean;
  problems?: Problem[];
}) {
  const event = { success: jest.fn(), fail: jest.fn() };
  const auditor = {
    createEvent: jest.fn(async () => event),
  } as unknown as AuditorService;
  const decisions = {
    withdraw: jest.fn(async () => asked),
    reopen: jest.fn(async () => asked),
    decide: jest.fn(async () => asked),
  };
  const requests = {
    get: jest.fn(async (id: string) => {
      if (id !== asked.id) {
        throw createNotFoundError(id);
      }
      return { ...asked, problems: policy.problems ?? [] };
    }),
    markViewed: jest.fn(async () => {}),
    checkAgain: jest.fn(),
    permissionsOf: () => [bucketRequestPermission],
  };
  const limiter = { take: jest.fn(async () => {}) };
  const rules = Object.values(requestRules);
  const app = express();
  app.use(express.json());
  app.use(
    createRequestRoutes({
      access: new Access({
        auditor,
        catalog: {
          getEntityByRef: async () => invoices,
        } as unknown as CatalogService,
        httpAuth: {
          credentials: async () => mockCredentials.user(BEN),
        } as unknown as HttpAuthService,
        permissions: {
          authorize: async ([{ permission }]) => [
            {
              result: (
                permission.name === tenantReadPermission.name
                  ? policy.seesTenants
                  : policy.mayAsk
              )
                ? AuthorizeResult.ALLOW
                : AuthorizeResult.DENY,
            },
          ],
          authorizeConditional: async ([{ permission }]) => [
            permission.name === requestUpdatePermission.name
              ? policy.update
              : policy.read,
          ],
        } as PermissionsService,
      }),
      auditor,
      decisions: decisions as never,
      limiter,
      permissionsRegistry: {
        getPermissionRuleset: () => ({
          getRuleByName: (name: string) =>
            rules.find(rule => rule.name === name),
        }),
      } as unknown as PermissionsRegistryService,
      requests: requests as never,
    }),
  );
  app.use((error: Error, _: Request, res: Response, _next: NextFunction) => {
    res.status(400).json({ name: error.name, message: error.message });
  });
  const send = (name: string, body: object, id = asked.id) =>
    request(app).post(`/${id}/${name}`).send(body);
  const decided = () =>
    Object.values(decisions).reduce(
      (sum, { mock }) => sum + mock.calls.length,
      0,
    );
  const read = () => request(app).get(`/${asked.id}`);
  return { auditor, decided, decisions, event, limiter, read, requests, send };
}

const onlyOwn = {
  read: createRequestConditionalDecision(
    requestReadPermission,
    requestConditions.isRequestedBy({ users: [BEN] }),
  ),
  update: createRequestConditionalDecision(
    requestUpdatePermission,
    requestConditions.isRequestedBy({ users: [BEN] }),
  ),
};

describe.each(DECISIONS)('POST /requests/:id/%s', (name, body) => {
  it('does nothing for who may not change requests at all, and looks for none', async () => {
    const { decided, event, limiter, send } = setup({
      read: ALLOW,
      update: DENY,
    });
    const { body: answer } = await send(name, body);
    expect(answer).toEqual({
      name: 'NotAllowedError',
      message: expect.stringContaining('rustfs.request.update'),
    });
    expect(decided()).toBe(0);
    expect(limiter.take).not.toHaveBeenCalled();
    expect(event.success).not.toHaveBeenCalled();
  });

  it('does nothing for who sees the request and may not change it, and leaves a trace', async () => {
    const { auditor, decided, event, send } = setup({
      read: ALLOW,
      update: onlyOwn.update,
    });
    const { body: answer } = await send(name, body);
    expect(answer).toEqual({
      name: 'NotAllowedError',
      message: expect.stringContaining('rustfs.request.update on a1'),
    });
    expect(decided()).toBe(0);
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({ eventId: 'access-denied' }),
    );
    expect(event.fail).toHaveBeenCalled();
    expect(event.success).not.toHaveBeenCalled();
  });

  it('answers alike whether a request that may not be seen is there or not', async () => {
    const { decided, send } = setup({ read: onlyOwn.read, update: ALLOW });
    const there = await send(name, body);
    const absent = await send(name, body, 'b2');
    expect(there.body.name).toBe('NotFoundError');
    expect(there.body.message.replace('a1', '…')).toBe(
      absent.body.message.replace('b2', '…'),
    );
    expect(decided()).toBe(0);
  });

  it('is made for who sees it and may change it', async () => {
    const { decided, event, send } = setup({
      read: ALLOW,
      update: ALLOW,
      mayAsk: true,
    });
    expect((await send(name, body)).body).toMatchObject({ id: 'a1' });
    expect(decided()).toBe(1);
    expect(event.success).toHaveBeenCalled();
  });
});

it('takes a request up again only for who could ask for it anew', async () => {
  const { decided, send } = setup({
    read: ALLOW,
    update: ALLOW,
    mayAsk: false,
  });
  expect((await send('reopen', {})).body).toEqual({
    name: 'NotAllowedError',
    message: expect.stringContaining(
      'rustfs.bucket.request on component:default/invoices',
    ),
  });
  expect(decided()).toBe(0);
});

it('is looked at closely from when somebody sees it who may', async () => {
  const denied = setup({ read: onlyOwn.read, update: DENY });
  expect((await denied.read()).body.name).toBe('NotFoundError');
  expect(denied.requests.markViewed).not.toHaveBeenCalled();
  const allowed = setup({ read: ALLOW, update: DENY });
  expect((await allowed.read()).body).toMatchObject({ id: 'a1' });
  expect(allowed.requests.markViewed).toHaveBeenCalledTimes(1);
});

it.each([
  ['what was lacking to the platform team', true, /^Merged although it lacked/],
  ['one neutral sentence to others', false, /^The platform team looks at/],
])(
  'tells, of a merge past the approvals, %s',
  async (_, seesTenants, words) => {
    const bypass = {
      code: 'merged-without-approval',
      part: 'p',
      message: 'Merged although it lacked: approval by carla',
      hint: 'h',
    };
    const other = { code: 'merge-lost', part: 'p', message: 'lost' };
    const { read } = setup({
      read: ALLOW,
      update: DENY,
      seesTenants,
      problems: [bypass, other],
    });
    const { body } = await read();
    expect(body.problems).toEqual([
      expect.objectContaining({ message: expect.stringMatching(words) }),
      other,
    ]);
    expect(/carla|without-approval/.test(JSON.stringify(body))).toBe(
      seesTenants,
    );
  },
);
