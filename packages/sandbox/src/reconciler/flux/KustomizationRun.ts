import { posix } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  ClusterClient,
  Condition,
  Informer,
  KubernetesObject,
  KUSTOMIZATIONS,
  parseObject,
  replaceConditions,
  SECRETS,
  timestamp,
} from '../kubernetes';
import { Pace, pause } from '../Pace';
import { Applier, digestOf, inventoryEntry, subjectOf } from './apply';
import { formatDuration, parseDuration } from './duration';
import { healthOf } from './health';
import {
  readyConditionOf,
  KustomizationSpec,
  KustomizationStatus,
  kustomizationStatusSchema,
  RunError,
  sourceKeyOf,
} from './kustomization';
import { renderManifests } from './render';
import { REQUESTED_AT, SourceController } from './SourceController';

type Stage =
  | 'Fetching manifests'
  | 'Building manifests'
  | 'Detecting drift'
  | 'Running health checks';

/** kustomize-controller raises shorter timeouts to this. */
const MIN_TIMEOUT_MS = 30_000;
const HISTORY_LENGTH = 5;
const HEALTH_POLL_MS = 500;

/** What a run works with. */
export interface RunContext {
  client: ClusterClient;
  /** Kustomizations of the cluster, for `dependsOn`. */
  informer: Informer;
  gitRepositories: Informer;
  source: SourceController;
  /** Waited before applying, so that a person can see "fetched, being applied". */
  pace: Pace;
  signal: AbortSignal;
}

/** One run of one Kustomization: each step is written to its status. */
export class KustomizationRun {
  private readonly generation: number | undefined;
  private readonly status: KustomizationStatus;
  private readonly applier: Applier;
  private healthy?: Condition;
  private readonly timeout: string;
  private readonly startedAt = Date.now();
  private stage: Stage = 'Fetching manifests';
  private revision = '';

  constructor(
    private readonly context: RunContext,
    private readonly object: KubernetesObject,
    private readonly spec: KustomizationSpec,
  ) {
    this.generation = object.metadata.generation;
    this.applier = new Applier(context.client);
    this.status = kustomizationStatusSchema.parse(object.status);
    this.timeout = formatDuration(
      Math.max(parseDuration(spec.timeout ?? spec.interval), MIN_TIMEOUT_MS),
    );
  }

  async execute(): Promise<'applied' | 'failed' | 'waiting'> {
    const unmet = this.unmetDependency();
    if (unmet) {
      await this.writeConditions([
        this.condition('Ready', 'False', 'DependencyNotReady', unmet),
      ]);
      return 'waiting';
    }
    const sourceKey = sourceKeyOf(this.object);
    const artifact = this.context.source.artifact(sourceKey);
    if (!artifact) {
      return this.withoutArtifact(sourceKey);
    }
    const repeated = this.status.lastAppliedRevision === artifact.revision;
    this.revision = artifact.revision;
    try {
      await this.enter('Fetching manifests');
      if (!repeated) {
        await pause(this.context.pace, this.context.signal);
      }
      const folder = posix.normalize(this.spec.path).replace(/\/$/, '');
      if (
        folder !== '.' &&
        ![...artifact.files.keys()].some(path => path.startsWith(`${folder}/`))
      ) {
        throw new RunError(
          'ArtifactFailed',
          `kustomization path not found: stat /tmp/kustomization-1413508681/${folder}: no such file or directory`,
        );
      }
      await this.enter('Building manifests');
      const manifests = await renderManifests({
        files: artifact.files,
        folder,
        spec: this.spec,
        secret: name =>
          this.context.client.get(
            SECRETS,
            this.object.metadata.namespace,
            name,
          ),
      });
      await this.enter('Detecting drift');
      const digest = digestOf(manifests);
      try {
        const applied = await this.applier.apply(
          manifests,
          this.object.metadata,
        );
        if (this.spec.prune) {
          await this.applier.prune(
            this.status.inventory?.entries ?? [],
            applied,
          );
        }
        await this.checkHealth(applied, digest);
        await this.succeed(applied, digest);
      } catch (error) {
        if (error instanceof RunError && error.reason !== 'HealthCheckFailed') {
          this.remember(digest, 'ReconciliationFailed');
        }
        throw error;
      }
      return 'applied';
    } catch (error) {
      if (!(error instanceof RunError)) {
        throw error;
      }
      await this.fail(error);
      return 'failed';
    }
  }

  private unmetDependency(): string | undefined {
    for (const { name, namespace } of this.spec.dependsOn) {
      const where = namespace ?? this.object.metadata.namespace ?? '';
      const other = this.context.informer.get(where, name);
      if (!other) {
        return `dependency '${where}/${name}' not found: kustomizations.kustomize.toolkit.fluxcd.io "${name}" not found`;
      }
      if (readyConditionOf(other)?.status !== 'True') {
        return `dependency '${where}/${name}' is not ready`;
      }
    }
    return undefined;
  }

  private async withoutArtifact(
    sourceKey: string,
  ): Promise<'waiting' | 'failed'> {
    const [namespace, name] = sourceKey.split('/');
    if (this.context.gitRepositories.get(namespace, name)) {
      // Fetched in a moment, or the source says why not.
      return 'waiting';
    }
    await this.writeConditions([
      this.condition(
        'Ready',
        'False',
        'ArtifactFailed',
        `GitRepository.source.toolkit.fluxcd.io "${name}" not found`,
      ),
    ]);
    return 'failed';
  }

