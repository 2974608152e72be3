import { toError } from '@backstage/errors';
import { CronJobController, JobController, repositoryOf } from './batch';
import { ApplicationController } from './argocd';
import { KustomizationController, SourceController } from './flux';
import { Kubelet } from './Kubelet';
import {
  APPLICATIONS,
  ClusterClient,
  CONFIG_MAPS,
  CRON_JOBS,
  DEPLOYMENTS,
  GIT_REPOSITORIES,
  Informer,
  JOBS,
  KUSTOMIZATIONS,
  ResourceType,
  SECRETS,
  SERVICES,
  STATEFUL_SETS,
  TENANTS,
} from './kubernetes';
import { Pace } from './Pace';
import { ItemKind, OperatorController, Refusal } from './operator';
import { SEALED_SECRETS, SealedSecretController } from './sealedSecrets';
import { ServiceRoutes } from './ServiceRoutes';

/** Where the reconciler writes what happens; a Backstage logger fits. @public */
export interface ReconcilerLogger {
  info(message: string): void;
  warn(message: string): void;
}

/** A program that stands for an image, and how its CronJobs are run. @public */
export interface SetupProgram {
  /** The image whose CronJobs are run; those of all others are not. */
  image: string;
  /** The command line that stands for its entrypoint. */
  command: string[];
  /** How often, whatever a schedule says, in milliseconds. */
  periodMs: number;
}

/** @public */
export interface ReconcilerOptions {
  clusters: Array<{
    name: string;
    url: string;
    token: string;
    /** A kubeconfig for a token of a service account. */
    kubeconfigOf: (token: string) => string;
    /** Of a sealed-secrets controller, in PEM; without it there is none. */
    sealingKey?: string;
    /** What brings folders of Git into it; by default Flux. `real`: whatever does runs there, so that only the operator is stood for. */
    engine?: 'flux' | 'argocd' | 'real';
  }>;
  /** Address of the server of a tenant (`cluster/namespace/name`), where its Service would lead. */
  endpointOf: (tenantRef: string) => string | undefined;
  /** How often branches are looked at, in milliseconds. */
  intervalMs?: number;
  /** Pause before each visible step, in milliseconds. */
  stepDelayMs?: number;
  /** Without it no Job is run and no Deployment has a status. */
  setupProgram?: SetupProgram;
  /** Told as `info` what programs print. */
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
 * Does what the controllers of Flux or Argo CD, the RustFS operator and the controllers of workloads do, for each cluster, over the
 * Kubernetes API, Git and the API of the tenants' servers.
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
        cluster?.kubelets.forEach(each => each.setLostServers(key, count));
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
  {
    name,
    url,
    token,
    kubeconfigOf,
    sealingKey,
    engine = 'flux',
  }: ReconcilerOptions['clusters'][number],
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
  const startArgoCd = () => {
    const applications = new ApplicationController({
      client: clientOf('argocd-controller'),
      informer: watch(APPLICATIONS),
      intervalMs,
      pace,
      signal,
      onError,
    });
    return applications;
  };
  const flux = engine === 'flux' ? startFlux() : undefined;
  const argocd = engine === 'argocd' ? startArgoCd() : undefined;
  const statefulSets = watch(STATEFUL_SETS);
  const startKubelet = (type: ResourceType, informer: Informer) =>
    new Kubelet({ client: clientOf('kubelet'), type, informer, onError });
  const kubelets = [startKubelet(STATEFUL_SETS, statefulSets)];
  const controllers: Array<{ stop(): Promise<void> }> = [];
  if (options.setupProgram) {
    const jobs = watch(JOBS);
    const deployments = watch(DEPLOYMENTS);
    const { command, periodMs } = options.setupProgram;
    const image = repositoryOf(options.setupProgram.image);
    const routes = new ServiceRoutes({
      services: watch(SERVICES),
      workloads: [statefulSets, deployments],
      endpointOf: workload => options.endpointOf(`${name}/${workload}`),
    });
    kubelets.push(startKubelet(DEPLOYMENTS, deployments));
    controllers.push(
      new JobController({
        client: clientOf('job-controller'),
        jobs,
        image,
        command,
        kubeconfigOf,
        addressOf: service => routes.addressOf(service),
        onOutput: (job, line) =>
          logger?.info(`Cluster ${name}: Job ${job}: ${line}`),
        onError,
      }),
      new CronJobController({
        client: clientOf('cronjob-controller'),
        cronJobs: watch(CRON_JOBS),
        jobs,
        image,
        periodMs,
        onError,
      }),
    );
  }
  if (sealingKey) {
    controllers.push(
      new SealedSecretController({
        client: clientOf('sealed-secrets-controller'),
        informer: watch(SEALED_SECRETS),
        secrets: watch(SECRETS),
        privateKey: sealingKey,
        onError,
      }),
    );
  }
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
  argocd?.start();
  return {
    operator,
    kubelets,
    async stop() {
      abort.abort();
      await Promise.all([
        flux?.source.stop(),
        flux?.kustomizations.stop(),
        argocd?.stop(),
        ...[...kubelets, ...controllers].map(each => each.stop()),
        operator.stop(),
      ]);
      await running;
    },
  };
}
