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
  parseObject,
  ResourceType,
  SECRETS,
} from '../kubernetes';
import { encryptManifest } from '../sops';

// A machine with other work to do takes longer than the usual five seconds.
jest.setTimeout(60_000);

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

describe('the Flux stand-in beside the recorded controllers', () => {
  let stateDir: string;
  let sandbox: Sandbox;
  let client: ClusterClient;
  let url: string;
  let identity: string;
  let recipient: string;
  let files: Record<string, string>;

  /** Makes the folder `apps` of the branch hold just these files. */
  async function commit(change: Record<string, string>): Promise<string> {
    files = { ...(await goodFiles()), ...change };
    const api = `${sandbox.forge.url}/api/v1/repos/acme/deploy`;
    const headers = {
      authorization: `token ${sandbox.connections.forge.users.carla.token}`,
      'content-type': 'application/json',
    };
    const changes = await Promise.all(
      Object.entries(files).map(async ([path, content]) => {
        const current = await fetch(`${api}/contents/apps/${path}?ref=main`, {
          headers,
        });
        const sha = current.ok
          ? z.object({ sha: z.string() }).parse(await current.json()).sha
          : undefined;
        return {
          operation: sha ? 'update' : 'create',
          path: `apps/${path}`,
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
    return made.sha;
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

  const atRest =
    (commitId: string) => (status: z.output<typeof statusSchema>) =>
      status.lastAttemptedRevision === `main@sha1:${commitId}` &&
      status.conditions.some(c => c.type === 'Ready' && c.status !== 'Unknown');

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
    const world = JSON.parse(
      readFileSync(join(stateDir, 'world.json'), 'utf8'),
    );
    client = new ClusterClient({
      url: sandbox.kubernetes.atlas.url,
      token: world.secrets['cluster atlas person'],
      manager: 'test',
    });
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
      expect(status.lastAppliedRevision).toBe(before.lastAppliedRevision);
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
      recorded('success').kustomization,
      atRest(head),
    );
    const configMaps = await client.resourceOf('v1', 'ConfigMap');
    await expect(
      client.get(configMaps!, 'apps', 'policies'),
    ).resolves.toBeUndefined();
  });

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
      }).replaceAll('${aws:', '${aws:'),
    });
    const name = recording;
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
      await client.mergePatch(GIT_REPOSITORIES, target, {
        spec: { ...good, ...spec() },
      });
      await expectStatus(
        GIT_REPOSITORIES,
        'deploy',
        recorded(recording).gitRepository,
        status => status.conditions.some(c => c.type === 'FetchFailed'),
      );
      const { conditions } = await statusOf(KUSTOMIZATIONS, 'apps');
      expect(conditions).toEqual([expect.objectContaining({ status: 'True' })]);
      await client.mergePatch(GIT_REPOSITORIES, target, { spec: good });
      await expectStatus(
        GIT_REPOSITORIES,
        'deploy',
        recorded('success').gitRepository,
        status => status.conditions.length === 2,
      );
    },
  );

  it('does nothing while suspended, and takes a request for a look when it is not', async () => {
    const target = { namespace: 'flux-system', name: 'apps' };
    await client.mergePatch(KUSTOMIZATIONS, target, {
      spec: { suspend: true },
    });
    const before = await statusOf(KUSTOMIZATIONS, 'apps');
    const head = await commit({});
    await sleep(800);
    expect(await statusOf(KUSTOMIZATIONS, 'apps')).toEqual(before);

    await client.mergePatch(KUSTOMIZATIONS, target, {
      metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } },
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
});
