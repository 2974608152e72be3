import { ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, request, Server as HttpServer } from 'node:http';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  KeyPair,
  HttpProvisioningClient,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  PROVISIONER_POLICY,
  readSetupStatusData,
  SetupStatus,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  KubernetesApi,
  startKubernetesApi,
  startRustfsServer,
} from '@rustfs-portal/sandbox';
import { buildSync } from 'esbuild';
import { parse, stringify } from 'yaml';

const ADMIN = 'token-of-an-administrator';
const SETUP = 'token-of-the-setup-program';
export const NAMESPACE = 'media-setup';
export const TENANT = 'media';
/** As whom the program works, with the policy of the README. */
const PROVISIONER = {
  accessKeyId: 'provisioner',
  secretAccessKey: 'provisioner-secret',
};
const ROOT = { accessKeyId: 'root-access', secretAccessKey: 'root-secret-1' };

interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: object };
  data?: Record<string, string>;
}

/** How a process has ended. */
export interface Ended {
  code: number | null;
  output: string;
}

/** With the first, the server is a real one of each test's own; with the second, there can be one of MinIO. */
export const { RUSTFS_BINARY, MINIO_BINARY } = process.env;

/** Until a real server answers. */
const START_MS = 60_000;

interface Server {
  endpoint: string;
  stop(): Promise<void>;
}

/** What happens to calls on their way; `starting`: as a server answers that is not ready. */
export type Passing = (call: {
  count: number;
  path: string;
}) => 'pass' | 'cut' | 'half' | 'kill' | 'starting';

/** Packed as it is published, once for all tests. */
const packed = mkdtempSync(join(tmpdir(), 'rustfs-setup-packed-'));

export function packProgram() {
  buildSync({
    entryPoints: [join(__dirname, '../index.ts')],
    outfile: join(packed, 'rustfs-setup.cjs'),
    bundle: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    define: { SETUP_VERSION: '"0.0.0"' },
  });
}

export function removeProgram() {
  rmSync(packed, { recursive: true, force: true });
}

/** A cluster, a server, and the packed program in a process of its own. */
export class World {
  passing: Passing = () => 'pass';
  calls: string[] = [];
  #kill: () => void = () => {};

  private constructor(
    readonly dir: string,
    readonly api: KubernetesApi,
    private readonly server: Server,
    readonly client: HttpProvisioningClient,
    private readonly proxies: HttpServer[],
    private readonly urls: { api: string; server: string },
  ) {}

