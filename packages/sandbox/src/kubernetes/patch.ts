import { isDeepStrictEqual } from 'node:util';
import { Resource } from './resources';
import { ApiError, badRequest, unsupportedMediaType } from './status';
import { isJsonObject, JsonObject, KubernetesObject } from './types';

interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

/** The server says no more than this when a patch does not fit the object. */
function rejected(): ApiError {
  return new ApiError(
    422,
    'Invalid',
    'the server rejected our request due to an error in our request',
    {},
  );
}

function pointer(path: unknown): string[] {
  if (typeof path !== 'string' || (path !== '' && !path.startsWith('/'))) {
    throw rejected();
  }
  return path
    .split('/')
    .slice(1)
    .map(part => part.replace(/~1/g, '/').replace(/~0/g, '~'));
}

function step(container: unknown, key: string): unknown {
  if (Array.isArray(container) && /^\d+$/.test(key)) {
    return container[Number(key)];
  }
  return isJsonObject(container) && Object.hasOwn(container, key)
    ? container[key]
    : undefined;
}

function read(document: unknown, path: string[]): unknown {
  const value = path.reduce(step, document);
  if (value === undefined) {
    throw rejected();
  }
  return value;
}

function add(document: unknown, path: string[], value: unknown): unknown {
  if (path.length === 0) {
    return value;
  }
  const parent = read(document, path.slice(0, -1));
  const key = path[path.length - 1];
  if (Array.isArray(parent)) {
    const index = key === '-' ? parent.length : Number(key);
    if (!Number.isInteger(index) || index < 0 || index > parent.length) {
      throw rejected();
    }
    parent.splice(index, 0, value);
  } else if (isJsonObject(parent)) {
    parent[key] = value;
  } else {
    throw rejected();
  }
  return document;
}

function remove(document: unknown, path: string[]): void {
  read(document, path);
  const parent = read(document, path.slice(0, -1));
  const key = path[path.length - 1];
  if (Array.isArray(parent)) {
    parent.splice(Number(key), 1);
  } else {
    delete (parent as JsonObject)[key];
  }
}

function applyOperation(document: unknown, operation: Operation): unknown {
  const path = pointer(operation.path);
  switch (operation.op) {
    case 'add':
      return add(document, path, structuredClone(operation.value));
    case 'remove':
      remove(document, path);
      return document;
    case 'replace':
      if (path.length > 0) {
        remove(document, path);
      }
      return add(document, path, structuredClone(operation.value));
    case 'move': {
      const from = pointer(operation.from);
      const value = read(document, from);
      remove(document, from);
      return add(document, path, value);
    }
    case 'copy':
      return add(
        document,
        path,
        structuredClone(read(document, pointer(operation.from))),
      );
    case 'test':
      if (!isDeepStrictEqual(read(document, path), operation.value)) {
        throw rejected();
      }
      return document;
    default:
      throw badRequest(`Unexpected kind: ${operation.op}`);
  }
}

/** RFC 6902; a failed operation leaves the given document as it was. */
function applyJsonPatch(document: JsonObject, patch: unknown): unknown {
  if (!Array.isArray(patch)) {
    throw badRequest('a JSON patch must be a list of operations');
  }
  return patch.reduce(
    (result, operation) => applyOperation(result, operation as Operation),
    structuredClone(document) as unknown,
  );
}

/** RFC 7386. */
function applyMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) {
    return structuredClone(patch);
  }
  const result: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) {
      delete result[key];
    } else {
      result[key] = applyMergePatch(result[key], value);
    }
  }
  return result;
}

/** Lists of the core kinds whose entries are merged, and what tells their entries apart. */
const MERGE_KEYS: Record<string, string> = {
  conditions: 'type',
  containers: 'name',
  env: 'name',
  imagePullSecrets: 'name',
  initContainers: 'name',
  ownerReferences: 'uid',
  secrets: 'name',
  volumeMounts: 'mountPath',
  volumes: 'name',
};

function mergeKey(field: string, items: unknown[]): string | undefined {
  if (field === 'ports') {
    return items.some(item => isJsonObject(item) && 'containerPort' in item)
      ? 'containerPort'
      : 'port';
  }
  return Object.hasOwn(MERGE_KEYS, field) ? MERGE_KEYS[field] : undefined;
}

function mergeList(field: string, target: unknown, patch: unknown[]): unknown {
  const present = Array.isArray(target) ? target : [];
  if (field === 'finalizers') {
    return [...new Set([...present, ...patch])];
  }
  const key = mergeKey(field, patch);
  const replaces = patch.some(
    item => isJsonObject(item) && item.$patch === 'replace',
  );
  if (!key || replaces) {
    return structuredClone(
      patch.filter(item => !(isJsonObject(item) && '$patch' in item)),
    );
  }
  let result = [...present];
  for (const item of patch) {
    if (!isJsonObject(item)) {
      throw badRequest(`the list ${field} holds objects`);
    }
    const { $patch: directive, ...content } = item;
    const index = result.findIndex(
      each => isJsonObject(each) && each[key] === item[key],
    );
    if (directive === 'delete') {
      result = result.filter((_, position) => position !== index);
    } else if (index === -1) {
      result.push(structuredClone(content));
    } else {
      result[index] = applyStrategicMergePatch(result[index], content);
    }
  }
  return result;
}

/**
 * Strategic merge patch for the core kinds: as a merge patch, but the well-known lists are merged by their key and
 * directives (`$patch`, `$deleteFromPrimitiveList`) are followed. The order hints that kubectl adds are not needed.
 */
function applyStrategicMergePatch(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) {
    return structuredClone(patch);
  }
  if (patch.$patch === 'replace') {
    const { $patch: _, ...content } = patch;
    return structuredClone(content);
  }
  const result: JsonObject = isJsonObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    const removal = key.match(/^\$deleteFromPrimitiveList\/(.*)$/)?.[1];
    if (removal) {
      const list = result[removal];
      result[removal] = Array.isArray(list)
        ? list.filter(item => !(value as unknown[]).includes(item))
        : list;
    } else if (key.startsWith('$')) {
      continue;
    } else if (
      value === null ||
      (isJsonObject(value) && value.$patch === 'delete')
    ) {
      delete result[key];
    } else if (Array.isArray(value)) {
      result[key] = mergeList(key, result[key], value);
    } else {
      result[key] = applyStrategicMergePatch(result[key], value);
    }
  }
  return result;
}

/** The object as a patch makes it. @throws ApiError 415 when the kind does not take such patches */
export function applyPatch(
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
