import {
  KeyedQueue,
  keyOf,
  KubernetesObject,
  KUSTOMIZATIONS,
} from '../kubernetes';
import { Applier } from './apply';
import { parseDuration } from './duration';
import {
  KustomizationSpec,
  kustomizationSpecSchema,
  kustomizationStatusSchema,
  readyConditionOf,
  sourceKeyOf,
} from './kustomization';
import { KustomizationRun, RunContext } from './KustomizationRun';
import { REQUESTED_AT } from './SourceController';

/** Keeps a deleted Kustomization until what it has applied is gone. */
const FINALIZER = 'finalizers.fluxcd.io';

/**
 * Does what kustomize-controller does for Kustomization objects: builds what the source fetched, decrypts it, tries all
 * of it as a dry run, applies it, removes what is gone, and says each step in the status.
 */
export class KustomizationController {
  private readonly queue: KeyedQueue;

  constructor(
    private readonly options: RunContext & {
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.reconcile(key),
      (key, error) => {
        options.onError(`Kustomization ${key}`, error);
        this.queue.addAfter(key, 5_000);
      },
    );
    options.informer.onChange((object, { old, deleted }) => {
      const changed =
        object.metadata.generation !== old?.metadata.generation ||
        object.metadata.deletionTimestamp !== old?.metadata.deletionTimestamp ||
        object.metadata.annotations?.[REQUESTED_AT] !==
          old?.metadata.annotations?.[REQUESTED_AT];
      if (!deleted && changed) {
        this.queue.add(keyOf(object));
      }
      this.dependantsOf(object).forEach(key => this.queue.add(key));
    });
    options.source.onArtifact(sourceKey => {
      options.informer
        .list()
        .filter(k => sourceKeyOf(k) === sourceKey)
        .forEach(k => this.queue.add(keyOf(k)));
    });
  }

  async stop(): Promise<void> {
    await this.queue.stop();
  }

  private dependantsOf(object: KubernetesObject): string[] {
    return this.options.informer
      .list()
      .filter(other => {
        const ready = readyConditionOf(other);
        return (
          ready?.reason === 'DependencyNotReady' &&
          kustomizationSpecSchema
            .parse(other.spec)
            .dependsOn.some(d => d.name === object.metadata.name)
        );
      })
      .map(keyOf);
  }

  private async reconcile(key: string): Promise<void> {
    const [namespace, name] = key.split('/');
    const object = await this.options.client.get(
      KUSTOMIZATIONS,
      namespace,
      name,
    );
    if (!object) {
      return;
    }
    const spec = kustomizationSpecSchema.parse(object.spec);
    if (object.metadata.deletionTimestamp) {
      await this.finalize(object, spec);
      return;
    }
    await this.writeFinalizers(object, [
      ...finalizersOf(object).filter(each => each !== FINALIZER),
      FINALIZER,
    ]);
    if (spec.suspend) {
      await this.acknowledge(object);
      return;
    }
    this.queue.cancel(key);
    const run = new KustomizationRun(this.options, object, spec);
    const outcome = await run.execute();
    if (outcome !== 'waiting') {
      this.queue.addAfter(
        key,
        parseDuration(
          outcome === 'failed' && spec.retryInterval
            ? spec.retryInterval
            : spec.interval,
        ),
      );
    }
  }

  /** Of a suspended Kustomization nothing is done but to say that it was looked at. */
  private async acknowledge(object: KubernetesObject): Promise<void> {
    const { metadata } = object;
    const status = kustomizationStatusSchema.parse(object.status);
    const request = metadata.annotations?.[REQUESTED_AT];
    const isReady = readyConditionOf(object)?.status === 'True';
    const seen = {
      lastHandledReconcileAt: request ?? status.lastHandledReconcileAt,
      observedGeneration: isReady
        ? metadata.generation
        : status.observedGeneration,
    };
    if (
      seen.lastHandledReconcileAt !== status.lastHandledReconcileAt ||
      seen.observedGeneration !== status.observedGeneration
    ) {
      await this.options.client.mergePatch(
        KUSTOMIZATIONS,
        { ...metadata, subresource: 'status' },
        { status: seen },
      );
    }
  }

  /** Takes what was applied along, unless the Kustomization is not to prune or is suspended. */
  private async finalize(
    object: KubernetesObject,
    spec: KustomizationSpec,
  ): Promise<void> {
    this.queue.cancel(keyOf(object));
    if (spec.prune && !spec.suspend) {
      const { inventory } = kustomizationStatusSchema.parse(object.status);
      await new Applier(this.options.client).prune(
        inventory?.entries ?? [],
        [],
      );
    }
    await this.writeFinalizers(
      object,
      finalizersOf(object).filter(each => each !== FINALIZER),
    );
  }

  private async writeFinalizers(
    object: KubernetesObject,
    finalizers: string[],
  ): Promise<void> {
    if (finalizers.join() !== finalizersOf(object).join()) {
      await this.options.client.mergePatch(KUSTOMIZATIONS, object.metadata, {
        metadata: { finalizers },
      });
    }
  }
}

function finalizersOf({ metadata }: KubernetesObject): string[] {
  return metadata.finalizers ?? [];
}
