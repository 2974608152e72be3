import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import { JsonObject } from '@backstage/types';
import { Router } from 'express';
import request from 'supertest';
import rustfsPlugin from '.';
import { createRouter } from './routes';

const invoices: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/checkout' }],
};

const asked = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  bucket: 'checkout-invoices',
  purpose: 'Invoices',
  dataClass: 'internal',
};

const ROUTES: Array<
  [method: 'get' | 'post', path: string, permission: string, body?: object]
> = [
  [
    'get',
    '/entities/component/default/invoices/storage',
    'rustfs.storage.read',
  ],
  [
    'get',
    '/entities/component/default/invoices/request-options',
    'rustfs.bucket.request',
  ],
  [
    'post',
    '/requests/check-name',
    'rustfs.bucket.request',
    { entityRef: asked.entityRef, tenant: asked.tenant, bucket: 'x' },
  ],
  ['post', '/requests/preview', 'rustfs.bucket.request', asked],
  ['post', '/requests', 'rustfs.bucket.request', asked],
  ['get', '/requests', 'rustfs.request.read'],
  ['get', '/requests/a1', 'rustfs.request.read'],
  ['post', '/requests/a1/withdraw', 'rustfs.request.update', {}],
  ['post', '/requests/a1/reopen', 'rustfs.request.update', {}],
  [
    'post',
    '/requests/a1/commit',
    'rustfs.request.update',
    { commit: 'a'.repeat(40), decision: 'replace' },
  ],
  ['get', '/tenants', 'rustfs.tenant.read'],
  ['get', '/tenants/atlas/storage/apps', 'rustfs.tenant.read'],
  ['get', '/buckets', 'rustfs.bucket.read'],
  ['get', '/access', 'rustfs.access.read'],
];

const { entityRef, purpose, tenant } = asked;
const access = { entityRef, tenant, purpose, access: 'invoices-writer' };

/** The kinds that are asked for by the same two routes as a new bucket, with their own permission. */
const KINDS: typeof ROUTES = [
  {
    permission: 'rustfs.bucket.request',
    body: {
      kind: 'bucket-change',
      entityRef,
      tenant,
      purpose,
      bucket: 'checkout-invoices',
      quota: '5Gi',
    },
  },
  {
    permission: 'rustfs.access.request',
    body: {
      kind: 'access-create',
      ...access,
      scope: { type: 'buckets', buckets: ['checkout-invoices'] },
      consumer: { namespace: 'checkout', secret: 'invoices-s3' },
    },
  },
  {
    permission: 'rustfs.access.request',
    body: { kind: 'access-revoke', ...access },
  },
  {
    permission: 'rustfs.setup.request',
    body: {
      kind: 'setup-enable',
      entityRef,
      tenant,
      purpose,
      key: { secret: 'rustfs-setup-key' },
    },
  },
].flatMap(({ body, permission }) =>
  ['/requests/preview', '/requests'].map((path): (typeof ROUTES)[number] => [
    'post',
    path,
    permission,
    body,
  ]),
);

/** The routes of the routers below a router; a path is matched by the layers themselves. */
function listRoutes(router: Router) {
  return router.stack.flatMap(mount =>
    ((mount.handle as unknown as Partial<Router>).stack ?? []).flatMap(layer =>
      Object.keys((layer.route as { methods?: object })?.methods ?? {}).map(
        method => ({
          method,
          path: `${layer.route!.path}`,
          matches: (path: string) => {
            const [prefix] = mount.regexp.exec(path) ?? [];
            return (
              prefix !== undefined &&
              layer.regexp.test(path.slice(prefix.length) || '/')
            );
          },
        }),
      ),
    ),
  );
}

