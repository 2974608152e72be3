import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import { HttpRustfsClient } from '@rustfs-portal/plugin-rustfs-client';
import {
  BucketRequestInput,
  EntityStorage,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  createRequestConditionalDecision,
  requestConditions,
} from '@rustfs-portal/plugin-rustfs-node';
import { Sandbox, startSandbox } from '@rustfs-portal/sandbox';
import request from 'supertest';
import { parse } from 'yaml';
import rustfsPlugin from '.';
import { realClusters } from './__testUtils__/realClusters';

jest.setTimeout(180_000);

const invoices: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/checkout' }],
};
const checkout: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Group',
  metadata: { name: 'checkout', namespace: 'default' },
  relations: [{ type: 'hasMember', targetRef: 'user:default/ada' }],
};

const TENANT = 'atlas/storage/apps';
const ADA = 'user:default/ada';

function asking(
  bucket: string,
  changes: Partial<BucketRequestInput> = {},
): BucketRequestInput {
  return {
    entityRef: 'component:default/invoices',
    tenant: TENANT,
    bucket,
    quota: '10Mi',
    purpose: 'Invoices as PDF',
    dataClass: 'confidential',
    ...changes,
  };
}

describe('a request, from the form to the bucket', () => {
  let stateDir: string;
  let sandbox: Sandbox;
  let backend: TestBackend;
  /** As whom the portal calls the server. */
  let portalUser: {
    endpoint: string;
    accessKeyId: string;
    secretAccessKey: string;
  };
  const scheduler = mockServices.scheduler();
  const events = mockServices.events.mock();
  const notifications = { send: jest.fn(async () => {}) };
  const signals = { publish: jest.fn(async () => {}) };
  const permissions = mockServices.permissions.mock({
    authorize: async asked =>
      asked.map(() => ({ result: AuthorizeResult.ALLOW })),
    authorizeConditional: async asked =>
      asked.map(() => ({ result: AuthorizeResult.ALLOW })),
  });

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'rustfs-portal-'));
    sandbox = await startSandbox({
      stateDir,
      world: 'small',
      speed: 'fast',
      ...realClusters(),
    });
    const { rustfs } = parse(await readFile(sandbox.portalConfigPath, 'utf8'));
    portalUser = rustfs.tenants.find(
      ({ ref }: { ref: string }) => ref === TENANT,
    );
    backend = await startTestBackend({
      features: [
        rustfsPlugin,
        mockServices.rootConfig.factory({
          data: {
            app: {
              baseUrl: 'http://localhost:3000/portal/',
              extensions: [{ 'page:rustfs': { config: { path: '/storage' } } }],
            },
            rustfs,
          },
        }),
        catalogServiceMock.factory({ entities: [invoices, checkout] }),
        permissions.factory,
        events.factory,
        createServiceFactory({
          service: coreServices.scheduler,
          deps: {},
          factory: () => scheduler,
        }),
        createServiceFactory({
          service: notificationService,
          deps: {},
          factory: () => notifications,
        }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => signals,
        }),
      ],
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await sandbox?.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  afterEach(() => {
    sandbox.forge.faults.set(undefined);
  });

  const follow = () => scheduler.triggerTask('rustfs-follow-requests');

  function send(
    input: BucketRequestInput,
    options: { key: string; user?: string },
  ) {
    return request(backend.server)
      .post('/api/rustfs/requests')
      .set('Authorization', mockCredentials.user.header(options.user ?? ADA))
      .set('Idempotency-Key', options.key)
      .send(input);
  }

  async function submit(input: BucketRequestInput): Promise<StorageRequest> {
    const response = await send(input, { key: input.bucket });
    expect(response.body).toMatchObject({ state: 'proposed' });
    return response.body;
  }

  async function read(id: string): Promise<StorageRequest> {
    const response = await request(backend.server).get(
      `/api/rustfs/requests/${id}`,
    );
    return response.body;
  }

  async function forge(method: string, path: string, body?: object) {
    const { url, users } = sandbox.connections.forge;
    return fetch(`${url}/api/v1/repos/acme/atlas${path}`, {
      method,
      headers: {
        Authorization: `token ${users.carla.token}`,
        'Content-Type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
  }

  async function merge(number: number) {
    const response = await forge('POST', `/pulls/${number}/merge`, {
      Do: 'merge',
    });
    return response.status;
  }

  async function countPulls(branch: string) {
    const response = await forge('GET', '/pulls?state=all&limit=50');
    const pulls = (await response.json()) as Array<{ head: { label: string } }>;
    return pulls.filter(({ head }) => head.label === branch).length;
  }

  async function followUntil(id: string, state: RequestState) {
    const deadline = Date.now() + 60_000;
    let current = await read(id);
    while (current.state !== state) {
      if (Date.now() > deadline) {
        throw new Error(`Not ${state}: ${JSON.stringify(current, null, 2)}`);
      }
      await sleep(200);
      await follow();
      // What waits for the server to measure a bucket is the business of the next run.
      await scheduler.triggerTask('rustfs-settle-buckets');
      current = await read(id);
    }
    return current;
  }

  it('offers the tenants of the owner, with a name that would pass', async () => {
    const { body } = await request(backend.server).get(
      '/api/rustfs/entities/component/default/invoices/request-options',
    );
    expect(body).toMatchObject({
      owner: 'group:default/checkout',
      tenants: [
        {
          ref: TENANT,
          title: 'Applications',
          maxQuota: '100Gi',
          quotaRequired: true,
          objectLock: true,
        },
      ],
      suggestedName: expect.stringMatching(/^checkout-/),
      problems: [],
    });
    expect(body.tenants[0].unavailable).toBeUndefined();
  });

  it('shows the diff before anything is made', async () => {
    const { body } = await request(backend.server)
      .post('/api/rustfs/requests/preview')
      .send(asking('checkout-preview'));
    expect(body).toMatchObject({
      repository: expect.stringContaining('acme/atlas'),
      baseBranch: 'main',
      reviewers: ['carla'],
      guardrails: expect.arrayContaining(['A quota is required']),
    });
    const diffs = body.files.map(({ diff }: { diff: string }) => diff).join('');
    expect(diffs).toMatch(/^\+.*name: checkout-preview$/m);
    const { body: list } = await request(backend.server).get(
      '/api/rustfs/requests',
    );
    expect(list.total).toBe(0);
  });

  it('checks a name against rules, buckets and requests', async () => {
    const check = async (bucket: string) => {
      const { body } = await request(backend.server)
        .post('/api/rustfs/requests/check-name')
        .send({
          entityRef: 'component:default/invoices',
          tenant: TENANT,
          bucket,
        });
      return [body.ok, body.issues.map(({ code }: { code: string }) => code)];
    };
    await expect(check('checkout-free')).resolves.toEqual([true, []]);
    await expect(check('free')).resolves.toEqual([false, ['pattern']]);
    await expect(check('checkout-invoices')).resolves.toEqual([
      false,
      ['exists'],
    ]);
  });

  it('goes the whole way, and says at each step who led to it', async () => {
    const asked = await submit(
      asking('checkout-receipts', { versioning: true }),
    );
    expect(asked.pullRequest).toMatchObject({
      state: 'open',
      url: expect.stringContaining(`/acme/atlas/pulls/`),
    });

    await follow();
    expect(await read(asked.id)).toMatchObject({
      state: 'proposed',
      waitingFor: expect.stringContaining('Carla Moreno'),
      problems: [],
    });

    const { number } = asked.pullRequest!;
    const pull = await forge('GET', `/pulls/${number}`);
    const { head } = (await pull.json()) as { head: { sha: string } };
    const say = async (context: string, state: string) => {
      const { status } = await forge('POST', `/statuses/${head.sha}`, {
        context,
        state,
        description: `${context} is ${state}`,
        target_url: `https://ci.acme.org/${context}`,
      });
      expect(status).toBe(201);
      await follow();
      return read(asked.id);
    };
    expect(await say('lint', 'pending')).toMatchObject({
      waitingFor:
        'The result of lint; a review by Carla Moreno or team platform',
    });
    expect(await say('lint', 'failure')).toMatchObject({
      state: 'proposed',
      waitingFor:
        'A failing check to pass: lint; a review by Carla Moreno or team platform',
      pullRequest: {
        checks: [
          {
            name: 'lint',
            state: 'failing',
            description: 'lint is failure',
            url: 'https://ci.acme.org/lint',
          },
        ],
      },
    });
    const mended = await say('lint', 'success');
    expect(mended.waitingFor).toBe('A review by Carla Moreno or team platform');
    expect(mended.pullRequest!.checks).toBeUndefined();

    // What nobody requires does not keep a person from merging.
    await say('slow', 'failure');
    await expect(merge(number)).resolves.toBe(200);
    const ready = await followUntil(asked.id, 'ready');
    expect(ready.pullRequest!.checks).toBeUndefined();
    expect(ready.trail.map(({ state, source }) => [state, source])).toEqual([
      ['submitting', 'portal'],
      ['proposed', 'forge'],
      ['merged', 'forge'],
      ['applied', 'flux'],
      ['ready', 'server'],
    ]);
    expect(ready.trail.map(({ at }) => at)).toEqual(
      ready.trail.map(({ at }) => at).sort(),
    );
    expect(ready).toMatchObject({
      mergeCommit: expect.stringMatching(/^[0-9a-f]{40}$/),
      appliedRevision: expect.stringContaining('main@sha1:'),
      pullRequest: { state: 'merged' },
    });
    expect(ready.waitingFor).toBeUndefined();

    expect(events.publish).toHaveBeenCalledWith({
      topic: 'rustfs.request',
      eventPayload: {
        id: asked.id,
        entityRef: 'component:default/invoices',
        state: 'ready',
      },
    });
    expect(signals.publish).toHaveBeenCalledWith(
      expect.objectContaining({
        channel: 'rustfs:requests',
        recipients: { type: 'user', entityRef: [ADA] },
      }),
    );

    expect(notifications.send).toHaveBeenCalledWith(
      expect.objectContaining({
        recipients: { type: 'entity', entityRef: ADA },
        payload: expect.objectContaining({
          title: 'Bucket checkout-receipts is ready',
          link: `/storage/requests/${asked.id}`,
        }),
      }),
    );

    const { body } = await request(backend.server).get(
      '/api/rustfs/entities/component/default/invoices/storage',
    );
    const storage: EntityStorage = body;
    expect(
      storage.buckets.find(({ name }) => name === 'checkout-receipts'),
    ).toMatchObject({
      state: 'ready',
      live: { versioning: 'enabled', quotaBytes: 10 * 2 ** 20 },
      drift: [],
    });
    expect(storage.mayRequest).toBe(true);
  });

  it('tells of a setting that somebody has changed on the server, and changes nothing itself', async () => {
    const bucket = 'checkout-receipts';
    const settle = () => scheduler.triggerTask('rustfs-settle-buckets');
    const readBucket = async () => {
      const { body } = await request(backend.server).get(
        '/api/rustfs/entities/component/default/invoices/storage',
      );
      return (body as EntityStorage).buckets.find(
        ({ name }) => name === bucket,
      );
    };
    const { accessKeyId, endpoint, secretAccessKey } = portalUser;
    const server = HttpRustfsClient.create({
      endpoint,
      accessKeyId,
      secretAccessKey,
    });
    await server.setQuota(bucket, 30 * 2 ** 20);
    await settle();
    expect(await readBucket()).toMatchObject({
      state: 'ready',
      reason: 'Drift',
      message: `Bucket ${bucket} is not as the record says: quota`,
      drift: [{ field: 'quota', declared: '10Mi', live: '30Mi' }],
    });
    expect(await server.getQuota(bucket)).toBe(30 * 2 ** 20);

    await server.setQuota(bucket, 10 * 2 ** 20);
    await settle();
    await settle();
    const mended = await readBucket();
    expect([mended?.reason, mended?.drift]).toEqual([undefined, []]);
  });

  it('makes one pull request of twenty calls at once and one later', async () => {
    const input = asking('checkout-once');
    const responses = await Promise.all(
      Array.from({ length: 20 }, () => send(input, { key: 'once' })),
    );
    expect(new Set(responses.map(({ status }) => status))).toEqual(
      new Set([201]),
    );
    const [{ body: first }] = responses;
    expect(new Set(responses.map(({ body }) => body.id)).size).toBe(1);
    expect(
      new Set(responses.map(({ body }) => body.pullRequest.number)).size,
    ).toBe(1);
    const later = await send(input, { key: 'once' });
    expect(later.body.id).toBe(first.id);
    await expect(countPulls(`rustfs/${first.id}`)).resolves.toBe(1);
  });

  it('refuses a used key for something else, and a name that is taken', async () => {
    const key = await send(asking('checkout-other'), { key: 'once' });
    expect(key.status).toBe(409);
    const pending = await send(asking('checkout-once'), {
      key: 'mine',
      user: 'user:default/bruno',
    });
    expect(pending.status).toBe(409);
    expect(pending.body.error.message).toContain('open request');
    const there = await send(asking('checkout-invoices'), { key: 'there' });
    expect(there.status).toBe(409);
    expect(there.body.error.message).toContain('already');
  });

  it('refuses what the guardrails do not allow, with fields', async () => {
    const response = await send(asking('reports', { quota: '200Gi' }), {
      key: 'big',
    });
    expect(response.status).toBe(400);
    expect(response.body.error.issues).toEqual([
      { field: 'bucket', message: expect.stringContaining('begin with') },
      { field: 'quota', message: expect.stringContaining('100 GiB') },
    ]);
    const elsewhere = await send(
      asking('checkout-x', { tenant: 'atlas/storage/nowhere' }),
      { key: 'elsewhere' },
    );
    expect(elsewhere.status).toBe(400);
  });

  it('lets many people ask at once, and every pull request be merged after the others', async () => {
    const people = Array.from({ length: 5 }, (_, n) => `user:default/P${n}`);
    const responses = await Promise.all(
      people.map((user, n) =>
        send(asking(`checkout-many-${n}`), { key: 'many', user }),
      ),
    );
    const asked = responses.map(({ body }): StorageRequest => body);
    expect(asked.map(({ state }) => state)).toEqual(
      people.map(() => 'proposed'),
    );
    for (const { pullRequest } of asked) {
      const deadline = Date.now() + 30_000;
      while ((await merge(pullRequest!.number)) !== 200) {
        expect(Date.now()).toBeLessThan(deadline);
        await follow();
        await sleep(200);
      }
    }
    for (const { id } of asked) {
      await followUntil(id, 'ready');
    }
  });

  it('keeps a request while the forge is down, and opens it when it is back', async () => {
    sandbox.forge.faults.set({ down: true });
    const { status, body } = await send(asking('checkout-patient'), {
      key: 'patient',
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      state: 'submitting',
      waitingFor: expect.stringContaining('cannot be opened yet'),
      problems: [{ code: 'forge-unreachable', part: sandbox.forge.url }],
    });
    await follow();
    expect(await read(body.id)).toMatchObject({ state: 'submitting' });

    sandbox.forge.faults.set(undefined);
    await follow();
    const proposed = await read(body.id);
    expect(proposed).toMatchObject({ state: 'proposed', problems: [] });
    await expect(countPulls(`rustfs/${body.id}`)).resolves.toBe(1);

    sandbox.forge.faults.set({ down: true });
    await follow();
    expect(await read(body.id)).toMatchObject({
      state: 'proposed',
      problems: [{ code: 'forge-unreachable' }],
    });
  });

  it('ends as closed when somebody closes the pull request, and the name is free again', async () => {
    const asked = await submit(asking('checkout-closed'));
    await forge('PATCH', `/pulls/${asked.pullRequest!.number}`, {
      state: 'closed',
    });
    await follow();
    const closed = await read(asked.id);
    expect(closed.state).toBe('closed');
    expect(closed.trail[closed.trail.length - 1]).toMatchObject({
      source: 'forge',
      link: { url: asked.pullRequest!.url },
    });
    const again = await send(asking('checkout-closed'), { key: 'again' });
    expect(again.body).toMatchObject({ state: 'proposed' });
    expect(again.body.pullRequest.number).not.toBe(asked.pullRequest!.number);

    // Somebody thinks better of it after all.
    await forge('PATCH', `/pulls/${again.body.pullRequest.number}`, {
      state: 'closed',
    });
    await forge('PATCH', `/pulls/${asked.pullRequest!.number}`, {
      state: 'open',
    });
    await follow();
    expect((await read(asked.id)).state).toBe('proposed');
    await merge(asked.pullRequest!.number);
    const ready = await followUntil(asked.id, 'ready');
    expect(ready.trail.map(({ state }) => state)).toEqual([
      'submitting',
      'proposed',
      'closed',
      'proposed',
      'merged',
      'applied',
      'ready',
    ]);
  });

  it('fails with the words of the operator, and recovers when it changes its mind', async () => {
    const item = {
      tenant: TENANT,
      kind: 'buckets' as const,
      item: 'checkout-refused',
    };
    sandbox.reconciler.faults.setItem({
      ...item,
      refusal: {
        reason: 'BucketObjectLockConflict',
        message: 'Bucket was created but object lock is not enabled',
      },
    });
    const asked = await submit(asking('checkout-refused'));
    await merge(asked.pullRequest!.number);
    const failed = await followUntil(asked.id, 'failed');
    expect(failed.failure).toEqual({
      source: 'operator',
      remedy: 'another-name',
      reason: 'BucketObjectLockConflict',
      message: 'Bucket was created but object lock is not enabled',
      hint: expect.stringContaining('another name'),
    });

    sandbox.reconciler.faults.setItem({ ...item, refusal: undefined });
    // The operator looks again at the next change of the Tenant.
    const next = await submit(asking('checkout-next'));
    await merge(next.pullRequest!.number);
    const ready = await followUntil(asked.id, 'ready');
    expect(ready.failure).toBeUndefined();
  });

  it('shows people only the requests that the conditions let through', async () => {
    permissions.authorizeConditional.mockImplementation(async asked =>
      asked.map(({ permission }) =>
        createRequestConditionalDecision(
          permission as Parameters<typeof createRequestConditionalDecision>[0],
          // The token of this person says it in capitals.
          requestConditions.isRequestedBy({ users: ['user:default/p0'] }),
        ),
      ),
    );
    const { body } = await request(backend.server).get('/api/rustfs/requests');
    expect(body).toMatchObject({
      total: 1,
      items: [{ requestedBy: 'user:default/p0' }],
    });
    const own = await read(body.items[0].id);
    expect(own.id).toBe(body.items[0].id);

    permissions.authorizeConditional.mockImplementation(async asked =>
      asked.map(({ permission }) =>
        createRequestConditionalDecision(
          permission as Parameters<typeof createRequestConditionalDecision>[0],
          requestConditions.isOwnedBy({ owners: ['group:default/media'] }),
        ),
      ),
    );
    const hidden = await request(backend.server).get(
      `/api/rustfs/requests/${own.id}`,
    );
    const missing = await request(backend.server).get(
      '/api/rustfs/requests/none',
    );
    expect(hidden.status).toBe(404);
    expect(missing.status).toBe(404);
    expect(hidden.body.error.message.replace(own.id, 'none')).toBe(
      missing.body.error.message,
    );
  });
});
