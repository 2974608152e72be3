import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { actionsRegistryServiceMock } from '@backstage/backend-test-utils/alpha';
import { Entity } from '@backstage/catalog-model';
import { NotFoundError } from '@backstage/errors';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import { JsonObject } from '@backstage/types';
import {
  accessCreateSchema,
  accessRevokeSchema,
  bucketChangeSchema,
  bucketRequestSchema,
  PortalLinks,
  RequestPreview,
  setupEnableSchema,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import request from 'supertest';
import rustfsPlugin from '..';
import { RequestDoor } from '../doors';
import {
  inReadableErrors,
  registerAskingActions,
  registerReadActions,
} from '.';

const invoices: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/checkout' }],
};
const about = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  purpose: 'Invoices as PDF',
};

interface Asking {
  action: string;
  kind: string;
  permission: string;
  schema: { parse(input: unknown): unknown };
  input: JsonObject;
}

const ASKING: Asking[] = [
  {
    action: 'create-bucket',
    kind: 'bucket-create',
    permission: 'rustfs.bucket.request',
    schema: bucketRequestSchema,
    input: { ...about, bucket: 'checkout-invoices', dataClass: 'internal' },
  },
  {
    action: 'change-bucket',
    kind: 'bucket-change',
    permission: 'rustfs.bucket.request',
    schema: bucketChangeSchema,
    input: { ...about, bucket: 'checkout-invoices', quota: '100Gi' },
  },
  {
    action: 'create-access',
    kind: 'access-create',
    permission: 'rustfs.access.request',
    schema: accessCreateSchema,
    input: {
      ...about,
      access: 'invoices-writer',
      scope: { type: 'buckets', buckets: ['checkout-invoices'] },
      newBuckets: [
        { bucket: 'checkout-invoices', dataClass: 'internal', quota: '50Gi' },
      ],
      consumer: { namespace: 'checkout', secret: 'invoices-s3' },
    },
  },
  {
    action: 'revoke-access',
    kind: 'access-revoke',
    permission: 'rustfs.access.request',
    schema: accessRevokeSchema,
    input: { ...about, access: 'invoices-writer' },
  },
  {
    action: 'enable-self-service',
    kind: 'setup-enable',
    permission: 'rustfs.setup.request',
    schema: setupEnableSchema,
    input: { ...about, key: { secret: 'rustfs-setup-key' } },
  },
];

const READING: Array<{
  action: string;
  permission: string;
  input: JsonObject;
}> = [
  {
    action: 'get-entity-storage',
    permission: 'rustfs.storage.read',
    input: { entityRef: about.entityRef },
  },
  { action: 'list-requests', permission: 'rustfs.request.read', input: {} },
  {
    action: 'get-request',
    permission: 'rustfs.request.read',
    input: { id: 'a1' },
  },
];

/** Every way to call an action, with what it needs. */
const CALLS = [
  ...READING,
  ...[false, true].flatMap(dryRun =>
    ASKING.map(({ action, input, permission }) => ({
      action,
      permission,
      input: { ...input, idempotencyKey: 'k1', dryRun } as JsonObject,
    })),
  ),
].map(call => ({ ...call, title: JSON.stringify(call.input) }));

