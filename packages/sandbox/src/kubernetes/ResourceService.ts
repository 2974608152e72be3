import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { checkMetadata } from './metadata';
import {
  applyJsonPatch,
  applyMergePatch,
  applyStrategicMergePatch,
} from './patch';
import {
  apiVersionOf,
  EVENTS,
  NAMESPACES,
  Resource,
  RESOURCES,
} from './resources';
import { applyDefaults, prune, Schema, validate } from './schema';
import { metadataSchema } from './schemas/core';
import {
  alreadyExists,
  ApiError,
  badRequest,
  Cause,
  conflict,
  deleted,
  expired,
  invalid,
  notFound,
  unsupportedMediaType,
} from './status';
import { ObjectStore } from './store';
import {
  isJsonObject,
  JsonObject,
  KubernetesObject,
  ObjectMeta,
} from './types';

/** How strict a write is with fields that the kind does not have. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict';

export interface WriteOptions {
  dryRun: boolean;
  fieldValidation: FieldValidation;
  /** Findings of reading the body, e.g. keys given twice. */
  decodingProblems?: string[];
}

/** Events are not kept for longer, as on a real server. */
const EVENT_LIFETIME_MS = 60 * 60 * 1000;

export interface WriteResult {
  object: KubernetesObject;
  warnings: string[];
}

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

/** The schema of everything beside `metadata`, with the fields that every object has. */
function wholeSchema(resource: Resource): Schema {
  const { schema } = resource;
  return {
    ...schema,
    properties: {
      ...schema.properties,
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'any' },
    },
  };
}

function withoutField(object: JsonObject, field: string): JsonObject {
  const { [field]: _, ...rest } = object;
  return rest;
}

function goType(value: unknown): string {
  if (Array.isArray(value)) {
    return 'array';
  }
  return typeof value === 'boolean' ? 'bool' : typeof value;
}

/** Reads and writes of objects, as the API server does them, without anything about HTTP. */
export class ResourceService {
  constructor(private readonly store: ObjectStore) {}