  /**
   * @param rules - of the Role of the program
   * @param options - `minio`: the server is one of MinIO, and the program works as its root
   */
  static async start(
    rules: Array<{
      apiGroups: string[];
      resources: string[];
      resourceNames?: string[];
      verbs: string[];
    }>,
    options: { minio?: boolean } = {},
  ): Promise<World> {
    const dir = mkdtempSync(join(tmpdir(), 'rustfs-setup-'));
    const everything = { apiGroups: ['*'], resources: ['*'], verbs: ['*'] };
    const api = await startKubernetesApi({
      name: 'atlas',
      dataDir: join(dir, 'cluster'),
      tokens: [
        { token: ADMIN, user: 'admin', rules: [everything] },
        {
          token: SETUP,
          user: `system:serviceaccount:${NAMESPACE}:rustfs-setup`,
          rules: rules.map(rule => ({ ...rule, namespaces: [NAMESPACE] })),
        },
      ],
    });
    const server = await startServer(join(dir, 'server'), options);
    const client = HttpProvisioningClient.create({
      endpoint: server.endpoint,
      ...ROOT,
      timeoutMs: 30_000,
    });
    const proxies: HttpServer[] = [];
    const world: { here?: World } = {};
    const proxy = async (target: string) => {
      const listening = createServer((incoming, outgoing) => {
        const here = world.here!;
        here.calls.push(`${incoming.method} ${incoming.url}`);
        const fate = here.passing({
          count: here.calls.length,
          path: incoming.url!,
        });
        if (fate === 'kill') {
          here.#kill();
        }
        if (fate === 'kill' || fate === 'cut') {
          incoming.socket.destroy();
          return;
        }
        if (fate === 'starting') {
          incoming.resume();
          outgoing.writeHead(503, { 'retry-after': '5' });
          outgoing.end('Service not ready');
          return;
        }
        const passedOn = request(
          new URL(incoming.url!, target),
          // The signature covers the name that was called, so it stays.
          { method: incoming.method, headers: incoming.headers },
          answer => {
            outgoing.writeHead(answer.statusCode!, answer.headers);
            if (fate === 'half') {
              answer.once('data', (chunk: Buffer) => {
                outgoing.write(chunk.subarray(0, chunk.length / 2), () =>
                  incoming.socket.destroy(),
                );
              });
              answer.resume();
            } else {
              answer.pipe(outgoing);
            }
          },
        );
        passedOn.on('error', () => incoming.socket.destroy());
        incoming.pipe(passedOn);
      });
      await new Promise<void>(resolve => {
        listening.listen(0, '127.0.0.1', resolve);
      });
      proxies.push(listening);
      return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
    };
    const urls = {
      api: await proxy(api.url),
      server: await proxy(server.endpoint),
    };
    world.here = new World(dir, api, server, client, proxies, urls);
    const { here } = world;
    await here.create({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE },
    });
    if (options.minio) {
      here.#writeFiles(ROOT);
      return here;
    }
    await client.putPolicy(PROVISIONER.accessKeyId, PROVISIONER_POLICY);
    await client.addUser(PROVISIONER);
    await client.setUserPolicies(PROVISIONER.accessKeyId, [
      PROVISIONER.accessKeyId,
    ]);
    here.#writeFiles(PROVISIONER);
    return here;
  }

  async stop() {
    this.proxies.forEach(proxy => {
      proxy.closeAllConnections();
      proxy.close();
    });
    await this.api.stop();
    await this.server.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  #writeFiles(key: KeyPair) {
    const config = parse(this.api.kubeconfig(SETUP));
    config.clusters[0].cluster = { server: this.urls.api };
    const files = {
      kubeconfig: stringify(config),
      accesskey: key.accessKeyId,
      secretkey: `${key.secretAccessKey}\n`,
    };
    for (const [name, text] of Object.entries(files)) {
      writeFileSync(join(this.dir, name), text);
    }
  }

  /** Starts the program with nothing in its environment but what it is told. */
  async run(
    options: { args?: string[]; environment?: Record<string, string> } = {},
  ): Promise<Ended> {
    this.calls = [];
    const child = spawn(
      process.execPath,
      [join(packed, 'rustfs-setup.cjs'), ...(options.args ?? [])],
      {
        env: {
          RUSTFS_ENDPOINT: this.urls.server,
          RUSTFS_ACCESS_KEY_FILE: join(this.dir, 'accesskey'),
          RUSTFS_SECRET_KEY_FILE: join(this.dir, 'secretkey'),
          RUSTFS_SETUP_TENANT: TENANT,
          RUSTFS_SETUP_NAMESPACE: NAMESPACE,
          RUSTFS_SETUP_KUBECONFIG: join(this.dir, 'kubeconfig'),
          ...options.environment,
        },
      },
    );
    this.#kill = () => child.kill('SIGKILL');
    let output = '';
    child.stdout.on('data', chunk => {
      output += chunk;
    });
    child.stderr.on('data', chunk => {
      output += chunk;
    });
    const code = await new Promise<number | null>(resolve => {
      child.on('close', resolve);
    });
    return { code, output };
  }

  async create(manifest: Manifest): Promise<void> {
    const { kind, metadata } = manifest;
    const folder = metadata.namespace
      ? `namespaces/${metadata.namespace}/${kind.toLowerCase()}s`
      : 'namespaces';
    await this.#admin('POST', `/api/v1/${folder}`, manifest);
  }

  async remove(kind: 'configmaps' | 'secrets', name: string): Promise<void> {
    await this.#admin(
      'DELETE',
      `/api/v1/namespaces/${NAMESPACE}/${kind}/${name}`,
    );
  }

  async change(
    kind: 'configmaps' | 'secrets',
    name: string,
    data: Record<string, string>,
  ): Promise<void> {
    await this.#admin(
      'PATCH',
      `/api/v1/namespaces/${NAMESPACE}/${kind}/${name}`,
      { data },
    );
  }

  /** The status as Git declares it: without data. */
  async declareStatus(): Promise<void> {
    await this.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `rustfs-setup-${TENANT}`,
        namespace: NAMESPACE,
        labels: {
          'rustfs-portal/record': 'status',
          'rustfs-portal/tenant': TENANT,
        },
      },
    });
  }

  async record(
    type: 'bucket' | 'access',
    name: string,
    data: Record<string, string>,
    tenant = TENANT,
  ): Promise<void> {
    await this.create({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: `${type}.${tenant}.${name}`,
        namespace: NAMESPACE,
        labels: {
          'rustfs-portal/record': type,
          'rustfs-portal/tenant': tenant,
        },
      },
      data: { [type]: name, ...data },
    });
  }

  async secret(access: string, secretkey: string): Promise<void> {
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    await this.create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: `${TENANT}-access-${access}`,
        namespace: NAMESPACE,
        labels: {
          'rustfs-portal/record': 'key',
          'rustfs-portal/tenant': TENANT,
          'rustfs-portal/access': access,
        },
      },
      data: {
        accesskey: base64(`user-${access}`),
        secretkey: base64(secretkey),
      },
    });
  }

  async status(): Promise<SetupStatus & { text: string }> {
    const object = (await this.#admin(
      'GET',
      `/api/v1/namespaces/${NAMESPACE}/configmaps/rustfs-setup-${TENANT}`,
    )) as { data?: object };
    return {
      ...readSetupStatusData(object.data),
      text: JSON.stringify(object.data ?? {}),
    };
  }

  async #admin(method: string, path: string, body?: object): Promise<unknown> {
    const response = await fetch(`${this.api.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${ADMIN}`,
        'content-type':
          method === 'PATCH'
            ? 'application/merge-patch+json'
            : 'application/json',
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return JSON.parse(text);
  }
}

