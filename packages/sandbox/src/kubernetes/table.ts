import { apiVersionOf, Resource } from './resources';
import { JsonObject, KubernetesObject } from './types';

/** In which form a client wants objects, from its Accept header. */
export type Form = 'object' | 'table' | 'metadata';

export function formFrom(accept: string | undefined): Form {
  // The first entry wins: clients list the form they want before the plain one.
  const [first = ''] = (accept ?? '').split(',');
  if (/;\s*as=Table\b/.test(first)) {
    return 'table';
  }
  return /;\s*as=PartialObjectMetadata(List)?\b/.test(first)
    ? 'metadata'
    : 'object';
}

function metadataOnly(object: KubernetesObject): KubernetesObject {
  return {
    kind: 'PartialObjectMetadata',
    apiVersion: 'meta.k8s.io/v1',
    metadata: object.metadata,
  };
}

function rowObject(
  object: KubernetesObject,
  includeObject: string,
): JsonObject | undefined {
  switch (includeObject) {
    case 'None':
      return undefined;
    case 'Object':
      return object;
    default:
      return metadataOnly(object);
  }
}

/** The table form that `kubectl get` prints. */
function asTable(options: {
  resource: Resource;
  items: KubernetesObject[];
  metadata: JsonObject;
  includeObject?: string;
}): JsonObject {
  const { resource, items, metadata, includeObject = 'Metadata' } = options;
  return {
    kind: 'Table',
    apiVersion: 'meta.k8s.io/v1',
    metadata,
    columnDefinitions: resource.columns.map(column => ({
      name: column.name,
      type: column.type,
      format: column.name === 'Name' ? 'name' : '',
      description: '',
      priority: column.priority ?? 0,
    })),
    rows: items.map(item => ({
      cells: resource.columns.map(column => column.cell(item)),
      object: rowObject(item, includeObject),
    })),
  };
}

/** One object in the wanted form. */
export function presentObject(options: {
  resource: Resource;
  object: KubernetesObject;
  form: Form;
  includeObject?: string;
}): JsonObject {
  const { resource, object, form, includeObject } = options;
  switch (form) {
    case 'table':
      return asTable({
        resource,
        items: [object],
        metadata: { resourceVersion: object.metadata.resourceVersion },
        includeObject,
      });
    case 'metadata':
      return metadataOnly(object);
    default:
      return object;
  }
}

/** Entries of a list say what they are in custom resources only. */
function withoutKind(object: KubernetesObject): JsonObject {
  const { apiVersion: _, kind: __, ...rest } = object;
  return rest;
}

/** A list in the wanted form. */
export function presentList(options: {
  resource: Resource;
  items: KubernetesObject[];
  metadata: JsonObject;
  form: Form;
  includeObject?: string;
}): JsonObject {
  const { resource, items, metadata, form } = options;
  switch (form) {
    case 'table':
      return asTable(options);
    case 'metadata':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: 'meta.k8s.io/v1',
        metadata,
        items: items.map(metadataOnly),
      };
    default:
      return {
        kind: `${resource.kind}List`,
        apiVersion: apiVersionOf(resource),
        metadata,
        items: resource.custom ? items : items.map(withoutKind),
      };
  }
}