describe('who may do what', () => {
  it('is held against every route that there is', () => {
    const router = createRouter({
      permissionsRegistry: { getPermissionRuleset: () => ({}) },
    } as unknown as Parameters<typeof createRouter>[0]);
    const routes = listRoutes(router);
    expect(routes.length).toBeGreaterThan(10);
    for (const { method, matches, path } of routes) {
      expect([
        `${method} ${path}`,
        ROUTES.some(([verb, tried]) => verb === method && matches(tried)),
      ]).toEqual([`${method} ${path}`, true]);
    }
    expect(ROUTES).toHaveLength(routes.length);
  });

  /** Stands for cluster, server and forge, and counts who calls. */
  let upstream: Server;
  const calls: string[] = [];
  let config: { rustfs: JsonObject & { requests: JsonObject } };

  beforeAll(async () => {
    upstream = createServer((req, res) => {
      calls.push(`${req.method} ${req.url}`);
      res.writeHead(500).end();
    });
    await new Promise<void>(resolve => {
      upstream.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    config = {
      rustfs: {
        clusters: [{ name: 'atlas', url, token: 't' }],
        tenants: [
          {
            ref: 'atlas/storage/apps',
            endpoint: url,
            accessKeyId: 'portal-apps',
            secretAccessKey: 'portal-apps-secret',
          },
        ],
        forges: [{ type: 'gitea', baseUrl: url, token: 't' }],
        // Nothing is followed while the test runs.
        requests: { followInterval: { hours: 1 } },
      },
    };
  });

  afterAll(
    () =>
      new Promise(resolve => {
        upstream.close(resolve);
      }),
  );

  async function start(options: {
    result: AuthorizeResult.ALLOW | AuthorizeResult.DENY;
    entities: Entity[];
    requests?: object;
    /** Names of permissions that are refused in any case. */
    denied?: string[];
  }) {
    const auditor = mockServices.auditor.mock();
    const event = { success: jest.fn(), fail: jest.fn() };
    auditor.createEvent.mockResolvedValue(event);
    const catalog = catalogServiceMock({ entities: options.entities });
    const backend = await startTestBackend({
      features: [
        rustfsPlugin,
        mockServices.rootConfig.factory({
          data: {
            rustfs: {
              ...config.rustfs,
              requests: { ...config.rustfs.requests, ...options.requests },
            },
          },
        }),
        mockServices.permissions.mock({
          authorize: async decided =>
            decided.map(({ permission: { name } }) => ({
              result: options.denied?.includes(name)
                ? AuthorizeResult.DENY
                : options.result,
            })),
          authorizeConditional: async decided =>
            decided.map(() => ({ result: options.result })),
        }).factory,
        auditor.factory,
        createServiceFactory({
          service: catalogServiceRef,
          deps: {},
          factory: () => catalog,
        }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish: jest.fn() }),
        }),
      ],
    });
    calls.length = 0;
    return { backend, auditor, event, catalog };
  }

  function send(
    { server }: TestBackend,
    [method, path, , body]: (typeof ROUTES)[number],
  ) {
    const call = request(server)
      [method](`/api/rustfs${path}`)
      .set('Idempotency-Key', 'k1');
    return body ? call.send(body) : call;
  }

  describe('without the permission', () => {
    let started: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      started = await start({
        result: AuthorizeResult.DENY,
        entities: [invoices],
      });
    });
    afterAll(() => started.backend.stop());

    it.each([...ROUTES, ...KINDS])(
      '%s %s is refused, names %s, and calls nothing',
      async (...route) => {
        const { backend, auditor, event } = started;
        const [, , permission] = route;
        const response = await send(backend, route);
        expect(response.status).toBe(403);
        expect(response.body.error).toMatchObject({
          name: 'NotAllowedError',
          message: expect.stringContaining(permission),
        });
        expect(calls).toEqual([]);
        expect(auditor.createEvent).toHaveBeenCalledWith(
          expect.objectContaining({
            eventId: 'access-denied',
            meta: expect.objectContaining({ permission }),
          }),
        );
        expect(event.fail).toHaveBeenCalled();
      },
    );

    it.each([...ROUTES, ...KINDS])(
      '%s %s wants to know who calls',
      async (...route) => {
        const response = await send(started.backend, route).set(
          'Authorization',
          mockCredentials.none.header(),
        );
        expect(response.status).toBe(401);
        expect(calls).toEqual([]);
      },
    );
  });

  describe('with the permission to ask for accesses, and not for buckets', () => {
    let started: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      started = await start({
        result: AuthorizeResult.ALLOW,
        denied: ['rustfs.bucket.request'],
        entities: [invoices],
      });
    });
    afterAll(() => started.backend.stop());

    it.each(['/requests/preview', '/requests'])(
      'an access that brings its bucket is refused at %s, and nothing is called',
      async path => {
        const response = await send(started.backend, [
          'post',
          path,
          '',
          {
            kind: 'access-create',
            ...access,
            scope: { type: 'buckets', buckets: ['checkout-invoices'] },
            newBuckets: [
              { bucket: 'checkout-invoices', dataClass: 'internal' },
            ],
            consumer: { namespace: 'checkout', secret: 'invoices-s3' },
          },
        ]);
        expect(response.status).toBe(403);
        expect(response.body.error.message).toMatch(
          /permission rustfs\.bucket\.request on component:default\/invoices/,
        );
        expect(calls).toEqual([]);
        expect(started.event.fail).toHaveBeenCalled();
      },
    );

    it('one to buckets that are there is not', async () => {
      const response = await send(started.backend, [
        'post',
        '/requests/preview',
        '',
        {
          kind: 'access-create',
          ...access,
          scope: { type: 'buckets', buckets: ['checkout-invoices'] },
          consumer: { namespace: 'checkout', secret: 'invoices-s3' },
        },
      ]);
      expect(response.status).not.toBe(403);
    });
  });

  describe('with every permission, on an entity that the caller cannot read', () => {
    let started: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      started = await start({ result: AuthorizeResult.ALLOW, entities: [] });
    });
    afterAll(() => started.backend.stop());

    it.each([...ROUTES.slice(0, 5), ...KINDS])(
      '%s %s finds nothing, and calls nothing',
      async (...route) => {
        const { backend, catalog } = started;
        const getEntityByRef = jest.spyOn(catalog, 'getEntityByRef');
        const response = await send(backend, route);
        expect(response.status).toBe(404);
        expect(calls).toEqual([]);
        // The entity is read as the caller, not as the portal.
        expect(getEntityByRef.mock.calls[0][1]).toMatchObject({
          credentials: {
            principal: { type: 'user', userEntityRef: 'user:default/mock' },
          },
        });
      },
    );

    it.each(ROUTES.filter(([, path]) => path.startsWith('/requests/a1')))(
      'says the same of a request that is not there: %s %s',
      async (...route) => {
        const response = await send(started.backend, route);
        expect(response.status).toBe(404);
        expect(calls).toEqual([]);
      },
    );

    it('publishes its permissions and rules', async () => {
      const { body } = await request(started.backend.server).get(
        '/api/rustfs/.well-known/backstage/permissions/metadata',
      );
      expect(
        body.permissions.map((p: { name: string }) => p.name).sort(),
      ).toEqual([
        'rustfs.access.read',
        'rustfs.access.request',
        'rustfs.bucket.read',
        'rustfs.bucket.request',
        'rustfs.request.read',
        'rustfs.request.update',
        'rustfs.setup.request',
        'rustfs.storage.read',
        'rustfs.tenant.read',
      ]);
    });
  });

  describe('input that cannot be', () => {
    let started: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      started = await start({
        result: AuthorizeResult.ALLOW,
        entities: [invoices],
      });
    });
    afterAll(() => started.backend.stop());

    it.each<[string, object, string, RegExp]>([
      ['a name', { bucket: 'UPPER' }, 'bucket', /checkout-invoices/],
      ['a quota', { quota: '50 apples' }, 'quota', /50Gi/],
      ['a tenant', { tenant: 'apps' }, 'tenant', /prod\/storage\/media/],
      [
        'an entity',
        { entityRef: 'invoices' },
        'entityRef',
        /component:default/,
      ],
      ['a class', { dataClass: 'secret' }, 'dataClass', /public, internal/],
      ['no purpose', { purpose: ' ' }, 'purpose', /invoices as PDF/],
      ['two lines', { purpose: 'a\nb' }, 'purpose', /one line/],
      ['an unknown field', { owner: 'group:default/x' }, 'input', /owner/],
    ])(
      '%s is answered with field, reason and example',
      async (_, change, field, reason) => {
        for (const path of ['/requests', '/requests/preview']) {
          const response = await request(started.backend.server)
            .post(`/api/rustfs${path}`)
            .set('Idempotency-Key', 'k1')
            .send({ ...asked, ...change });
          expect(response.status).toBe(400);
          expect(response.body.error.issues).toEqual(
            expect.arrayContaining([
              { field, message: expect.stringMatching(reason) },
            ]),
          );
        }
        expect(calls).toEqual([]);
      },
    );

    it('gives nothing back of a body that is not JSON', async () => {
      const response = await request(started.backend.server)
        .post('/api/rustfs/requests')
        .set('Content-Type', 'application/json')
        .send('{"secretAccessKey": "hunter2"');
      expect(response.status).toBe(400);
      expect(response.body.error.message).toMatch(/send JSON/);
      expect(response.text).not.toContain('hunter2');
      expect(calls).toEqual([]);
    });

    it('a request needs a key', async () => {
      const response = await request(started.backend.server)
        .post('/api/rustfs/requests')
        .send(asked);
      expect(response.status).toBe(400);
      expect(response.body.error.message).toMatch(/Idempotency-Key: expected/);
    });

    it.each([
      ['state=done', /state.*submitting, proposed/],
      ['limit=0', /limit: Expected a number from 1 to 200/],
      ['mine=yes', /mine: Expected true or false/],
      ['cursor=xx', /cursor: expected the nextCursor/],
      ['entityRef=x', /Service: .*component:default\/invoices/],
      ['page=2', /page/],
    ])('GET /requests?%s', async (query, message) => {
      const response = await request(started.backend.server).get(
        `/api/rustfs/requests?${query}`,
      );
      expect(response.status).toBe(400);
      expect(response.body.error.message).toMatch(message);
    });

    it.each(['/buckets', '/access'])(
      'GET %s of a ref that cannot be',
      async path => {
        const response = await request(started.backend.server).get(
          `/api/rustfs${path}?tenant=apps`,
        );
        expect(response.status).toBe(400);
        expect(response.body.error.message).toMatch(/prod\/storage\/media/);
        expect(calls).toEqual([]);
      },
    );

    it('GET /tenants of a ref that cannot be', async () => {
      const response = await request(started.backend.server).get(
        '/api/rustfs/tenants/Atlas/storage/apps',
      );
      expect(response.status).toBe(400);
      expect(calls).toEqual([]);
    });
  });

  it('answers who asks too often with 429 and when to come back, and does nothing for them', async () => {
    const { backend, event } = await start({
      result: AuthorizeResult.ALLOW,
      entities: [],
      requests: {
        limits: {
          nameChecksPerMinute: 1,
          previewsPerMinute: 1,
          requestsPerHour: 1,
        },
      },
    });
    const limited = ROUTES.filter(
      ([method, path]) => method === 'post' && !path.includes('a1'),
    );
    expect(limited).toHaveLength(3);
    for (const route of limited) {
      expect((await send(backend, route)).status).toBe(404);
      event.fail.mockClear();
      const response = await send(backend, route);
      expect(response.status).toBe(429);
      expect(response.get('Retry-After')).toMatch(/^[1-9]\d*$/);
      expect(response.body.error).toMatchObject({
        name: 'TooManyRequestsError',
        message: expect.stringMatching(
          /^You have .* once in .*: try again in \d+ (hour|minute|second)s?$/,
        ),
      });
    }
    expect(event.fail).toHaveBeenCalledWith({
      error: expect.objectContaining({ name: 'TooManyRequestsError' }),
    });
    expect(calls).toEqual([]);
    await backend.stop();
  });

  it('lets plugins read tenants and buckets, and nothing that belongs to a person', async () => {
    const { backend } = await start({
      result: AuthorizeResult.ALLOW,
      entities: [invoices],
    });
    const as = (path: string) =>
      request(backend.server)
        .get(`/api/rustfs${path}`)
        .set('Authorization', mockCredentials.service.header());
    expect((await as('/tenants')).status).toBe(200);
    expect((await as('/buckets')).status).toBe(200);
    expect((await as('/access')).status).toBe(200);
    expect(
      (await as('/entities/component/default/invoices/storage')).status,
    ).toBe(403);
    await backend.stop();
  });

  it.each([
    [{ tenantz: [] }, /rustfs\.tenantz/],
    [{ requests: { followInterval: 0 } }, /rustfs\.requests\.followInterval/],
  ])('does not start with %j', async (rustfs, message) => {
    await expect(
      startTestBackend({
        features: [
          rustfsPlugin,
          mockServices.rootConfig.factory({ data: { rustfs } as any }),
          catalogServiceMock.factory({ entities: [] }),
        ],
      }),
    ).rejects.toThrow(message);
  });
});
