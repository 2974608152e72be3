import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from '@aws-sdk/client-s3';
import { TestDatabases } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import {
  BlueprintFinding,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { smallWorld } from '@rustfs-portal/sandbox';
import { AccessWorld } from './__testUtils__/AccessWorld';
import { packSetup } from './__testUtils__/packSetup';

jest.setTimeout(600_000);

const TENANT = 'borealis/storage/archive';
const NAMESPACE = 'storage-archive-setup';

const archive: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: { name: 'archive', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/platform' }],
};

describe('self-service for a tenant that was put there by hand', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  const [{ style }] = smallWorld.clusters;
  let folder: string;
  let world: AccessWorld;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rustfs-setup-'));
    const setupProgram = packSetup(folder);
    world = await AccessWorld.start({
      databases,
      realCluster: 'borealis',
      setupProgram,
      entities: [archive],
      world: {
        ...smallWorld,
        guardrails: [
          {
            owners: ['group:default/platform'],
            allow: true,
            accessModes: ['read-write'],
            namespaces: ['tools'],
          },
          { owners: ['*'], allow: false },
        ],
        clusters: [
          {
            name: 'borealis',
            style,
            workloadNamespaces: ['tools'],
            tenants: [
              {
                name: 'archive',
                title: 'Archive',
                comment: 'By hand.',
                servers: 1,
                volumesPerServer: 4,
                driveCapacityBytes: 2 ** 32,
                installed: 'bare',
                users: [],
                buckets: [],
              },
            ],
          },
        ],
      },
      config: { requests: { followInterval: { hours: 1 } } },
    });
  });

  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const asked = {
    kind: 'setup-enable',
    entityRef: 'resource:default/archive',
    tenant: TENANT,
    key: { secret: 'rustfs-provisioner' },
    network: 'NetworkPolicy',
    purpose: 'Teams ask for buckets on it',
  };
  const bucket = {
    entityRef: asked.entityRef,
    tenant: TENANT,
    bucket: 'platform-tools',
    quota: '1Gi',
    dataClass: 'internal',
  };
  let request: StorageRequest;

  it('is what is missing, and nothing else can be asked for', async () => {
    const { body } = await world.get(`/tenants/${TENANT}`);
    expect(body).toMatchObject({
      obstacle: { code: 'setup-missing', namespace: NAMESPACE },
      mayEnable: true,
    });
    const { body: refused, status } = await world.post('/requests/preview', {
      ...bucket,
      purpose: 'Tests',
    });
    expect([status, refused.error?.message]).toEqual([
      400,
      expect.stringMatching(/no setup folder/),
    ]);
  });

  it('is shown as a whole before anything is made, with what to do beside it', async () => {
    const { body, status } = await world.post('/requests/preview', asked);
    expect([status, body.error]).toEqual([200, undefined]);
    const paths = body.files.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/archive-setup\/cron-job\.yaml$/),
        expect.stringMatching(/archive-setup\/network\.yaml$/),
        'clusters/borealis/storage/kustomization.yaml',
        'clusters/borealis/storage/storage-archive-setup.yaml',
      ]),
    );
    const findings: BlueprintFinding[] = body.findings;
    expect(findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['key-needed', 'server-key-needed']),
    );
    expect(
      findings.find(({ code }) => code === 'server-key-needed')?.copy?.text,
    ).toContain('admin:CreateUser');
  });

  it('is ready once the program has run', async () => {
    request = await world.ask('setup-enable', asked);
    // One at a time, whoever asks.
    const again = await world.post('/requests', asked);
    expect(again.body).toMatchObject({
      error: { message: expect.stringMatching(/open request/) },
    });
    await expect(world.merge(request)).resolves.toBe(200);
    const [done] = await world.followUntil([request.id], 'ready');
    expect(done.trail.map(({ state }) => state)).toEqual([
      'submitting',
      'proposed',
      'merged',
      'applied',
      'ready',
    ]);
    const { body } = await world.get(`/tenants/${TENANT}`);
    expect(body.obstacle).toBeUndefined();
    expect(body).not.toHaveProperty('mayEnable');
  });

  it('is not asked for twice, and lets buckets be asked for', async () => {
    const twice = await world.post('/requests', {
      ...asked,
      purpose: 'Once more',
    });
    expect(twice.body).toMatchObject({
      error: { message: expect.stringMatching(/enabled .* already/) },
    });
    const { body, status } = await world.post('/requests/preview', {
      ...bucket,
      purpose: 'Tests',
    });
    expect([status, body.error]).toEqual([200, undefined]);
    expect(body.files).toEqual([
      expect.objectContaining({
        path: expect.stringMatching(
          /archive-setup\/buckets\/platform-tools\.yaml$/,
        ),
        operation: 'create',
      }),
    ]);
  });

  let secret: Record<string, string>;

  async function mergeAndFollow(kind: string, input: object) {
    const one = await world.ask(kind, {
      entityRef: asked.entityRef,
      tenant: TENANT,
      ...input,
    });
    await expect(world.merge(one)).resolves.toBe(200);
    const [done] = await world.followUntil([one.id], 'ready');
    return done;
  }

  it('has the program make a bucket and a key, which does what its mode promises', async () => {
    const done = await mergeAndFollow('access-create', {
      access: 'tools-writer',
      scope: { type: 'buckets', buckets: ['platform-tools'] },
      newBuckets: [
        { bucket: 'platform-tools', quota: '1Gi', dataClass: 'internal' },
      ],
      mode: 'read-write',
      consumer: { namespace: 'tools', secret: 'tools-s3' },
    });
    expect(done.trail.at(-1)?.message).toMatch(/^The key works/);
    secret = await world.readSecret('tools-s3', {
      cluster: 'borealis',
      namespace: 'tools',
    });
    const s3 = world.clientOf(secret);
    const tool = { Bucket: 'platform-tools', Key: 'one.txt' };
    await s3.send(new PutObjectCommand({ ...tool, Body: 'hello' }));
    const { Body } = await s3.send(new GetObjectCommand(tool));
    await expect(Body!.transformToString()).resolves.toBe('hello');
  });

  it('has it set a larger quota', async () => {
    await mergeAndFollow('bucket-change', {
      bucket: 'platform-tools',
      quota: '2Gi',
    });
    const { body } = await world.get(
      '/entities/resource/default/archive/storage',
    );
    expect(body.buckets).toEqual([
      expect.objectContaining({
        name: 'platform-tools',
        live: expect.objectContaining({ quotaBytes: 2 * 2 ** 30 }),
      }),
    ]);
  });

  it('has it end the key', async () => {
    const ended = await mergeAndFollow('access-revoke', {
      access: 'tools-writer',
    });
    expect(ended.trail.at(-1)?.message).toMatch(/^The key has stopped/);
    await expect(
      world
        .clientOf(secret)
        .send(new ListObjectsV2Command({ Bucket: 'platform-tools' })),
    ).rejects.toMatchObject({
      name: expect.stringMatching(
        /SignatureDoesNotMatch|AccessDenied|InvalidAccessKeyId/,
      ),
    });
  });
});
