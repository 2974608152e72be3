import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { admit, WriteOptions, WriteResult } from './admission';
import { applyPatch } from './patch';
import { EVENTS, NAMESPACES, Resource } from './resources';
import { applyDefaults } from './schema';
import {
  alreadyExists,
  ApiError,
  badRequest,
  conflict,
  deleted,
  expired,
  invalid,
  notFound,
} from './status';
import { ObjectStore } from './store';
import { JsonObject, KubernetesObject } from './types';
import { check, checkStatus, complete } from './validation';

/** Events are not kept for longer, as on a real server. */
const EVENT_LIFETIME_MS = 60 * 60 * 1000;

export interface DeleteOptions {
  dryRun: boolean;
  orphanDependents: boolean;
  uid?: string;
  resourceVersion?: string;
}

export interface ListOptions {
  namespace?: string;
  matches(object: KubernetesObject): boolean;
  /** Whether a selector narrows the list: then the server does not count what remains. */
  selective: boolean;
  limit?: number;
  continueToken?: string;
}

export interface ListResult {
  items: KubernetesObject[];
  metadata: JsonObject;
}

const OPTIMISTIC_LOCK =
  'the object has been modified; please apply your changes to the latest version and try again';

const NAME_SUFFIX_ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';

function now(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function randomSuffix(): string {
  return Array.from(
    { length: 5 },
    () => NAME_SUFFIX_ALPHABET[randomInt(NAME_SUFFIX_ALPHABET.length)],
  ).join('');
}

/** What a write of the status leaves: nothing else changes. */
function nextStatus(
  existing: KubernetesObject,
  sent: KubernetesObject,
): KubernetesObject {
  const { status: _, ...rest } = existing;
  const next = structuredClone(rest) as KubernetesObject;
  if (sent.status !== undefined && sent.status !== null) {
    next.status = sent.status;
  }
  return next;
}

/** What a write of the object leaves: its identity and, where that is apart, its status stay. */
function nextSpec(
  resource: Resource,
  existing: KubernetesObject,
  sent: KubernetesObject,
): KubernetesObject {
  const current = existing.metadata;
  const next: KubernetesObject = {
    ...sent,
    metadata: {
      ...sent.metadata,
      name: current.name,
      ...(current.namespace && { namespace: current.namespace }),
      uid: current.uid,
      creationTimestamp: current.creationTimestamp,
      resourceVersion: current.resourceVersion,
      ...(current.generation && { generation: current.generation }),
      ...(current.deletionTimestamp && {
        deletionTimestamp: current.deletionTimestamp,
        deletionGracePeriodSeconds: current.deletionGracePeriodSeconds,
      }),
    },
  };
  if (resource.hasStatus) {
    delete next.status;
    if (existing.status !== undefined) {
      next.status = existing.status;
    }
  }
  return next;
}

/** Reads and writes of objects, as the API server does them, without anything about HTTP. */
export class ResourceService {
  constructor(
    private readonly store: ObjectStore,
    private readonly resources: Resource[],
  ) {}

  get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): KubernetesObject {
    return this.stored(resource, namespace, name);
  }

  list(resource: Resource, options: ListOptions): ListResult {
    const { namespace, matches, selective, limit, continueToken } = options;
    const start = continueToken
      ? this.readContinueToken(continueToken)
      : undefined;
    const position = ({ metadata }: KubernetesObject) =>
      `${metadata.namespace ?? ''}/${metadata.name}`;
    const found = this.store
      .list(resource.storage, namespace)
      .filter(
        object => matches(object) && (!start || position(object) > start.after),
      );
    // Later pages keep the version of the first one: a watch from there tells what changed in between.
    const resourceVersion =
      start?.version ?? String(this.store.resourceVersion);
    const items = limit ? found.slice(0, limit) : found;
    const remaining = found.length - items.length;
    return {
      items,
      metadata: {
        resourceVersion,
        ...(remaining > 0 && {
          continue: Buffer.from(
            JSON.stringify({
              version: resourceVersion,
              after: position(items[items.length - 1]),
            }),
          ).toString('base64url'),
          ...(!selective && { remainingItemCount: remaining }),
        }),
      },
    };
  }

  create(
    resource: Resource,
    namespace: string | undefined,
    body: unknown,
    options: WriteOptions,
  ): WriteResult {
    const { object, warnings } = admit(resource, body, options);
    const { metadata } = object;
    this.checkNamespace(resource, namespace, object);
    if (metadata.resourceVersion) {
      throw new ApiError(
        500,
        undefined,
        'resourceVersion should not be set on objects to be created',
      );
    }
    const name =
      metadata.name ||
      (metadata.generateName && `${metadata.generateName}${randomSuffix()}`);
    if (!name) {
      throw invalid(resource, '', [
        {
          reason: 'FieldValueRequired',
          message: 'Required value: name or generateName is required',
          field: 'metadata.name',
        },
      ]);
    }
    const {
      deletionTimestamp: _time,
      deletionGracePeriodSeconds: _grace,
      ...kept
    } = metadata;
    const fresh: KubernetesObject = {
      ...object,
      metadata: {
        ...kept,
        name,
        ...(resource.namespaced && { namespace }),
        uid: randomUUID(),
        creationTimestamp: now(),
        ...(resource.countsGenerations && { generation: 1 }),
      },
    };
    if (resource.hasStatus) {
      delete fresh.status;
    }
    complete(resource, fresh);
    check(resource, fresh);
    if (this.store.get(resource.storage, namespace, name)) {
      throw alreadyExists(resource, name);
    }
    return {
      object: options.dryRun ? fresh : this.put(resource, fresh),
      warnings,
    };
  }

  update(
    resource: Resource,
    target: { namespace?: string; name: string; subresource?: string },
    body: unknown,
    options: WriteOptions,
  ): WriteResult {
    const { namespace, name, subresource } = target;
    const { object, warnings } = admit(resource, body, options);
    this.checkNamespace(resource, namespace, object);
    const { metadata } = object;
    if (metadata.name !== name) {
      throw badRequest(
        metadata.name
          ? `the name of the object (${metadata.name}) does not match the name on the URL (${name})`
          : 'name must be provided',
      );
    }
    const existing = this.get(resource, namespace, name);
    if (resource.custom && !metadata.resourceVersion) {
      throw invalid(resource, name, [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: 0: must be specified for an update',
          field: 'metadata.resourceVersion',
        },
      ]);
    }
    return {
      object: this.replace(resource, {
        existing,
        next: object,
        subresource,
        dryRun: options.dryRun,
      }),
      warnings,
    };
  }

  patch(
    resource: Resource,
    target: { namespace?: string; name: string; subresource?: string },
    patch: { contentType: string; body: unknown },
    options: WriteOptions,
  ): WriteResult {
    const { namespace, name, subresource } = target;
    const existing = this.get(resource, namespace, name);
    const patched = applyPatch(resource, existing, patch);
    const { object, warnings } = admit(resource, patched, {
      ...options,
      isPatched: true,
    });
    if (object.metadata.name !== name) {
      throw badRequest(
        `the name of the object (${object.metadata.name}) does not match the name on the URL (${name})`,
      );
    }
    return {
      object: this.replace(resource, {
        existing,
        next: object,
        subresource,
        dryRun: options.dryRun,
      }),
      warnings,
    };
  }

  /** Deletes, or marks for deletion while finalizers hold the object; answers with a Status or the object. */
  delete(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    options: DeleteOptions,
  ): JsonObject {
    const existing = this.stored(resource, namespace, name);
    const { metadata } = existing;
    const failed = (field: string, asked: string, actual: unknown) =>
      conflict(
        resource,
        name,
        `Precondition failed: ${field} in precondition: ${asked}, ${field} in object meta: ${actual}`,
      );
    if (options.uid && options.uid !== metadata.uid) {
      throw failed('UID', options.uid, metadata.uid);
    }
    if (
      options.resourceVersion &&
      options.resourceVersion !== metadata.resourceVersion
    ) {
      throw failed(
        'ResourceVersion',
        options.resourceVersion,
        metadata.resourceVersion,
      );
    }
    if (options.dryRun) {
      return deleted(resource, name, metadata.uid);
    }
    if (metadata.finalizers?.length) {
      const marked = metadata.deletionTimestamp
        ? existing
        : this.store.put(resource.storage, {
            ...existing,
            metadata: {
              ...metadata,
              deletionTimestamp: now(),
              deletionGracePeriodSeconds: 0,
              ...(metadata.generation && {
                generation: metadata.generation + 1,
              }),
            },
          });
      return marked;
    }
    this.remove(resource, existing, options.orphanDependents);
    return deleted(resource, name, metadata.uid);
  }

  /** Forgets events whose time is over. */
  removeOldEvents(): void {
    const limit = Date.now() - EVENT_LIFETIME_MS;
    for (const event of this.store.list(EVENTS.storage)) {
      const { lastTimestamp, eventTime, metadata } = event;
      const time = lastTimestamp ?? eventTime ?? metadata.creationTimestamp;
      if (Date.parse(String(time)) < limit) {
        this.store.remove(EVENTS.storage, event);
      }
    }
  }

  private stored(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): KubernetesObject {
    const object = this.store.get(resource.storage, namespace, name);
    if (!object) {
      throw notFound(resource, name);
    }
    return object;
  }

  private put(resource: Resource, object: KubernetesObject): KubernetesObject {
    return this.store.put(resource.storage, object);
  }

  private checkNamespace(
    resource: Resource,
    namespace: string | undefined,
    { metadata }: KubernetesObject,
  ): void {
    if (!resource.namespaced) {
      return;
    }
    if (metadata.namespace && metadata.namespace !== namespace) {
      throw badRequest(
        'the namespace of the provided object does not match the namespace sent on the request',
      );
    }
    if (!this.store.get(NAMESPACES.storage, undefined, namespace ?? '')) {
      throw notFound(NAMESPACES, namespace ?? '');
    }
  }

  /** The common end of update and patch. */
  private replace(
    resource: Resource,
    change: {
      existing: KubernetesObject;
      next: KubernetesObject;
      subresource?: string;
      dryRun: boolean;
    },
  ): KubernetesObject {
    const { existing, subresource, dryRun } = change;
    const { name } = existing.metadata;
    const { resourceVersion, uid } = change.next.metadata;
    if (
      resourceVersion &&
      resourceVersion !== existing.metadata.resourceVersion
    ) {
      throw conflict(resource, name, OPTIMISTIC_LOCK);
    }
    if (uid && uid !== existing.metadata.uid) {
      throw conflict(
        resource,
        name,
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${existing.metadata.uid}`,
      );
    }
    const next =
      subresource === 'status'
        ? nextStatus(existing, change.next)
        : nextSpec(resource, existing, change.next);
    if (subresource === 'status') {
      if (resource.custom) {
        applyDefaults(resource.schema, next);
        checkStatus(resource, next);
      }
    } else {
      complete(resource, next);
      check(resource, next, existing);
    }
    const content = (object: KubernetesObject): JsonObject => ({
      ...object,
      metadata: undefined,
      status: undefined,
    });
    if (
      resource.countsGenerations &&
      !isDeepStrictEqual(content(next), content(existing))
    ) {
      next.metadata.generation = (existing.metadata.generation ?? 0) + 1;
    }
    if (isDeepStrictEqual(next, existing)) {
      // Nothing changed: no new version, and watchers hear nothing.
      return existing;
    }
    if (dryRun) {
      return next;
    }
    if (next.metadata.deletionTimestamp && !next.metadata.finalizers?.length) {
      this.remove(resource, next, false);
      return next;
    }
    return this.put(resource, next);
  }

  private remove(
    resource: Resource,
    object: KubernetesObject,
    orphanDependents: boolean,
  ): void {
    this.store.remove(resource.storage, object);
    if (resource.storage === NAMESPACES.storage) {
      this.removeContentOf(object.metadata.name);
    } else if (!orphanDependents) {
      this.removeDependentsOf(object);
    }
  }

  private removeContentOf(namespace: string): void {
    for (const resource of this.resources.filter(each => each.namespaced)) {
      for (const object of this.store.list(resource.storage, namespace)) {
        this.store.remove(resource.storage, object);
      }
    }
  }

  /** What the garbage collector does: an object goes with the last of its owners. */
  private removeDependentsOf(owner: KubernetesObject): void {
    const { namespace, uid } = owner.metadata;
    for (const resource of this.resources.filter(each => each.namespaced)) {
      for (const object of this.store.list(resource.storage, namespace)) {
        const owners = object.metadata.ownerReferences ?? [];
        if (owners.some(each => each.uid === uid)) {
          if (owners.length > 1) {
            this.store.put(resource.storage, {
              ...object,
              metadata: {
                ...object.metadata,
                ownerReferences: owners.filter(each => each.uid !== uid),
              },
            });
          } else {
            this.delete(
              resource,
              object.metadata.namespace,
              object.metadata.name,
              {
                dryRun: false,
                orphanDependents: false,
              },
            );
          }
        }
      }
    }
  }

  private readContinueToken(token: string): { version: string; after: string } {
    try {
      const { version, after } = JSON.parse(
        Buffer.from(token, 'base64url').toString('utf8'),
      );
      if (typeof version === 'string' && typeof after === 'string') {
        if (this.store.changesSince(Number(version)) === 'expired') {
          throw expired(
            'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
          );
        }
        return { version, after };
      }
    } catch (error) {
      if (error instanceof ApiError) {
        throw error;
      }
    }
    throw badRequest('invalid continue token: continue key is not valid');
  }
}
