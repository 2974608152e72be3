import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { TestDatabases } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import {
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { smallWorld } from '@rustfs-portal/sandbox';
import { SecretHunter } from '@rustfs-portal/sandbox/testUtils';
import { AccessWorld } from './__testUtils__/AccessWorld';
import { packSetup } from './__testUtils__/packSetup';

jest.setTimeout(600_000);

const TENANT = 'polaris/storage/edge';
const NAMESPACE = 'storage-edge-setup';
const FOLDER = 'clusters/polaris/storage/edge-setup';
const REPOSITORY = 'acme/polaris';

const edge: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Resource',
  metadata: { name: 'edge', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/platform' }],
};
const entityRef = 'resource:default/edge';

describe('storage on a cluster that Argo CD applies', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let folder: string;
  let world: AccessWorld;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rustfs-argocd-'));
    const setupProgram = packSetup(folder);
    world = await AccessWorld.start({
      databases,
      setupProgram,
      entities: [edge],
      world: {
        ...smallWorld,
        guardrails: [
          {
            owners: ['group:default/platform'],
            allow: true,
            accessModes: ['read-write'],
            namespaces: ['edge'],
          },
          { owners: ['*'], allow: false },
        ],
        clusters: [
          {
            name: 'polaris',
            style: 'indented',
            engine: 'argocd',
            forge: 'github',
            sealedSecrets: true,
            workloadNamespaces: ['edge'],
            tenants: [
              {
                name: 'edge',
                title: 'Edge',
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

  const bucketOf = (bucket: string) => ({
    entityRef,
    tenant: TENANT,
    bucket,
    quota: '1Gi',
    dataClass: 'internal',
  });

  function applications() {
    const config = new KubeConfig();
    config.loadFromFile(world.sandbox.connections.kubernetes[0].kubeconfig);
    const api = config.makeApiClient(CustomObjectsApi);
    const at = {
      group: 'argoproj.io',
      version: 'v1alpha1',
      namespace: 'argocd',
      plural: 'applications',
    };
    return {
      get: (name: string) => api.getNamespacedCustomObject({ ...at, name }),
      patch: (name: string, body: object) =>
        api.patchNamespacedCustomObject(
          { ...at, name, body },
          setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
        ),
    };
  }

  it('is enabled by an Application among the others, which takes the folders below its own', async () => {
    const { body: tenant } = await world.get(`/tenants/${TENANT}`);
    expect(tenant).toMatchObject({
      obstacle: { code: 'setup-missing', namespace: NAMESPACE },
      mayEnable: true,
    });
    const asked = {
      kind: 'setup-enable',
      entityRef,
      tenant: TENANT,
      key: { secret: 'rustfs-provisioner' },
      network: 'none',
    };
    const { body: shown } = await world.post('/requests/preview', {
      ...asked,
      purpose: 'Tests',
    });
    expect(
      shown.findings.map(({ message }: { message: string }) => message),
    ).toContainEqual(
      expect.stringMatching(
        /^Application argocd\/storage-edge-setup does not decrypt, so buckets can be asked for, and accesses only where Secrets are sealed/,
      ),
    );
    const request = await world.ask('setup-enable', asked);
    await expect(world.merge(request)).resolves.toBe(200);
    const [ready] = await world.followUntil([request.id], 'ready');
    expect(ready.trail.map(({ state, source }) => [state, source])).toEqual([
      ['submitting', 'portal'],
      ['proposed', 'forge'],
      ['merged', 'forge'],
      ['applied', 'argocd'],
      ['ready', 'server'],
    ]);
    await expect(
      applications().get('storage-edge-setup'),
    ).resolves.toMatchObject({
      spec: {
        project: 'default',
        source: { path: FOLDER, directory: { recurse: true } },
        destination: { server: 'https://kubernetes.default.svc' },
        syncPolicy: { automated: { prune: true, selfHeal: true } },
      },
    });
  });

  it('brings a bucket the whole way', async () => {
    const request = await world.ask('bucket-create', bucketOf('edge-logs'));
    expect(request.source?.url).toContain(FOLDER);
    await expect(world.merge(request)).resolves.toBe(200);
    const [ready] = await world.followUntil([request.id], 'ready');
    expect(ready.appliedRevision).toMatch(/^[0-9a-f]{40}$/);
    expect(ready.trail.at(-2)).toMatchObject({
      state: 'applied',
      source: 'argocd',
    });
    const { body } = await world.get(`/tenants/${TENANT}`);
    expect(body.source).toMatchObject({
      appliedBy: 'Application argocd/storage-edge-setup',
      path: FOLDER,
    });
  });

  it('brings a key by a SealedSecret, and ends it', async () => {
    const finish = async (kind: string, input: object) => {
      const asked = await world.ask(kind, {
        entityRef,
        tenant: TENANT,
        access: 'edge-writer',
        ...input,
      });
      await expect(world.merge(asked)).resolves.toBe(200);
      const [ready] = await world.followUntil([asked.id], 'ready');
      return ready;
    };
    const done = await finish('access-create', {
      scope: { type: 'buckets', buckets: ['edge-logs'] },
      mode: 'read-write',
      consumer: { namespace: 'edge', secret: 'edge-s3', form: 'aws' },
    });
    expect(done.trail.at(-1)?.message).toMatch(/^The key works/);
    const place = { cluster: 'polaris', namespace: 'edge' };
    const secret = await world.readSecret('edge-s3', place);
    const list = () =>
      world
        .clientOf(secret)
        .send(new ListObjectsV2Command({ Bucket: 'edge-logs' }));
    await expect(list()).resolves.toMatchObject({ KeyCount: 0 });
    const hunter = new SecretHunter([secret.AWS_SECRET_ACCESS_KEY]);
    const { found } = await hunter.searchFolder(join(world.stateDir, 'forge'));
    expect(found).toEqual([]);
    expect(world.answers.filter(text => hunter.isIn(text))).toEqual([]);

    const ended = await finish('access-revoke', {});
    expect(ended.trail.at(-1)?.message).toMatch(/^The key has stopped/);
    await expect(list()).rejects.toMatchObject({ name: 'InvalidAccessKeyId' });
    await expect(world.readSecret('edge-s3', place)).rejects.toMatchObject({
      code: 404,
    });
  });

  async function startedWith(bucket: string): Promise<StorageRequest> {
    const request = await world.ask('bucket-create', bucketOf(bucket));
    await expect(world.merge(request)).resolves.toBe(200);
    return request;
  }

  it('waits for whoever presses Sync where that is done by hand', async () => {
    await applications().patch('root', { spec: { syncPolicy: null } });
    await applications().patch('storage-edge-setup', {
      spec: { syncPolicy: null },
    });
    const request = await startedWith('edge-by-hand');
    const [waiting] = await world.followUntil([request.id], ({ waitingFor }) =>
      /press Sync/.test(waitingFor ?? ''),
    );
    expect(waiting.state).toBe('merged');
    await applications().patch('storage-edge-setup', {
      operation: { sync: {} },
    });
    await world.followUntil([request.id], 'ready');
    await applications().patch('storage-edge-setup', {
      spec: { syncPolicy: { automated: { prune: true } } },
    });
  });

  it('says in the words of Argo CD what hinders it, and goes on when that is mended', async () => {
    const { status } = await world.forge(
      'POST',
      '/contents',
      {
        branch: 'main',
        message: 'By hand',
        files: [
          {
            operation: 'create',
            path: `${FOLDER}/stray.yaml`,
            content: Buffer.from(
              'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: stray, namespace: nowhere}\n',
            ).toString('base64'),
          },
        ],
      },
      REPOSITORY,
    );
    expect(status).toBe(201);
    const request = await startedWith('edge-hindered');
    const [failed] = await world.followUntil([request.id], 'failed');
    expect(failed.failure).toMatchObject({
      source: 'argocd',
      reason: 'SyncFailed',
      message: expect.stringMatching(
        /^ConfigMap\/nowhere\/stray: .*"nowhere" not found/,
      ),
      hint: expect.stringContaining('press Sync'),
    });
    await world.cluster('polaris').createNamespace({
      body: { metadata: { name: 'nowhere' } },
    });
    await applications().patch('storage-edge-setup', {
      operation: { sync: {} },
    });
    await world.followUntil([request.id], 'ready');
  });
});
