import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';
import { S3Client } from '@aws-sdk/client-s3';
import {
  BackendFeature,
  coreServices,
  RootLoggerService,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  CoreV1Api,
  CustomObjectsApi,
  KubeConfig,
  PatchStrategy,
  setHeaderOptions,
} from '@kubernetes/client-node';
import {
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { Sandbox, startSandbox, WorldDefinition } from '@rustfs-portal/sandbox';
import { Knex } from 'knex';
import request from 'supertest';
import { parse } from 'yaml';
import rustfsPlugin from '..';
import { realClusters } from './realClusters';

export const TENANT = 'atlas/storage/apps';
export const ENTITY = 'component:default/invoices';
const ADA = 'user:default/ada';

const invoices: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/checkout' }],
};

interface Parts {
  stateDir: string;
  sandbox: Sandbox;
  backend: TestBackend;
  database: Knex;
  logs: string[];
  scheduler: ReturnType<typeof mockServices.scheduler>;
}

/** Keeps what is logged, with all that is said beside it. */
function createLogger(logs: string[]): RootLoggerService {
  const log = (message: string, meta?: unknown) => {
    logs.push(
      [message, meta]
        .map(part => inspect(part, { depth: 8, maxStringLength: null }))
        .join(' '),
    );
  };
  return {
    error: log,
    warn: log,
    info: log,
    debug: log,
    child: () => createLogger(logs),
  };
}

