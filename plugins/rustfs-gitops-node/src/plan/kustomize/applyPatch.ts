import { FieldPath, meet, readPointer } from './fieldPath';
import { ListName, LISTS, listsAt, writeLists } from './lists';
import { Patch } from './patches';
import { mayChoose } from './selectors';
import {
  isRecord,
  nameOf,
  namespaceOf,
  RenderedObject,
  toMetadata,
} from './RenderedObject';

const IDENTITY: FieldPath[] = [
  ['apiVersion'],
  ['kind'],
  ['metadata', 'name'],
  ['metadata', 'namespace'],
];

/** Does to an object what a patch does to it, as far as requests are concerned, and notes what cannot be told. */
export function applyPatch(object: RenderedObject, patch: Patch): void {
  const { by, content, target } = patch;
  if ('unreadable' in content) {
    if (mayChoose(target, object)) {
      object.doubts.push({
        kind: 'unknown',
        by,
        what: `patches it with ${content.unreadable}, which cannot be read`,
      });
    }
    return;
  }
  for (const value of content.values) {
    if (Array.isArray(value)) {
      if (mayChoose(target, object)) {
        value.forEach(step => applyStep(object, step, by));
      }
    } else if (!isRecord(value)) {
      if (mayChoose(target, object)) {
        object.doubts.push({
          kind: 'unknown',
          by,
          what: 'patches it with something that is no patch',
        });
      }
    } else if (
      target === undefined ? isNamed(object, value) : mayChoose(target, object)
    ) {
      applyMerge(object, value, patch);
    }
  }
}

/** Whether a merge patch without a target names the object. */
function isNamed(
  object: RenderedObject,
  { apiVersion, kind, metadata, items }: Record<string, unknown>,
): boolean {
  if (Array.isArray(items)) {
    return true;
  }
  const { name, namespace } = isRecord(metadata) ? metadata : {};
  const group =
    typeof apiVersion === 'string' && apiVersion.includes('/')
      ? apiVersion.split('/')[0]
      : '';
  return (
    (apiVersion === undefined || group === object.group) &&
    (kind === undefined || kind === object.kind) &&
    (typeof name !== 'string' || object.names.includes(name)) &&
    (typeof namespace !== 'string' ||
      object.namespaces.some(own => (own ?? 'default') === namespace))
  );
}

/** One operation of a JSON patch. */
function applyStep(object: RenderedObject, step: unknown, by: string): void {
  const { op, value } = isRecord(step) ? step : {};
  const path = readPointer(isRecord(step) ? step.path : undefined);
  const from = readPointer(isRecord(step) ? step.from : undefined);
  if (
    !path ||
    typeof op !== 'string' ||
    !['add', 'replace', 'remove', 'move', 'copy', 'test'].includes(op) ||
    ((op === 'move' || op === 'copy') && !from)
  ) {
    object.doubts.push({
      kind: 'unknown',
      by,
      what: 'patches it with an operation that is none of a JSON patch',
    });
    return;
  }
  const [root, part] = path;
  const isMetadata =
    root === 'metadata' && (part === 'labels' || part === 'annotations');
  if (op !== 'add' || path.length > 3 || !(isMetadata || root === 'data')) {
    object.demands.push(by);
  }
  if (op === 'add' && path.length === 3 && path[2] === '-') {
    if (meet(path, LISTS.buckets)) {
      object.appended.push(value);
      return;
    }
  }
  const touched = from ? [path, from] : [path];
  const lists = [...new Set(touched.flatMap(listsAt))];
  if (lists.length) {
    object.doubts.push({
      kind: 'list',
      lists,
      by,
      what: `patches ${writeLists(lists)} of it`,
    });
  }
  if (op === 'test') {
    return;
  }
  const changed = op === 'move' ? touched : [path];
  if (changed.some(each => IDENTITY.some(field => meet(each, field)))) {
    object.doubts.push({
      kind: 'identity',
      by,
      what: 'changes its kind, name or namespace',
    });
  }
  changed.forEach(each => {
    const sets = each === path && (op === 'add' || op === 'replace');
    changeMetadata(object, each, sets ? { value } : { removed: op !== 'copy' });
  });
}

function changeMetadata(
  object: RenderedObject,
  [root, field, key, ...rest]: FieldPath,
  change: { value?: unknown; removed?: boolean },
): void {
  if (root !== 'metadata' || (field !== 'labels' && field !== 'annotations')) {
    return;
  }
  const sets = 'value' in change;
  if (rest.length || (!sets && !change.removed)) {
    object[field] = undefined;
  } else if (key === undefined) {
    object[field] = toMetadata(change.value);
  } else if (sets) {
    object[field]?.set(key, String(change.value));
  } else {
    object[field]?.delete(key);
  }
}

function applyMerge(
  object: RenderedObject,
  value: Record<string, unknown>,
  { by, options }: Patch,
): void {
  object.merged = true;
  const doubt = (kind: 'list' | 'identity' | 'unknown', what: string) =>
    object.doubts.push({ kind, by, what });
  const { kind, metadata = {}, spec = {}, items } = value;
  if (Array.isArray(items)) {
    doubt('unknown', 'patches it with a List');
    return;
  }
  const directive = [value, metadata, spec]
    .flatMap(part => (isRecord(part) ? Object.keys(part) : []))
    .find(key => key.startsWith('$'));
  if (directive) {
    doubt('list', `patches it with ${directive}`);
  }
  const lists = (Object.keys(LISTS) as ListName[]).filter(
    name => !isRecord(spec) || Object.hasOwn(spec, name),
  );
  if (lists.length) {
    object.doubts.push({
      kind: 'list',
      lists,
      by,
      what: `patches ${writeLists(lists)} of it`,
    });
  }
  // Otherwise kustomize keeps apiVersion, kind, name and namespace, whatever the patch says.
  const { allowNameChange, allowKindChange } = isRecord(options) ? options : {};
  if (
    !isRecord(metadata) ||
    (allowKindChange && kind !== object.kind) ||
    (allowNameChange && metadata.name !== nameOf(object))
  ) {
    doubt('identity', 'changes its kind, name or namespace');
    return;
  }
  for (const field of ['labels', 'annotations'] as const) {
    const changes = metadata[field];
    if (changes === null) {
      object[field] = new Map();
    } else if (isRecord(changes)) {
      for (const [key, text] of Object.entries(changes)) {
        changeMetadata(
          object,
          ['metadata', field, key],
          text === null ? { removed: true } : { value: text },
        );
      }
    }
  }
}

/** Called by what puts names together: patches that follow find the object by its first name and by this one. */
export function rename(
  object: RenderedObject,
  change: { prefix?: string | null; suffix?: string | null },
): void {
  const { prefix, suffix } = change;
  if (prefix || suffix) {
    object.names.push(`${prefix ?? ''}${nameOf(object)}${suffix ?? ''}`);
  }
}

export function moveTo(object: RenderedObject, namespace: string): void {
  if (namespaceOf(object) !== namespace) {
    object.namespaces.push(namespace);
  }
}
