import { setTimeout as sleep } from 'node:timers/promises';
import { ClusterClient } from './ClusterClient';
import { keyOf, KubernetesObject, ResourceType } from './objects';

type Listener = (
  object: KubernetesObject,
  change: { old?: KubernetesObject; deleted: boolean },
) => void;

/** How long to wait before listing again after a watch broke. */
const RETRY_MS = 500;

/**
 * Keeps a copy of all objects of one kind and tells of changes; lists again whenever the watch ends.
 */
export class Informer {
  private readonly objects = new Map<string, KubernetesObject>();
  private readonly listeners: Listener[] = [];

  constructor(
    private readonly client: ClusterClient,
    private readonly type: ResourceType,
    private readonly signal: AbortSignal,
  ) {}

  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }

  get(namespace: string, name: string): KubernetesObject | undefined {
    return this.objects.get(`${namespace}/${name}`);
  }

  list(): KubernetesObject[] {
    return [...this.objects.values()];
  }

  /** Runs until the signal is aborted. */
  async run(): Promise<void> {
    while (!this.signal.aborted) {
      try {
        const { resourceVersion, items } = await this.client.list(this.type);
        this.replaceAll(items);
        for await (const { type, object } of this.client.watch(
          this.type,
          resourceVersion,
          this.signal,
        )) {
          if (type === 'DELETED') {
            this.remove(object);
          } else {
            this.store(object);
          }
        }
      } catch {
        // A broken or forgotten watch is mended by listing again.
      }
      await sleep(RETRY_MS, undefined, { signal: this.signal }).catch(() => {});
    }
  }

  private replaceAll(items: KubernetesObject[]): void {
    const keys = new Set(items.map(keyOf));
    for (const [key, object] of this.objects) {
      if (!keys.has(key)) {
        this.remove(object);
      }
    }
    items.forEach(item => this.store(item));
  }

  private store(object: KubernetesObject): void {
    const old = this.objects.get(keyOf(object));
    if (
      old?.metadata.resourceVersion !== undefined &&
      old.metadata.resourceVersion === object.metadata.resourceVersion
    ) {
      return;
    }
    this.objects.set(keyOf(object), object);
    this.listeners.forEach(listener =>
      listener(object, { old, deleted: false }),
    );
  }

  private remove(object: KubernetesObject): void {
    this.objects.delete(keyOf(object));
    this.listeners.forEach(listener => listener(object, { deleted: true }));
  }
}
