import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { Sandbox, startSandbox } from '../../sandbox';
import {
  ClusterClient,
  GIT_REPOSITORIES,
  KUSTOMIZATIONS,
  NAMESPACES,
  parseObject,
  ResourceType,
  SECRETS,
  TENANTS,
  timestamp,
} from '../kubernetes';
import { encryptManifest } from '../sops';

/**
 * Statuses recorded from the real Flux controllers, asked of the stand-in.
 *
 * With FLUX_KUBE_API_URL and FLUX_KUBE_API_TOKEN (an administrator's) the same is asked of Flux in that cluster instead,
 * which has to be on this machine, as it fetches from a forge that is started here. Nothing else may use the cluster:
 * the names `apps`, `deploy` and `sops-test` are written over.
 */
const REAL = process.env.FLUX_KUBE_API_URL && {
  url: process.env.FLUX_KUBE_API_URL,
  token: process.env.FLUX_KUBE_API_TOKEN ?? '',
};

// A machine with other work to do takes longer than the usual five seconds.
jest.setTimeout(120_000);

const conditionSchema = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string(),
  message: z.string(),
});

const statusSchema = z.looseObject({
  conditions: z.array(conditionSchema).default([]),
  observedGeneration: z.number().optional(),
  lastAppliedRevision: z.string().optional(),
  lastAttemptedRevision: z.string().optional(),
  inventory: z.unknown().optional(),
  artifact: z.looseObject({ revision: z.string() }).optional(),
});

function recorded(name: string) {
  const recording = parse(
    readFileSync(join(__dirname, '__fixtures__', `${name}.yaml`), 'utf8'),
  );
  return {
    gitRepository: statusSchema.parse(recording.gitRepository?.status ?? {}),
    kustomization: statusSchema.parse(recording.kustomization?.status ?? {}),
  };
}

/** Conditions without what differs from run to run. */
function words(
  status: z.output<typeof statusSchema>,
  url: string,
): Array<Record<string, string>> {
  return status.conditions
    .map(({ type, status: value, reason, message }) => ({
      type,
      value,
      reason,
      message: message
        .replaceAll(url, '<url>')
        .replace(
          /http:\/\/127\.0\.0\.1:\d+\/(acme\/)?(deploy|absent)(\.git)?/g,
          '<url>',
        )
        .replace(/127\.0\.0\.1:9\b/g, '<host>')
        .replace(/[0-9a-f]{40}/g, '<commit>')
        .replace(/age1[0-9a-z]+/g, '<recipient>')
        // What is wrong with a text is said in the words of the parser.
        .replace(/(MalformedYAMLError): .*( in File)/, '$1: …$2')
        .replace(/[^\s']*\/kustomization-\d+/g, '<work folder>')
        // What follows is what the Git server answered; the recorded one has words of its own.
        .replace(
          /(authentication required|repository not found): [^]*$/,
          '$1: <answer>',
        )
        .replace(/new generation \d+ -> \d+/, 'new generation')
        .replace(/(after|in) [0-9.]+m?s/g, '$1 <duration>'),
    }))
    .sort((a, b) => (a.type < b.type ? -1 : 1));
}

const NAMESPACE = {
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'apps' },
};

function tenant(spec: object = {}) {
  return {
    apiVersion: 'rustfs.com/v1alpha1',
    kind: 'Tenant',
    metadata: { name: 'media' },
    spec: {
      credsSecret: { name: 'media-root' },
      pools: [
        { name: 'pool-0', servers: 1, persistence: { volumesPerServer: 1 } },
      ],
      buckets: [{ name: 'media-raw' }],
      ...spec,
    },
  };
}

const POLICIES = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'policies' },
  data: { 'raw.json': '{"Version":"2012-10-17","Statement":[]}' },
};

const plainSecret = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  data: { accesskey: 'bWVkaWEtcm9vdA==', secretkey: 'bWVkaWEtc2VjcmV0' },
});

