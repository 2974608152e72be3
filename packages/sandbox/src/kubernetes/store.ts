import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { KubernetesObject } from './types';

export interface StoreEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  /** Storage name of the resource, e.g. `rustfs.com/tenants`. */
  resource: string;
  object: KubernetesObject;
  /** The object before the change, to tell whether it left a selector. */
  previous?: KubernetesObject;
  version: number;
}

/** How many changes a watch can look back, as a real server's watch cache does. */
const HISTORY_LENGTH = 2000;

/** A fresh cluster does not start at zero: "1" must be a forgotten version there, too. */
const FIRST_VERSION = 200;

function keyOf(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

/**
 * All objects of one cluster, in memory for reading and in SQLite for surviving a restart.
 *
 * Objects that leave the store are never changed in place; callers copy before they edit.
 * The history of changes lives in memory only: after a restart every older version counts as expired,
 * and clients list again.
 */
export class ObjectStore {
  private readonly objects = new Map<string, Map<string, KubernetesObject>>();
  private readonly listeners = new Set<(event: StoreEvent) => void>();
  private history: StoreEvent[] = [];
  private version: number;
  private oldestKnownVersion: number;

  static open(dataDir: string): ObjectStore {
    mkdirSync(dataDir, { recursive: true });
    const database = new DatabaseSync(join(dataDir, 'kubernetes.sqlite'));
    database.exec(`
      PRAGMA journal_mode = WAL;
      PRAGMA synchronous = NORMAL;
      CREATE TABLE IF NOT EXISTS objects (
        resource TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
        PRIMARY KEY (resource, key)
      );
      CREATE TABLE IF NOT EXISTS version (
        id INTEGER PRIMARY KEY CHECK (id = 0), value INTEGER NOT NULL
      );
    `);
    return new ObjectStore(database);
  }

  private constructor(private readonly database: DatabaseSync) {
    const stored = database
      .prepare('SELECT value FROM version WHERE id = 0')
      .get() as { value: number } | undefined;
    this.version = stored?.value ?? FIRST_VERSION;
    this.oldestKnownVersion = this.version;
    const rows = database
      .prepare('SELECT resource, key, body FROM objects')
      .all() as Array<{ resource: string; key: string; body: string }>;
    for (const { resource, key, body } of rows) {
      this.collection(resource).set(key, JSON.parse(body));
    }
  }

  get resourceVersion(): number {
    return this.version;
  }

  get(
    resource: string,
    namespace: string | undefined,
    name: string,
  ): KubernetesObject | undefined {
    return this.objects.get(resource)?.get(keyOf(namespace, name));
  }

  /** Objects of a resource in the order of namespace and name. */
  list(resource: string, namespace?: string): KubernetesObject[] {
    const entries = [...(this.objects.get(resource) ?? [])];
    return entries
      .filter(([key]) => !namespace || key.startsWith(`${namespace}/`))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, object]) => object);
  }

  /** Stores the object under a new resourceVersion and returns it as stored. */
  put(resource: string, object: KubernetesObject): KubernetesObject {
    const { namespace, name } = object.metadata;
    const key = keyOf(namespace, name);
    const previous = this.objects.get(resource)?.get(key);
    const stored = this.stamped(object);
    this.transaction(() => {
      this.database
        .prepare(
          'INSERT INTO objects VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
        )
        .run(resource, key, JSON.stringify(stored));
    });
    this.collection(resource).set(key, stored);
    this.announce({
      type: previous ? 'MODIFIED' : 'ADDED',
      resource,
      object: stored,
      previous,
      version: this.version,
    });
    return stored;
  }

  /** Removes the object; the last state gets a resourceVersion of its own, as watchers expect. */
  remove(resource: string, object: KubernetesObject): KubernetesObject {
    const { namespace, name } = object.metadata;
    const key = keyOf(namespace, name);
    const last = this.stamped(object);
    this.transaction(() => {
      this.database
        .prepare('DELETE FROM objects WHERE resource = ? AND key = ?')
        .run(resource, key);
    });
    this.collection(resource).delete(key);
    this.announce({
      type: 'DELETED',
      resource,
      object: last,
      previous: object,
      version: this.version,
    });
    return last;
  }

  /** Changes after a version, or `expired` where the history does not reach back that far. */
  changesSince(version: number): StoreEvent[] | 'expired' {
    if (version < this.oldestKnownVersion) {
      return 'expired';
    }
    return this.history.filter(event => event.version > version);
  }

  subscribe(listener: (event: StoreEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  close(): void {
    this.listeners.clear();
    this.database.close();
  }

  private collection(resource: string): Map<string, KubernetesObject> {
    let collection = this.objects.get(resource);
    if (!collection) {
      collection = new Map();
      this.objects.set(resource, collection);
    }
    return collection;
  }

  private stamped(object: KubernetesObject): KubernetesObject {
    this.version += 1;
    return {
      ...object,
      metadata: { ...object.metadata, resourceVersion: String(this.version) },
    };
  }

  private transaction(change: () => void): void {
    this.database.exec('BEGIN');
    try {
      change();
      this.database
        .prepare(
          'INSERT INTO version VALUES (0, ?) ON CONFLICT DO UPDATE SET value = excluded.value',
        )
        .run(this.version);
      this.database.exec('COMMIT');
    } catch (error) {
      this.database.exec('ROLLBACK');
      throw error;
    }
  }

  private announce(event: StoreEvent): void {
    this.history.push(event);
    // Cut in large steps, so that the cost of a cut is spread over many changes.
    if (this.history.length > HISTORY_LENGTH * 2) {
      const dropped = this.history.splice(0, HISTORY_LENGTH);
      this.oldestKnownVersion = dropped[dropped.length - 1].version;
    }
    for (const listener of this.listeners) {
      listener(event);
    }
  }
}