/** The portal's backend before a whole sandbox, for tests of accesses that go the whole way. */
export class AccessWorld {
  readonly #parts: Parts;
  /** The text of everything that the portal has answered. */
  readonly answers: string[] = [];

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  static async start(options: {
    databases: Pick<TestDatabases, 'init'>;
    world?: 'small' | WorldDefinition;
    /** The cluster that the environment may replace by a real one. Default: that of the small world. */
    realCluster?: string;
    /** What the portal takes the forge for, which speaks the API of each. Default: Gitea. */
    forge?: 'gitea' | 'github' | 'gitlab';
    /** What stands for the image of the setup program. */
    setupProgram?: string;
    /** Beside or in place of what the sandbox writes under `rustfs`. */
    config?: object;
    /** Beside `rustfs`. */
    rootConfig?: object;
    /** Changes what the sandbox says about its forge. */
    changeForge?: (forge: any) => void;
    entities?: Entity[];
    /** Services of the test's own. */
    services?: BackendFeature[];
  }): Promise<AccessWorld> {
    const stateDir = await mkdtemp(join(tmpdir(), 'rustfs-portal-'));
    const sandbox = await startSandbox({
      stateDir,
      world: options.world ?? 'small',
      setupProgram: options.setupProgram,
      speed: 'fast',
      ...(options.world === undefined || options.realCluster
        ? realClusters(options.realCluster)
        : undefined),
    });
    const { rustfs } = parse(await readFile(sandbox.portalConfigPath, 'utf8'));
    for (const forge of rustfs.forges) {
      forge.type = options.forge ?? forge.type;
      options.changeForge?.(forge);
    }
    const database = await options.databases.init('SQLITE_3');
    const scheduler = mockServices.scheduler();
    const logs: string[] = [];
    const backend = await startTestBackend({
      features: [
        rustfsPlugin,
        mockServices.rootConfig.factory({
          data: {
            ...options.rootConfig,
            app: { baseUrl: 'http://localhost:3000' },
            rustfs: { ...rustfs, ...options.config },
          },
        }),
        mockServices.database.factory({ knex: database }),
        catalogServiceMock.factory({
          entities: [invoices, ...(options.entities ?? [])],
        }),
        createServiceFactory({
          service: coreServices.scheduler,
          deps: {},
          factory: () => scheduler,
        }),
        createServiceFactory({
          service: coreServices.rootLogger,
          deps: {},
          factory: () => createLogger(logs),
        }),
        createServiceFactory({
          service: notificationService,
          deps: {},
          factory: () => ({ send: async () => {} }),
        }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish: async () => {} }),
        }),
        ...(options.services ?? []),
      ],
    });
    return new AccessWorld({
      stateDir,
      sandbox,
      backend,
      database,
      logs,
      scheduler,
    });
  }

  get sandbox(): Sandbox {
    return this.#parts.sandbox;
  }

  /** What the backend has logged, at every level. */
  get logs(): string[] {
    return this.#parts.logs;
  }

  /** Where the forge and the clusters keep what they have. */
  get stateDir(): string {
    return this.#parts.stateDir;
  }

  /** Where the backend listens. */
  get url(): string {
    return `http://127.0.0.1:${this.#parts.backend.server.port()}`;
  }

  get database(): Knex {
    return this.#parts.database;
  }

  async stop(): Promise<void> {
    await this.#parts.backend.stop();
    await this.#parts.sandbox.stop();
    await rm(this.#parts.stateDir, { recursive: true, force: true });
  }

  async get(path: string): Promise<request.Response> {
    return this.#note(
      request(this.#parts.backend.server).get(`/api/rustfs${path}`),
    );
  }

  async post(
    path: string,
    body: object,
    key = JSON.stringify(body),
  ): Promise<request.Response> {
    return this.#note(
      request(this.#parts.backend.server)
        .post(`/api/rustfs${path}`)
        .set('Idempotency-Key', hash(key))
        .send(body),
    );
  }

  async #note(call: request.Test): Promise<request.Response> {
    const response = await call.set(
      'Authorization',
      mockCredentials.user.header(ADA),
    );
    this.answers.push(response.text);
    return response;
  }

  /** Asks for something, which has to be proposed. */
  async ask(kind: string, input: object): Promise<StorageRequest> {
    const response = await this.post('/requests', {
      kind,
      entityRef: ENTITY,
      tenant: TENANT,
      purpose: 'Tests',
      ...input,
    });
    if (response.body.state !== 'proposed') {
      throw new Error(`Not proposed: ${response.text}`);
    }
    return response.body;
  }

  async read(id: string): Promise<StorageRequest> {
    return (await this.get(`/requests/${id}`)).body;
  }

  /** A round of each task, as they come in turn. */
  async follow(): Promise<void> {
    const { scheduler } = this.#parts;
    await scheduler.triggerTask('rustfs-follow-requests');
    await scheduler.triggerTask('rustfs-settle-buckets');
  }

  async followUntil(
    ids: string[],
    wanted: RequestState | ((request: StorageRequest) => boolean),
    timeoutMs = 90_000,
  ): Promise<StorageRequest[]> {
    const isThere =
      typeof wanted === 'string'
        ? ({ state }: StorageRequest) => state === wanted
        : wanted;
    const deadline = Date.now() + timeoutMs;
    for (;;) {
      await this.follow();
      const requests = await Promise.all(ids.map(id => this.read(id)));
      const behind = requests.find(one => !isThere(one));
      if (!behind) {
        return requests;
      }
      if (Date.now() > deadline) {
        throw new Error(
          `Stands still${
            typeof wanted === 'string' ? ` before ${wanted}` : ''
          }: ${JSON.stringify(behind, null, 2)}`,
        );
      }
      await sleep(300);
    }
  }

  /** Calls the forge by Gitea's API as its administrator, as people do on its pages. */
  async forge<T = unknown>(
    method: string,
    path: string,
    body?: object,
    repository = 'acme/atlas',
  ): Promise<{ status: number; body: T }> {
    const { url, users } = this.sandbox.connections.forge;
    const response = await fetch(`${url}/api/v1/repos/${repository}${path}`, {
      method,
      headers: {
        Authorization: `token ${users.carla.token}`,
        'Content-Type': 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: (text ? JSON.parse(text) : undefined) as T,
    };
  }

  /** Merges as the platform team does, in whichever repository the pull request is. */
  async merge({ pullRequest }: StorageRequest): Promise<number> {
    const { number, url } = pullRequest!;
    const [, repository] =
      /([^/]+\/[^/]+)(?:\/pulls?|\/-\/merge_requests)\/\d+$/.exec(url)!;
    const { status } = await this.forge(
      'POST',
      `/pulls/${number}/merge`,
      { Do: 'merge' },
      repository,
    );
    return status;
  }

  /**
   * Merges requests one after the other, as a reviewer would who comes back to those in conflict: the portal follows in
   * between.
   *
   * @returns how many rounds it took in which something was merged
   */
  async mergeInTurn(asked: StorageRequest[]): Promise<number> {
    let open = asked;
    let progressAt = Date.now();
    for (let round = 1; ; ) {
      const left: StorageRequest[] = [];
      for (const one of open) {
        if ((await this.merge(one)) !== 200) {
          left.push(one);
        }
      }
      if (left.length === 0) {
        return round;
      }
      if (left.length < open.length) {
        open = left;
        round += 1;
        progressAt = Date.now();
      } else if (Date.now() > progressAt + 90_000) {
        // One round does not always get to all of them.
        throw new Error(`${left.length} pull requests cannot be merged`);
      }
      await this.follow();
    }
  }

  /** The text of a file on a branch, or undefined. */
  async readFile(path: string, ref = 'main'): Promise<string | undefined> {
    const { body, status } = await this.forge<{ content: string }>(
      'GET',
      `/contents/${path}?ref=${encodeURIComponent(ref)}`,
    );
    return status === 200
      ? Buffer.from(body.content, 'base64').toString()
      : undefined;
  }

  /** Commits to the default branch, or another one, as somebody else. */
  async commit(
    path: string,
    edit: (content: string) => string,
    branch = 'main',
  ): Promise<void> {
    const found = await this.forge<{ content: string; sha: string }>(
      'GET',
      `/contents/${path}?ref=${encodeURIComponent(branch)}`,
    );
    const before = Buffer.from(found.body.content, 'base64').toString();
    const { status } = await this.forge('POST', '/contents', {
      branch,
      message: 'By hand',
      files: [
        {
          operation: 'update',
          path,
          sha: found.body.sha,
          content: Buffer.from(edit(before)).toString('base64'),
        },
      ],
    });
    if (status !== 201) {
      throw new Error(`${path} was not committed: ${status}`);
    }
  }

  /** A Secret as Flux has decrypted it: the way of a workload, not of the portal. */
  async readSecret(
    name: string,
    where: { cluster?: string; namespace?: string } = {},
  ): Promise<Record<string, string>> {
    const { cluster, namespace = 'checkout' } = where;
    const { data = {} } = await this.cluster(cluster).readNamespacedSecret({
      namespace,
      name,
    });
    return Object.fromEntries(
      Object.entries(data).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]),
    );
  }

  /** A client that has the key of an AWS Secret, as a workload would. */
  clientOf(secret: Record<string, string>): S3Client {
    return new S3Client({
      endpoint: secret.AWS_ENDPOINT_URL_S3,
      region: secret.AWS_REGION,
      forcePathStyle: true,
      maxAttempts: 1,
      credentials: {
        accessKeyId: secret.AWS_ACCESS_KEY_ID,
        secretAccessKey: secret.AWS_SECRET_ACCESS_KEY,
      },
    });
  }

  cluster(name?: string): CoreV1Api {
    return this.#kubeConfig(name).makeApiClient(CoreV1Api);
  }

  /** Changes a Tenant behind the back of Flux. */
  async patchTenant(name: string, patch: object): Promise<void> {
    await this.#kubeConfig()
      .makeApiClient(CustomObjectsApi)
      .patchNamespacedCustomObject(
        {
          group: 'rustfs.com',
          version: 'v1alpha1',
          namespace: 'storage',
          plural: 'tenants',
          name,
          body: patch,
        },
        setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
      );
  }

  #kubeConfig(cluster = 'atlas'): KubeConfig {
    const config = new KubeConfig();
    const { kubeconfig } = this.sandbox.connections.kubernetes.find(
      found => found.cluster === cluster,
    )!;
    config.loadFromFile(kubeconfig);
    return config;
  }
}

/** Any text as a key that the route takes. */
function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
