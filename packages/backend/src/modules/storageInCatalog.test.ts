import { setTimeout as sleep } from 'node:timers/promises';
import { schedulerServiceFactory } from '@backstage/backend-defaults/scheduler';
import {
  BackstageCredentials,
  BackstageServicePrincipal,
  BackstageUserPrincipal,
  coreServices,
  createBackendModule,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import {
  mockCredentials,
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import {
  catalogProcessingExtensionPoint,
  EntityProvider,
} from '@backstage/plugin-catalog-node';
import {
  AuthorizeResult,
  Permission,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import { PolicyQueryUser } from '@backstage/plugin-permission-node';
import catalogModuleRustfs from '@rustfs-portal/plugin-catalog-backend-module-rustfs';
import request from 'supertest';
import { StoragePolicy } from './storagePolicy';

jest.setTimeout(120_000);

const AS_OF = { asOf: '2026-01-01T00:00:00.000Z', freshness: 'live' };
const TENANT = 'atlas/storage/vault';
const BUCKET = 'layoffs-2027';

const ADA = 'user:default/ada';

/** The decisions of the policy, without the service that passes them on. */
const policy = new StoragePolicy();
const decide = async (
  asked: Array<{ permission: Permission }>,
  options: { credentials: BackstageCredentials },
): Promise<any[]> => {
  const { principal } = options.credentials as BackstageCredentials<
    BackstageUserPrincipal | BackstageServicePrincipal
  >;
  return Promise.all(
    asked.map(
      async ({ permission }): Promise<PolicyDecision> =>
        principal.type === 'user'
          ? policy.handle({ permission }, {
              info: {
                userEntityRef: principal.userEntityRef,
                ownershipEntityRefs: [principal.userEntityRef],
              },
            } as PolicyQueryUser)
          : { result: AuthorizeResult.ALLOW },
    ),
  );
};
const permissions = mockServices.permissions.mock({
  authorize: decide,
  authorizeConditional: decide,
});

/** Stands for the backend of the plugin, with one tenant and one bucket. */
const rustfs = createBackendPlugin({
  pluginId: 'rustfs',
  register(env) {
    env.registerInit({
      deps: { httpRouter: coreServices.httpRouter },
      async init({ httpRouter }) {
        httpRouter.use((req, res) => {
          const seen = { ...AS_OF, problems: [] };
          const items =
            req.path === '/tenants'
              ? [{ ...seen, ref: TENANT, state: 'ready' }]
              : [
                  {
                    ...seen,
                    id: `${TENANT}:${BUCKET}`,
                    tenant: TENANT,
                    name: BUCKET,
                    state: 'ready',
                    drift: [],
                    owner: ADA,
                    entity: 'component:default/payroll',
                  },
                ];
          res.json({ ...seen, items });
        });
      },
    });
  },
});

const people: Entity[] = [
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'User',
    metadata: { name: 'ada' },
    spec: { memberOf: [] },
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Group',
    metadata: { name: 'platform' },
    spec: { type: 'team', children: [], members: ['ada'] },
  },
  {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name: 'payroll' },
    spec: { type: 'service', lifecycle: 'production', owner: ADA },
  },
];

const peopleModule = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'people',
  register(reg) {
    reg.registerInit({
      deps: { processing: catalogProcessingExtensionPoint },
      async init({ processing }) {
        const provider: EntityProvider = {
          getProviderName: () => 'people',
          connect: async connection =>
            connection.applyMutation({
              type: 'full',
              entities: people.map(entity => ({
                locationKey: 'people',
                entity: {
                  ...entity,
                  metadata: {
                    ...entity.metadata,
                    annotations: {
                      'backstage.io/managed-by-location': 'url:http://a',
                      'backstage.io/managed-by-origin-location': 'url:http://a',
                    },
                  },
                },
              })),
            }),
        };
        processing.addEntityProvider(provider);
      },
    });
  },
});

describe('tenants and buckets in the catalog of this portal', () => {
  let backend: TestBackend;
  const get = async (who: string, path: string) => {
    const response = await request(backend.server)
      .get(`/api/catalog/${path}`)
      .set('Authorization', mockCredentials.user.header(who));
    return {
      status: response.status,
      text: response.text,
      body: response.body,
    };
  };
  const bucketPath = `entities/by-name/resource/default/atlas-vault-${BUCKET}`;

  beforeAll(async () => {
    backend = await startTestBackend({
      features: [
        catalogPlugin,
        catalogModuleRustfs,
        peopleModule,
        permissions.factory,
        rustfs,
        // The one for tests runs every task once, and that one before its time.
        schedulerServiceFactory,
        mockServices.rootConfig.factory({
          data: {
            catalog: {
              processingInterval: { seconds: 1 },
              providers: {
                rustfs: {
                  buckets: true,
                  defaultOwner: 'platform',
                  schedule: {
                    frequency: { seconds: 1 },
                    timeout: { minutes: 1 },
                    initialDelay: { seconds: 0 },
                  },
                },
              },
            },
          },
        }),
      ],
    });
    // Entities and relations come one after the other.
    for (const deadline = Date.now() + 60_000; Date.now() < deadline; ) {
      const { body } = await get(ADA, bucketPath);
      if (body.relations?.length >= 2) {
        return;
      }
      await sleep(250);
    }
    throw new Error(
      `No bucket in the catalog: ${(await get(ADA, bucketPath)).text}`,
    );
  });
  afterAll(() => backend.stop());

  it('are shown to their owner', async () => {
    expect((await get(ADA, bucketPath)).body).toMatchObject({
      metadata: { title: BUCKET },
      relations: [
        { type: 'dependsOn', targetRef: 'resource:default/atlas-vault' },
        { type: 'ownedBy', targetRef: ADA },
      ],
    });
  });

  it.each([
    'entities',
    'entities/by-query',
    'entities?filter=kind=resource',
    'entities/by-name/user/default/ada',
    'entities/by-name/group/default/platform',
    'entities/by-name/component/default/payroll',
    `entities/by-query?fullTextFilterTerm=${BUCKET}`,
    `entity-facets?${[
      'kind',
      'spec.type',
      'spec.ownedBy',
      'metadata.name',
      'metadata.title',
      'metadata.annotations.rustfs.com/buckets',
      'metadata.annotations.rustfs.com/tenant',
      'metadata.annotations.backstage.io/managed-by-location',
      'relations.ownerof',
      'relations.ownedby',
      'relations.dependson',
      'relations.dependencyof',
    ]
      .map(facet => `facet=${encodeURIComponent(facet)}`)
      .join('&')}`,
  ])('are named nowhere to somebody who may see none: %s', async path => {
    const { text } = await get('user:default/dario', path);
    expect(text.replace(path, '')).not.toMatch(/layoffs|vault/);
  });

  it.each([bucketPath, 'entities/by-name/resource/default/atlas-vault'])(
    'are not there for somebody who may see none: %s',
    async path => {
      expect((await get('user:default/dario', path)).status).toBe(404);
    },
  );
});
