import { apiVersionOf, Resource } from './resources';
import { ApiError, expired } from './status';
import { ObjectStore, StoreEvent } from './store';
import { JsonObject, KubernetesObject } from './types';

export interface WatchOptions {
  namespace?: string;
  matches(object: KubernetesObject): boolean;
  resourceVersion?: string;
  /** Begin with the present objects and mark where they end. */
  sendInitialEvents: boolean;
  allowBookmarks: boolean;
  timeoutSeconds: number;
  present(object: KubernetesObject): JsonObject;
}

export interface WatchSink {
  send(event: { type: string; object: JsonObject }): void;
  end(): void;
  /** Called when the stream is over, whoever ended it. */
  onClose(callback: () => void): void;
}

const BOOKMARK_INTERVAL_MS = 60_000;

/** Timers of Node.js fire at once beyond this. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * Streams changes of one resource until the client goes or the time is up.
 *
 * A client that starts at a version which is no longer known gets an ERROR event with code 410 and has to list
 * again.
 */
export function serveWatch(
  store: ObjectStore,
  resource: Resource,
  options: WatchOptions,
  sink: WatchSink,
): void {
  const { namespace, matches, resourceVersion, present } = options;
  const selected = (object: KubernetesObject | undefined) =>
    object !== undefined &&
    (!namespace || object.metadata.namespace === namespace) &&
    matches(object);

  const forward = (event: StoreEvent) => {
    if (event.resource !== resource.storage) {
      return;
    }
    const was = event.type !== 'ADDED' && selected(event.previous);
    const is = event.type !== 'DELETED' && selected(event.object);
    const object = () => present(event.object);
    if (is) {
      sink.send({ type: was ? 'MODIFIED' : 'ADDED', object: object() });
    } else if (was) {
      sink.send({ type: 'DELETED', object: object() });
    }
  };

  const bookmark = (annotations?: Record<string, string>) =>
    sink.send({
      type: 'BOOKMARK',
      object: {
        apiVersion: apiVersionOf(resource),
        kind: resource.kind,
        metadata: {
          resourceVersion: String(store.resourceVersion),
          ...(annotations && { annotations }),
        },
      },
    });

  const fromNow = !resourceVersion || resourceVersion === '0';
  if (fromNow || options.sendInitialEvents) {
    for (const object of store.list(resource.storage, namespace)) {
      if (selected(object)) {
        sink.send({ type: 'ADDED', object: present(object) });
      }
    }
    if (options.sendInitialEvents && options.allowBookmarks) {
      bookmark({ 'k8s.io/initial-events-end': 'true' });
    }
  } else {
    const changes = store.changesSince(Number(resourceVersion));
    if (changes === 'expired') {
      const error: ApiError = expired(
        `too old resource version: ${resourceVersion} (${store.resourceVersion})`,
      );
      sink.send({ type: 'ERROR', object: error.toStatus() });
      sink.end();
      return;
    }
    changes.forEach(forward);
  }

  // A version that is not reached yet is waited for.
  const unsubscribe = store.subscribe(event => {
    if (event.version > Number(resourceVersion ?? 0)) {
      forward(event);
    }
  });
  const bookmarks = options.allowBookmarks
    ? setInterval(() => bookmark(), BOOKMARK_INTERVAL_MS)
    : undefined;
  const timeout = setTimeout(() => {
    if (options.allowBookmarks) {
      bookmark();
    }
    sink.end();
  }, Math.min(options.timeoutSeconds * 1000, LONGEST_TIMER_MS));
  sink.onClose(() => {
    unsubscribe();
    clearInterval(bookmarks);
    clearTimeout(timeout);
  });
}
