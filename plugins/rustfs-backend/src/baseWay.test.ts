import { TestDatabases } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { ForgeCall } from '@rustfs-portal/sandbox';
import { parse } from 'yaml';
import { AccessWorld, ENTITY, TENANT } from './__testUtils__/AccessWorld';
import { readClustersConfig } from './config';
import { KubernetesTenantSource } from './sources';

jest.setTimeout(180_000);

const FOLDER = 'clusters/atlas/storage';
const MANIFEST = 'bases/apps/tenant.yaml';

describe('a Tenant whose manifest is a base in another folder of the repository', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let world: AccessWorld;
  const calls: string[] = [];

  beforeAll(async () => {
    world = await AccessWorld.start({ databases });
    const manifest = await world.readFile(`${FOLDER}/tenant-apps.yaml`);
    const overlay = await world.readFile(`${FOLDER}/kustomization.yaml`);
    await commit('Move the Tenant into a base', {
      [`${FOLDER}/tenant-apps.yaml`]: undefined,
      [`${FOLDER}/kustomization.yaml`]: overlay!.replace(
        'tenant-apps.yaml',
        '../../../bases/apps',
      ),
      [MANIFEST]: manifest!,
      'bases/apps/kustomization.yaml': 'resources:\n  - tenant.yaml\n',
    });
    world.sandbox.forge.faults.set({
      hangUp: ({ method, path }: ForgeCall) => {
        // Flux reads from the forge as well.
        if (path.startsWith('/api/')) {
          calls.push(`${method} ${path}`);
        }
        return undefined;
      },
    });
  });

  afterAll(() => world?.stop());

  /** Commits to the default branch; undefined takes a file out. */
  async function commit(
    message: string,
    files: Record<string, string | undefined>,
  ) {
    const changes = await Promise.all(
      Object.entries(files).map(async ([path, content]) => {
        const { body } = await world.forge<{ sha?: string }>(
          'GET',
          `/contents/${path}?ref=main`,
        );
        const there = body?.sha ? 'update' : 'create';
        return {
          operation: content === undefined ? 'delete' : there,
          path,
          sha: body?.sha,
          content:
            content === undefined
              ? undefined
              : Buffer.from(content).toString('base64'),
        };
      }),
    );
    const { status } = await world.forge('POST', '/contents', {
      branch: 'main',
      message,
      files: changes,
    });
    expect(status).toBe(201);
  }

  async function preview(bucket: string) {
    calls.length = 0;
    return world.post('/requests/preview', {
      kind: 'bucket-create',
      entityRef: ENTITY,
      tenant: TENANT,
      bucket,
      quota: '1Mi',
      purpose: 'Tests',
      dataClass: 'internal',
    });
  }

  const asked = (pattern: RegExp) =>
    calls.filter(call => pattern.test(call)).length;

  it('is edited there when one overlay uses it, all the way to the bucket', async () => {
    const request = await world.ask('bucket-create', {
      bucket: 'checkout-base',
      quota: '1Mi',
      dataClass: 'internal',
      versioning: true,
    });
    await world.merge(request);
    await world.followUntil([request.id], 'ready');
    const { spec } = parse((await world.readFile(MANIFEST))!);
    // This CRD has no field for versions, so the record says it.
    expect(spec.buckets).toContainEqual({ name: 'checkout-base' });
    const { body } = await world.forge<unknown[]>(
      'GET',
      '/git/trees/main?recursive=true',
    );
    expect(JSON.stringify(body)).toContain('checkout-base.yaml');
  });

  it('takes a number of calls that does not grow with those who look', async () => {
    const first = await preview('checkout-look-1');
    expect(first.body.files.map(({ path }: { path: string }) => path)).toEqual(
      expect.arrayContaining([MANIFEST]),
    );
    const again = async (bucket: string) => {
      expect((await preview(bucket)).status).toBe(200);
      return {
        all: calls.length,
        trees: asked(/\/git\/trees\//),
        contents: asked(/\/file-contents/),
      };
    };
    const second = await again('checkout-look-2');
    // The commit has not moved: where the branch stands is all that is asked.
    expect(second).toEqual({ all: 1, trees: 0, contents: 0 });
    expect(await again('checkout-look-3')).toEqual(second);

    await commit('Something else', { 'docs/notes.yaml': 'a: 1\n' });
    const moved = await again('checkout-look-4');
    // The folder, and then the whole of it.
    expect(moved.trees).toBe(2);
    await commit('Something else', { 'docs/notes.yaml': 'a: 2\n' });
    expect(await again('checkout-look-5')).toEqual(moved);
  });

  it('is refused when a second overlay uses it, with both names', async () => {
    await commit('A second user', {
      'clusters/borealis/kustomization.yaml':
        'resources:\n  - ../../bases/apps\n',
    });
    const { body, status } = await preview('checkout-shared');
    expect(status).toBe(400);
    expect(body.error.message).toContain(`${FOLDER}/kustomization.yaml`);
    expect(body.error.message).toContain(
      'clusters/borealis/kustomization.yaml',
    );
  });

  it('has entries with the fields that the cluster serves', async () => {
    const { kubeconfig } = world.sandbox.connections.kubernetes[0];
    const [cluster] = readClustersConfig(
      new ConfigReader({
        rustfs: { clusters: [{ name: 'atlas', kubeconfig }] },
      }),
    );
    const { tenants } = await KubernetesTenantSource.fromConfig(cluster).read();
    expect(tenants[0].entryFields).toEqual({
      name: 'string',
      region: 'string',
      objectLock: 'boolean',
      deletionPolicy: 'string',
    });
  });
});
