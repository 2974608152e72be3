import { createHash } from 'node:crypto';
import { apiVersionOf, Resource } from './resources';
import { Schema } from './schema';
import { JsonObject } from './types';

function toOpenApi(schema: Schema): JsonObject {
  const { type, properties, additionalProperties, items, pattern } = schema;
  return {
    ...(type !== 'any' && { type }),
    ...(schema.description && { description: schema.description }),
    ...(schema.nullable && { nullable: true }),
    ...(schema.default !== undefined && { default: schema.default }),
    ...(schema.enum && { enum: schema.enum }),
    ...(pattern && { pattern: pattern.source }),
    ...(schema.required && { required: schema.required }),
    ...(properties && {
      properties: Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [
          name,
          toOpenApi(property),
        ]),
      ),
    }),
    ...(additionalProperties && {
      additionalProperties: toOpenApi(additionalProperties),
    }),
    ...(items && { items: toOpenApi(items) }),
    ...((schema.open || type === 'any') && {
      'x-kubernetes-preserve-unknown-fields': true,
    }),
  };
}

function modelName({ group, version, kind }: Resource): string {
  const reversed = (group || 'core').split('.').reverse().join('.');
  return `${reversed}.${version}.${kind}`;
}

function model(resource: Resource): JsonObject {
  const { group, version, kind } = resource;
  const schema = toOpenApi(resource.schema);
  return {
    ...schema,
    properties: {
      apiVersion: { type: 'string' },
      kind: { type: 'string' },
      metadata: { type: 'object' },
      ...(schema.properties as JsonObject),
    },
    'x-kubernetes-group-version-kind': [{ group, version, kind }],
  };
}

function query(name: string): JsonObject {
  return { name, in: 'query', schema: { type: 'string', uniqueItems: true } };
}

function paths(resource: Resource): JsonObject {
  const { group, version, kind, plural, namespaced } = resource;
  const base = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const place = namespaced ? `${base}/namespaces/{namespace}` : base;
  const ofKind = {
    'x-kubernetes-group-version-kind': { group, version, kind },
  };
  const responses = {
    '200': {
      description: 'OK',
      content: {
        'application/json': {
          schema: { $ref: `#/components/schemas/${modelName(resource)}` },
        },
      },
    },
  };
  const write = {
    parameters: ['dryRun', 'fieldManager', 'fieldValidation'].map(query),
    responses,
    ...ofKind,
  };
  return {
    [`${place}/${plural}`]: {
      get: { 'x-kubernetes-action': 'list', responses, ...ofKind },
      post: { 'x-kubernetes-action': 'post', ...write },
    },
    [`${place}/${plural}/{name}`]: {
      get: { 'x-kubernetes-action': 'get', responses, ...ofKind },
      // Clients look here to learn that the server validates fields itself.
      patch: { 'x-kubernetes-action': 'patch', ...write },
    },
  };
}

function addressOf(resource: Pick<Resource, 'group' | 'version'>): string {
  return `${resource.group ? 'apis' : 'api'}/${apiVersionOf(resource)}`;
}

/** By what a server has, and path. */
const versionedAddresses = new WeakMap<Resource[], Map<string, string>>();

/** With a hash of the document, by which a client knows that it has it already. */
function versionedAddress(address: string, resources: Resource[]): string {
  const path = `/openapi/v3/${address}`;
  const ofServer = versionedAddresses.get(resources) ?? new Map();
  versionedAddresses.set(resources, ofServer);
  const known = ofServer.get(path);
  if (known) {
    return known;
  }
  const hash = createHash('sha512')
    .update(JSON.stringify(openApi(path, resources)))
    .digest('hex')
    .toUpperCase();
  const versioned = `${path}?hash=${hash}`;
  ofServer.set(path, versioned);
  return versioned;
}

/** `/openapi/v3` and below: enough for `kubectl apply`, `create` and `explain`. */
export function openApi(
  path: string,
  resources: Resource[],
): JsonObject | undefined {
  const address = path.replace(/^\/openapi\/v3\/?/, '');
  if (address === '') {
    return {
      paths: Object.fromEntries(
        resources.map(resource => [
          addressOf(resource),
          {
            serverRelativeURL: versionedAddress(addressOf(resource), resources),
          },
        ]),
      ),
    };
  }
  const served = resources.filter(each => addressOf(each) === address);
  if (served.length === 0) {
    return undefined;
  }
  return {
    openapi: '3.0.0',
    info: { title: 'Kubernetes', version: 'v1.36.3' },
    paths: Object.assign({}, ...served.map(paths)),
    components: {
      schemas: Object.fromEntries(
        served.map(resource => [modelName(resource), model(resource)]),
      ),
    },
  };
}