  get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): KubernetesObject {
    return this.shown(resource, this.stored(resource, namespace, name));
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
      .map(object => this.shown(resource, object))
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
    const { object, warnings } = this.admitted(resource, body, options);
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
    this.complete(resource, fresh);
    this.check(resource, fresh);
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
    const { object, warnings } = this.admitted(resource, body, options);
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
    const patched = this.patched(resource, existing, patch);
    const { object, warnings } = this.admitted(
      resource,
      patched,
      options,
      true,
    );
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
      return this.shown(resource, marked);
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

  private shown(resource: Resource, object: KubernetesObject) {
    return resource.fromStored?.(object) ?? object;
  }

  private put(resource: Resource, object: KubernetesObject): KubernetesObject {
    const stored = resource.toStored?.(object) ?? object;
    return this.shown(resource, this.store.put(resource.storage, stored));
  }

  /** Checks what kind of object a body is and drops or refuses what the kind does not have. */
  private admitted(
    resource: Resource,
    body: unknown,
    options: WriteOptions,
    isPatched = false,
  ): WriteResult {
    const { kind, version } = resource;
    const apiVersion = apiVersionOf(resource);
    if (!isJsonObject(body)) {
      throw badRequest(
        `the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; the body is not an object`,
      );
    }
    const object: JsonObject = { apiVersion, kind, ...structuredClone(body) };
    if (object.apiVersion !== apiVersion) {
      throw badRequest(
        `the API version in the data (${object.apiVersion}) does not match the expected API version (${apiVersion})`,
      );
    }
    const cannotHandle = (why: string) =>
      badRequest(
        `${object.kind} in version "${version}" cannot be handled as a ${kind}: ${why}`,
      );
    if (object.kind !== kind) {
      throw cannotHandle(
        `no kind "${object.kind}" is expected at this address`,
      );
    }
    const metadata = object.metadata ?? {};
    if (!isJsonObject(metadata)) {
      throw cannotHandle(
        `json: cannot unmarshal ${goType(
          metadata,
        )} into Go struct field of type v1.ObjectMeta`,
      );
    }
    const problems = [
      ...(options.decodingProblems ?? []),
      ...[
        ...prune(wholeSchema(resource), object),
        ...prune(metadataSchema, metadata, 'metadata'),
      ]
        .sort()
        .map(path => `unknown field "${path}"`),
    ];
    if (options.fieldValidation === 'Strict' && problems.length > 0) {
      const problem = `strict decoding error: ${problems.join(', ')}`;
      // A patch was not decoded as this kind, so the message does not speak of it.
      throw isPatched ? badRequest(problem) : cannotHandle(problem);
    }
    applyDefaults(metadataSchema, metadata);
    const slip = validate({ schema: metadataSchema, value: metadata }).find(
      cause => cause.reason === 'FieldValueTypeInvalid',
    );
    if (slip) {
      throw cannotHandle(
        `json: cannot unmarshal into Go struct field ObjectMeta.metadata.${slip.field}: wrong type`,
      );
    }
    // Field ownership is not tracked, so what clients send back of it is dropped.
    const { managedFields: _, ...kept } = metadata;
    return {
      object: {
        ...object,
        apiVersion,
        kind,
        // What is not a string where one belongs was refused above.
        metadata: kept as unknown as ObjectMeta,
      },
      warnings: options.fieldValidation === 'Warn' ? problems : [],
    };
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

  private complete(resource: Resource, object: KubernetesObject): void {
    applyDefaults(resource.schema, object);
    if (!resource.custom) {
      this.refuseWrongTypes(resource, object);
    }
    resource.complete?.(object);
  }

  /** Kinds of Kubernetes itself are decoded into structs: a wrong type is unreadable rather than invalid. */
  private refuseWrongTypes(resource: Resource, object: KubernetesObject): void {
    const { kind, version } = resource;
    const slip = validate({ schema: resource.schema, value: object }).find(
      cause => cause.reason === 'FieldValueTypeInvalid',
    );
    if (slip) {
      throw badRequest(
        `${kind} in version "${version}" cannot be handled as a ${kind}: json: cannot unmarshal into Go struct field ${kind}.${slip.field}: wrong type`,
      );
    }
  }

  private check(
    resource: Resource,
    object: KubernetesObject,
    old?: KubernetesObject,
  ): void {
    const causes: Cause[] = [
      ...checkMetadata(resource, object),
      ...validate({
        schema: resource.schema,
        value: withoutField(object, 'status'),
        old,
      }),
      ...(resource.check?.(object, old) ?? []),
    ];
    if (causes.length > 0) {
      throw invalid(resource, object.metadata.name, causes);
    }
  }

  /** The status is held against its own schema, and messages name fields relative to it. */
  private checkStatus(resource: Resource, object: KubernetesObject): void {
    const schema = resource.schema.properties?.status;
    if (!schema || object.status === undefined) {
      return;
    }
    const causes = validate({ schema, value: object.status }).map(cause => ({
      ...cause,
      field: cause.field?.startsWith('<')
        ? cause.field
        : `status.${cause.field}`.replace(/\.$/, ''),
    }));
    if (causes.length > 0) {
      throw invalid(resource, object.metadata.name, causes);
    }
  }

  private patched(
    resource: Resource,
    existing: KubernetesObject,
    { contentType, body }: { contentType: string; body: unknown },
  ): unknown {
    switch (contentType) {
      case 'application/json-patch+json':
        return applyJsonPatch(existing, body);
      case 'application/merge-patch+json':
        return applyMergePatch(existing, body);
      case 'application/strategic-merge-patch+json':
        // A real server knows merge keys for its own kinds only.
        if (!resource.custom) {
          return applyStrategicMergePatch(existing, body);
        }
        break;
      default:
    }
    throw unsupportedMediaType([
      'application/json-patch+json',
      'application/merge-patch+json',
      ...(resource.custom ? [] : ['application/strategic-merge-patch+json']),
    ]);
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
        ? this.nextStatus(existing, change.next)
        : this.nextSpec(resource, existing, change.next);
    if (subresource === 'status') {
      if (resource.custom) {
        applyDefaults(resource.schema, next);
        this.checkStatus(resource, next);
      }
    } else {
      this.complete(resource, next);
      this.check(resource, next, existing);
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
      this.remove(resource, resource.toStored?.(next) ?? next, false);
      return next;
    }
    return this.put(resource, next);
  }

  private nextStatus(
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

  private nextSpec(
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
    for (const resource of RESOURCES.filter(each => each.namespaced)) {
      for (const object of this.store.list(resource.storage, namespace)) {
        this.store.remove(resource.storage, object);
      }
    }
  }

  /** What the garbage collector does: an object goes with the last of its owners. */
  private removeDependentsOf(owner: KubernetesObject): void {
    const { namespace, uid } = owner.metadata;
    for (const resource of RESOURCES.filter(each => each.namespaced)) {
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
    throw badRequest('continue key is not valid');
  }
}
