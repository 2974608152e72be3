import { toError } from '@backstage/errors';
import {
  APPLICATIONS,
  ClusterClient,
  Informer,
  KeyedQueue,
  keyOf,
  KubernetesObject,
  SECRETS,
  secretValue,
  timestamp,
} from '../kubernetes';
import { fetchArtifact, GitSource, headOf } from '../flux/artifact';
import { Pace, pause } from '../Pace';
import { renderSource, RenderedSource } from './renderSource';
import {
  ApplicationSpec,
  applicationSpecSchema,
  applicationStatusSchema,
} from './schemas';
import { SyncRun } from './SyncRun';

/** Argo CD keeps as many entries of the past by default. */
const HISTORY_LENGTH = 10;

/**
 * Does what the application-controller of Argo CD does for Applications with one source, a directory or a kustomization: looks at
 * the branch, compares, applies where that is automated or somebody asks for it, and says so in the status, which is no
 * subresource. It never tries a failed commit again, as with `retry.limit: 0`, and undoes no drift.
 */
export class ApplicationController {
  private readonly queue: KeyedQueue;
  /** Of the branches that were fetched, by address and commit. */
  private readonly fetched = new Map<string, ReadonlyMap<string, string>>();
  /** What was compared last, so that nothing is done as long as nothing changes. */
  private readonly compared = new Map<string, string>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly options: {
      client: ClusterClient;
      informer: Informer;
      /** How often branches are looked at; the minutes of real life would bore a person who watches. */
      intervalMs: number;
      pace: Pace;
      signal: AbortSignal;
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.reconcile(key),
      (key, error) => {
        this.compared.delete(key);
        options.onError(`Application ${key}`, error);
      },
    );
    options.informer.onChange((object, { deleted }) => {
      if (deleted) {
        this.compared.delete(keyOf(object));
      } else if (!this.compared.has(keyOf(object)) || object.operation) {
        this.queue.add(keyOf(object));
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

  private async reconcile(key: string): Promise<void> {
    const { client } = this.options;
    const [namespace, name] = key.split('/');
    const object = await client.get(APPLICATIONS, namespace, name);
    if (!object) {
      return;
    }
    const spec = applicationSpecSchema.parse(object.spec);
    const isAsked = object.operation !== undefined && object.operation !== null;
    let revision = spec.source.targetRevision;
    let rendered: RenderedSource;
    try {
      const source = await this.sourceOf(spec, namespace);
      revision = await headOf(source);
      const mark = JSON.stringify([revision, object.spec]);
      if (this.compared.get(key) === mark && !isAsked) {
        return;
      }
      this.compared.set(key, mark);
      rendered = renderSource(await this.filesOf(source, revision), spec);
    } catch (error) {
      this.compared.delete(key);
      await this.writeUnreadable(object, spec, toError(error));
      return;
    }
    const run = new SyncRun(client, { name, spec, rendered, revision });
    const differing = await run.compare(
      applicationStatusSchema.parse(object.status).resources,
    );
    await this.writeCompared(object, spec, { revision, rendered, run });
    const isAutomated =
      spec.syncPolicy?.automated !== undefined &&
      spec.syncPolicy.automated.enabled !== false;
    if (!isAsked && !(isAutomated && differing)) {
      return;
    }
    await this.sync(object, spec, { revision, rendered, run });
  }

  private async sync(
    object: KubernetesObject,
    spec: ApplicationSpec,
    to: { revision: string; rendered: RenderedSource; run: SyncRun },
  ): Promise<void> {
    const { revision, run } = to;
    const operation = {
      sync: { revision, prune: spec.syncPolicy?.automated?.prune },
    };
    const startedAt = timestamp();
    await this.write(object, {
      operation,
      status: {
        operationState: {
          operation,
          phase: 'Running',
          startedAt,
          syncResult: null,
          message: null,
          finishedAt: null,
        },
      },
    });
    await pause(this.options.pace, this.options.signal);
    const { message, phase, resources } = await run.apply();
    const finishedAt = timestamp();
    await this.write(object, {
      operation: null,
      status: {
        operationState: {
          operation,
          phase,
          message,
          startedAt,
          finishedAt,
          syncResult: { revision, source: spec.source, resources },
        },
        conditions:
          phase === 'Succeeded'
            ? null
            : [
                {
                  type: 'SyncError',
                  message: `Failed last sync attempt to [${revision}]: ${message}`,
                  lastTransitionTime: finishedAt,
                },
              ],
        ...(phase === 'Succeeded' && {
          history: await this.historyWith(object, {
            deployedAt: finishedAt,
            revision,
            source: spec.source,
          }),
        }),
      },
    });
    await run.compare();
    await this.writeCompared(object, spec, to, { keepsConditions: true });
  }

  private async historyWith(
    { metadata }: KubernetesObject,
    entry: object,
  ): Promise<object[]> {
    const live = await this.options.client.get(
      APPLICATIONS,
      metadata.namespace,
      metadata.name,
    );
    const { history } = applicationStatusSchema.parse(live?.status);
    const id = (history.at(-1)?.id ?? -1) + 1;
    return [...history, { id, ...entry }].slice(-HISTORY_LENGTH);
  }

  private async writeCompared(
    object: KubernetesObject,
    spec: ApplicationSpec,
    {
      rendered,
      revision,
      run,
    }: { rendered: RenderedSource; revision: string; run: SyncRun },
    options: { keepsConditions?: boolean } = {},
  ): Promise<void> {
    await this.write(object, {
      status: {
        controllerNamespace: object.metadata.namespace,
        reconciledAt: timestamp(),
        sourceType: rendered.type,
        health: { status: 'Healthy' },
        resources: run.resources,
        sync: {
          status: run.isSynced ? 'Synced' : 'OutOfSync',
          revision,
          comparedTo: { source: spec.source, destination: spec.destination },
        },
        ...(!options.keepsConditions && { conditions: null }),
      },
    });
  }

  private async writeUnreadable(
    object: KubernetesObject,
    spec: ApplicationSpec,
    { message }: Error,
  ): Promise<void> {
    const words = `Failed to load target state: failed to generate manifest for source 1 of 1: rpc error: code = Unknown desc = ${message}`;
    const { conditions } = applicationStatusSchema.parse(object.status);
    if (conditions[0]?.message === words) {
      return;
    }
    const now = timestamp();
    await this.write(object, {
      status: {
        controllerNamespace: object.metadata.namespace,
        reconciledAt: now,
        sync: {
          status: 'Unknown',
          revision: spec.source.targetRevision,
          comparedTo: { source: spec.source, destination: spec.destination },
        },
        conditions: [
          { type: 'ComparisonError', message: words, lastTransitionTime: now },
        ],
      },
    });
  }

  private async write(
    { metadata }: KubernetesObject,
    patch: object,
  ): Promise<void> {
    const { name, namespace } = metadata;
    await this.options.client.mergePatch(
      APPLICATIONS,
      { namespace, name },
      patch,
    );
  }

  /** Credentials are in Secrets of the namespace of Argo CD, found by the address. */
  private async sourceOf(
    { source }: ApplicationSpec,
    namespace: string,
  ): Promise<GitSource> {
    const { items } = await this.options.client.list(SECRETS);
    const secret = items.find(
      item =>
        item.metadata.namespace === namespace &&
        item.metadata.labels?.['argocd.argoproj.io/secret-type'] ===
          'repository' &&
        secretValue(item, 'url') === source.repoURL,
    );
    const username = secret && secretValue(secret, 'username');
    const password = secret && secretValue(secret, 'password');
    return {
      url: source.repoURL,
      branch: source.targetRevision,
      isKnown: true,
      ...(username && password && { credentials: { username, password } }),
    };
  }

  private async filesOf(
    source: GitSource,
    revision: string,
  ): Promise<ReadonlyMap<string, string>> {
    const key = `${source.url} ${revision}`;
    const known = this.fetched.get(key) ?? (await fetchArtifact(source)).files;
    // Applications of one repository are compared one after the other.
    this.fetched.clear();
    this.fetched.set(key, known);
    return known;
  }
}
