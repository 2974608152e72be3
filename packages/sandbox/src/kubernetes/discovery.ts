import { apiVersionOf, Resource, SERVICE_ACCOUNTS } from './resources';
import { JsonObject } from './types';

const VERBS = [
  'create',
  'delete',
  'deletecollection',
  'get',
  'list',
  'patch',
  'update',
  'watch',
];

const VERSION = {
  major: '1',
  minor: '36',
  emulationMajor: '1',
  emulationMinor: '36',
  gitVersion: 'v1.36.3',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-07-15T00:00:00Z',
  goVersion: 'go1.26',
  compiler: 'gc',
  platform: 'linux/amd64',
};

function apiResources(resource: Resource): JsonObject[] {
  const { kind, plural, namespaced } = resource;
  return [
    {
      name: plural,
      singularName: resource.singular,
      namespaced,
      kind,
      verbs: VERBS,
      ...(resource.shortNames.length > 0 && {
        shortNames: resource.shortNames,
      }),
      ...(resource.categories.length > 0 && {
        categories: resource.categories,
      }),
    },
    ...(resource.hasStatus
      ? [
          {
            name: `${plural}/status`,
            singularName: '',
            namespaced,
            kind,
            verbs: ['get', 'patch', 'update'],
          },
        ]
      : []),
    ...(resource === SERVICE_ACCOUNTS
      ? [
          {
            name: `${plural}/token`,
            singularName: '',
            namespaced,
            group: 'authentication.k8s.io',
            version: 'v1',
            kind: 'TokenRequest',
            verbs: ['create'],
          },
        ]
      : []),
  ];
}

function resourceList(
  resources: Resource[],
  { group, version }: { group: string; version: string },
): JsonObject | undefined {
  const served = resources.filter(
    each => each.group === group && each.version === version,
  );
  if (served.length === 0) {
    return undefined;
  }
  return {
    kind: 'APIResourceList',
    apiVersion: 'v1',
    groupVersion: apiVersionOf({ group, version }),
    resources: served.flatMap(apiResources),
  };
}

function apiGroups(resources: Resource[]): JsonObject[] {
  const groups = new Map<string, string>();
  for (const { group, version } of resources) {
    if (group) {
      groups.set(group, version);
    }
  }
  return [...groups].map(([name, version]) => {
    const groupVersion = { groupVersion: `${name}/${version}`, version };
    return { name, versions: [groupVersion], preferredVersion: groupVersion };
  });
}

/** What the server can say about itself; undefined where it has nothing to say. */
export function discover(
  path: string,
  {
    resources,
    serverAddress,
  }: { resources: Resource[]; serverAddress: string },
): JsonObject | string | undefined {
  const [root, ...parts] = path.split('/').filter(Boolean);
  switch (root) {
    case undefined:
      return {
        paths: [
          '/api',
          '/api/v1',
          '/apis',
          '/healthz',
          '/openapi/v3',
          '/version',
        ],
      };
    case 'healthz':
    case 'livez':
    case 'readyz':
      return 'ok';
    case 'version':
      return VERSION;
    case 'api':
      if (parts.length === 0) {
        return {
          kind: 'APIVersions',
          versions: ['v1'],
          serverAddressByClientCIDRs: [
            { clientCIDR: '0.0.0.0/0', serverAddress },
          ],
        };
      }
      return parts.length === 1
        ? resourceList(resources, { group: '', version: parts[0] })
        : undefined;
    case 'apis': {
      const [group, version] = parts;
      if (!group) {
        return {
          kind: 'APIGroupList',
          apiVersion: 'v1',
          groups: apiGroups(resources),
        };
      }
      if (!version) {
        const found = apiGroups(resources).find(each => each.name === group);
        return found && { kind: 'APIGroup', apiVersion: 'v1', ...found };
      }
      return parts.length === 2
        ? resourceList(resources, { group, version })
        : undefined;
    }
    default:
      return undefined;
  }
}
