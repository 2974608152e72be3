import { get } from 'node:http';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { z } from 'zod';
import { ClusterClient, TENANTS } from './reconciler/kubernetes';
import { RustfsAdmin } from './reconciler/operator';
import { Sandbox, startSandbox } from './sandbox';

const TENANT = 'atlas/storage/apps';

const itemSchema = z.object({
  name: z.string(),
  state: z.string(),
  reason: z.string(),
  message: z.string(),
});
const tenantSchema = z.object({
  status: z.object({
    currentState: z.string(),
    provisioning: z.object({ buckets: z.array(itemSchema) }),
  }),
});

describe('startSandbox', () => {
  let stateDir: string;
  let sandbox: Sandbox;

  const start = () => startSandbox({ stateDir, world: 'small', speed: 'fast' });

  async function clusterClient(): Promise<ClusterClient> {
    const { secrets } = JSON.parse(
      await readFile(join(stateDir, 'world.json'), 'utf8'),
    );
    return new ClusterClient({
      url: sandbox.kubernetes.atlas.url,
      token: secrets['cluster atlas person'],
      manager: 'test',
    });
  }

  const server = () => {
    const [{ endpoint, ...root }] = sandbox.connections.rustfs;
    return new RustfsAdmin(endpoint, root);
  };

  async function waitForBucket(
    name: string,
    settled: (item: z.output<typeof itemSchema>) => boolean,
  ) {
    const client = await clusterClient();
    for (let tries = 0; tries < 800; tries += 1) {
      const tenant = tenantSchema.parse(
        await client.get(TENANTS, 'storage', 'apps'),
      );
      const item = tenant.status.provisioning.buckets.find(
        bucket => bucket.name === name,
      );
      if (item && settled(item)) {
        return { ...item, tenantState: tenant.status.currentState };
      }
      await sleep(50);
    }
    throw new Error(`Bucket ${name} does not get there`);
  }

  async function forge(
    user: string,
    method: string,
    path: string,
    body?: object,
  ) {
    const response = await fetch(`${sandbox.forge.url}/api/v1${path}`, {
      method,
      headers: {
        authorization: `token ${sandbox.connections.forge.users[user].token}`,
        'content-type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }

  const switchFault = (fault: unknown, headers: Record<string, string> = {}) =>
    fetch(`${sandbox.controlUrl}/faults`, {
      method: 'POST',
      headers,
      body: JSON.stringify(fault),
    });

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
    sandbox = await start();
  });

  afterAll(async () => {
    await sandbox.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('tells where everything is, in files that only their owner can read', async () => {
    const connections = JSON.parse(
      await readFile(sandbox.connectionsPath, 'utf8'),
    );
    expect(connections).toEqual(sandbox.connections);
    expect(connections).toMatchObject({
      rustfs: [
        {
          tenant: TENANT,
          endpoint: sandbox.rustfs[TENANT].endpoint,
          accessKey: 'root-atlas-storage-apps',
        },
      ],
      kubernetes: [
        {
          cluster: 'atlas',
          kubeconfig: join(stateDir, 'kubeconfig-atlas.yaml'),
        },
      ],
      forge: {
        url: sandbox.forge.url,
        users: { carla: { password: expect.any(String) } },
      },
    });
    const config = parse(await readFile(sandbox.portalConfigPath, 'utf8'));
    expect(config.rustfs).toMatchObject({
      clusters: [{ name: 'atlas' }],
      tenants: [{ ref: TENANT, accessKeyId: 'portal-apps' }],
      forges: [{ type: 'gitea', baseUrl: sandbox.forge.url }],
    });
    for (const path of [
      sandbox.connectionsPath,
      sandbox.portalConfigPath,
      config.rustfs.clusters[0].kubeconfig,
      join(stateDir, 'world.json'),
    ]) {
      // eslint-disable-next-line no-bitwise
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
  });

  it('lets the portal read usage and set quotas, and read no object', async () => {
    const { tenants } = parse(
      await readFile(sandbox.portalConfigPath, 'utf8'),
    ).rustfs;
    const portal = new RustfsAdmin(tenants[0].endpoint, {
      accessKey: tenants[0].accessKeyId,
      secretKey: tenants[0].secretAccessKey,
    });
    const usage = JSON.parse(
      await portal.request(
        'GET',
        '/rustfs/admin/v3/quota-stats/checkout-invoices',
      ),
    );
    expect(usage).toMatchObject({ quota_limit: 10 * 2 ** 20 });
    expect(usage.current_usage).toBeGreaterThan(10_000);
    await portal.request('PUT', '/rustfs/admin/v3/quota/checkout-exports', {
      body: JSON.stringify({ quota: 2 ** 20, quota_type: 'HARD' }),
    });
    await expect(
      portal.request('GET', '/checkout-invoices/2026/invoice-0001.pdf'),
    ).rejects.toThrow('AccessDenied');
  });

  it('makes the bucket of a pull request that is merged', async () => {
    const repository = '/repos/acme/atlas';
    const path = 'clusters/atlas/storage/tenant-apps.yaml';
    const file = await forge(
      'portal',
      'GET',
      `${repository}/contents/${path}?ref=main`,
    );
    const text = Buffer.from(file.content, 'base64').toString('utf8');
    await forge('portal', 'POST', `${repository}/contents`, {
      branch: 'main',
      new_branch: 'rustfs/test',
      message: 'Add bucket checkout-refunds',
      files: [
        {
          operation: 'update',
          path,
          sha: file.sha,
          content: Buffer.from(
            text.replace(
              '    - name: newsletter-archive',
              '    - name: checkout-refunds\n    - name: newsletter-archive',
            ),
          ).toString('base64'),
        },
      ],
    });
    const { number } = await forge('portal', 'POST', `${repository}/pulls`, {
      head: 'rustfs/test',
      base: 'main',
      title: 'Bucket checkout-refunds',
    });
    await forge('carla', 'POST', `${repository}/pulls/${number}/merge`, {
      Do: 'merge',
    });

    await expect(
      waitForBucket('checkout-refunds', item => item.state === 'Ready'),
    ).resolves.toMatchObject({ tenantState: 'Ready' });
    await expect(
      server().request('HEAD', '/checkout-refunds'),
    ).resolves.toBeDefined();
  });

  it('lets an item fail on demand, in the words that were asked for', async () => {
    const fault = {
      target: 'item',
      tenant: TENANT,
      kind: 'buckets',
      item: 'checkout-refunds',
    };
    const response = await switchFault({
      ...fault,
      reason: 'BucketCreateFailed',
      message: 'failed to create RustFS bucket: disk full',
    });
    expect(response.status).toBe(200);
    await expect(
      waitForBucket('checkout-refunds', item => item.state === 'Failed'),
    ).resolves.toMatchObject({
      tenantState: 'Blocked',
      reason: 'BucketCreateFailed',
      message: 'failed to create RustFS bucket: disk full',
    });
    await switchFault(fault);
    await waitForBucket('checkout-refunds', item => item.state === 'Ready');
  });

  it('takes a server down and says what it cannot switch', async () => {
    await switchFault({ target: 'tenant', tenant: TENANT, mode: 'down' });
    await expect(server().listPolicies()).rejects.toThrow('request failed');
    await switchFault({ target: 'tenant', tenant: TENANT });
    await expect(server().listPolicies()).resolves.toBeDefined();

    const unknown = await switchFault({ target: 'tenant', tenant: 'a/b/c' });
    expect(unknown.status).toBe(400);
    expect(await unknown.json()).toEqual({
      error: `There is no tenant a/b/c: expected one of ${TENANT}`,
    });
    expect((await switchFault({ target: 'moon' })).status).toBe(400);
    const browser = await switchFault(
      { target: 'forge', down: true },
      { origin: 'http://evil.example' },
    );
    expect(browser.status).toBe(403);
  });

  it('answers nobody who came by the name of another machine', async () => {
    const statusOf = (url: string, host: string) =>
      new Promise(resolve => {
        get(url, { headers: { host } }, response => {
          response.resume();
          resolve(response.statusCode);
        });
      });
    for (const url of [
      `${sandbox.controlUrl}/faults`,
      `${sandbox.forge.url}/user/login`,
      `${sandbox.forge.url}/api/v1/version`,
    ]) {
      const { port } = new URL(url);
      for (const name of ['localhost', '127.0.0.1', '[::1]']) {
        expect(await statusOf(url, `${name}:${port}`)).toBe(200);
      }
      // A name that its owner has had resolve to loopback.
      expect(await statusOf(url, `rebound.example:${port}`)).toBe(403);
      expect(await statusOf(url, `localhost.rebound.example`)).toBe(403);
    }
  });

  it('finds everything as it was left when it starts again', async () => {
    const commits = '/repos/acme/atlas/commits?sha=main';
    const before = await forge('carla', 'GET', commits);
    await sandbox.stop();
    sandbox = await start();

    expect(await forge('carla', 'GET', commits)).toHaveLength(before.length);
    await waitForBucket('checkout-refunds', item => item.state === 'Ready');
    const versions = await server().request('GET', '/checkout-invoices', {
      query: { versions: '' },
    });
    expect(versions.match(/<Version>/g)).toHaveLength(3);
  });
});
