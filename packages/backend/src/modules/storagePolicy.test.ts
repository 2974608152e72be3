import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogEntityReadPermission } from '@backstage/plugin-catalog-common/alpha';
import {
  AuthorizeResult,
  Permission,
} from '@backstage/plugin-permission-common';
import { PolicyQueryUser } from '@backstage/plugin-permission-node';
import {
  taskCancelPermission,
  taskReadPermission,
} from '@backstage/plugin-scaffolder-common/alpha';
import { storageReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import request from 'supertest';
import { StoragePolicy } from './storagePolicy';

jest.setTimeout(120_000);

const policy = new StoragePolicy();

function user(name: string, ...groups: string[]) {
  return {
    info: {
      userEntityRef: `user:default/${name}`,
      ownershipEntityRefs: [
        `user:default/${name}`,
        ...groups.map(group => `group:default/${group}`),
      ],
    },
  } as PolicyQueryUser;
}

const ada = user('ada', 'checkout');
const carla = user('carla', 'platform');
const dario = user('dario', 'contractors');
const carlaOnLoan = user('carla', 'platform', 'contractors');

const { ALLOW, DENY, CONDITIONAL } = AuthorizeResult;

/** The permissions of every plugin that `src/index.ts` adds, as they publish them. */
async function readPermissions(): Promise<Permission[]> {
  const index = readFileSync(join(__dirname, '../index.ts'), 'utf8');
  const names = [...index.matchAll(/import\(\s*'([^']+)'/g)]
    .map(([, name]) => name.replace('./modules', '.'))
    // It serves the built pages, which a test has not, and decides nothing.
    .filter(name => name !== '@backstage/plugin-app-backend');
  expect(names.length).toBeGreaterThan(10);
  let pluginIds: string[] = [];
  const backend = await startTestBackend({
    features: [
      ...names.map(name => jest.requireActual(name).default),
      mockServices.rootConfig.factory({
        data: {
          backend: { baseUrl: 'http://localhost:7007' },
          app: { baseUrl: 'http://localhost:7007' },
        },
      }),
      createBackendPlugin({
        pluginId: 'reader',
        register(env) {
          env.registerInit({
            deps: { metadata: coreServices.rootInstanceMetadata },
            async init({ metadata }) {
              const plugins = await metadata.getInstalledPlugins();
              pluginIds = plugins.map(({ pluginId }) => pluginId);
            },
          });
        },
      }),
    ],
  });
  try {
    const answers = await Promise.all(
      pluginIds.map(id =>
        request(backend.server).get(
          `/api/${id}/.well-known/backstage/permissions/metadata`,
        ),
      ),
    );
    return answers
      .flatMap(({ body }) => (body.permissions as Permission[]) ?? [])
      .sort((a, b) => a.name.localeCompare(b.name));
  } finally {
    await backend.stop();
  }
}

it('decides on every permission of the plugins of this portal', async () => {
  const permissions = await readPermissions();
  const decisions = await Promise.all(
    permissions.map(async permission => [
      permission.name,
      await Promise.all(
        [ada, carla, dario, carlaOnLoan, undefined].map(
          async who => (await policy.handle({ permission }, who)).result,
        ),
      ),
    ]),
  );
  const open = [ALLOW, ALLOW, ALLOW, ALLOW, DENY];
  const forPlatform = [DENY, ALLOW, DENY, DENY, DENY];
  const own = [CONDITIONAL, ALLOW, CONDITIONAL, CONDITIONAL, DENY];
  const ownStorage = [CONDITIONAL, ALLOW, DENY, DENY, DENY];
  // Somebody has to decide on a permission that is new: in the policy first, then here.
  expect(Object.fromEntries(decisions)).toEqual({
    'catalog.entity.create': open,
    'catalog.entity.delete': own,
    'catalog.entity.read': own,
    'catalog.entity.refresh': open,
    'catalog.entity.validate': open,
    'catalog.ingestion.manage': forPlatform,
    'catalog.ingestion.read': forPlatform,
    'catalog.location.analyze': open,
    'catalog.location.create': open,
    'catalog.location.delete': forPlatform,
    'catalog.location.read': open,
    'rustfs.access.read': ownStorage,
    'rustfs.access.request': ownStorage,
    'rustfs.bucket.read': ownStorage,
    'rustfs.bucket.request': ownStorage,
    'rustfs.request.read': ownStorage,
    // For the platform team too: it closes the pull request instead.
    'rustfs.request.update': [CONDITIONAL, CONDITIONAL, DENY, DENY, DENY],
    'rustfs.setup.request': forPlatform,
    'rustfs.storage.read': ownStorage,
    'rustfs.tenant.read': forPlatform,
    'scaffolder.action.execute': open,
    'scaffolder.task.cancel': own,
    'scaffolder.task.create': open,
    'scaffolder.task.read': own,
    'scaffolder.template.dry-run': forPlatform,
    'scaffolder.template.management': forPlatform,
    'scaffolder.template.parameter.read': open,
    'scaffolder.template.step.read': open,
  });
});

it('refuses what it does not know, to everyone', async () => {
  const permission = {
    type: 'basic' as const,
    name: 'new.thing.read',
    attributes: {},
  };
  for (const who of [ada, carla, dario, undefined]) {
    expect(await policy.handle({ permission }, who)).toEqual({ result: DENY });
  }
});

it('asks the catalog whether the caller owns the entity', async () => {
  expect(
    await policy.handle({ permission: storageReadPermission }, ada),
  ).toMatchObject({
    pluginId: 'catalog',
    resourceType: 'catalog-entity',
    conditions: {
      rule: 'IS_ENTITY_OWNER',
      params: { claims: ['user:default/ada', 'group:default/checkout'] },
    },
  });
});

it.each([taskReadPermission, taskCancelPermission])(
  'leaves to people what is their own: $name',
  async permission => {
    expect(await policy.handle({ permission }, ada)).toMatchObject({
      pluginId: 'scaffolder',
      conditions: {
        rule: 'IS_TASK_OWNER',
        params: { createdBy: ['user:default/ada'] },
      },
    });
  },
);

it('hides tenants and buckets in the catalog from those who do not own them', async () => {
  const permission = catalogEntityReadPermission;
  const hidden = [
    { not: { rule: 'IS_ENTITY_KIND', params: { kinds: ['Resource'] } } },
    {
      not: {
        rule: 'HAS_ANNOTATION',
        params: { annotation: 'rustfs.com/tenant' },
      },
    },
  ];
  expect(await policy.handle({ permission }, ada)).toMatchObject({
    conditions: { anyOf: [...hidden, { rule: 'IS_ENTITY_OWNER' }] },
  });
  expect(await policy.handle({ permission }, dario)).toMatchObject({
    conditions: { anyOf: hidden },
  });
});
