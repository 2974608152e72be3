import { badRequest } from './status';

/** The parts of an API path. */
export interface ResourcePath {
  group: string;
  version: string;
  namespace?: string;
  plural: string;
  name?: string;
  subresource?: string;
  /** What is asked of the Service, of `services/proxy`. */
  proxied?: string;
}

const SCOPED_SUBRESOURCES = new Set(['status', 'finalize']);

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw badRequest('the path of the request is not encoded properly');
  }
}

/** Reads a path below `/api/v1` or `/apis/<group>/<version>`; undefined for every other path. */
export function parseResourcePath(path: string): ResourcePath | undefined {
  const parts = decoded(path).split('/').slice(1);
  const core = parts[0] === 'api';
  if (!core && parts[0] !== 'apis') {
    return undefined;
  }
  const [group, version, ...rest] = core
    ? ['', ...parts.slice(1)]
    : parts.slice(1);
  const isProxied = rest[2] === 'services' && rest[4] === 'proxy';
  if (rest.length === 0 || rest[0] === '' || (rest.length > 5 && !isProxied)) {
    return undefined;
  }
  const namespaced =
    rest[0] === 'namespaces' &&
    rest.length > 2 &&
    !SCOPED_SUBRESOURCES.has(rest[2]);
  if (namespaced) {
    const [, namespace, plural, name, subresource, ...more] = rest;
    return {
      group,
      version,
      namespace,
      plural,
      name,
      subresource,
      ...(isProxied && { proxied: `/${more.join('/')}` }),
    };
  }
  const [plural, name, subresource] = rest;
  return {
    group,
    version,
    // A Namespace lies in itself: a role in a namespace may say something about it.
    ...(plural === 'namespaces' && name && { namespace: name }),
    plural,
    name,
    subresource,
  };
}

/** The RBAC verb of a request. */
export function verbOf(options: {
  method: string;
  hasName: boolean;
  isWatch: boolean;
}): string {
  const { method, hasName, isWatch } = options;
  switch (method) {
    case 'GET':
    case 'HEAD':
      if (isWatch) {
        return 'watch';
      }
      return hasName ? 'get' : 'list';
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return hasName ? 'delete' : 'deletecollection';
    default:
      return method.toLowerCase();
  }
}
