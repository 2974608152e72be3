import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
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
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { CoreV1Api, KubeConfig } from '@kubernetes/client-node';
import { Sandbox, smallWorld, startSandbox } from '@rustfs-portal/sandbox';
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
  consumer: {
    cluster: 'borealis',
    namespace: 'checkout',
    secret: 'invoices-s3',
  },
  purpose: 'Drafts of invoices',
};

describe('an access whose workload has its Secrets from another repository', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let stateDir: string;
  let sandbox: Sandbox;
  let backend: TestBackend;
  let database: Knex;
  const scheduler = mockServices.scheduler();

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'rustfs-portal-'));
    const [atlas] = smallWorld.clusters;
    sandbox = await startSandbox({
      stateDir,
      speed: 'fast',
      world: {
        ...smallWorld,
        clusters: [
          atlas,
          {
            name: 'borealis',
            style: 'indented',
            workloadNamespaces: ['checkout'],
            tenants: [],
          },
        ],
      },
    });
    const { rustfs } = parse(await readFile(sandbox.portalConfigPath, 'utf8'));
    database = await databases.init('SQLITE_3');
    backend = await startTestBackend({
      features: [
        rustfsPlugin,
        mockServices.rootConfig.factory({
          data: {
            app: { baseUrl: 'http://localhost:3000' },
            rustfs: {
              ...rustfs,
              consumers: [
                {
                  cluster: 'borealis',
                  namespaces: ['checkout'],
                  kustomization: 'flux-system/storage',
                },
              ],
            },
          },
        }),
        mockServices.database.factory({ knex: database }),
        catalogServiceMock.factory({ entities: [invoices] }),
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
    return response;
  }

  /** Merges as the platform team does, on whichever repository the pull request is. */
  async function merge({ pullRequest }: StorageRequest): Promise<void> {
    const { url, users } = sandbox.connections.forge;
    const path = new URL(pullRequest!.url).pathname;
    const merged = await fetch(`${url}/api/v1/repos${path}/merge`, {
      method: 'POST',
      headers: {
        Authorization: `token ${users.carla.token}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ Do: 'merge' }),
    });
    expect(merged.status).toBe(200);
  }

  async function follow(
    id: string,
    isThere: (request: StorageRequest) => boolean,
  ): Promise<StorageRequest> {
    const deadline = Date.now() + 90_000;
    for (;;) {
      await scheduler.triggerTask('rustfs-follow-requests');
      const { body } = await call('get', `/requests/${id}`);
      if (isThere(body)) {
        return body;
      }
      if (Date.now() > deadline) {
        throw new Error(`Stands still: ${JSON.stringify(body, null, 2)}`);
      }
      await sleep(300);
    }
  }

  function cluster(): CoreV1Api {
    const config = new KubeConfig();
    config.loadFromFile(
      sandbox.connections.kubernetes.find(
        ({ cluster: name }) => name === 'borealis',
      )!.kubeconfig,
    );
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

  let secret: Record<string, string>;

  it('shows both pull requests before anything is made', async () => {
    const { body, status } = await call('post', '/requests/preview', {
      kind: 'access-create',
      ...wanted,
    });
    expect([status, body.error]).toEqual([200, undefined]);
    expect(JSON.stringify(body.files)).not.toContain('consumers/');
    expect(body.later).toEqual([
      expect.objectContaining({
        repository: expect.stringMatching(/acme\/borealis/),
        files: [
          expect.objectContaining({
            path: expect.stringMatching(
              /consumers\/checkout\/invoices-s3\.sops\.yaml$/,
            ),
          }),
          expect.objectContaining({ operation: 'update' }),
        ],
      }),
    ]);
  });

  it('refuses a namespace that nobody has named a place for', async () => {
    const { body, status } = await call('post', '/requests', {
      kind: 'access-create',
      ...wanted,
      consumer: { ...wanted.consumer, namespace: 'checkout-other' },
    });
    expect(status).toBe(400);
    expect(body.error.message).toMatch(
      /consumer\.cluster: Nobody has said where Secrets for namespace checkout-other of borealis/,
    );
  });

  it('is proposed there once the key works, and ready when both are in effect', async () => {
    const { body: asked } = await call('post', '/requests', {
      kind: 'access-create',
      ...wanted,
    });
    expect(asked).toMatchObject({ state: 'proposed', stage: 1, stages: 2 });
    expect(asked.pullRequest.url).toMatch(/acme\/atlas\/pulls/);
    const readSealed = () =>
      database('request_secrets')
        .select('slot', 'content')
        .orderBy('slot');
    const before = await readSealed();
    expect(before.map(({ slot }) => slot)).toEqual([
      'consumer.invoices-writer',
      'server.invoices-writer',
    ]);

    await merge(asked);
    const second = await follow(
      asked.id,
      ({ stage, state }) => stage === 2 && state === 'proposed',
    );
    expect(second).toMatchObject({
      earlier: [{ number: asked.pullRequest.number }],
      pullRequest: { url: expect.stringMatching(/acme\/borealis\/pulls/) },
    });
    expect(second.mergeCommit).toBeUndefined();
    // The same ciphertext: the key was made once.
    await expect(readSealed()).resolves.toEqual(before);
    await expect(database('request_claims')).resolves.not.toEqual([]);
    await expect(readConsumerSecret()).rejects.toMatchObject({ code: 404 });

    await merge(second);
    const done = await follow(asked.id, ({ state }) => state === 'ready');
    expect(done.trail.map(({ state }) => state)).toEqual([
      'submitting',
      'proposed',
      'merged',
      'applied',
      'submitting',
      'proposed',
      'merged',
      'applied',
      'ready',
    ]);
    secret = await readConsumerSecret();
    await expect(
      clientOf(secret).send(
        new ListObjectsV2Command({ Bucket: 'checkout-drafts' }),
      ),
    ).resolves.toMatchObject({ KeyCount: 0 });
    await expect(database('request_secrets')).resolves.toEqual([]);
  });

  it('ends: first the key, then its Secret', async () => {
    const { body: asked } = await call('post', '/requests', {
      kind: 'access-revoke',
      entityRef: 'component:default/invoices',
      tenant: TENANT,
      access: 'invoices-writer',
      purpose: 'Not needed any more',
    });
    expect(asked).toMatchObject({ state: 'proposed', stage: 1, stages: 2 });
    await merge(asked);
    const second = await follow(
      asked.id,
      ({ stage, state }) => stage === 2 && state === 'proposed',
    );
    await expect(
      clientOf(secret).send(
        new ListObjectsV2Command({ Bucket: 'checkout-drafts' }),
      ),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/SignatureDoesNotMatch|AccessDenied/),
    });
    await merge(second);
    await follow(asked.id, ({ state }) => state === 'ready');
    await expect(readConsumerSecret()).rejects.toMatchObject({ code: 404 });
  });
});
