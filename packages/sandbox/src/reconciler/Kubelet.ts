import { createHash } from 'node:crypto';
import { z } from 'zod';
import {
  ClusterClient,
  Informer,
  KeyedQueue,
  keyOf,
  ResourceType,
  STATEFUL_SETS,
} from './kubernetes';

const RETRY_MS = 2_000;

const workloadSchema = z.object({
  metadata: z.looseObject({
    labels: z.record(z.string(), z.string()).default({}),
  }),
  spec: z.object({ replicas: z.number().default(1), template: z.unknown() }),
});

/**
 * Stands for the controllers of StatefulSets or of Deployments, and for the nodes: writes into the status how many Pods
 * run. All do, unless servers of a tenant are said to be lost.
 */
export class Kubelet {
  private readonly queue: KeyedQueue;
  /** Number of servers that are lost, by `namespace/tenant`. */
  private readonly lost = new Map<string, number>();

  constructor(
    private readonly options: {
      client: ClusterClient;
      type: ResourceType;
      informer: Informer;
      onError: (what: string, error: unknown) => void;
    },
  ) {
    this.queue = new KeyedQueue(
      key => this.reconcile(key),
      (key, error) => {
        options.onError(`${options.type.kind} ${key}`, error);
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
    const { metadata, spec } = workloadSchema.parse(object);
    // Without an operator a tenant is called like its workload.
    const tenant = metadata.labels['rustfs.tenant'] ?? name;
    const lost = this.lost.get(`${namespace}/${tenant}`) ?? 0;
    const ready = Math.max(spec.replicas - lost, 0);
    const status = {
      observedGeneration: object.metadata.generation,
      replicas: spec.replicas,
      readyReplicas: ready,
      availableReplicas: ready,
      updatedReplicas: spec.replicas,
      ...(this.options.type === STATEFUL_SETS &&
        revisionsOf(name, spec.replicas, spec.template)),
    };
    const before = z.looseObject({}).safeParse(object.status).data ?? {};
    if (
      Object.entries(status).some(([field, value]) => before[field] !== value)
    ) {
      await this.options.client.mergePatch(
        this.options.type,
        { namespace, name, subresource: 'status' },
        { status },
      );
    }
  }
}

function revisionsOf(name: string, replicas: number, template: unknown) {
  const revision = `${name}-${createHash('sha256')
    .update(JSON.stringify(template))
    .digest('hex')
    .slice(0, 10)}`;
  return {
    currentReplicas: replicas,
    currentRevision: revision,
    updateRevision: revision,
  };
}
