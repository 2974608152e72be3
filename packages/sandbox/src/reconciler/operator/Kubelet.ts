import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  ClusterClient,
  Informer,
  KeyedQueue,
  keyOf,
  STATEFUL_SETS,
} from '../kubernetes';

const RETRY_MS = 2_000;

const statefulSetSchema = z.object({
  metadata: z.looseObject({
    labels: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({ replicas: z.number().default(1), template: z.unknown() }),
});

/**
 * Stands for the StatefulSet controller and the nodes: writes into the status of StatefulSets how many of their Pods
 * run. All do, unless servers of a tenant are said to be lost.
 */
export class Kubelet {
  private readonly queue: KeyedQueue;
  /** Number of servers that are lost, by `namespace/tenant`. */
  private readonly lost = new Map<string, number>();

  constructor(
    private readonly options: {
      client: ClusterClient;
      informer: Informer;
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.reconcile(key),
      (key, error) => {
        options.onError(`StatefulSet ${key}`, error);
        this.queue.addAfter(key, RETRY_MS);
      },
    );
    options.informer.onChange((object, { deleted }) => {
      if (!deleted) {
        this.queue.add(keyOf(object));
      }
    });
  }

  /** Says how many servers of a tenant are lost from now on. */
  setLostServers(tenantKey: string, count: number): void {
    this.lost.set(tenantKey, count);
    this.options.informer.list().forEach(o => this.queue.add(keyOf(o)));
  }

  async stop(): Promise<void> {
    await this.queue.stop();
  }

  private async reconcile(key: string): Promise<void> {
    const [namespace, name] = key.split('/');
    const object = this.options.informer.get(namespace, name);
    if (!object) {
      return;
    }
    const { metadata, spec } = statefulSetSchema.parse(object);
    const lost =
      this.lost.get(`${namespace}/${metadata.labels['rustfs.tenant']}`) ?? 0;
    const ready = Math.max(spec.replicas - lost, 0);
    const revision = `${name}-${createHash('sha256')
      .update(JSON.stringify(spec.template))
      .digest('hex')
      .slice(0, 10)}`;
    const status = {
      observedGeneration: object.metadata.generation,
      replicas: spec.replicas,
      readyReplicas: ready,
      availableReplicas: ready,
      currentReplicas: spec.replicas,
      updatedReplicas: spec.replicas,
      currentRevision: revision,
      updateRevision: revision,
    };
    const before = z.looseObject({}).safeParse(object.status).data ?? {};
    if (
      Object.entries(status).some(([field, value]) => before[field] !== value)
    ) {
      await this.options.client.mergePatch(
        STATEFUL_SETS,
        { namespace, name, subresource: 'status' },
        { status },
      );
    }
  }
}
