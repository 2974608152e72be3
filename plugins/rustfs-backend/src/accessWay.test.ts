import { join } from 'node:path';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  AccessRequestInput,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { SecretHunter } from '@rustfs-portal/sandbox/testUtils';
import { AccessWorld, ENTITY, TENANT } from './__testUtils__/AccessWorld';

jest.setTimeout(240_000);

const wanted: AccessRequestInput = {
  entityRef: ENTITY,
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
  let world: AccessWorld;
  const logged: string[] = [];
  const audited: string[] = [];

  beforeAll(async () => {
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
    world = await AccessWorld.start({
      databases,
      services: [
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
      ],
    });
  });

  afterAll(async () => {
    await world?.stop();
  });

  async function mergeAndFollow(
    asked: StorageRequest,
  ): Promise<StorageRequest> {
    await expect(world.merge(asked)).resolves.toBe(200);
    const [done] = await world.followUntil([asked.id], 'ready');
    return done;
  }

  let secret: Record<string, string>;

  it('shows the files before anything is made, without a key', async () => {
    const { body, status } = await world.post('/requests/preview', {
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
    const secrets = await world.database('request_secrets');
    expect(secrets).toEqual([]);
  });

  it('makes the bucket and a key that does what its mode promises and nothing else', async () => {
    const done = await mergeAndFollow(await world.ask('access-create', wanted));
    expect(done.trail.at(-1)?.message).toMatch(/^The key works/);

    secret = await world.readSecret('invoices-s3');
    expect(secret).toMatchObject({ S3_BUCKET: 'checkout-drafts' });
    const s3 = world.clientOf(secret);
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
    const { body } = await world.get(
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
    const ended = await mergeAndFollow(
      await world.ask('access-revoke', { access: 'invoices-writer' }),
    );
    expect(ended.trail.at(-1)?.message).toMatch(/^The key has stopped/);
    await expect(
      world
        .clientOf(secret)
        .send(new ListObjectsV2Command({ Bucket: 'checkout-drafts' })),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/SignatureDoesNotMatch|AccessDenied/),
    });
    await expect(world.readSecret('invoices-s3')).rejects.toMatchObject({
      code: 404,
    });
  });

  it('leaves the key nowhere but in the cluster', async () => {
    const key = secret.AWS_SECRET_ACCESS_KEY;
    expect(key).toMatch(/^[A-Za-z0-9]{40}$/);
    const hunter = new SecretHunter([key]);
    const findIn = (text: string) => hunter.isIn(text);

    expect(logged.filter(findIn)).toEqual([]);
    expect(audited.filter(findIn)).toEqual([]);
    expect(world.answers.filter(findIn)).toEqual([]);
    for (const table of ['requests', 'request_events', 'request_secrets']) {
      expect(findIn(JSON.stringify(await world.database(table)))).toBe(false);
    }
    // Ciphertext is kept while a request is open, and no longer.
    await expect(world.database('request_secrets')).resolves.toEqual([]);
    const { found, read } = await hunter.searchFolder(
      join(world.stateDir, 'forge'),
    );
    expect(read).toBeGreaterThan(20);
    expect(found).toEqual([]);
  });
});
