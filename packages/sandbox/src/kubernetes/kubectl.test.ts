import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { stringify } from 'yaml';
import { ADMIN, tenant, TestApi } from './__testUtils__/testApi';

const run = promisify(execFile);

const isInstalled =
  spawnSync('kubectl', ['version', '--client'], { timeout: 30_000 }).status ===
  0;

if (!isInstalled) {
  // eslint-disable-next-line no-console
  console.info('The tests with kubectl are skipped: it is not on the PATH');
}

(isInstalled ? describe : describe.skip)('kubectl', () => {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-'));
  let api: TestApi;

  const reader = {
    token: 'reader-token',
    user: 'portal-reader',
    rules: [
      {
        apiGroups: ['rustfs.com'],
        resources: ['tenants'],
        verbs: ['get', 'list', 'watch'],
        namespaces: ['storage'],
      },
    ],
  };

  async function kubectl(token: string, ...args: string[]): Promise<string> {
    const kubeconfig = join(folder, token);
    writeFileSync(kubeconfig, api.api.kubeconfig(token));
    const { stdout } = await run('kubectl', args, {
      env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig, HOME: folder },
    }).catch(error => ({ stdout: error.stderr as string }));
    return stdout.trim();
  }
  const asAdmin = (...args: string[]) =>
    kubectl(ADMIN.token, '-n', 'storage', ...args);
  const asReader = (...args: string[]) =>
    kubectl(reader.token, '-n', 'storage', ...args);

  function manifest(object: object): string {
    const file = join(folder, 'manifest.yaml');
    writeFileSync(file, stringify(object));
    return file;
  }

  beforeAll(async () => {
    api = await TestApi.start([reader]);
  });

  afterAll(async () => {
    await api.stop();
    rmSync(folder, { recursive: true });
  });

  it('creates, applies, shows, edits and deletes', async () => {
    const create = (object: object) =>
      asAdmin('create', '-f', manifest(object));
    expect(
      await kubectl(
        ADMIN.token,
        'create',
        '-f',
        manifest({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'storage' },
        }),
      ),
    ).toBe('namespace/storage created');
    expect(
      await create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 's' },
        stringData: { a: 'b' },
      }),
    ).toBe('secret/s created');
    expect(
      await asAdmin('get', 'secret', 's', '-o', 'jsonpath={.data.a}'),
    ).toBe('Yg==');

    const apply = (buckets: string[]) =>
      asAdmin(
        'apply',
        '-f',
        manifest(tenant('main', { buckets: buckets.map(name => ({ name })) })),
      );
    expect(await apply(['one'])).toBe('tenant.rustfs.com/main created');
    expect(await apply(['one'])).toBe('tenant.rustfs.com/main unchanged');
    expect(await apply(['one', 'two'])).toBe(
      'tenant.rustfs.com/main configured',
    );
    expect(await apply(['Nope'])).toContain(
      'spec.buckets[0].name: Invalid value: "Nope"',
    );
    expect(
      await asAdmin('apply', '-f', manifest(tenant('other', { bucketz: [] }))),
    ).toContain('strict decoding error: unknown field "spec.bucketz"');

    expect(await asAdmin('get', 'tenants')).toMatch(
      /^NAME +STATE +AGE\s+main +\d+s$/,
    );
    expect(await asAdmin('describe', 'tenant', 'main')).toContain(
      'Name:         main',
    );
    expect(
      await asAdmin('patch', 'tenant', 'main', '--type=json', '-p', '[]'),
    ).toBe('tenant.rustfs.com/main patched (no change)');
    expect(await asAdmin('label', 'tenant', 'main', 'team=a')).toBe(
      'tenant.rustfs.com/main labeled',
    );
    expect(await asAdmin('explain', 'tenant.spec.buckets')).toContain(
      'objectLock',
    );
    // Newer ones add the namespace.
    expect(await asAdmin('delete', 'tenant', 'main')).toMatch(
      /^tenant.rustfs.com "main" deleted/,
    );
  });

  it('is told what a token may not do', async () => {
    expect(await asReader('get', 'tenants')).not.toContain('forbidden');
    expect(await asReader('get', 'secrets')).toContain(
      'secrets is forbidden: User "portal-reader" cannot list resource "secrets"',
    );
  });
});
