import { statSync } from 'node:fs';
import { RequestOptions } from 'node:https';
import { KubeConfig, User } from '@kubernetes/client-node';
import {
  Transport,
  TransportOptions,
} from '@rustfs-portal/plugin-rustfs-client';
import { ClusterConfig, openTransport } from '../config';
import { ClusterError } from './ClusterError';
import { loadKubeConfig } from './loadKubeConfig';

/** What an API server has answered. */
export interface ClusterAnswer {
  status: number;
  text: string;
  /** Whether it has shown who it is: over https, with a certificate that was looked at. */
  isVerified: boolean;
}

interface Way {
  key: string;
  transport: Transport;
}

/**
 * The way to the API server of one cluster. Credentials are renewed in place by those who give them out: a kubeconfig
 * is read again when its file has changed, and whatever there is, file of a token or plugin, is asked again after the
 * server has refused what it gave before.
 */
export class ClusterConnection {
  readonly #cluster: ClusterConfig;
  #kubeConfig: KubeConfig;
  #seen: string | undefined;
  #credentials?: Promise<RequestOptions>;
  #way?: Way;

  /** @throws InputError when the configuration cannot be used */
  static create(cluster: ClusterConfig): ClusterConnection {
    const seen = stateOf(cluster);
    return new ClusterConnection(cluster, loadKubeConfig(cluster), seen);
  }

  private constructor(
    cluster: ClusterConfig,
    kubeConfig: KubeConfig,
    seen: string | undefined,
  ) {
    this.#cluster = cluster;
    this.#kubeConfig = kubeConfig;
    this.#seen = seen;
    // A proxy that is none stops the start.
    this.#open(this.#toTransportOptions({})).close();
  }

  /** Address of the API server, for words. */
  get server(): string {
    return new URL(this.#kubeConfig.getCurrentCluster()!.server).host;
  }

  /** Address of the API server, as others may call the cluster. */
  get address(): string {
    return this.#kubeConfig.getCurrentCluster()!.server;
  }

  /** @param path - of the API, with query */
  async get(path: string, signal: AbortSignal): Promise<ClusterAnswer> {
    const seen = stateOf(this.#cluster);
    if (seen !== this.#seen && this.#reload()) {
      this.#seen = seen;
    }
    const used = await this.#ask(signal);
    const answer = await this.#send(path, used, signal);
    if (answer.status !== 401 || !this.#reload()) {
      return answer;
    }
    const renewed = await this.#ask(signal);
    return isSame(used, renewed) ? answer : this.#send(path, renewed, signal);
  }

  /** Loads again what there is; what cannot be used, such as a file that is half written, changes nothing. */
  #reload(): boolean {
    try {
      this.#kubeConfig = loadKubeConfig(this.#cluster);
      this.#credentials = undefined;
      return true;
    } catch {
      return false;
    }
  }

  /** A plugin may be started for them, or another server asked: once for calls at the same time. */
  #ask(signal: AbortSignal): Promise<RequestOptions> {
    if (!this.#credentials) {
      const options: RequestOptions = {};
      const asked = this.#kubeConfig
        .applyToHTTPSOptions(options)
        .then(
          () => options,
          error => {
            throw this.#explain(error);
          },
        )
        .finally(() => {
          if (this.#credentials === asked) {
            this.#credentials = undefined;
          }
        });
      this.#credentials = asked;
    }
    return inTime(this.#credentials, signal);
  }

  /** What a plugin prints may hold secrets: of its failure only the code is told. */
  #explain(error: unknown): ClusterError {
    const user = this.#kubeConfig.getCurrentUser();
    const code = (error as NodeJS.ErrnoException | undefined)?.code;
    const giver = describeGiver(user);
    return new ClusterError({
      code: 'cluster-denied',
      message: `The portal has no credentials for cluster ${
        this.#cluster.name
      }: ${giver} gives none${typeof code === 'string' ? ` (${code})` : ''}`,
      hint: 'See that it works for the account, and in the image, that the backend runs in.',
    });
  }

  async #send(
    path: string,
    credentials: RequestOptions,
    signal: AbortSignal,
  ): Promise<ClusterAnswer> {
    const server = this.#kubeConfig.getCurrentCluster()!.server;
    const url = new URL(`${server.replace(/\/+$/, '')}${path}`);
    const headers = new Headers({ accept: 'application/json' });
    for (const [name, value] of Object.entries(credentials.headers ?? {})) {
      headers.set(name, String(value));
    }
    if (credentials.auth) {
      const basic = Buffer.from(credentials.auth).toString('base64');
      headers.set('authorization', `Basic ${basic}`);
    }
    const response = await this.#toTransport(credentials).fetch(url, {
      headers,
      // A redirect would carry the token to another place.
      redirect: 'manual',
      signal,
    });
    return {
      status: response.status,
      text: await response.text(),
      isVerified:
        url.protocol === 'https:' && credentials.rejectUnauthorized !== false,
    };
  }

  /** Connections are kept as long as certificates and keys stay the same. */
  #toTransport(credentials: RequestOptions): Transport {
    const options = this.#toTransportOptions(credentials);
    const key = JSON.stringify(options);
    if (this.#way?.key !== key) {
      const old = this.#way;
      this.#way = { key, transport: this.#open(options) };
      old?.transport.close();
    }
    return this.#way.transport;
  }

  #open(options: TransportOptions): Transport {
    return openTransport(
      `cluster ${this.#cluster.name} of rustfs.clusters`,
      options,
    );
  }

  #toTransportOptions(credentials: RequestOptions): TransportOptions {
    const { transport } = this.#cluster;
    const { server, proxyUrl } = this.#kubeConfig.getCurrentCluster()!;
    const text = (value: unknown) =>
      value === undefined || value === null ? undefined : String(value);
    return {
      ...transport,
      url: server,
      ca: transport.ca ?? text(credentials.ca),
      cert: text(credentials.cert),
      key: text(credentials.key),
      servername: credentials.servername,
      rejectUnauthorized: credentials.rejectUnauthorized,
      // What a kubeconfig says of one cluster goes before what is said of all connections.
      proxy: transport.ownProxy ?? proxyUrl ?? transport.proxy,
    };
  }
}

function describeGiver(user: User | null): string {
  const exec = user?.exec ?? user?.authProvider?.config?.exec;
  if (exec) {
    return `the command ${exec.command}`;
  }
  const file = user?.authProvider?.config?.tokenFile;
  return file
    ? `the token file ${file}`
    : `the auth-provider ${user?.authProvider?.name ?? 'of its kubeconfig'}`;
}

/** Changes with the file of a kubeconfig; undefined without one, and while there is none. */
function stateOf({ connection }: ClusterConfig): string | undefined {
  if (connection.kind !== 'kubeconfig') {
    return undefined;
  }
  try {
    const { mtimeMs, size, ino } = statSync(connection.path);
    return [mtimeMs, size, ino].join(' ');
  } catch {
    return undefined;
  }
}

function isSame(one: RequestOptions, other: RequestOptions): boolean {
  const text = ({ headers, auth, cert, key }: RequestOptions) =>
    JSON.stringify([headers, auth, String(cert), String(key)]);
  return text(one) === text(other);
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