describe('who may do what with an action', () => {
  /** Stands for cluster, server and forge, and counts who calls. */
  let upstream: Server;
  const calls: string[] = [];
  let rustfs: JsonObject;
  const backends: TestBackend[] = [];

  beforeAll(async () => {
    upstream = createServer((req, res) => {
      calls.push(`${req.method} ${req.url}`);
      res.writeHead(500).end();
    });
    await new Promise<void>(resolve => {
      upstream.listen(0, '127.0.0.1', resolve);
    });
    const url = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
    rustfs = {
      clusters: [{ name: 'atlas', url, token: 't' }],
      forges: [{ type: 'gitea', baseUrl: url, token: 't' }],
      requests: { followInterval: { hours: 1 } },
    };
  });

  afterAll(async () => {
    await Promise.all(backends.map(backend => backend.stop()));
    await new Promise(resolve => {
      upstream.close(resolve);
    });
  });

  async function start(
    result: AuthorizeResult.ALLOW | AuthorizeResult.DENY,
    entities: Entity[],
    /** Names of permissions that are refused in any case. */
    denied: string[] = [],
  ) {
    const auditor = mockServices.auditor.mock();
    const event = { success: jest.fn(), fail: jest.fn() };
    auditor.createEvent.mockResolvedValue(event);
    const backend = await startTestBackend({
      features: [
        rustfsPlugin,
        mockServices.rootConfig.factory({ data: { rustfs } }),
        mockServices.permissions.mock({
          authorize: async asked =>
            asked.map(({ permission: { name } }) => ({
              result: denied.includes(name) ? AuthorizeResult.DENY : result,
            })),
          authorizeConditional: async asked => asked.map(() => ({ result })),
        }).factory,
        auditor.factory,
        catalogServiceMock.factory({ entities }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish: jest.fn() }),
        }),
      ],
    });
    backends.push(backend);
    calls.length = 0;
    const invoke = (action: string, input: JsonObject, header?: string) =>
      request(backend.server)
        .post(
          `/api/rustfs/.backstage/actions/v1/actions/rustfs:${action}/invoke`,
        )
        .set('Authorization', header ?? mockCredentials.user.header())
        .send(input);
    return { auditor, backend, event, invoke };
  }

  describe('without the permission', () => {
    let started: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      started = await start(AuthorizeResult.DENY, [invoices]);
    });

    it('is held against every action that there is', async () => {
      const { body } = await request(started.backend.server)
        .get('/api/rustfs/.backstage/actions/v1/actions')
        .set('Authorization', mockCredentials.user.header());
      const actions: Array<{ id: string; attributes: { readOnly: boolean } }> =
        body.actions;
      expect(actions.map(({ id }) => id).sort()).toEqual(
        [...new Set(CALLS.map(({ action }) => `rustfs:${action}`))].sort(),
      );
      expect(
        actions.filter(({ attributes }) => attributes.readOnly),
      ).toHaveLength(READING.length);
    });

    it.each(CALLS)(
      '$action is refused, names $permission, leaves a trace and calls nothing: $title',
      async ({ action, input, permission }) => {
        const { auditor, event, invoke } = started;
        auditor.createEvent.mockClear();
        event.success.mockClear();
        const { body, status } = await invoke(action, input);
        expect([status, body.error.name]).toEqual([403, 'NotAllowedError']);
        expect(body.error.message).toContain(permission);
        expect(calls).toEqual([]);
        expect(auditor.createEvent).toHaveBeenCalledWith(
          expect.objectContaining({
            eventId: 'access-denied',
            meta: expect.objectContaining({
              permission,
              through: 'action',
              actor: 'user:default/mock',
            }),
          }),
        );
        expect(event.success).not.toHaveBeenCalled();
      },
    );

    it.each(CALLS)(
      '$action wants to know who calls: $title',
      async ({ action, input }) => {
        const { status } = await started.invoke(
          action,
          input,
          mockCredentials.none.header(),
        );
        expect(status).toBe(401);
        expect(calls).toEqual([]);
      },
    );
  });

  it.each([false, true])(
    'brings no bucket with an access for who may not ask for buckets (dry run: %s)',
    async dryRun => {
      const { event, invoke } = await start(
        AuthorizeResult.ALLOW,
        [invoices],
        ['rustfs.bucket.request'],
      );
      const { input } = ASKING.find(
        ({ action }) => action === 'create-access',
      )!;
      const { body, status } = await invoke('create-access', {
        ...input,
        idempotencyKey: 'k1',
        dryRun,
      });
      expect([status, body.error.name]).toEqual([403, 'NotAllowedError']);
      expect(body.error.message).toContain('rustfs.bucket.request');
      expect(calls).toEqual([]);
      expect(event.success).not.toHaveBeenCalled();
    },
  );

  describe('with every permission', () => {
    let started: Awaited<ReturnType<typeof start>>;
    beforeAll(async () => {
      started = await start(AuthorizeResult.ALLOW, []);
    });

    it.each(CALLS.filter(({ input }) => 'entityRef' in input))(
      '$action finds nothing for an entity that the caller cannot read: $title',
      async ({ action, input }) => {
        const { status } = await started.invoke(action, input);
        expect(status).toBe(404);
        expect(calls).toEqual([]);
      },
    );

    it.each(
      CALLS.filter(({ permission }) => permission !== 'rustfs.request.read'),
    )(
      '$action is for people, and not for plugins: $title',
      async ({ action, input }) => {
        const { body, status } = await started.invoke(
          action,
          input,
          mockCredentials.service.header(),
        );
        expect([status, body.error.name]).toEqual([403, 'NotAllowedError']);
        expect(calls).toEqual([]);
      },
    );

    it.each(ASKING)(
      '$action takes no input that it does not know, and none without a key',
      async ({ action, input }) => {
        for (const wrong of [
          { ...input, idempotencyKey: 'k1', owner: 'group:default/other' },
          input,
          { ...input, idempotencyKey: 'two words' },
        ]) {
          expect((await started.invoke(action, wrong)).status).toBe(400);
        }
        expect(calls).toEqual([]);
      },
    );
  });
});

