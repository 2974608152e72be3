import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import {
  Entity,
  EntityPolicies,
  FieldFormatEntityPolicy,
  NoForeignRootFieldsEntityPolicy,
  SchemaValidEntityPolicy,
} from '@backstage/catalog-model';
import {
  CatalogProcessor,
  catalogProcessingExtensionPoint,
  CatalogProcessorResult,
  EntityProvider,
} from '@backstage/plugin-catalog-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  DefaultEventsService,
  eventsServiceRef,
} from '@backstage/plugin-events-node';
import {
  BucketView,
  Problem,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import catalogModuleRustfs, { RustfsEntityProvider } from './index';

const AS_OF = { asOf: '2026-11-21T10:00:00Z', freshness: 'live' as const };
const APPS = 'atlas/storage/apps';
const MEDIA = 'borealis/storage/archive';

function tenant(ref: string): TenantView {
  return {
    ...AS_OF,
    ref,
    state: 'ready',
    problems: [],
    source: {
      repository: 'https://git.acme.example/acme/atlas.git',
      branch: 'main',
      path: 'storage',
      appliedBy: 'Kustomization flux-system/storage',
    },
  };
}

function bucket(
  tenantRef: string,
  name: string,
  more: Partial<BucketView> = {},
): BucketView {
  return {
    ...AS_OF,
    id: `${tenantRef}:${name}`,
    tenant: tenantRef,
    name,
    state: 'ready',
    drift: [],
    ...more,
  };
}

const invoices = bucket(APPS, 'checkout-invoices', {
  owner: 'group:default/checkout',
  entity: 'component:default/invoices',
  declared: {
    objectLock: false,
    purpose: 'Invoices as PDF',
    dataClass: 'confidential',
  },
});

/** The module in a backend whose RustFS plugin answers what the test says. */
async function start(known: Entity[] = [], settings: object = {}) {
  const answer: {
    tenants: TenantView[];
    buckets: BucketView[];
    problems: Problem[];
    fail?: boolean;
  } = {
    tenants: [tenant(APPS), tenant(MEDIA)],
    buckets: [invoices, bucket(MEDIA, 'media-2019')],
    problems: [],
  };
  const callers: string[] = [];
  const rustfs = createBackendPlugin({
    pluginId: 'rustfs',
    register(env) {
      env.registerInit({
        deps: {
          httpAuth: coreServices.httpAuth,
          httpRouter: coreServices.httpRouter,
        },
        async init({ httpAuth, httpRouter }) {
          httpRouter.use(async (req, res) => {
            const { principal } = await httpAuth.credentials(req, {
              allow: ['service'],
            });
            callers.push(principal.subject);
            if (answer.fail) {
              res.status(503).json({ error: { message: 'not now' } });
              return;
            }
            const items =
              req.path === '/tenants' ? answer.tenants : answer.buckets;
            res.json({ ...AS_OF, items, problems: answer.problems });
          });
        },
      });
    },
  });
  const addEntityProvider = jest.fn<void, [EntityProvider]>();
  const addProcessor = jest.fn<void, [CatalogProcessor]>();
  const events = DefaultEventsService.create({
    logger: mockServices.logger.mock(),
  });
  await startTestBackend({
    extensionPoints: [
      [catalogProcessingExtensionPoint, { addEntityProvider, addProcessor }],
    ],
    features: [
      rustfs,
      catalogModuleRustfs,
      catalogServiceMock.factory({ entities: known }),
      createServiceFactory({
        service: eventsServiceRef,
        deps: {},
        factory: () => events,
      }),
      mockServices.scheduler.factory({ skipTaskRunOnStartup: true }),
      mockServices.rootConfig.factory({
        data: {
          catalog: { providers: { rustfs: { buckets: true, ...settings } } },
        },
      }),
    ],
  });
  const connection = { applyMutation: jest.fn(), refresh: jest.fn() };
  const [provider] = addEntityProvider.mock.calls[0];
  await provider.connect(connection);
  /** The entities of the last full mutation, by name. */
  const catalogNow = (): Record<string, Entity> => {
    const mutation = connection.applyMutation.mock.lastCall?.[0];
    expect(mutation.type).toBe('full');
    return Object.fromEntries(
      mutation.entities.map(({ entity }: { entity: Entity }) => [
        entity.metadata.name,
        entity,
      ]),
    );
  };
  return {
    answer,
    callers,
    catalogNow,
    connection,
    events,
    processor: addProcessor.mock.calls[0][0],
    refresh: () => (provider as RustfsEntityProvider).refresh(),
  };
}

function problem(part: string, code = 'tenant-unreachable'): Problem {
  return { code, part, message: `${part} does not answer` };
}

describe('catalogModuleRustfs', () => {
  it('shows tenants and buckets with owner and relations', async () => {
    const { callers, catalogNow, refresh } = await start([], {
      defaultOwner: 'platform',
    });
    await refresh();

    const entities = catalogNow();
    expect(Object.keys(entities)).toEqual([
      'atlas-apps',
      'borealis-archive',
      'atlas-apps-checkout-invoices',
      'borealis-archive-media-2019',
    ]);
    expect(entities['atlas-apps-checkout-invoices']).toEqual({
      apiVersion: 'rustfs.com/v1alpha1',
      kind: 'Resource',
      metadata: {
        name: 'atlas-apps-checkout-invoices',
        title: 'checkout-invoices',
        description: 'Invoices as PDF',
        annotations: {
          'backstage.io/managed-by-location':
            'rustfs:atlas/storage/apps:checkout-invoices',
          'backstage.io/managed-by-origin-location':
            'rustfs:atlas/storage/apps:checkout-invoices',
          'rustfs.com/tenant': 'atlas/storage/apps',
          'rustfs.com/buckets': 'checkout-invoices',
        },
        links: [
          {
            url: 'https://git.acme.example/acme/atlas',
            title: 'Declared in Git',
          },
        ],
        tags: ['confidential'],
      },
      spec: {
        type: 's3-bucket',
        ownedBy: 'group:default/checkout',
        tenant: 'resource:default/atlas-apps',
      },
    });
    expect(entities['atlas-apps'].spec).toEqual({
      type: 'rustfs-tenant',
      ownedBy: 'group:default/platform',
    });
    expect(entities['borealis-archive-media-2019'].spec?.ownedBy).toBe(
      'group:default/platform',
    );
    // The backend is asked by the catalog, as itself.
    expect(callers).toEqual(['plugin:catalog', 'plugin:catalog']);
  });

  it('tells the names of buckets on the entities they are for only where that is wanted', async () => {
    const entity = (owner: string): Entity => ({
      apiVersion: 'backstage.io/v1alpha1',
      kind: 'Component',
      metadata: { name: 'invoices', namespace: 'default' },
      relations: [{ type: 'ownedBy', targetRef: `group:default/${owner}` }],
    });
    const specFor = async (owner: string) => {
      const { catalogNow, refresh } = await start([entity(owner)], {
        linkEntities: true,
      });
      await refresh();
      return catalogNow()['atlas-apps-checkout-invoices'].spec;
    };
    expect(await specFor('checkout')).toMatchObject({
      dependencyOf: ['component:default/invoices'],
    });
    // The entity has come to another team since, or somebody else has taken its name.
    expect(await specFor('insights')).not.toHaveProperty('dependencyOf');
  });

  it('has no entities of buckets unless that is wanted, not even those of before', async () => {
    const first = await start();
    await first.refresh();
    const { answer, callers, catalogNow, refresh } = await start(
      Object.values(first.catalogNow()),
      { buckets: false },
    );
    answer.problems = [problem('atlas', 'cluster-unreachable')];
    await refresh();
    expect(Object.keys(catalogNow()).sort()).toEqual([
      'atlas-apps',
      'borealis-archive',
    ]);
    expect(callers).toEqual(['plugin:catalog']);
  });

  it('relates tenants and buckets in one direction only', async () => {
    const { catalogNow, processor, refresh } = await start([], {
      defaultOwner: 'platform',
    });
    await refresh();
    const emitted: CatalogProcessorResult[] = [];
    for (const entity of Object.values(catalogNow())) {
      await processor.postProcessEntity!(
        entity,
        { type: 'rustfs', target: '' },
        result => emitted.push(result),
        { get: async () => undefined, set: async () => {} },
      );
    }
    expect(
      emitted.map(
        result =>
          result.type === 'relation' && [
            result.relation.source.name,
            result.relation.type,
            result.relation.target.name,
          ],
      ),
    ).toEqual([
      ['atlas-apps', 'ownedBy', 'platform'],
      ['borealis-archive', 'ownedBy', 'platform'],
      ['atlas-apps-checkout-invoices', 'ownedBy', 'checkout'],
      ['atlas-apps-checkout-invoices', 'dependsOn', 'atlas-apps'],
      ['borealis-archive-media-2019', 'ownedBy', 'platform'],
      ['borealis-archive-media-2019', 'dependsOn', 'borealis-archive'],
    ]);
  });

  it('makes entities that the catalog takes', async () => {
    const { answer, catalogNow, processor, refresh } = await start();
    const classes = ['Top secret', ' -', 'x'.repeat(64)];
    answer.buckets = ['a.b-c', 'x'.repeat(63), '0-0'].map((name, index) =>
      bucket(APPS, name, {
        declared: { objectLock: false, dataClass: classes[index] },
      }),
    );
    await refresh();
    expect(catalogNow()['atlas-apps-a.b-c'].metadata.tags).toEqual([
      'top-secret',
    ]);
    const policy = EntityPolicies.allOf([
      new SchemaValidEntityPolicy(),
      new FieldFormatEntityPolicy(),
      new NoForeignRootFieldsEntityPolicy(),
    ]);
    for (const entity of Object.values(catalogNow())) {
      expect(await policy.enforce(entity)).toBeDefined();
      expect(await processor.validateEntityKind!(entity)).toBe(true);
    }
  });

  it('leaves out buckets that are not there yet', async () => {
    const { answer, catalogNow, refresh } = await start();
    answer.buckets = [
      bucket(APPS, 'asked-for', { state: 'pending' }),
      bucket(APPS, 'refused', { state: 'failed' }),
      bucket(APPS, 'lost', { state: 'missing' }),
    ];
    await refresh();
    expect(Object.keys(catalogNow())).toEqual([
      'atlas-apps',
      'borealis-archive',
      'atlas-apps-lost',
    ]);
  });

  it('has a bucket in the catalog as soon as its request is ready', async () => {
    const { answer, catalogNow, connection, events } = await start();
    const publish = (state: string) =>
      events.publish({
        topic: 'rustfs.request',
        eventPayload: { id: '1', entityRef: 'component:default/a', state },
      });
    await publish('merged');
    expect(connection.applyMutation).not.toHaveBeenCalled();

    answer.buckets.push(bucket(APPS, 'checkout-new'));
    await publish('ready');
    expect(catalogNow()).toHaveProperty('atlas-apps-checkout-new');
  });

  it('removes what is gone when the list is complete', async () => {
    const { answer, catalogNow, refresh } = await start();
    await refresh();
    answer.buckets = [invoices];
    await refresh();
    expect(catalogNow()).not.toHaveProperty('borealis-archive-media-2019');
  });

  it('keeps the buckets of a tenant that does not answer, as they were', async () => {
    const first = await start();
    await first.refresh();
    const known = Object.values(first.catalogNow()).map(entity => ({
      ...entity,
      metadata: { ...entity.metadata, uid: 'u', etag: 'e' },
      relations: [],
    }));

    const { answer, catalogNow, refresh } = await start(known);
    answer.buckets = [];
    answer.problems = [problem(MEDIA)];
    await refresh();
    const entities = catalogNow();
    expect(entities['borealis-archive-media-2019']).toEqual(
      first.catalogNow()['borealis-archive-media-2019'],
    );
    // Of the tenant that answers, the bucket is really gone.
    expect(entities).not.toHaveProperty('atlas-apps-checkout-invoices');
  });

  it.each(['cluster-unreachable', 'cluster-denied', 'cluster-version'])(
    'removes nothing of a cluster that gives no list: %s',
    async code => {
      const first = await start();
      await first.refresh();
      const before = Object.keys(first.catalogNow());
      const { answer, catalogNow, refresh } = await start(
        Object.values(first.catalogNow()),
      );
      answer.tenants = [];
      answer.buckets = [];
      answer.problems = [problem('atlas', code), problem('borealis', code)];
      await refresh();
      expect(Object.keys(catalogNow()).sort()).toEqual(before.sort());
    },
  );

  it('keeps owners when it is the cluster that does not answer', async () => {
    const first = await start();
    await first.refresh();
    const { answer, catalogNow, refresh } = await start(
      Object.values(first.catalogNow()),
    );
    answer.buckets = [bucket(APPS, 'checkout-invoices', { state: 'unknown' })];
    answer.problems = [problem('atlas', 'cluster-unreachable')];
    await refresh();
    expect(catalogNow()['atlas-apps-checkout-invoices'].spec?.ownedBy).toBe(
      'group:default/checkout',
    );
  });

  it('goes on with a cluster in which one declaration cannot be read', async () => {
    const first = await start();
    await first.refresh();
    const known = Object.values(first.catalogNow());
    const { answer, catalogNow, refresh } = await start(known);
    const ownerNow = async (changes: Partial<BucketView>[]) => {
      answer.buckets = changes.map(change =>
        bucket(APPS, 'checkout-invoices', change),
      );
      await refresh();
      return catalogNow()['atlas-apps-checkout-invoices'].spec?.ownedBy;
    };
    answer.problems = [problem('atlas', 'object-unreadable')];
    // Somebody else owns the bucket now: to keep the old owner would keep it open to them.
    expect(await ownerNow([{ owner: 'group:default/billing' }])).toBe(
      'group:default/billing',
    );
    // It may be this very record, or the Tenant.
    expect(await ownerNow([{ owner: undefined }])).toBe(
      'group:default/checkout',
    );
    expect(await ownerNow([])).toBe('group:default/checkout');
  });

  it('takes nothing away from a tenant that two places declare, and goes on with the others', async () => {
    const first = await start();
    await first.refresh();
    const known = Object.values(first.catalogNow());
    const { answer, catalogNow, refresh } = await start(known);
    // No record of it counts: its buckets have no owner any more, and those that only Git has are gone.
    answer.buckets = [
      bucket(APPS, 'checkout-invoices', {
        state: 'undeclared',
        owner: undefined,
      }),
    ];
    answer.problems = [problem(APPS, 'tenant-conflict')];
    await refresh();
    const entities = catalogNow();
    expect(entities['atlas-apps-checkout-invoices'].spec?.ownedBy).toBe(
      'group:default/checkout',
    );
    expect(entities).not.toHaveProperty('borealis-archive-media-2019');

    answer.buckets = [];
    await refresh();
    expect(catalogNow()).toHaveProperty('atlas-apps-checkout-invoices');
    answer.problems = [];
    await refresh();
    expect(catalogNow()).not.toHaveProperty('atlas-apps-checkout-invoices');
  });

  it('follows a cluster whose GitOps engine the portal may not look at', async () => {
    const first = await start();
    await first.refresh();
    const { answer, catalogNow, refresh } = await start(
      Object.values(first.catalogNow()),
    );
    answer.buckets = [];
    answer.problems = [problem('atlas', 'gitops-unreadable')];
    await refresh();
    expect(catalogNow()).not.toHaveProperty('atlas-apps-checkout-invoices');
  });

  it('changes nothing when the backend does not answer', async () => {
    const { answer, connection, refresh } = await start();
    answer.fail = true;
    await expect(refresh()).rejects.toThrow(/503/);
    expect(connection.applyMutation).not.toHaveBeenCalled();
  });

  it('goes on after a round that the catalog never answered, and that round changes nothing later', async () => {
    const end = new AbortController();
    const timeout = jest
      .spyOn(AbortSignal, 'timeout')
      .mockReturnValue(end.signal);
    const catalog = catalogServiceMock({ entities: [] });
    let answerLate = (_: { items: [] }) => {};
    jest.spyOn(catalog, 'getEntitiesByRefs').mockReturnValueOnce(
      new Promise(resolve => {
        answerLate = resolve;
      }),
    );
    const logger = mockServices.logger.mock();
    logger.child.mockReturnValue(logger);
    const provider = new RustfsEntityProvider({
      api: {
        listTenants: async () => ({ ...AS_OF, items: [], problems: [] }),
        listBuckets: async () => ({
          ...AS_OF,
          items: [invoices],
          problems: [],
        }),
      },
      auth: mockServices.auth(),
      buckets: true,
      catalog,
      defaultOwner: 'group:default/platform',
      events: DefaultEventsService.create({ logger }),
      linkEntities: true,
      logger,
      taskRunner: { run: async () => {} },
    });
    const connection = { applyMutation: jest.fn(), refresh: jest.fn() };
    await provider.connect(connection);

    const hanging = provider.refresh();
    const next = provider.refresh();
    await new Promise(resolve => {
      setTimeout(resolve, 50);
    });
    timeout.mockRestore();
    end.abort();
    await expect(hanging).rejects.toThrow('did not answer in time');
    await next;
    answerLate({ items: [] });
    await new Promise(resolve => {
      setTimeout(resolve, 50);
    });
    expect(connection.applyMutation).toHaveBeenCalledTimes(1);
  });

  it.each([
    [{ defaultOwner: 'group:' }, /catalog.providers.rustfs.defaultOwner/],
    [{ owner: 'platform' }, /catalog.providers.rustfs.owner is not known/],
  ])(
    'stops the start on wrong configuration: %j',
    async (settings, message) => {
      await expect(start([], settings)).rejects.toThrow(message);
    },
  );
});