/** What starts a server of four drives; the root of all worlds is its own. */
interface RealServer {
  binary: string;
  args(address: string): string[];
  env: Record<string, string>;
  /** Answers with success once it does its work. */
  healthPath: string;
}

async function startServer(
  dir: string,
  options: { minio?: boolean },
): Promise<Server> {
  if (options.minio) {
    return startRealServer(dir, {
      binary: MINIO_BINARY!,
      args: address => ['server', '--address', address],
      env: {
        MINIO_ROOT_USER: ROOT.accessKeyId,
        MINIO_ROOT_PASSWORD: ROOT.secretAccessKey,
        // One disk has all four.
        MINIO_CI_CD: '1',
        HOME: dir,
      },
      healthPath: '/minio/health/cluster',
    });
  }
  if (RUSTFS_BINARY) {
    return startRealServer(dir, {
      binary: RUSTFS_BINARY,
      args: address => ['server', '--address', address],
      env: {
        RUSTFS_ACCESS_KEY: ROOT.accessKeyId,
        RUSTFS_SECRET_KEY: ROOT.secretAccessKey,
        // One disk has all four.
        RUSTFS_UNSAFE_BYPASS_DISK_CHECK: 'true',
        RUSTFS_CONSOLE_ENABLE: 'false',
      },
      healthPath: '/health/ready',
    });
  }
  return startRustfsServer({
    dataDir: dir,
    rootAccessKey: ROOT.accessKeyId,
    rootSecretKey: ROOT.secretAccessKey,
    scanCycleMs: 200,
  });
}

/** On a port that was free a moment ago. */
async function startRealServer(
  dir: string,
  { args, binary, env, healthPath }: RealServer,
): Promise<Server> {
  const address = `127.0.0.1:${await freePort()}`;
  for (const drive of [1, 2, 3, 4]) {
    mkdirSync(join(dir, String(drive)), { recursive: true });
  }
  const child = spawn(binary, [...args(address), join(dir, '{1...4}')], {
    env,
    stdio: 'ignore',
  });
  const server = { endpoint: `http://${address}`, stop: () => end(child) };
  const deadline = Date.now() + START_MS;
  for (;;) {
    const isReady = await fetch(`${server.endpoint}${healthPath}`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) {
      return server;
    }
    if (Date.now() > deadline || child.exitCode !== null) {
      await server.stop();
      throw new Error(`${binary} does not become ready`);
    }
    await sleep(200);
  }
}

async function freePort(): Promise<number> {
  const listening = createServer();
  listening.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const { port } = listening.address() as AddressInfo;
  listening.close();
  await once(listening, 'close');
  return port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
