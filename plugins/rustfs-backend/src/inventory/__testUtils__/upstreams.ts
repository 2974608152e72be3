import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  KubernetesApi,
  RustfsServer,
  startKubernetesApi,
  startRustfsServer,
} from '@rustfs-portal/sandbox';

interface ClusterObject {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: object;
  data?: Record<string, string>;
  status?: object;
}

const ADMIN_TOKEN = 'admin-token';
/** What the portal's account may do in the clusters of these tests. */
export const PORTAL_TOKEN = 'portal-token-that-stays-inside';

/** A cluster of the sandbox that a test fills by hand. */
export class TestCluster {
  static async start(
    name: string,
    options: { portalMayList?: string[] } = {},
  ): Promise<TestCluster> {
    const dataDir = await mkdtemp(join(tmpdir(), `cluster-${name}-`));
    const api = await startKubernetesApi({
      name,
      dataDir,
      tokens: [
        {
          token: ADMIN_TOKEN,
          user: 'admin',
          rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }],
        },
        {
          token: PORTAL_TOKEN,
          user: 'portal',
          rules: [
            {
              apiGroups: ['*'],
              resources: options.portalMayList ?? [
                'tenants',
                'configmaps',
                'kustomizations',
                'gitrepositories',
              ],
              verbs: ['list'],
            },
          ],
        },
      ],
    });
    const cluster = new TestCluster(name, dataDir, api);
    for (const namespace of ['storage', 'flux-system']) {
      await cluster.#send('POST', '/api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace },
      });
    }
    return cluster;
  }

  private constructor(
    readonly name: string,
    private readonly dataDir: string,
    readonly api: KubernetesApi,
  ) {}

  /** As an entry of `rustfs.clusters`. */
  get config() {
    return { name: this.name, url: this.api.url, token: PORTAL_TOKEN };
  }

  async create({ status, ...object }: ClusterObject): Promise<void> {
    const { apiVersion, kind, metadata } = object;
    const prefix = apiVersion.includes('/') ? 'apis' : 'api';
    const plural = `${kind.toLowerCase().replace(/y$/, 'ie')}s`;
    const path = `/${prefix}/${apiVersion}/namespaces/${metadata.namespace}/${plural}`;
    await this.#send('POST', path, object);
    if (status) {
      await this.#send('PATCH', `${path}/${metadata.name}/status`, { status });
    }
  }

  /** A Tenant with buckets that the operator has made, applied by Kustomization `flux-system/storage`. */
  async createTenant(
    name: string,
    buckets: string[],
    status: object = readyStatus(buckets),
  ): Promise<void> {
    await this.create({
      apiVersion: 'rustfs.com/v1alpha1',
      kind: 'Tenant',
      metadata: {
        name,
        namespace: 'storage',
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'storage',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
        annotations: {
          'kubectl.kubernetes.io/last-applied-configuration':
            '{"spec":{"env":[{"name":"TOKEN","value":"hunter2"}]}}',
        },
      },
      spec: {
        pools: [
          {
            name: 'pool-0',
            servers: 4,
            persistence: { volumesPerServer: 1 },
          },
        ],
        buckets: buckets.map(bucket => ({ name: bucket })),
      },
      status,
    });
  }

  async createRecord(
    tenant: string,
    data: Record<string, string>,
  ): Promise<void> {
    await this.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `bucket.${tenant}.${data.bucket}`,
        namespace: 'storage',
        labels: {
          'app.kubernetes.io/managed-by': 'rustfs-portal',
          'rustfs-portal/record': 'bucket',
          'rustfs-portal/tenant': tenant,
        },
        annotations: { 'rustfs-portal/request': `request-${data.bucket}` },
      },
      data,
    });
  }

  /** What Flux has applied the tenants with. */
  async createFlux(): Promise<void> {
    const revision = `main@sha1:${'a'.repeat(40)}`;
    await this.create({
      apiVersion: 'source.toolkit.fluxcd.io/v1',
      kind: 'GitRepository',
      metadata: { name: 'fleet', namespace: 'flux-system' },
      spec: {
        url: 'https://flux:to@ken@git.acme.example/acme/atlas.git',
        ref: { branch: 'main' },
        interval: '1m',
      },
      status: {
        artifact: { revision },
        conditions: [
          {
            type: 'FetchFailed',
            status: 'True',
            reason: 'GitOperationFailed',
            message:
              "failed to checkout: unable to clone 'https://flux:to@ken@git.acme.example/acme/atlas.git': timed out",
            lastTransitionTime: '2026-11-20T10:00:00Z',
          },
        ],
      },
    });
    await this.create({
      apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
      kind: 'Kustomization',
      metadata: { name: 'storage', namespace: 'flux-system' },
      spec: {
        path: './clusters/atlas/storage/',
        prune: true,
        interval: '10m',
        sourceRef: { kind: 'GitRepository', name: 'fleet' },
      },
      status: { lastAppliedRevision: revision },
    });
  }

  async stop(): Promise<void> {
    await this.api.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }

  async #send(method: string, path: string, body: object): Promise<void> {
    const response = await fetch(`${this.api.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        'content-type':
          method === 'PATCH'
            ? 'application/merge-patch+json'
            : 'application/json',
      },
      body: JSON.stringify(body),
    });
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${await response.text()}`);
    }
  }
}

/** The status that the operator gives a Tenant when all is done. */
export function readyStatus(buckets: string[]): object {
  return {
    currentState: 'Ready',
    availableReplicas: 4,
    pools: [],
    observedGeneration: 1,
    conditions: [
      {
        type: 'Ready',
        status: 'True',
        reason: 'ReconcileSucceeded',
        message: 'Tenant is ready',
        lastTransitionTime: '2026-11-20T10:00:00Z',
        observedGeneration: 1,
      },
    ],
    provisioning: {
      observedGeneration: 1,
      phase: 'Ready',
      buckets: buckets.map(name => ({
        name,
        state: 'Ready',
        reason: 'ProvisioningConfigured',
        message: 'RustFS bucket was created',
        objectLock: false,
        lastTransitionTime: '2026-11-20T10:00:00Z',
      })),
    },
  };
}

const ROOT = {
  accessKeyId: 'root-access',
  secretAccessKey: 'root-secret-that-stays-inside',
};

/** A RustFS server of the sandbox with some buckets. */
export class TestServer {
  static async start(buckets: string[]): Promise<TestServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'rustfs-'));
    const server = await startRustfsServer({
      dataDir,
      rootAccessKey: ROOT.accessKeyId,
      rootSecretKey: ROOT.secretAccessKey,
    });
    const s3 = new S3Client({
      endpoint: server.endpoint,
      region: 'us-east-1',
      // The SDK writes into the object that it is given.
      credentials: { ...ROOT },
      forcePathStyle: true,
    });
    for (const bucket of buckets) {
      await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    }
    s3.destroy();
    await server.scanNow();
    return new TestServer(dataDir, server);
  }

  private constructor(
    private readonly dataDir: string,
    readonly server: RustfsServer,
  ) {}

  /** As an entry of `rustfs.tenants`. */
  config(ref: string) {
    return { ref, endpoint: this.server.endpoint, ...ROOT };
  }

  async stop(): Promise<void> {
    await this.server.stop();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
