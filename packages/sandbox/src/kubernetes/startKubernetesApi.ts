import { setTimeout as sleep } from 'node:timers/promises';
import { LOOPBACK } from '../loopback';
import { unattended } from '../unattended';
import { ApiRouter, ProxiedServices } from './ApiRouter';
import { Authorizer } from './authorizer';
import { Certificate, loadCertificate } from './certificate';
import { DualServer } from './DualServer';
import { renderKubeconfig } from './kubeconfig';
import { NAMESPACES, resourcesWith } from './resources';
import { ResourceService } from './ResourceService';
import { ServiceAccountTokens } from './ServiceAccountTokens';
import { ObjectStore } from './store';
import { CustomKind, KubernetesApiLogger, TokenGrant } from './types';

/**
 * What {@link startKubernetesApi} needs.
 *
 * @public
 */
export interface KubernetesApiOptions {
  /** Name of the cluster, as it appears in the kubeconfig. */
  name: string;
  /** Folder for the objects of the cluster; they survive a restart. */
  dataDir: string;
  /** 0, the default, takes a free one. */
  port?: number;
  tokens: TokenGrant[];
  /** Kinds beside those that it has. */
  customKinds?: CustomKind[];
  /** What Services answer through the API server: texts by path, by `namespace/name`. */
  services?: ProxiedServices;
  logger?: KubernetesApiLogger;
}

/**
 * Things that go wrong on demand.
 *
 * @public
 */
export interface KubernetesApiFaults {
  /** Cuts every watch that is open now; clients may connect again at once. */
  breakWatches(): void;
  /** `down` drops every connection, `delayMs` holds every request back; undefined ends both. */
  set(faults: { down?: boolean; delayMs?: number } | undefined): void;
}

/**
 * A running Kubernetes API server of one cluster.
 *
 * @public
 */
export interface KubernetesApi {
  /** Plain HTTP address; the same port speaks HTTPS. */
  url: string;
  faults: KubernetesApiFaults;
  /**
   * A kubeconfig, as YAML, with which `kubectl` acts as the holder of the token. It names the HTTPS address and holds
   * the certificate, because clients keep a token to themselves on plain HTTP.
   */
  kubeconfig(token: string): string;
  stop(): Promise<void>;
}

const CLEANING_INTERVAL_MS = 60_000;

/** Namespaces that every cluster is born with. */
const FIRST_NAMESPACES = [
  'default',
  'kube-node-lease',
  'kube-public',
  'kube-system',
];

function createFirstNamespaces(
  store: ObjectStore,
  service: ResourceService,
): void {
  for (const name of FIRST_NAMESPACES) {
    if (!store.get(NAMESPACES.storage, undefined, name)) {
      service.create(
        NAMESPACES,
        undefined,
        { metadata: { name } },
        { dryRun: false, fieldValidation: 'Ignore' },
      );
    }
  }
}

/**
 * Starts a stand-in for the API server of one Kubernetes cluster, good enough for `kubectl`, informers and the
 * controllers of the sandbox.
 *
 * @throws Error if the port is taken or the data folder cannot be written
 * @public
 */
export async function startKubernetesApi(
  options: KubernetesApiOptions,
): Promise<KubernetesApi> {
  const { name, dataDir, port = 0, tokens } = options;
  const store = ObjectStore.open(dataDir);
  const resources = resourcesWith(options.customKinds ?? []);
  const service = new ResourceService(store, resources);
  createFirstNamespaces(store, service);
  const accounts = new ServiceAccountTokens(store);
  const router = new ApiRouter({
    resources,
    store,
    service,
    authorizer: new Authorizer(tokens, store, accounts),
    accounts,
    services: options.services,
    logger: options.logger,
  });
  service.removeOldEvents();
  const cleaning = setInterval(
    () =>
      unattended(
        'Removing old events',
        () => service.removeOldEvents(),
        message => options.logger?.warn(message),
      ),
    CLEANING_INTERVAL_MS,
  );
  cleaning.unref();
  // Making one takes a moment, and many uses get by without.
  let certificate: Certificate | undefined;
  const certificateOnce = () => {
    certificate ??= loadCertificate(dataDir);
    return certificate;
  };
  let delayMs = 0;
  const stopping = new AbortController();

  const server = new DualServer(certificateOnce, async (request, response) => {
    if (delayMs > 0) {
      const { signal } = stopping;
      await sleep(delayMs, undefined, { signal }).catch(() => {});
    }
    if (!stopping.signal.aborted) {
      await router.handle(request, response);
    }
  });
  const address = `${LOOPBACK}:${await server.listen(port, LOOPBACK)}`;
  const url = `http://${address}`;
  options.logger?.info(`Kubernetes API of cluster ${name} listens on ${url}`);

  return {
    url,
    faults: {
      breakWatches: () => router.breakWatches(),
      set(wanted) {
        delayMs = wanted?.delayMs ?? 0;
        server.refuseConnections(wanted?.down ?? false);
      },
    },
    kubeconfig(token) {
      const user =
        tokens.find(each => each.token === token)?.user ??
        accounts.userOf(token)?.name;
      return renderKubeconfig({
        cluster: name,
        server: `https://${address}`,
        certificate: certificateOnce().certificate,
        user: user ?? 'unknown',
        token,
      });
    },
    async stop() {
      stopping.abort();
      clearInterval(cleaning);
      await server.close();
      store.close();
    },
  };
}
