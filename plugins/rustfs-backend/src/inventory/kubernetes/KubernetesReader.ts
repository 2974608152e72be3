import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { explainNetworkError } from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { ClusterError } from './ClusterError';

const listSchema = z.object({ items: z.array(z.unknown()) });
/** Group and resource of the address of a list. */
const API_PATH = /^\/apis\/([^/]+)\/[^/]+\/(?:namespaces\/[^/]+\/)?([^/?]+)/;

const groupsSchema = z.object({ groups: z.array(z.unknown()) });
const groupSchema = z.object({
  versions: z.array(z.object({ version: z.string() })),
});
const resourcesSchema = z.object({
  resources: z.array(z.object({ name: z.string() })),
});

/** The objects of a kind, or in which other versions the cluster has the kind: none when it does not know it at all. */
export type KubernetesList =
  | { items: unknown[]; servedVersions?: undefined }
  | { items?: undefined; servedVersions: string[] };

/** Connections that nobody uses are closed before API servers and load balancers close them. */
const IDLE_MS = 30_000;

/** Lists objects of one cluster, one attempt per call, with a time limit. */
export class KubernetesReader {
  readonly #cluster: string;
  readonly #kubeConfig: KubeConfig;
  readonly #timeoutMs: number;
  readonly #observeRequest?: (path: string) => void;
  /** The library makes an agent, and so a connection, for every call; only its proxy agents are needed as they are. */
  readonly #agent?: http.Agent;
  #credentials?: Promise<https.RequestOptions>;

  constructor(options: {
    cluster: string;
    kubeConfig: KubeConfig;
    timeoutMs: number;
    /** Hears of every request that is sent. */
    observeRequest?: (path: string) => void;
  }) {
    this.#cluster = options.cluster;
    this.#kubeConfig = options.kubeConfig;
    this.#timeoutMs = options.timeoutMs;
    this.#observeRequest = options.observeRequest;
    const target = options.kubeConfig.getCurrentCluster();
    if (!target?.proxyUrl) {
      const { Agent } = target?.server.startsWith('http:') ? http : https;
      this.#agent = new Agent({ keepAlive: true, timeout: IDLE_MS });
    }
  }

  /**
   * @param path - of the API, with query
   * @param what - for words: `Tenants`
   * @throws {@link ClusterError}
   */
  async list(path: string, what: string): Promise<KubernetesList> {
    const { status, text } = await this.#get(path, what);
    const [, group, resource] = API_PATH.exec(path) ?? [];
    if (status === 404 && group) {
      const servedVersions = await this.#discover(group, resource);
      if (servedVersions) {
        return { servedVersions };
      }
    }
    if (status === 401) {
      throw new ClusterError({
        code: 'cluster-denied',
        message: `Cluster ${
          this.#cluster
        } does not accept the portal's credentials`,
        hint: 'Renew the token or the kubeconfig of this cluster in rustfs.clusters.',
      });
    }
    if (status === 403) {
      throw new ClusterError({
        code: 'cluster-denied',
        message: `Cluster ${
          this.#cluster
        } does not let the portal list ${what}`,
        hint: `Grant the verb list on ${what} to the portal's account with a role in that cluster.`,
      });
    }
    const parsed =
      status === 200 ? listSchema.safeParse(parseJson(text)) : undefined;
    if (!parsed?.success) {
      throw new ClusterError({
        code: 'cluster-unreachable',
        message: `Cluster ${
          this.#cluster
        } gives no list of ${what}: its answer has status ${status} and cannot be read`,
        hint: 'See that the address is that of a Kubernetes API server.',
      });
    }
    return { items: parsed.data.items };
  }

  /** @returns the versions in which a resource is served; undefined when the cluster does not say */
  async #discover(
    group: string,
    resource: string,
  ): Promise<string[] | undefined> {
    const found = await this.#discoverAt(`/apis/${group}`, groupSchema);
    if (found === 'absent') {
      // So says an API server of a group that it does not have, and a web server of everything.
      const groups = await this.#discoverAt('/apis', groupsSchema);
      return typeof groups === 'object' ? [] : undefined;
    }
    if (!found) {
      return undefined;
    }
    const versions = await Promise.all(
      found.versions.map(async ({ version }) => {
        const served = await this.#discoverAt(
          `/apis/${group}/${version}`,
          resourcesSchema,
        );
        return typeof served === 'object' &&
          served.resources.some(({ name }) => name === resource)
          ? [version]
          : [];
      }),
    );
    return versions.flat();
  }

  async #discoverAt<T>(
    path: string,
    schema: z.ZodType<T>,
  ): Promise<T | 'absent' | undefined> {
    const { status, text } = await this.#get(path, 'what it serves');
    if (status === 404) {
      return 'absent';
    }
    return status === 200 ? schema.safeParse(parseJson(text)).data : undefined;
  }

  async #get(path: string, what: string) {
    const server = this.#kubeConfig.getCurrentCluster()!.server;
    const url = new URL(`${server.replace(/\/+$/, '')}${path}`);
    this.#observeRequest?.(path);
    try {
      const signal = AbortSignal.timeout(this.#timeoutMs);
      const options = await inTime(this.#getCredentials(), signal);
      const agent = this.#agent ?? options.agent;
      return await send(url, { ...options, agent }, signal);
    } catch (error) {
      throw new ClusterError({
        code: 'cluster-unreachable',
        message: `Cluster ${
          this.#cluster
        } does not answer when asked for ${what}: ${explainNetworkError(
          error,
          this.#timeoutMs,
        )}`,
        hint: `See that the portal reaches the API server at ${url.host}.`,
      });
    }
  }

  /** A plugin may be started for them, or another server asked: once for calls at the same time. */
  #getCredentials(): Promise<https.RequestOptions> {
    const options: https.RequestOptions = {};
    this.#credentials ??= this.#kubeConfig
      .applyToHTTPSOptions(options)
      .then(() => options)
      .finally(() => {
        this.#credentials = undefined;
      });
    return this.#credentials;
  }
}

/** For what takes no signal. */
function inTime<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), {
      once: true,
    });
    work.then(resolve, reject);
  });
}

function send(
  url: URL,
  options: https.RequestOptions,
  signal: AbortSignal,
): Promise<{ status: number; text: string }> {
  const { request } = url.protocol === 'https:' ? https : http;
  return new Promise((resolve, reject) => {
    request(
      url,
      {
        ...options,
        signal,
        headers: { ...options.headers, accept: 'application/json' },
      },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            text: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    )
      .on('error', reject)
      .end();
  });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