describe('what actions ask for and answer', () => {
  const asked = {
    id: 'a1',
    kind: 'bucket-create',
    subject: {
      type: 'bucket',
      tenant: about.tenant,
      name: 'checkout-invoices',
    },
    input: about,
    stage: 1,
    stages: 1,
    entityRef: about.entityRef,
    owner: 'group:default/checkout',
    requestedBy: 'user:default/mock',
    state: 'proposed',
    waitingFor: 'A review by carla',
    pullRequest: {
      number: 1,
      url: 'https://git.acme.org/1',
      state: 'open',
      reviewers: ['carla'],
    },
    trail: [],
    problems: [],
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
  } as StorageRequest;
  const preview = {
    repository: 'https://git.acme.org/acme/atlas.git',
    title: 'Add bucket',
    files: [{ path: 'tenant.yaml', operation: 'update', diff: '+ a line' }],
    reviewers: ['carla'],
    guardrails: [],
    approvers: [],
  } as unknown as RequestPreview;
  const answer = {
    id: 'a1',
    state: 'proposed',
    tenant: about.tenant,
    name: 'checkout-invoices',
    waitingFor: 'A review by carla',
    requestPath: '/rustfs/requests/a1',
    pullRequestUrl: 'https://git.acme.org/1',
  };

  function setup() {
    const door = {
      preview: jest.fn(async () => preview),
      submit: jest.fn(async () => asked),
      list: jest.fn(async () => ({ items: [asked], total: 1 })),
      get: jest.fn(async () => asked),
      markViewed: jest.fn(async () => {}),
    };
    const registry = actionsRegistryServiceMock();
    const logger = mockServices.logger.mock();
    const options = {
      actionsRegistry: inReadableErrors(registry, logger),
      door: door as unknown as RequestDoor,
      links: PortalLinks.fromConfig(mockServices.rootConfig()),
    };
    registerAskingActions(options);
    registerReadActions({ ...options, access: {}, inventory: {} } as any);
    const credentials = mockCredentials.user('user:default/ada');
    const invoke = async (action: string, input: JsonObject): Promise<any> => {
      const { output } = await registry.invoke({
        id: `test:${action}`,
        input,
        credentials,
      });
      return output;
    };
    return { credentials, door, invoke, logger };
  }

  it.each(ASKING)(
    '$action asks through the one door, as the caller, for what the kind understands',
    async ({ action, input, kind, schema }) => {
      const { credentials, door, invoke } = setup();
      const output = await invoke(action, { ...input, idempotencyKey: 'k1' });

      const [[caller, body, readKey]] = door.submit.mock.calls as any;
      expect(caller).toBe(credentials);
      expect(readKey()).toBe('k1');
      const { kind: askedKind, ...askedInput } = body;
      expect(askedKind).toBe(kind);
      expect(schema.parse(askedInput)).toEqual(schema.parse(input));
      expect(output).toEqual({ request: expect.objectContaining(answer) });
      expect(door.preview).not.toHaveBeenCalled();
    },
  );

  it.each(ASKING)(
    '$action shows the pull request in a dry run, and asks for nothing',
    async ({ action, input }) => {
      const { door, invoke } = setup();
      const output = await invoke(action, {
        ...input,
        idempotencyKey: 'k1',
        dryRun: true,
      });
      expect(output).toEqual({
        preview: expect.objectContaining({
          title: 'Add bucket',
          files: preview.files,
        }),
      });
      expect(door.submit).not.toHaveBeenCalled();
    },
  );

  it('lists requests, and gives one', async () => {
    const { credentials, door, invoke } = setup();
    await expect(
      invoke('list-requests', { states: ['proposed'], mine: true }),
    ).resolves.toEqual({
      requests: [expect.objectContaining(answer)],
      total: 1,
    });
    expect(door.list).toHaveBeenCalledWith(credentials, {
      state: ['proposed'],
      mine: 'true',
      limit: 50,
    });
    await expect(invoke('get-request', { id: 'a1' })).resolves.toMatchObject(
      answer,
    );
    expect(door.get).toHaveBeenCalledWith(credentials, 'a1');
  });

  it('hands on the words that were made for it, and of other errors an id only', async () => {
    const { door, invoke, logger } = setup();
    door.get.mockRejectedValueOnce(new NotFoundError('No request a1'));
    await expect(invoke('get-request', { id: 'a1' })).rejects.toMatchObject({
      name: 'NotFoundError',
      message: 'No request a1',
    });
    door.get.mockRejectedValueOnce(
      Object.assign(new Error('insert into "requests" hunter2'), {
        code: '23505',
      }),
    );
    const error = await invoke('get-request', { id: 'a1' }).catch(e => e);
    expect(error.message).toMatch(/finds the cause in the log, under request/);
    expect(JSON.stringify(error) + error.message).not.toMatch(/hunter2|23505/);
    expect(logger.error).toHaveBeenCalled();
  });
});
