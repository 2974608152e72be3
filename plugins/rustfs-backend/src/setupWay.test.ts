import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import {
  BlueprintFinding,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { smallWorld } from '@rustfs-portal/sandbox';
import { AccessWorld } from './__testUtils__/AccessWorld';

jest.setTimeout(600_000);

const TENANT = 'borealis/storage/archive';
const NAMESPACE = 'storage-archive-setup';

const archive: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: { name: 'archive', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/platform' }],
};

/**
 * Reads what the folder in Git lets it read, signs nothing, and says that it has run. What the program of this repository
 * does is tried elsewhere.
 */
const PROGRAM = `
const { readFileSync } = require('fs');
const { request } = require('https');
const { parse } = require(${JSON.stringify(require.resolve('yaml'))});
const { RUSTFS_SETUP_KUBECONFIG: file, RUSTFS_SETUP_NAMESPACE: namespace, RUSTFS_SETUP_TENANT: tenant, ...env } = process.env;
const { clusters: [{ cluster }], users: [{ user }] } = parse(readFileSync(file, 'utf8'));
const call = (method, path, body) => new Promise((resolve, reject) =>
  request(cluster.server + '/api/v1/namespaces/' + namespace + path, {
    method,
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
    headers: { authorization: 'Bearer ' + user.token, 'content-type': 'application/merge-patch+json' },
  }, answer => {
    let text = '';
    answer.on('data', chunk => { text += chunk; });
    answer.on('end', () => answer.statusCode === 200 ? resolve(JSON.parse(text)) : reject(new Error(text)));
  }).on('error', reject).end(body && JSON.stringify(body)));
(async () => {
  await call('GET', '/configmaps');
  await call('GET', '/secrets');
  readFileSync(env.RUSTFS_ACCESS_KEY_FILE, 'utf8');
  readFileSync(env.RUSTFS_SECRET_KEY_FILE, 'utf8');
  new URL(env.RUSTFS_ENDPOINT);
  const now = new Date().toISOString();
  const run = { startedAt: now, endedAt: now, exitCode: 0, counts: { done: 0, waiting: 0, failed: 0, drift: 0 } };
  await call('PATCH', '/configmaps/rustfs-setup-' + tenant, { data: { run: JSON.stringify(run) } });
})().catch(error => { console.error(error.message); process.exit(1); });
`;

describe('self-service for a tenant that was put there by hand', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  const [{ style }] = smallWorld.clusters;
  let folder: string;
  let world: AccessWorld;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rustfs-setup-'));
    const setupProgram = join(folder, 'program.cjs');
    await writeFile(setupProgram, PROGRAM);
    world = await AccessWorld.start({
      databases,
      setupProgram,
      entities: [archive],
      world: {
        ...smallWorld,
        guardrails: [
          { owners: ['group:default/platform'], allow: true },
          { owners: ['*'], allow: false },
        ],
        clusters: [
          {
            name: 'borealis',
            style,
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
});
