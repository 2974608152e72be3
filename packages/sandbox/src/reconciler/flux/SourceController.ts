import { z } from 'zod';
import {
  ClusterClient,
  Condition,
  GIT_REPOSITORIES,
  Informer,
  KeyedQueue,
  keyOf,
  KubernetesObject,
  replaceConditions,
  SECRETS,
  secretValue,
  timestamp,
} from '../kubernetes';
import {
  Artifact,
  fetchArtifact,
  FetchError,
  GitSource,
  headOf,
} from './artifact';

/** Asks a controller to look at an object now. */
export const REQUESTED_AT = 'reconcile.fluxcd.io/requestedAt';

const specSchema = z.object({
  url: z.string(),
  suspend: z.boolean().optional(),
  ref: z
    .object({ branch: z.string().default('master') })
    .default({ branch: 'master' }),
  secretRef: z.object({ name: z.string() }).optional(),
});

const statusSchema = z
  .looseObject({
    observedGeneration: z.number().optional(),
    lastHandledReconcileAt: z.string().optional(),
    artifact: z.looseObject({ revision: z.string() }).optional(),
    conditions: z.array(z.custom<Condition>()).default([]),
  })
  .default({ conditions: [] });

/**
 * Does what source-controller does for GitRepository objects: looks at the branch, stores the files of its head and
 * says so in the status.
 */
export class SourceController {
  private readonly artifacts = new Map<string, Artifact>();
  private readonly listeners: Array<(key: string) => void> = [];
  private readonly queue: KeyedQueue;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly options: {
      client: ClusterClient;
      informer: Informer;
      /** How often branches are looked at; `spec.interval` of real life would bore a person who watches. */
      intervalMs: number;
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.reconcile(key),
      (key, error) => options.onError(`GitRepository ${key}`, error),
    );
    options.informer.onChange((object, { old, deleted }) => {
      const key = keyOf(object);
      if (deleted) {
        this.artifacts.delete(key);
        this.notify(key);
      } else if (
        object.metadata.generation !== old?.metadata.generation ||
        requestOf(object) !== (old && requestOf(old))
      ) {
        this.queue.add(key);
      }
    });
  }

  start(): void {
    this.timer = setInterval(() => {
      this.options.informer.list().forEach(o => this.queue.add(keyOf(o)));
    }, this.options.intervalMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.queue.stop();
  }

  /** What is stored for `namespace/name`. */
  artifact(key: string): Artifact | undefined {
    return this.artifacts.get(key);
  }

  /** Tells of new artifacts and of repositories that are gone. */
  onArtifact(listener: (key: string) => void): void {
    this.listeners.push(listener);
  }

  private notify(key: string): void {
    this.listeners.forEach(listener => listener(key));
  }

  private async reconcile(key: string): Promise<void> {
    const [namespace, name] = key.split('/');
    // Read anew: a copy from before the last status write would be written over.
    const object = await this.options.client.get(
      GIT_REPOSITORIES,
      namespace,
      name,
    );
    if (!object) {
      return;
    }
    const spec = specSchema.parse(object.spec);
    if (spec.suspend) {
      return;
    }
    const status = statusSchema.parse(object.status);
    const request = requestOf(object);
    const due =
      status.observedGeneration !== object.metadata.generation ||
      (request !== undefined && request !== status.lastHandledReconcileAt);
    try {
      const source = await this.sourceOf(object, spec);
      const stored = this.artifacts.get(key);
      const head = await headOf(source);
      if (
        stored?.commit === head &&
        !due &&
        status.artifact?.revision === stored.revision &&
        status.conditions.some(c => c.type === 'Ready' && c.status === 'True')
      ) {
        return;
      }
      const artifact =
        stored?.commit === head ? stored : await fetchArtifact(source);
      await this.writeStatus(object, succeeded(object, artifact));
      if (artifact !== stored) {
        this.artifacts.set(key, artifact);
        this.notify(key);
      }
    } catch (error) {
      if (!(error instanceof FetchError)) {
        throw error;
      }
      const next = failed(object, error);
      const ready = status.conditions.find(c => c.type === 'Ready');
      if (due || ready?.status !== 'False' || ready.message !== error.message) {
        await this.writeStatus(object, next);
      }
    }
  }

  private async sourceOf(
    object: KubernetesObject,
    spec: z.output<typeof specSchema>,
  ): Promise<GitSource> {
    const source = {
      url: spec.url,
      branch: spec.ref.branch,
      isKnown: statusSchema.parse(object.status).artifact !== undefined,
    };
    if (!spec.secretRef) {
      return source;
    }
    const { namespace } = object.metadata;
    const secret = await this.options.client.get(
      SECRETS,
      namespace,
      spec.secretRef.name,
    );
    if (!secret) {
      // The controller wraps this failure twice.
      const failure = `failed to get secret '${namespace}/${spec.secretRef.name}':`;
      throw new FetchError(
        'AuthenticationFailed',
        `${failure} ${failure} secrets "${spec.secretRef.name}" not found`,
      );
    }
    const username = secretValue(secret, 'username');
    const password = secretValue(secret, 'password');
    return {
      ...source,
      ...(username && password && { credentials: { username, password } }),
    };
  }

  private async writeStatus(
    object: KubernetesObject,
    status: object,
  ): Promise<void> {
    const request = requestOf(object);
    await this.options.client.mergePatch(
      GIT_REPOSITORIES,
      { ...object.metadata, subresource: 'status' },
      {
        status: {
          ...status,
          ...(request !== undefined && { lastHandledReconcileAt: request }),
        },
      },
    );
  }
}

function requestOf(object: KubernetesObject): string | undefined {
  return object.metadata.annotations?.[REQUESTED_AT];
}

function succeeded(object: KubernetesObject, artifact: Artifact): object {
  const { generation: observedGeneration, namespace, name } = object.metadata;
  const now = timestamp();
  const path = `gitrepository/${namespace}/${name}/${artifact.commit}.tar.gz`;
  const condition = (type: string): Condition => ({
    type,
    status: 'True',
    reason: 'Succeeded',
    message: `stored artifact for revision '${artifact.revision}'`,
    observedGeneration,
  });
  return {
    observedGeneration,
    artifact: {
      revision: artifact.revision,
      digest: artifact.digest,
      size: artifact.size,
      path,
      url: `http://source-controller.flux-system.svc.cluster.local./${path}`,
      lastUpdateTime: now,
    },
    conditions: replaceConditions(
      statusSchema.parse(object.status).conditions,
      [condition('Ready'), condition('ArtifactInStorage')],
      now,
    ),
  };
}

function failed(object: KubernetesObject, error: FetchError): object {
  const status = statusSchema.parse(object.status);
  const { generation: observedGeneration } = object.metadata;
  const seen = status.observedGeneration ?? -1;
  const { reason, message } = error;
  const stored = status.conditions.filter(c => c.type === 'ArtifactInStorage');
  return {
    observedGeneration: seen,
    conditions: replaceConditions(
      status.conditions,
      [
        {
          type: 'Reconciling',
          status: 'True',
          reason: 'ProgressingWithRetry',
          message:
            seen > 0 && seen !== observedGeneration
              ? `processing object: new generation ${seen} -> ${observedGeneration}`
              : 'building artifact',
          observedGeneration,
        },
        { type: 'Ready', status: 'False', reason, message, observedGeneration },
        {
          type: 'FetchFailed',
          status: 'True',
          reason,
          message,
          observedGeneration,
        },
        ...stored,
      ],
      timestamp(),
    ),
  };
}