describe(`${
  REAL ? 'Flux itself' : 'the Flux stand-in'
} beside the recorded controllers`, () => {
  let stateDir: string;
  let sandbox: Sandbox;
  let client: ClusterClient;
  let url: string;
  let identity: string;
  let recipient: string;

  /** Writes the folder `apps` of the branch as it is when all is well but for the change, and files elsewhere. */
  async function commit(
    change: Record<string, string>,
    elsewhere: Record<string, string> = {},
  ): Promise<string> {
    const apps = { ...(await goodFiles()), ...change };
    const files: Record<string, string> = {
      ...Object.fromEntries(
        Object.entries(apps).map(([path, content]) => [
          `apps/${path}`,
          content,
        ]),
      ),
      ...elsewhere,
    };
    const api = `${sandbox.forge.url}/api/v1/repos/acme/deploy`;
    const headers = {
      authorization: `token ${sandbox.connections.forge.users.carla.token}`,
      'content-type': 'application/json',
    };
    const changes = await Promise.all(
      Object.entries(files).map(async ([path, content]) => {
        const current = await fetch(`${api}/contents/${path}?ref=main`, {
          headers,
        });
        const sha = current.ok
          ? z.object({ sha: z.string() }).parse(await current.json()).sha
          : undefined;
        return {
          operation: sha ? 'update' : 'create',
          path,
          content: Buffer.from(content).toString('base64'),
          ...(sha && { sha }),
        };
      }),
    );
    const response = await fetch(`${api}/contents`, {
      method: 'POST',
      headers,
      body: JSON.stringify({
        branch: 'main',
        message: `Change ${Object.keys(change).join(', ') || 'nothing'}`,
        files: changes,
      }),
    });
    expect(response.status).toBe(201);
    const { commit: made } = z
      .object({ commit: z.object({ sha: z.string() }) })
      .parse(await response.json());
    await fetchNow(made.sha);
    return made.sha;
  }

  /** The real one would look again in ten minutes. What comes next must not meet the revision before. */
  async function fetchNow(commitId: string): Promise<void> {
    const target = { namespace: 'flux-system', name: 'deploy' };
    if (await client.get(GIT_REPOSITORIES, target.namespace, target.name)) {
      await client.mergePatch(GIT_REPOSITORIES, target, {
        metadata: {
          annotations: {
            'reconcile.fluxcd.io/requestedAt': new Date().toISOString(),
          },
        },
      });
      await until(async () => {
        const { artifact } = await statusOf(GIT_REPOSITORIES, target.name);
        return artifact?.revision === `main@sha1:${commitId}`;
      });
    }
  }

  async function goodFiles(): Promise<Record<string, string>> {
    return {
      'kustomization.yaml': stringify({
        namespace: 'apps',
        resources: [
          'namespace.yaml',
          'policies.yaml',
          'root.sops.yaml',
          'tenant.yaml',
        ],
      }),
      'namespace.yaml': stringify(NAMESPACE),
      'policies.yaml': stringify(POLICIES),
      'root.sops.yaml': await encryptManifest(plainSecret('media-root'), {
        recipients: [recipient],
      }),
      'tenant.yaml': stringify(tenant()),
    };
  }

  async function statusOf(type: ResourceType, name: string) {
    const object = await client.get(type, 'flux-system', name);
    return statusSchema.parse(object?.status ?? {});
  }

  /** Waits until a status has come to rest at what was recorded. */
  async function expectStatus(
    type: ResourceType,
    name: string,
    expected: z.output<typeof statusSchema>,
    settled: (status: z.output<typeof statusSchema>) => boolean,
  ) {
    const deadline = Date.now() + 30_000;
    let status = await statusOf(type, name);
    while (!settled(status) && Date.now() < deadline) {
      await sleep(30);
      status = await statusOf(type, name);
    }
    expect(words(status, url)).toEqual(words(expected, url));
    return status;
  }

  async function until(isReached: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!(await isReached())) {
      expect(Date.now()).toBeLessThan(deadline);
      await sleep(100);
    }
  }

  /** The real controllers write the conditions first, and the rest a moment later. */
  const atRest =
    (commitId: string) => (status: z.output<typeof statusSchema>) => {
      const revision = `main@sha1:${commitId}`;
      const ready = status.conditions.find(({ type }) => type === 'Ready');
      return (
        status.lastAttemptedRevision === revision &&
        status.observedGeneration !== undefined &&
        (ready?.status === 'False' ||
          (ready?.status === 'True' && status.lastAppliedRevision === revision))
      );
    };

  function kustomization(name: string, spec: object = {}) {
    return parseObject({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name, namespace: 'flux-system' },
      spec: {
        interval: '10m',
        retryInterval: '1m',
        timeout: '20s',
        path: './apps',
        prune: true,
        sourceRef: { kind: 'GitRepository', name: 'deploy' },
        decryption: { provider: 'sops', secretRef: { name: 'sops-test' } },
        ...spec,
      },
    });
  }

  function standInOf(): { url: string; token: string } {
    const world = JSON.parse(
      readFileSync(join(stateDir, 'world.json'), 'utf8'),
    );
    return {
      url: sandbox.kubernetes.atlas.url,
      token: world.secrets['cluster atlas person'],
    };
  }

  /** What the sandbox puts into its own cluster, without what an earlier run has left. */
  async function prepareCluster(): Promise<void> {
    await removeAll();
    if (!(await client.get(NAMESPACES, undefined, 'flux-system'))) {
      await client.create(
        NAMESPACES,
        parseObject({
          apiVersion: 'v1',
          kind: 'Namespace',
          metadata: { name: 'flux-system' },
        }),
      );
    }
    const { password } = sandbox.connections.forge.users.carla;
    await createCredentials('forge-credentials', password);
  }

  /** What a source is fetched with, as carla. */
  async function createCredentials(name: string, password: string) {
    await client.create(
      SECRETS,
      parseObject({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name, namespace: 'flux-system' },
        data: {
          username: Buffer.from('carla').toString('base64'),
          password: Buffer.from(password).toString('base64'),
        },
      }),
    );
  }

  /** Takes the objects of this test out of a real cluster and waits until Flux has let go of them. */
  async function removeAll(): Promise<void> {
    await remove(KUSTOMIZATIONS, 'flux-system', 'apps');
    await remove(GIT_REPOSITORIES, 'flux-system', 'deploy');
    await remove(SECRETS, 'flux-system', 'sops-test');
    await remove(SECRETS, 'flux-system', 'forge-credentials');
    await remove(NAMESPACES, undefined, 'apps');
  }

  async function remove(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
  ): Promise<void> {
    await client.delete(type, namespace, name);
    await until(async () => !(await client.get(type, namespace, name)));
  }

  beforeAll(async () => {
    stateDir = await mkdtemp(join(tmpdir(), 'sandbox-flux-'));
    identity = await generateX25519Identity();
    recipient = await identityToRecipient(identity);
    sandbox = await startSandbox({ stateDir, world: 'empty', speed: 'fast' });
    await sandbox.forge.createRepository({
      owner: 'acme',
      name: 'deploy',
      files: { 'README.md': '# deploy\n' },
      collaborators: { carla: 'admin' },
    });
    url = `${sandbox.forge.url}/acme/deploy.git`;
    client = new ClusterClient({ ...(REAL || standInOf()), manager: 'test' });
    if (REAL) {
      await prepareCluster();
    }
    await client.create(
      SECRETS,
      parseObject({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'sops-test', namespace: 'flux-system' },
        data: { 'age.agekey': Buffer.from(identity).toString('base64') },
      }),
    );
    const first = await commit({});
    await client.create(
      GIT_REPOSITORIES,
      parseObject({
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: 'deploy', namespace: 'flux-system' },
        spec: { interval: '10m', timeout: '20s', url, ref: { branch: 'main' } },
      }),
    );
    await client.create(KUSTOMIZATIONS, kustomization('apps'));
    await expectStatus(
      KUSTOMIZATIONS,
      'apps',
      recorded('success').kustomization,
      atRest(first),
    );
  });

  afterAll(async () => {
    if (REAL) {
      await removeAll();
    }
    await sandbox.stop();
    await rm(stateDir, { recursive: true, force: true });
  });

  it('fetches and applies: both objects say so, the inventory names what is applied', async () => {
    const { gitRepository } = recorded('success');
    await expectStatus(GIT_REPOSITORIES, 'deploy', gitRepository, () => true);
    const status = await statusOf(KUSTOMIZATIONS, 'apps');
    expect(status).toMatchObject({
      observedGeneration: 1,
      lastAppliedRevision: status.lastAttemptedRevision,
      inventory: {
        entries: expect.arrayContaining([
          { id: 'apps_policies__ConfigMap', v: 'v1' },
          { id: 'apps_media-root__Secret', v: 'v1' },
          { id: 'apps_media_rustfs.com_Tenant', v: 'v1alpha1' },
        ]),
      },
    });
    const secret = await client.get(SECRETS, 'apps', 'media-root');
    expect(secret).toMatchObject({
      data: plainSecret('media-root').data,
      metadata: {
        labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' },
      },
    });
  });

  const failures: Array<
    [
      recording: string,
      change: () => Record<string, string> | Promise<Record<string, string>>,
    ]
  > = [
    [
      'build-failed',
      () => ({
        'kustomization.yaml': stringify({ resources: ['missing.yaml'] }),
      }),
    ],
    ['build-failed-yaml', () => ({ 'tenant.yaml': 'kind: {\nname\n' })],
    [
      'dry-run-failed',
      () => ({
        'tenant.yaml': stringify(tenant({ buckets: [{ name: 'Media' }] })),
      }),
    ],
    [
      'dry-run-failed-duplicate',
      () => ({
        'tenant.yaml': stringify(
          tenant({ buckets: [{ name: 'media-raw' }, { name: 'media-raw' }] }),
        ),
      }),
    ],
    [
      'dry-run-failed-immutable',
      () => ({
        'tenant.yaml': stringify(
          tenant({
            pools: [
              {
                name: 'pool-0',
                servers: 2,
                persistence: { volumesPerServer: 1 },
              },
            ],
          }),
        ),
      }),
    ],
    [
      'dry-run-failed-no-kind',
      () => ({
        'policies.yaml': stringify({
          apiVersion: 'example.org/v1',
          kind: 'Thing',
          metadata: { name: 'x' },
        }),
      }),
    ],
    [
      'dry-run-failed-no-namespace',
      () => ({
        'kustomization.yaml': stringify({
          namespace: 'nowhere',
          resources: ['tenant.yaml'],
        }),
      }),
    ],
    [
      'unknown-field',
      () => ({
        'tenant.yaml': stringify(tenant({ bucketz: [] })),
      }),
    ],
    [
      'decryption-wrong-key',
      async () => ({
        'root.sops.yaml': await encryptManifest(plainSecret('media-root'), {
          recipients: [
            await identityToRecipient(await generateX25519Identity()),
          ],
        }),
      }),
    ],
    [
      'decryption-tampered',
      async () => {
        const text = await encryptManifest(plainSecret('media-root'), {
          recipients: [recipient],
        });
        const [, tag] = /accesskey: .*tag:([^,]+),/.exec(text) ?? [];
        const other = tag.startsWith('A') ? 'B' : 'A';
        return {
          'root.sops.yaml': text.replace(tag, `${other}${tag.slice(1)}`),
        };
      },
    ],
  ];

  it.each(failures)(
    '%s: nothing of the revision is applied',
    async (recording, change) => {
      const before = await statusOf(KUSTOMIZATIONS, 'apps');
      const head = await commit(await change());
      const status = await expectStatus(
        KUSTOMIZATIONS,
        'apps',
        recorded(recording).kustomization,
        atRest(head),
      );
      // These tell of the last success, and stay.
      expect(status).toMatchObject({
        lastAppliedRevision: before.lastAppliedRevision,
        observedGeneration: before.observedGeneration,
        inventory: before.inventory,
      });
    },
  );

  it('recovers, and prunes what left the repository', async () => {
    const head = await commit({
      'kustomization.yaml': stringify({
        namespace: 'apps',
        resources: ['namespace.yaml', 'root.sops.yaml', 'tenant.yaml'],
      }),
    });
    await expectStatus(
      KUSTOMIZATIONS,
      'apps',
      recorded('success-second-revision').kustomization,
      atRest(head),
    );
    const configMaps = await client.resourceOf('v1', 'ConfigMap');
    await expect(
      client.get(configMaps!, 'apps', 'policies'),
    ).resolves.toBeUndefined();
  });

  /** Where Flux is real, no operator says so. */
  async function degradeTenant(): Promise<void> {
    const live = await client.get(TENANTS, 'apps', 'media');
    await client.mergePatch(
      TENANTS,
      { namespace: 'apps', name: 'media', subresource: 'status' },
      {
        status: {
          availableReplicas: 0,
          currentState: 'Degraded',
          observedGeneration: live?.metadata.generation,
          pools: [],
          conditions: [
            {
              type: 'Degraded',
              status: 'True',
              reason: 'PoolDegraded',
              message: 'One or more pools are degraded',
              lastTransitionTime: timestamp(),
            },
          ],
        },
      },
    );
  }

  it.each<[recording: string, spec: object]>([
    [
      'decryption-secret-missing',
      { decryption: { provider: 'sops', secretRef: { name: 'sops-age' } } },
    ],
    ['dependency-not-ready', { dependsOn: [{ name: 'nope' }] }],
    [
      'policy-variable-with-substitution',
      { postBuild: { substitute: { cluster: 'atlas' } } },
    ],
    [
      'health-check-expression-failed',
      {
        timeout: '30s',
        healthChecks: [
          {
            apiVersion: 'rustfs.com/v1alpha1',
            kind: 'Tenant',
            name: 'media',
            namespace: 'apps',
          },
        ],
        healthCheckExprs: [
          {
            apiVersion: 'rustfs.com/v1alpha1',
            kind: 'Tenant',
            inProgress:
              '!has(status.observedGeneration) || status.observedGeneration != metadata.generation',
            failed:
              "status.conditions.exists(e, e.type == 'Degraded' && e.status == 'True')",
            current:
              "status.conditions.exists(e, e.type == 'Ready' && e.status == 'True')",
          },
        ],
      },
    ],
  ])('%s', async (recording, spec) => {
    if (recording === 'decryption-secret-missing') {
      await client.delete(SECRETS, 'flux-system', 'sops-age');
    }
    const head = await commit({
      'policies.yaml': stringify({
        ...POLICIES,
        data: { 'home.json': 'arn:aws:s3:::home/${aws:username}/*' },
      }),
    });
    const name = recording;
    if (REAL && recording === 'health-check-expression-failed') {
      await degradeTenant();
    }
    await client.create(
      KUSTOMIZATIONS,
      kustomization(name, { prune: false, ...spec }),
    );
    const status = await expectStatus(
      KUSTOMIZATIONS,
      name,
      recorded(recording).kustomization,
      current =>
        recording === 'dependency-not-ready'
          ? current.conditions.length > 0
          : atRest(head)(current),
    );
    expect(status.lastAppliedRevision).toBeUndefined();
    await client.delete(KUSTOMIZATIONS, 'flux-system', name);
  });

  const inApps = (object: { metadata: object }) => ({
    ...object,
    metadata: { ...object.metadata, namespace: 'apps' },
  });
  const withVariable = {
    ...POLICIES,
    metadata: { name: 'home' },
    data: { 'home.json': 'arn:aws:s3:::home/${aws:username}/*' },
  };

  it.each<
    [
      recording: string,
      spec: object,
      object: () => Promise<string> | string,
      inventory: string[] | undefined,
    ]
  >([
    [
      'decryption-not-configured-data',
      { decryption: undefined },
      () =>
        encryptManifest(inApps(plainSecret('plain-data')), {
          recipients: [recipient],
        }),
      undefined,
    ],
    [
      'decryption-not-configured-stringdata',
      { decryption: undefined },
      () => {
        const { data: stringData, ...secret } = plainSecret('plain-sd');
        return encryptManifest(
          { ...inApps(secret), stringData },
          { recipients: [recipient] },
        );
      },
      ['apps_plain-sd__Secret'],
    ],
    [
      'policy-variable-without-substitution',
      {},
      () => stringify(inApps(withVariable)),
      ['apps_home__ConfigMap'],
    ],
    [
      'wait-ok',
      { wait: true },
      () => stringify(inApps(withVariable)),
      ['apps_home__ConfigMap'],
    ],
  ])(
    '%s: all that is applied goes with the Kustomization',
    async (recording, spec, object, inventory) => {
      const head = await commit({}, { 'single/object.yaml': await object() });
      await client.create(
        KUSTOMIZATIONS,
        kustomization(recording, { path: './single', ...spec }),
      );
      const status = await expectStatus(
        KUSTOMIZATIONS,
        recording,
        recorded(recording).kustomization,
        atRest(head),
      );
      const entries = inventory?.map(id => ({ id, v: 'v1' }));
      expect(status.inventory).toEqual(entries && { entries });
      expect(status.observedGeneration).toBe(inventory ? 1 : -1);
      const live = () =>
        Promise.all(
          (inventory ?? []).map(async id => {
            const [namespace, name, , kind] = id.split('_');
            const type = await client.resourceOf('v1', kind);
            return client.get(type!, namespace, name);
          }),
        );
      expect(await live()).not.toContain(undefined);

      await remove(KUSTOMIZATIONS, 'flux-system', recording);
      await until(async () => (await live()).every(one => !one));
    },
  );

  it('says that the folder is not there', async () => {
    const head = await commit({});
    await client.create(
      KUSTOMIZATIONS,
      kustomization('no-folder', { path: './nowhere' }),
    );
    const status = await expectStatus(
      KUSTOMIZATIONS,
      'no-folder',
      {
        conditions: [
          {
            type: 'Reconciling',
            status: 'True',
            reason: 'ProgressingWithRetry',
            message: `Fetching manifests for revision main@sha1:${head} with a timeout of 30s`,
          },
          {
            type: 'Ready',
            status: 'False',
            reason: 'ArtifactFailed',
            message:
              'kustomization path not found: stat /tmp/kustomization-1/nowhere: no such file or directory',
          },
        ],
      },
      ({ conditions }) =>
        conditions.some(c => c.type === 'Ready' && c.status === 'False'),
    );
    expect(status.lastAttemptedRevision).toBeUndefined();
    await client.delete(KUSTOMIZATIONS, 'flux-system', 'no-folder');
    // The next ones begin where nothing is under way.
    await until(async () =>
      atRest(head)(await statusOf(KUSTOMIZATIONS, 'apps')),
    );
  });

  it.each<[recording: string, spec: () => object]>([
    ['source-branch-missing', () => ({ url, ref: { branch: 'nope' } })],
    [
      'source-repository-missing',
      () => ({
        url: `${sandbox.forge.url}/acme/absent.git`,
        // To the unknown the forge says 401 for what it does not have.
        secretRef: { name: 'forge-credentials' },
      }),
    ],
    ['source-unreachable', () => ({ url: 'http://127.0.0.1:9/deploy.git' })],
    ['source-secret-missing', () => ({ secretRef: { name: 'git-cred' } })],
  ])(
    '%s: the artifact stays, and so does the Kustomization',
    async (recording, spec) => {
      const good = { url, ref: { branch: 'main' }, secretRef: null };
      const target = { namespace: 'flux-system', name: 'deploy' };
      const { artifact } = await statusOf(GIT_REPOSITORIES, 'deploy');
      await client.mergePatch(GIT_REPOSITORIES, target, {
        spec: { ...good, ...spec() },
      });
      const failed = await expectStatus(
        GIT_REPOSITORIES,
        'deploy',
        recorded(recording).gitRepository,
        status => status.conditions.some(c => c.type === 'FetchFailed'),
      );
      expect(failed.artifact).toEqual(artifact);
      await expectStatus(
        KUSTOMIZATIONS,
        'apps',
        recorded('success').kustomization,
        ({ conditions }) => conditions.every(c => c.status === 'True'),
      );
      await client.mergePatch(GIT_REPOSITORIES, target, { spec: good });
      await expectStatus(
        GIT_REPOSITORIES,
        'deploy',
        recorded('success').gitRepository,
        status => status.conditions.length === 2,
      );
    },
  );

  it.each<[recording: string, password: string | undefined]>([
    ['source-authentication-missing', undefined],
    ['source-authentication-wrong', 'wrong'],
  ])('%s', async (recording, password) => {
    const target = ['flux-system', recording] as const;
    if (password) {
      await createCredentials(recording, password);
    }
    await client.create(
      GIT_REPOSITORIES,
      parseObject({
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: recording, namespace: 'flux-system' },
        spec: {
          interval: '10m',
          // What is private and what is not there is the same to the unknown.
          url: `${sandbox.forge.url}/acme/absent.git`,
          ...(password && { secretRef: { name: recording } }),
        },
      }),
    );
    const status = await expectStatus(
      GIT_REPOSITORIES,
      recording,
      recorded(recording).gitRepository,
      ({ conditions, observedGeneration }) =>
        conditions.some(c => c.type === 'FetchFailed') &&
        observedGeneration !== undefined,
    );
    const ready = status.conditions.find(({ type }) => type === 'Ready');
    expect(ready?.message).toContain(
      `authentication required: ${
        password ? 'Failed to authenticate user' : 'Unauthorized'
      }\n`,
    );
    expect(status.observedGeneration).toBe(-1);
    await client.delete(GIT_REPOSITORIES, ...target);
    await client.delete(SECRETS, ...target);
  });

  it('says of a known source that the credentials are refused', async () => {
    await createCredentials('refused', 'wrong');
    const target = { namespace: 'flux-system', name: 'deploy' };
    const ready = async () =>
      (await statusOf(GIT_REPOSITORIES, 'deploy')).conditions.find(
        ({ type }) => type === 'Ready',
      );
    await client.mergePatch(GIT_REPOSITORIES, target, {
      spec: { secretRef: { name: 'refused' } },
    });
    await until(async () => (await ready())?.status === 'False');
    expect(await ready()).toMatchObject({
      reason: 'GitOperationFailed',
      message: `failed to checkout and determine revision: unable to list remote for '${url}': authentication required: Failed to authenticate user\n`,
    });
    await client.mergePatch(GIT_REPOSITORIES, target, {
      spec: { secretRef: null },
    });
    await until(async () => (await ready())?.status === 'True');
    await remove(SECRETS, 'flux-system', 'refused');
  });

  it.each<[why: string, name: string, url: () => string, message: string]>([
    [
      'is not there',
      'absent',
      () => `${sandbox.forge.url}/acme/absent.git`,
      'repository not found: Repository not found',
    ],
    [
      'cannot be reached',
      'away',
      () => 'http://127.0.0.1:9/deploy.git',
      'Get "http://127.0.0.1:9/deploy.git/info/refs?service=git-upload-pack": dial tcp 127.0.0.1:9: connect: connection refused',
    ],
  ])('says of a new source that it %s', async (_, name, address, message) => {
    await client.create(
      GIT_REPOSITORIES,
      parseObject({
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        // Of its own: what was said of another one may come late.
        metadata: { name, namespace: 'flux-system' },
        spec: {
          interval: '10m',
          url: address(),
          secretRef: { name: 'forge-credentials' },
        },
      }),
    );
    const ready = async () =>
      (await statusOf(GIT_REPOSITORIES, name)).conditions.find(
        ({ type, status }) => type === 'Ready' && status === 'False',
      );
    await until(async () => (await ready()) !== undefined);
    expect(await ready()).toMatchObject({
      reason: 'GitOperationFailed',
      message: `failed to checkout and determine revision: unable to clone '${address()}': ${message}`,
    });
    await remove(GIT_REPOSITORIES, 'flux-system', name);
  });

  it('does nothing while suspended, and takes a request for a look when it is not', async () => {
    const target = { namespace: 'flux-system', name: 'apps' };
    await client.mergePatch(KUSTOMIZATIONS, target, {
      spec: { suspend: true },
    });
    const before = await statusOf(KUSTOMIZATIONS, 'apps');
    const head = await commit({});
    const request = (requestedAt: string) => ({
      annotations: { 'reconcile.fluxcd.io/requestedAt': requestedAt },
    });
    const { metadata } = await client.mergePatch(KUSTOMIZATIONS, target, {
      metadata: request('while suspended'),
    });
    await until(async () => {
      const status = await statusOf(KUSTOMIZATIONS, target.name);
      return status.lastHandledReconcileAt === 'while suspended';
    });
    // By now it would be applied.
    await sleep(1500);
    expect(await statusOf(KUSTOMIZATIONS, 'apps')).toEqual({
      ...before,
      // Looked at is not done.
      lastHandledReconcileAt: 'while suspended',
      observedGeneration: metadata.generation,
    });

    await client.mergePatch(KUSTOMIZATIONS, target, {
      metadata: request('now'),
      spec: { suspend: false },
    });
    const status = await expectStatus(
      KUSTOMIZATIONS,
      'apps',
      recorded('success').kustomization,
      atRest(head),
    );
    expect(status).toMatchObject({
      lastHandledReconcileAt: 'now',
      lastAppliedRevision: `main@sha1:${head}`,
    });
  });

  it('source-deleted: what was applied stays', async () => {
    const before = await statusOf(KUSTOMIZATIONS, 'apps');
    await remove(GIT_REPOSITORIES, 'flux-system', 'deploy');
    await client.mergePatch(
      KUSTOMIZATIONS,
      { namespace: 'flux-system', name: 'apps' },
      {
        metadata: {
          annotations: { 'reconcile.fluxcd.io/requestedAt': 'without source' },
        },
      },
    );
    const { inventory, lastAppliedRevision } = await expectStatus(
      KUSTOMIZATIONS,
      'apps',
      recorded('source-deleted').kustomization,
      ({ conditions }) => conditions.every(c => c.status === 'False'),
    );
    expect({ inventory, lastAppliedRevision }).toEqual({
      inventory: before.inventory,
      lastAppliedRevision: before.lastAppliedRevision,
    });
  });
});
