import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  AccessRequestInput,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { Sandbox, startSandbox } from '@rustfs-portal/sandbox';
import { SecretHunter } from '@rustfs-portal/sandbox/testUtils';
import { Knex } from 'knex';
import request from 'supertest';
import { parse } from 'yaml';
import rustfsPlugin from '.';

jest.setTimeout(240_000);

const TENANT = 'atlas/storage/apps';
const ADA = 'user:default/ada';

const invoices: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/checkout' }],
};

const wanted: AccessRequestInput = {
  entityRef: 'component:default/invoices',
  tenant: TENANT,
  access: 'invoices-writer',
  scope: { type: 'buckets', buckets: ['checkout-drafts'] },
  newBuckets: [
    { bucket: 'checkout-drafts', quota: '10Mi', dataClass: 'internal' },
  ],
  mode: 'read-write',
  consumer: { namespace: 'checkout', secret: 'invoices-s3' },
  purpose: 'Drafts of invoices',
};

describe('an access, from the form to the key that works, and to its end', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let stateDir: string;
  let sandbox: Sandbox;
  let backend: TestBackend;
  let database: Knex;
  const scheduler = mockServices.scheduler();
  const logged: string[] = [];
  const answers: string[] = [];
  const audited: string[] = [];

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'rustfs-portal-'));
    sandbox = await startSandbox({ stateDir, world: 'small', speed: 'fast' });
    const { rustfs } = parse(await readFile(sandbox.portalConfigPath, 'utf8'));
    database = await databases.init('SQLITE_3');
    const note = (...words: unknown[]) => {
      logged.push(JSON.stringify(words));
    };
    const logger = mockServices.logger.mock({
      info: note,
      warn: note,
      error: note,
      debug: note,
    });
    logger.child.mockReturnValue(logger);
    const auditor = mockServices.auditor.mock({
      createEvent: async event => {
        audited.push(JSON.stringify(event.meta ?? {}));
        return {
          success: async options => {
            audited.push(JSON.stringify(options?.meta ?? {}));
          },
          fail: async options => {
            audited.push(String(options.error));
          },
        };
      },
    });
    backend = await startTestBackend({
      features: [
        rustfsPlugin,
        mockServices.rootConfig.factory({
          data: { app: { baseUrl: 'http://localhost:3000' }, rustfs },
        }),
        mockServices.database.factory({ knex: database }),
        catalogServiceMock.factory({ entities: [invoices] }),
        logger &&
          createServiceFactory({
            service: coreServices.logger,
            deps: {},
            factory: () => logger,
          }),
        createServiceFactory({
          service: coreServices.auditor,
          deps: {},
          factory: () => auditor,
        }),
        createServiceFactory({
          service: coreServices.scheduler,
          deps: {},
          factory: () => scheduler,
        }),
        createServiceFactory({
          service: notificationService,
          deps: {},
          factory: () => ({ send: async () => {} }),
        }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish: async () => {} }),
        }),
      ],
    });
  });

  afterAll(async () => {
    await backend?.stop();
    await sandbox?.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  async function call(method: 'get' | 'post', path: string, body?: object) {
    const response = await request(backend.server)
      [method](`/api/rustfs${path}`)
      .set('Authorization', mockCredentials.user.header(ADA))
      .set(
        'Idempotency-Key',
        `${path} ${JSON.stringify(body)}`.slice(0, 40).replace(/\s/g, '-'),
      )
      .send(body);
    answers.push(response.text);
    return response;
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

  async function mergeAndFollow(
    asked: StorageRequest,
    state: RequestState,
  ): Promise<StorageRequest> {
    const merged = await forge(
      'POST',
      `/pulls/${asked.pullRequest!.number}/merge`,
      {
        Do: 'merge',
      },
    );
    expect(merged.status).toBe(200);
    const deadline = Date.now() + 90_000;
    for (;;) {
      await scheduler.triggerTask('rustfs-follow-requests');
      const { body } = await call('get', `/requests/${asked.id}`);
      if (body.state === state) {
        return body;
      }
      if (Date.now() > deadline) {
        throw new Error(`Not ${state}: ${JSON.stringify(body, null, 2)}`);
      }
      await sleep(300);
    }
  }

  function cluster(): CoreV1Api {
    const config = new KubeConfig();
    config.loadFromFile(sandbox.connections.kubernetes[0].kubeconfig);
    return config.makeApiClient(CoreV1Api);
  }

  /** The Secret of the workload as Flux has decrypted it: the way of a workload, not of the portal. */
  async function readConsumerSecret(): Promise<Record<string, string>> {
    const { data = {} } = await cluster().readNamespacedSecret({
      namespace: 'checkout',
      name: 'invoices-s3',
    });
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]),
    );
  }

  function clientOf(secret: Record<string, string>): S3Client {
    return new S3Client({
      endpoint: secret.AWS_ENDPOINT_URL_S3,
      region: secret.AWS_REGION,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: {
        accessKeyId: secret.AWS_ACCESS_KEY_ID,
        secretAccessKey: secret.AWS_SECRET_ACCESS_KEY,
      },
    });
  }

  let asked: StorageRequest;
  let secret: Record<string, string>;

  it('shows the files before anything is made, without a key', async () => {
    const { body, status } = await call('post', '/requests/preview', {
      kind: 'access-create',
      ...wanted,
    });
    expect([status, body.error]).toEqual([200, undefined]);
    expect(
      body.files.map(({ path }: { path: string }) => path.split('/').at(-1)),
    ).toEqual(
      expect.arrayContaining([
        'checkout-drafts.yaml',
        'invoices-writer.yaml',
        'invoices-s3.sops.yaml',
        'apps-access-invoices-writer.sops.yaml',
      ]),
    );
    const secrets = await database('request_secrets');
    expect(secrets).toEqual([]);
  });

  it('makes the bucket and a key that does what its mode promises and nothing else', async () => {
    const response = await call('post', '/requests', {
      kind: 'access-create',
      ...wanted,
    });
    expect(response.body).toMatchObject({ state: 'proposed' });
    asked = response.body;
    const done = await mergeAndFollow(asked, 'ready');
    expect(done.trail.at(-1)?.message).toMatch(/^The key works/);

    secret = await readConsumerSecret();
    expect(secret).toMatchObject({ S3_BUCKET: 'checkout-drafts' });
    const s3 = clientOf(secret);
    const draft = { Bucket: 'checkout-drafts', Key: 'one.txt' };
    await s3.send(new PutObjectCommand({ ...draft, Body: 'hello' }));
    const { Body } = await s3.send(new GetObjectCommand(draft));
    await expect(Body!.transformToString()).resolves.toBe('hello');
    await expect(
      s3.send(new ListObjectsV2Command({ Bucket: 'checkout-drafts' })),
    ).resolves.toMatchObject({ KeyCount: 1 });
    await expect(
      s3.send(new ListObjectsV2Command({ Bucket: 'checkout-invoices' })),
    ).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('shows the access on the service', async () => {
    const { body } = await call(
      'get',
      '/entities/component/default/invoices/storage',
    );
    expect(body.accesses).toEqual([
      expect.objectContaining({
        name: 'invoices-writer',
        state: 'ready',
        mode: 'read-write',
        consumer: expect.objectContaining({ secret: 'invoices-s3' }),
      }),
    ]);
  });

  it('ends: the key stops working, and its Secret is gone', async () => {
    const response = await call('post', '/requests', {
      kind: 'access-revoke',
      entityRef: 'component:default/invoices',
      tenant: TENANT,
      access: 'invoices-writer',
      purpose: 'Not needed any more',
    });
    expect(response.body).toMatchObject({ state: 'proposed' });
    const ended = await mergeAndFollow(response.body, 'ready');
    expect(ended.trail.at(-1)?.message).toMatch(/^The key has stopped/);
    await expect(
      clientOf(secret).send(
        new ListObjectsV2Command({ Bucket: 'checkout-drafts' }),
      ),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/SignatureDoesNotMatch|AccessDenied/),
    });
    await expect(readConsumerSecret()).rejects.toMatchObject({ code: 404 });
  });

  it('leaves the key nowhere but in the cluster', async () => {
    const key = secret.AWS_SECRET_ACCESS_KEY;
    expect(key).toMatch(/^[A-Za-z0-9]{40}$/);
    const hunter = new SecretHunter([key]);
    const findIn = (text: string) => hunter.isIn(text);

    expect(logged.filter(findIn)).toEqual([]);
    expect(audited.filter(findIn)).toEqual([]);
    expect(answers.filter(findIn)).toEqual([]);
    for (const table of ['requests', 'request_events', 'request_secrets']) {
      expect(findIn(JSON.stringify(await database(table)))).toBe(false);
    }
    // Ciphertext is kept while a request is open, and no longer.
    await expect(database('request_secrets')).resolves.toEqual([]);
    const { found, read } = await hunter.searchFolder(join(stateDir, 'forge'));
    expect(read).toBeGreaterThan(20);
    expect(found).toEqual([]);
  });
});
