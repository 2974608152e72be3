import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, PutObjectCommand } from '@aws-sdk/client-s3';
import { TestDatabases } from '@backstage/backend-test-utils';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { smallWorld } from '@rustfs-portal/sandbox';
import { SecretHunter } from '@rustfs-portal/sandbox/testUtils';
import { AccessWorld } from './__testUtils__/AccessWorld';
import { packSetup } from './__testUtils__/packSetup';

jest.setTimeout(600_000);

const TENANT = 'borealis/storage/archive';

const asked = {
  tenant: TENANT,
  access: 'invoices-writer',
  scope: { type: 'buckets', buckets: ['checkout-drafts'] },
  newBuckets: [
    { bucket: 'checkout-drafts', quota: '10Mi', dataClass: 'internal' },
  ],
  mode: 'read-write',
  consumer: { namespace: 'checkout', secret: 'invoices-s3' },
};

describe('an access whose Secrets are sealed', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let folder: string;
  let world: AccessWorld;
  let secret: Record<string, string>;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rustfs-setup-'));
    const setupProgram = packSetup(folder);
    const [atlas] = smallWorld.clusters;
    world = await AccessWorld.start({
      databases,
      setupProgram,
      world: {
        ...smallWorld,
        guardrails: [
          {
            owners: ['group:default/checkout'],
            accessModes: ['read-write'],
            namespaces: ['checkout'],
          },
        ],
        clusters: [
          {
            name: 'borealis',
            style: atlas.style,
            workloadNamespaces: ['checkout'],
            sealedSecrets: true,
            tenants: [
              {
                name: 'archive',
                title: 'Archive',
                comment: 'By hand.',
                servers: 1,
                volumesPerServer: 4,
                driveCapacityBytes: 2 ** 32,
                installed: 'bare',
                setup: true,
                users: [],
                buckets: [],
              },
            ],
          },
          { ...atlas, sealedSecrets: true },
        ],
      },
      config: { requests: { followInterval: { hours: 1 } } },
    });
  });

  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function mergeAndFollow(request: StorageRequest) {
    await expect(world.merge(request)).resolves.toBe(200);
    const [done] = await world.followUntil([request.id], 'ready');
    return done;
  }

  it('is shown with what is sealed later', async () => {
    const { body, status } = await world.post('/requests/preview', {
      kind: 'access-create',
      entityRef: 'component:default/invoices',
      purpose: 'Tests',
      ...asked,
    });
    expect([status, body.error]).toEqual([200, undefined]);
    const paths = body.files.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /consumers\/checkout\/invoices-s3\.sealedsecret\.yaml$/,
        ),
        expect.stringMatching(/access-invoices-writer\.sealedsecret\.yaml$/),
      ]),
    );
    expect(JSON.stringify(body)).toContain('kind: SealedSecret');
  });

  it('goes to a key that works', async () => {
    const done = await mergeAndFollow(await world.ask('access-create', asked));
    expect(done.trail.at(-1)?.message).toMatch(/^The key works/);
    secret = await world.readSecret('invoices-s3', { cluster: 'borealis' });
    const s3 = world.clientOf(secret);
    await s3.send(
      new PutObjectCommand({
        Bucket: 'checkout-drafts',
        Key: 'one.txt',
        Body: 'hello',
      }),
    );
  });

  it('goes there and back with an operator, too', async () => {
    const tenant = 'atlas/storage/apps';
    const done = await mergeAndFollow(
      await world.ask('access-create', { ...asked, tenant }),
    );
    expect(done.trail.map(({ source, state }) => [source, state])).toEqual([
      ['portal', 'submitting'],
      ['forge', 'proposed'],
      ['forge', 'merged'],
      ['flux', 'applied'],
      ['server', 'ready'],
    ]);
    const key = await world.readSecret('invoices-s3', { cluster: 'atlas' });
    const list = () =>
      world
        .clientOf(key)
        .send(new ListObjectsV2Command({ Bucket: 'checkout-drafts' }));
    await expect(list()).resolves.toMatchObject({ KeyCount: 0 });
    const { access } = asked;
    await mergeAndFollow(await world.ask('access-revoke', { tenant, access }));
    await expect(list()).rejects.toMatchObject({
      name: expect.stringMatching(/SignatureDoesNotMatch|AccessDenied/),
    });
  });

  it('fails in the words of the controller where a Secret is in the way, and goes on without it', async () => {
    const core = world.cluster('borealis');
    await core.createNamespacedSecret({
      namespace: 'checkout',
      body: { metadata: { name: 'reports-s3', namespace: 'checkout' } },
    });
    const request = await world.ask('access-create', {
      ...asked,
      access: 'reports',
      newBuckets: [],
      consumer: { ...asked.consumer, secret: 'reports-s3' },
    });
    await expect(world.merge(request)).resolves.toBe(200);
    const [failed] = await world.followUntil([request.id], 'failed');
    expect(failed.failure).toMatchObject({
      source: 'secrets',
      reason: 'NotUnsealed',
      message:
        'SealedSecret checkout/reports-s3: failed update: Resource "reports-s3" already exists and is not managed by SealedSecret',
      hint: expect.stringContaining('then delete it'),
    });
    const inTheWay = { namespace: 'checkout', name: 'reports-s3' };
    await core.replaceNamespacedSecret({
      ...inTheWay,
      body: {
        metadata: {
          ...inTheWay,
          annotations: { 'sealedsecrets.bitnami.com/managed': 'true' },
        },
      },
    });
    await core.deleteNamespacedSecret(inTheWay);
    const [done] = await world.followUntil([request.id], 'ready');
    expect(done.trail.map(({ source, state }) => [source, state])).toEqual(
      expect.arrayContaining([
        ['secrets', 'failed'],
        ['secrets', 'applied'],
      ]),
    );
  });

  it('ends: the key stops working, and its Secret is gone', async () => {
    const ended = await mergeAndFollow(
      await world.ask('access-revoke', {
        tenant: TENANT,
        access: 'invoices-writer',
      }),
    );
    expect(ended.trail.at(-1)?.message).toMatch(/^The key has stopped/);
    await expect(
      world
        .clientOf(secret)
        .send(new ListObjectsV2Command({ Bucket: 'checkout-drafts' })),
    ).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    await expect(
      world.readSecret('invoices-s3', { cluster: 'borealis' }),
    ).rejects.toMatchObject({ code: 404 });
  });

  it('leaves the key nowhere but in the cluster', async () => {
    const hunter = new SecretHunter([secret.AWS_SECRET_ACCESS_KEY]);
    expect(world.answers.filter(text => hunter.isIn(text))).toEqual([]);
    expect(world.logs.length).toBeGreaterThan(20);
    expect(world.logs.filter(text => hunter.isIn(text))).toEqual([]);
    for (const table of ['requests', 'request_events', 'request_secrets']) {
      expect(hunter.isIn(JSON.stringify(await world.database(table)))).toBe(
        false,
      );
    }
    await expect(world.database('request_secrets')).resolves.toEqual([]);
    const { found, read } = await hunter.searchFolder(
      join(world.stateDir, 'forge'),
    );
    expect(read).toBeGreaterThan(20);
    expect(found).toEqual([]);
  });
});