  private async checkHealth(
    applied: KubernetesObject[],
    digest: string,
  ): Promise<void> {
    const targets = this.spec.wait
      ? applied
      : this.spec.healthChecks.map(({ apiVersion, kind, name, namespace }) =>
          parseObject({ apiVersion, kind, metadata: { name, namespace } }),
        );
    if (!targets.length) {
      return;
    }
    await this.enter('Running health checks', { inventory: applied });
    const startedAt = Date.now();
    const deadline = startedAt + parseDuration(this.timeout);
    for (;;) {
      const states = await Promise.all(
        targets.map(async target => ({
          target,
          health: await this.healthOf(target),
        })),
      );
      const pending = states.filter(s => s.health === 'InProgress');
      const failed = states.filter(s => s.health === 'Failed');
      const describe = (list: typeof states) =>
        `[${list
          .map(s => `${subjectOf(s.target)} status: '${s.health}'`)
          .join(', ')}]`;
      const duration = formatDuration(Date.now() - startedAt);
      let message: string | undefined;
      if (failed.length) {
        message = `failed early due to stalled resources: ${describe(failed)}`;
      } else if (pending.length && Date.now() >= deadline) {
        message = `timeout waiting for: ${describe(pending)}`;
      }
      if (message) {
        this.remember(digest, 'HealthCheckFailed');
        this.healthy = this.condition(
          'Healthy',
          'False',
          'HealthCheckFailed',
          message,
        );
        throw new RunError(
          'HealthCheckFailed',
          `health check failed after ${duration}: ${message}`,
        );
      }
      if (!pending.length) {
        this.healthy = this.condition(
          'Healthy',
          'True',
          'Succeeded',
          `Health check passed in ${duration}`,
        );
        return;
      }
      await sleep(HEALTH_POLL_MS, undefined, { signal: this.context.signal });
    }
  }

  private async healthOf(target: KubernetesObject) {
    const type = await this.applier.typeOf(target);
    const live = await this.context.client.get(
      type,
      target.metadata.namespace,
      target.metadata.name,
    );
    return live ? healthOf(live, this.spec.healthCheckExprs) : 'InProgress';
  }

  private async succeed(
    applied: KubernetesObject[],
    digest: string,
  ): Promise<void> {
    this.remember(digest, 'ReconciliationSucceeded');
    await this.writeConditions(
      [
        this.condition(
          'Ready',
          'True',
          'ReconciliationSucceeded',
          `Applied revision: ${this.revision}`,
        ),
        ...(this.healthy ? [this.healthy] : []),
      ],
      {
        observedGeneration: this.generation,
        lastAppliedRevision: this.revision,
        lastAttemptedRevision: this.revision,
        inventory: { entries: applied.map(inventoryEntry) },
        history: this.status.history,
        ...this.handled(),
      },
    );
  }

  private async fail(error: RunError): Promise<void> {
    await this.writeConditions(
      [
        this.condition(
          'Reconciling',
          'True',
          'ProgressingWithRetry',
          this.progress(),
        ),
        this.condition('Ready', 'False', error.reason, error.message),
        ...(this.healthy ? [this.healthy] : []),
      ],
      {
        observedGeneration: this.status.observedGeneration ?? -1,
        history: this.status.history,
        ...this.handled(),
      },
    );
  }

  private async enter(
    stage: Stage,
    options: { inventory?: KubernetesObject[] } = {},
  ): Promise<void> {
    this.stage = stage;
    const conditions = [
      this.condition('Reconciling', 'True', 'Progressing', this.progress()),
      this.condition(
        'Ready',
        'Unknown',
        'Progressing',
        'Reconciliation in progress',
      ),
    ];
    if (stage === 'Running health checks') {
      conditions.push(
        this.condition('Healthy', 'Unknown', 'Progressing', this.progress()),
      );
    }
    await this.writeConditions(conditions, {
      ...(stage !== 'Fetching manifests' && {
        lastAttemptedRevision: this.revision,
      }),
      ...(options.inventory && {
        inventory: { entries: options.inventory.map(inventoryEntry) },
      }),
    });
  }

  private progress(): string {
    return `${this.stage} for revision ${this.revision} with a timeout of ${this.timeout}`;
  }

  private handled(): object {
    const request = this.object.metadata.annotations?.[REQUESTED_AT];
    return request === undefined ? {} : { lastHandledReconcileAt: request };
  }

  /** Notes the outcome per rendered content, newest first; the same content again counts up its entry. */
  private remember(digest: string, outcome: string): void {
    const now = timestamp();
    const old = this.status.history.find(entry => entry.digest === digest);
    this.status.history = [
      {
        digest,
        firstReconciled: old?.firstReconciled ?? now,
        lastReconciled: now,
        lastReconciledDuration: formatDuration(Date.now() - this.startedAt),
        lastReconciledStatus: outcome,
        metadata: { revision: this.revision },
        totalReconciliations: (old?.totalReconciliations ?? 0) + 1,
      },
      ...this.status.history.filter(entry => entry.digest !== digest),
    ].slice(0, HISTORY_LENGTH);
  }

  private condition(
    type: string,
    status: Condition['status'],
    reason: string,
    message: string,
  ): Condition {
    return {
      type,
      status,
      reason,
      message,
      observedGeneration: this.generation,
    };
  }

  private async writeConditions(
    conditions: Condition[],
    status: object = {},
  ): Promise<void> {
    this.status.conditions = replaceConditions(
      this.status.conditions,
      conditions,
      timestamp(),
    );
    await this.context.client.mergePatch(
      KUSTOMIZATIONS,
      { ...this.object.metadata, subresource: 'status' },
      { status: { ...status, conditions: this.status.conditions } },
    );
  }
}
