import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { RustfsAdmin } from '../reconciler/operator';
import { Sandbox, startSandbox } from '../sandbox';
import { WorldDefinition } from './definition';
import { renderSetup } from './setupFolder';
import { WorldState } from './WorldState';

/** Says of each record that it is done, as somebody who may do what the folder in Git allows; it makes nothing. */
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
const labelled = kinds => '?labelSelector=' + encodeURIComponent('rustfs-portal/record in (' + kinds + '),rustfs-portal/tenant=' + tenant);
(async () => {
  const { items: records } = await call('GET', '/configmaps' + labelled('bucket,access'));
  const { items: keys } = await call('GET', '/secrets' + labelled('key'));
  const data = Object.fromEntries(records.map(({ data: record }) => [
    record.access ? 'access.' + record.access : 'bucket.' + record.bucket,
    JSON.stringify({ result: 'done', reason: 'Settled', message: 'Done' }),
  ]));
  const accessKey = readFileSync(env.RUSTFS_ACCESS_KEY_FILE, 'utf8');
  const run = { accessKey, endpoint: env.RUSTFS_ENDPOINT, keys: keys.map(({ metadata }) => metadata.labels['rustfs-portal/access']) };
  await call('PATCH', '/configmaps/rustfs-setup-' + tenant, { data: { ...data, run: JSON.stringify(run) } });
})().catch(error => { console.error(error.message); process.exit(1); });
`;

const world: WorldDefinition = {
  people: [
    { name: 'carla', fullName: 'Carla Moreno', repositories: 'admin' },
    { name: 'portal', fullName: 'Developer portal', repositories: 'write' },
  ],
  reviewers: ['carla'],
  guardrails: [],
  clusters: [
    {
      name: 'borealis',
      style: 'flush',
      workloadNamespaces: ['mlflow'],
      tenants: [
        {
          name: 'ml',
          title: 'Machine learning',
          comment: 'Feature store and experiments.',
          servers: 4,
          volumesPerServer: 1,
          driveCapacityBytes: 2 ** 32,
          installed: 'chart',
          setup: true,
          trouble: 'server-lost',
          users: [],
          accesses: [
            {
              name: 'mlflow',
              owner: 'group:default/platform',
              entity: 'component:default/mlflow',
              purpose: 'Keeps models',
              buckets: ['mlflow-artifacts'],
              mode: 'read-write',
              consumer: {
                namespace: 'mlflow',
                secret: 'mlflow-s3',
                form: 'aws',
              },
              createdAt: '2026-07-08T11:25:00.000Z',
            },
          ],
          buckets: [
            {
              name: 'mlflow-artifacts',
              owner: 'group:default/platform',
              quota: '1Gi',
            },
          ],
        },
        {
          name: 'archive',
          title: 'Archive',
          comment: 'By hand.',
          servers: 1,
          volumesPerServer: 4,
          driveCapacityBytes: 2 ** 32,
          installed: 'bare',
          users: [],
          buckets: [{ name: 'audit-trail', declared: false, objectLock: true }],
        },
      ],
    },
  ],
};

describe('servers without operator', () => {
  let stateDir: string;
  let sandbox: Sandbox;
  let config: any;
  const log: string[] = [];

  const get = async (path: string): Promise<any> => {
    const { secrets } = JSON.parse(
      await readFile(join(stateDir, 'world.json'), 'utf8'),
    );
    const response = await fetch(`${sandbox.kubernetes.borealis.url}${path}`, {
      headers: {
        authorization: `Bearer ${secrets['cluster borealis person']}`,
      },
    });
    return response.json();
  };
  const SETUP = '/api/v1/namespaces/storage-ml-setup';

  async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
    for (let tries = 0; tries < 400; tries += 1) {
      const found = await read();
      if (found) {
        return found;
      }
      await sleep(50);
    }
    throw new Error(`Does not get there. Printed:\n${log.join('\n')}`);
  }

  /** Puts files into the repository of the cluster. */
  async function merge(files: Record<string, string>): Promise<void> {
    const response = await fetch(
      `${sandbox.forge.url}/api/v1/repos/acme/borealis/contents`,
      {
        method: 'POST',
        headers: {
          authorization: `token ${sandbox.connections.forge.users.carla.token}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({
          branch: 'main',
          message: 'Change what is declared',
          files: Object.entries(files).map(([path, text]) => ({
            operation: 'create',
            path,
            content: Buffer.from(text).toString('base64'),
          })),
        }),
      },
    );
    expect(response.status).toBe(201);
  }

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-'));
    const setupProgram = join(stateDir, 'program.cjs');
    await writeFile(setupProgram, PROGRAM);
    sandbox = await startSandbox({
      stateDir,
      world,
      speed: 'fast',
      setupProgram,
      logger: { info: text => log.push(text), warn: text => log.push(text) },
    });
    config = parse(await readFile(sandbox.portalConfigPath, 'utf8')).rustfs;
  });

  afterAll(async () => {
    await sandbox?.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('are named to the portal with their workload and the namespace of their setup', () => {
    expect(config.setup.image).toMatch(
      /^acme\/rustfs-setup@sha256:[0-9a-f]{64}$/,
    );
    expect(config.tenants).toMatchObject([
      {
        ref: 'borealis/storage/ml',
        workload: { kind: 'StatefulSet', name: 'ml' },
        setup: { namespace: 'storage-ml-setup' },
      },
      {
        ref: 'borealis/storage/archive',
        workload: { kind: 'Deployment', name: 'archive' },
        setup: { namespace: 'storage-archive-setup' },
      },
    ]);
  });

  it('look as the chart and Flux have made them', async () => {
    const release = await get(
      '/apis/helm.toolkit.fluxcd.io/v2/namespaces/storage/helmreleases/ml',
    );
    expect(release.metadata.labels).toMatchObject({
      'kustomize.toolkit.fluxcd.io/name': 'storage',
    });
    expect(release.status).toMatchObject({
      observedGeneration: 1,
      conditions: [
        {
          type: 'Ready',
          status: 'True',
          reason: 'InstallSucceeded',
          message:
            'Helm install succeeded for release storage/ml.v1 with chart rustfs@1.0.1',
        },
        { type: 'Released' },
      ],
      history: [{ chartName: 'rustfs', status: 'deployed' }],
    });
    const workload = await until(async () => {
      const found = await get(
        '/apis/apps/v1/namespaces/storage/statefulsets/ml',
      );
      return found.status?.readyReplicas === 3 ? found : undefined;
    });
    expect(workload).toMatchObject({
      metadata: {
        labels: {
          'app.kubernetes.io/name': 'rustfs',
          'helm.sh/chart': 'rustfs-1.0.1',
          'helm.toolkit.fluxcd.io/name': 'ml',
        },
      },
      spec: {
        replicas: 4,
        template: {
          spec: { containers: [{ image: 'rustfs/rustfs:1.0.1' }] },
        },
      },
    });
    expect(
      (await get('/api/v1/namespaces/storage/services/ml-svc')).spec.ports,
    ).toMatchObject([
      { name: 'endpoint', port: 9000 },
      { name: 'console', port: 9001 },
    ]);
    const bare = await get(
      '/apis/apps/v1/namespaces/storage/deployments/archive',
    );
    expect(bare.status).toMatchObject({ replicas: 1, readyReplicas: 1 });
  });

  it('have records that the setup program settles, with the key and the rights of its folder', async () => {
    // Flux applies one object after the other, and the program may run in between.
    const { data } = await until(async () => {
      const status = await get(`${SETUP}/configmaps/rustfs-setup-ml`);
      const isWhole = status.data['access.mlflow'] && status.data.run;
      return isWhole && /mlflow/.test(status.data.run) ? status : undefined;
    });
    expect(Object.keys(data).sort()).toEqual([
      'access.mlflow',
      'bucket.mlflow-artifacts',
      'run',
    ]);
    expect(JSON.parse(data.run)).toEqual({
      accessKey: 'setup-ml',
      endpoint: sandbox.rustfs['borealis/storage/ml'].endpoint,
      keys: ['mlflow'],
    });
    const { data: record } = await get(`${SETUP}/configmaps/access.ml.mlflow`);
    expect(JSON.parse(record['policy.json'])).toMatchObject({
      Version: '2012-10-17',
    });
    const secret = await until(async () => {
      const found = await get('/api/v1/namespaces/mlflow/secrets/mlflow-s3');
      return found.data && found;
    });
    expect(
      Buffer.from(secret.data.AWS_ENDPOINT_URL_S3, 'base64').toString(),
    ).toBe('http://ml-svc.storage.svc:9000');
  });

  it('keep what the program has said when Git brings another record', async () => {
    await merge({
      'clusters/borealis/storage-ml-setup/buckets/mlflow-plots.yaml': `apiVersion: v1
kind: ConfigMap
metadata:
  name: bucket.ml.mlflow-plots
  namespace: storage-ml-setup
  labels:
    rustfs-portal/record: bucket
    rustfs-portal/tenant: ml
data:
  bucket: mlflow-plots
`,
    });
    const { data } = await until(async () => {
      const found = await get(`${SETUP}/configmaps/rustfs-setup-ml`);
      return found.data['bucket.mlflow-plots'] ? found : undefined;
    });
    expect(data['bucket.mlflow-artifacts']).toBeDefined();
  });

  it('can be looked at by the portal, and the one that is not switched on has the key of the program waiting', async () => {
    for (const tenant of config.tenants) {
      const portal = new RustfsAdmin(tenant.endpoint, {
        accessKey: tenant.accessKeyId,
        secretKey: tenant.secretAccessKey,
      });
      const users = JSON.parse(
        await portal.request('GET', '/rustfs/admin/v3/list-users'),
      );
      expect(Object.keys(users)).toEqual(
        expect.arrayContaining([tenant.accessKeyId]),
      );
      await expect(portal.request('PUT', '/not-allowed')).rejects.toThrow(
        'AccessDenied',
      );
    }
    const { data } = await get(
      '/api/v1/namespaces/storage-archive-setup/secrets/rustfs-provisioner',
    );
    const key = (name: string) => Buffer.from(data[name], 'base64').toString();
    const provisioner = new RustfsAdmin(
      sandbox.rustfs['borealis/storage/archive'].endpoint,
      { accessKey: key('accesskey'), secretKey: key('secretkey') },
    );
    await provisioner.createBucket('made-by-the-program', {});
    expect(await provisioner.hasObjectLock('audit-trail')).toBe(true);
    const { items } = await get('/apis/batch/v1/cronjobs');
    expect(items.map(({ metadata }: any) => metadata.namespace)).toEqual([
      'storage-ml-setup',
    ]);
  });

  it('are switched on by a pull request that brings a folder and the Kustomization that applies it', async () => {
    const [{ tenants }] = world.clusters;
    const { 'provisioner.sops.yaml': _, ...files } = await renderSetup(
      tenants[1],
      'borealis/storage/archive',
      await WorldState.open(stateDir),
    );
    const folder = 'clusters/borealis/storage-archive-setup';
    await merge({
      ...Object.fromEntries(
        Object.entries(files).map(([name, text]) => [
          `${folder}/${name}`,
          text,
        ]),
      ),
      'clusters/borealis/flux-system/storage-archive-setup.yaml': `apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: storage-archive-setup
  namespace: flux-system
spec:
  interval: 10m
  path: ./${folder}
  prune: true
  sourceRef:
    kind: GitRepository
    name: gitops
`,
    });
    const run = await until(async () => {
      const { data } = await get(
        '/api/v1/namespaces/storage-archive-setup/configmaps/rustfs-setup-archive',
      );
      return data?.run;
    });
    expect(JSON.parse(run)).toEqual({
      accessKey: 'setup-archive',
      endpoint: sandbox.rustfs['borealis/storage/archive'].endpoint,
      keys: [],
    });
  });
});
