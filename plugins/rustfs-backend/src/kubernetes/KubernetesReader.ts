import {
  adviseOnNetworkError,
  explainNetworkError,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { ClusterAnswer, ClusterConnection } from './ClusterConnection';
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

/** Lists objects of one cluster, one attempt per call, with a time limit. */
export class KubernetesReader {
  /** Its name in the configuration. */
  readonly cluster: string;
  readonly #connection: ClusterConnection;
  readonly #timeoutMs: number;
  readonly #observeRequest?: (path: string) => void;

  constructor(options: {
    cluster: string;
    connection: ClusterConnection;
    timeoutMs: number;
    /** Hears of every request that is sent. */
    observeRequest?: (path: string) => void;
  }) {
    this.cluster = options.cluster;
    this.#connection = options.connection;
    this.#timeoutMs = options.timeoutMs;
    this.#observeRequest = options.observeRequest;
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
        message: `Cluster ${this.cluster} does not accept the portal's credentials`,
        hint: 'Renew the token or the kubeconfig of this cluster in rustfs.clusters; a kubeconfig or a token file that was renewed is read by itself.',
      });
    }
    if (status === 403) {
      throw new ClusterError({
        code: 'cluster-denied',
        message: `Cluster ${this.cluster} does not let the portal list ${what}`,
        hint: `Grant the verb list on ${what} to the portal's account with a role in that cluster.`,
      });
    }
    const parsed =
      status === 200 ? listSchema.safeParse(parseJson(text)) : undefined;
    if (!parsed?.success) {
      throw new ClusterError({
        code: 'cluster-unreachable',
        message: `Cluster ${this.cluster} gives no list of ${what}: its answer has status ${status} and cannot be read`,
        hint: 'See that the address is that of a Kubernetes API server.',
      });
    }
    return { items: parsed.data.items };
  }

  /**
   * A document of the API server.
   *
   * @param path - of the API, with query
   * @param what - for words: `what it serves`
   * @returns undefined when there is no such document, or it cannot be read
   * @throws {@link ClusterError} when the cluster does not answer
   */
  async readDocument(path: string, what: string): Promise<unknown> {
    const { status, text } = await this.#get(path, what);
    return status === 200 ? parseJson(text) : undefined;
  }

  /**
   * Whatever the API server answers at an address.
   *
   * @param path - of the API, with query
   * @param what - for words: `Service kube-system/registry`
   * @throws {@link ClusterError} when the cluster does not answer
   */
  async getText(path: string, what: string): Promise<ClusterAnswer> {
    return this.#get(path, what);
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
    this.#observeRequest?.(path);
    try {
      return await this.#connection.get(
        path,
        AbortSignal.timeout(this.#timeoutMs),
      );
    } catch (error) {
      if (error instanceof ClusterError) {
        throw error;
      }
      throw new ClusterError({
        code: 'cluster-unreachable',
        message: `Cluster ${
          this.cluster
        } does not answer when asked for ${what}: ${explainNetworkError(
          error,
          this.#timeoutMs,
        )}`,
        hint:
          adviseOnNetworkError(error) ??
          `See that the portal reaches the API server at ${
            this.#connection.server
          }.`,
      });
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
