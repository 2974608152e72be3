import { toError } from '@backstage/errors';
import { KustomizationController, SourceController } from './flux';
import {
  ClusterClient,
  CONFIG_MAPS,
  GIT_REPOSITORIES,
  Informer,
  KUSTOMIZATIONS,
  ResourceType,
  SECRETS,
  STATEFUL_SETS,
  TENANTS,
} from './kubernetes';
import { Pace } from './Pace';
import { ItemKind, Kubelet, OperatorController, Refusal } from './operator';

/** Where the reconciler writes what went wrong; a Backstage logger fits. @public */
export interface ReconcilerLogger {
  warn(message: string): void;
}

/** @public */
export interface ReconcilerOptions {
  clusters: Array<{
    name: string;
    url: string;
    token: string;
    /** Whether the real Flux controllers run in that cluster, so that only the operator is stood for. */
    hasFlux?: boolean;
  }>;
  /** Address of the server of a tenant (`cluster/namespace/name`), where its `-io` Service would lead. */
  endpointOf: (tenantRef: string) => string | undefined;
  /** How often branches are looked at, in milliseconds. */
  intervalMs?: number;
  /** Pause before each visible step, in milliseconds. */
  stepDelayMs?: number;
  logger?: ReconcilerLogger;
}

/** An item of a Tenant that is to fail. @public */
export interface ItemFault {
  /** `cluster/namespace/name`. */
  tenant: string;
  kind: ItemKind;
  item: string;
  /** Reason and message that the operator shows; undefined takes the fault back. */
  refusal: Refusal | undefined;
}

/** A running reconciler. @public */
export interface Reconciler {
  faults: {
    setItem(fault: ItemFault): void;
    /** Says how many servers of a tenant are lost; their Pods are not ready. */
    setLostServers(tenantRef: string, count: number): void;
  };
  /** Changes the pause before each visible step. */
  setStepDelay(ms: number): void;
  stop(): Promise<void>;
}

/**
 * Does what the Flux controllers and the RustFS operator do, for each cluster, over the Kubernetes API, Git and the
 * API of the tenants' servers.
 *
 * @public
 */
export function startReconciler(options: ReconcilerOptions): Reconciler {
  const pace: Pace = { stepDelayMs: options.stepDelayMs ?? 0 };
  const clusters = new Map(
    options.clusters.map(cluster => [
      cluster.name,
      startCluster(cluster, options, pace),
    ]),
  );
  const clusterOf = (tenantRef: string) => {
    const [cluster, ...key] = tenantRef.split('/');
    return { cluster: clusters.get(cluster), key: key.join('/') };
  };
  return {
    faults: {
      setItem({ tenant, kind, item, refusal }) {
        const { cluster, key } = clusterOf(tenant);
        cluster?.operator.setItemFault({ tenantKey: key, kind, item }, refusal);
      },
      setLostServers(tenantRef, count) {
        const { cluster, key } = clusterOf(tenantRef);
        cluster?.kubelet.setLostServers(key, count);
      },
    },
    setStepDelay(ms) {
      pace.stepDelayMs = ms;
    },
    async stop() {
      await Promise.all([...clusters.values()].map(cluster => cluster.stop()));
    },
  };
}

function startCluster(
  { name, url, token, hasFlux }: ReconcilerOptions['clusters'][number],
  options: ReconcilerOptions,
  pace: Pace,
) {
  const { intervalMs = 2_000, logger } = options;
  const abort = new AbortController();
  const { signal } = abort;
  const onError = (what: string, error: unknown) => {
    if (!signal.aborted) {
      logger?.warn(`Cluster ${name}: ${what}: ${toError(error).message}`);
    }
  };
  const clientOf = (manager: string) =>
    new ClusterClient({ url, token, manager });
  const operatorClient = clientOf('rustfs-operator');
  const informers: Informer[] = [];
  const watch = (type: ResourceType) => {
    const informer = new Informer(operatorClient, type, signal);
    informers.push(informer);
    return informer;
  };

  const startFlux = () => {
    const gitRepositories = watch(GIT_REPOSITORIES);
    const source = new SourceController({
      client: clientOf('source-controller'),
      informer: gitRepositories,
      intervalMs,
      onError,
    });
    const kustomizations = new KustomizationController({
      client: clientOf('kustomize-controller'),
      informer: watch(KUSTOMIZATIONS),
      gitRepositories,
      source,
      pace,
      signal,
      onError,
    });
    return { source, kustomizations };
  };
  const flux = hasFlux ? undefined : startFlux();
  const statefulSets = watch(STATEFUL_SETS);
  const kubelet = new Kubelet({
    client: clientOf('kubelet'),
    informer: statefulSets,
    onError,
  });
  const operator = new OperatorController({
    client: operatorClient,
    tenants: watch(TENANTS),
    secrets: watch(SECRETS),
    configMaps: watch(CONFIG_MAPS),
    statefulSets,
    endpointOf: tenant =>
      options.endpointOf(`${name}/${tenant.namespace}/${tenant.name}`),
    pace,
    signal,
    onError,
  });

  const running = Promise.all(informers.map(informer => informer.run()));
  flux?.source.start();
  return {
    operator,
    kubelet,
    async stop() {
      abort.abort();
      await Promise.all([
        flux?.source.stop(),
        flux?.kustomizations.stop(),
        kubelet.stop(),
        operator.stop(),
      ]);
      await running;
    },
  };
}
