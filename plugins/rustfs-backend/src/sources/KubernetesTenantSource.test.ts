import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { z } from 'zod';
import { ClusterConfig, TenantConfig } from '../config';
import { ClusterError } from '../kubernetes';
import { StorageLayouts } from '../layouts';
import { KubernetesTenantSource } from './KubernetesTenantSource';

const TENANTS = '/apis/rustfs.com/v1alpha1/tenants';
const RECORDS = '/api/v1/configmaps';
const KUSTOMIZATIONS = '/apis/kustomize.toolkit.fluxcd.io/v1/kustomizations';
const GIT_REPOSITORIES = '/apis/source.toolkit.fluxcd.io/v1/gitrepositories';
const APPLICATIONS = '/apis/argoproj.io/v1alpha1/applications';

const tenant = {
  metadata: {
    name: 'apps',
    namespace: 'storage',
    labels: {
      'kustomize.toolkit.fluxcd.io/name': 'storage',
      'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
    },
  },
  spec: { buckets: [{ name: 'harbor' }] },
};
const kustomization = {
  metadata: { name: 'storage', namespace: 'flux-system' },
  spec: {
    path: './storage',
    sourceRef: { kind: 'GitRepository', name: 'gitops' },
  },
};
const gitRepository = {
  metadata: { name: 'gitops', namespace: 'flux-system' },
  spec: {
    url: 'https://git.acme.org/acme/atlas.git',
    ref: { branch: 'main' },
  },
};

const thingSchema = z.object({
  metadata: z.object({
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
});

/** The discovery document of a group whose versions all serve one resource. */
function serves(group: string, resource: string, versions: string[]) {
  return {
    [`/apis/${group}`]: { versions: versions.map(version => ({ version })) },
    ...Object.fromEntries(
      versions.map(version => [
        `/apis/${group}/${version}`,
        { resources: [{ name: resource }, { name: `${resource}/status` }] },
      ]),
    ),
  };
}

describe('KubernetesTenantSource', () => {
  let server: Server;
  let answers: Record<string, unknown>;
  let asked: string[];
  let queries: string[];

  beforeAll(async () => {
    server = createServer((request, response) => {
      const [path, query] = request.url!.split('?');
      asked.push(path);
      queries.push(`?${query ?? ''}`);
      const answer = answers[path];
      if (typeof answer === 'number') {
        response.writeHead(answer).end('{}');
      } else if (answer) {
        response.end(JSON.stringify(answer));
      } else {
        response.writeHead(404).end('404 page not found');
      }
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(resolve => {
      server.close(resolve);
    });
  });

  beforeEach(() => {
    asked = [];
    queries = [];
    answers = {
      '/apis': { groups: [] },
      [TENANTS]: { items: [tenant] },
      [RECORDS]: { items: [] },
      [KUSTOMIZATIONS]: { items: [kustomization] },
      [GIT_REPOSITORIES]: { items: [gitRepository] },
    };
  });

  function createSource(
    namespaces?: string[],
    options: {
      sources?: ClusterConfig['sources'];
      configured?: Array<Partial<TenantConfig>>;
      layouts?: StorageLayouts;
      timeoutMs?: number;
      /** The engines run in another cluster, which calls this one so. */
      destinations?: string[];
    } = {},
  ) {
    const { port } = server.address() as AddressInfo;
    const config: ClusterConfig = {
      name: 'atlas',
      namespaces,
      connection: {
        kind: 'token',
        url: `http://127.0.0.1:${port}`,
        token: 't',
        skipTLSVerify: false,
      },
      transport: { timeoutMs: options.timeoutMs ?? 3_000 },
      sources: options.sources ?? ['rustfs-operator'],
    };
    const { destinations } = options;
    return KubernetesTenantSource.fromConfig(
      { ...config, gitops: destinations && { cluster: 'hub', destinations } },
      {
        hub: destinations && { ...config, name: 'hub' },
        layouts: options.layouts,
        configured: options.configured?.map(entry => ({
          ref: 'atlas/objects/rustfs',
          endpoint: 'http://127.0.0.1:9000',
          endpoints: {},
          accessKeyId: 'a',
          secretAccessKey: 's',
          transport: { timeoutMs: 3_000 },
          ...entry,
        })),
      },
    );
  }

  const read = async (...how: Parameters<typeof createSource>) =>
    createSource(...how).read();

  function without(path: string) {
    answers = { ...answers, [path]: undefined };
  }

  describe('a layout that a module adds', () => {
    const things = '/apis/things.acme.org/v1/namespaces/shop/things';
    const configured = [
      {
        ref: 'atlas/shop/objects',
        layout: 'things',
        unmanaged: { workload: 'none' as const },
        endpoints: { inCluster: 'http://written.shop.svc:9000' },
      },
    ];
    const layouts = new StorageLayouts([
      {
        id: 'things',
        git: {
          id: 'things',
          read: () => ({ buckets: [], accesses: [] }),
          express: () => true,
          limits: () => ({}),
          examine: () => [],
          plan: () => ({ files: [] }),
        },
        provisioner: {
          title: 'the thing operator',
          async read(cluster, tenants) {
            const items = await cluster.list(
              { api: '/apis/things.acme.org/v1', resource: 'things' },
              tenants.map(({ namespace }) => namespace),
            );
            const found = items.flatMap(item =>
              cluster.parse(item, thingSchema, 'Thing'),
            );
            return Promise.all(
              found.map(async thing => ({
                ref: `atlas/${thing.metadata.namespace}/objects`,
                endpoints: {
                  inCluster: 'http://found.shop.svc:9000',
                  external: 'https://s3.acme.org',
                },
                items: [],
                records: [{ bucket: thing.metadata.name }],
                accesses: [],
                unlisted: {
                  reason: 'ThingAbsent',
                  message: 'There is no Thing',
                },
                ...(await cluster.locate(thing.metadata)),
              })),
            );
          },
        },
      },
    ]);
    const thing = (namespace: string) => ({
      metadata: { ...tenant.metadata, name: 'invoices', namespace },
    });
    it('tells of the tenants that the configuration gives it, and of no other', async () => {
      answers[things] = { items: [thing('shop'), thing('storage')] };
      const { tenants, problems } = await read(undefined, {
        configured,
        layouts,
      });
      expect(problems).toEqual([]);
      expect(tenants.map(({ layout, ref }) => [ref, layout])).toEqual([
        ['atlas/storage/apps', 'operator-tenant'],
        ['atlas/shop/objects', 'things'],
      ]);
      // The portal writes to a server only where its source says so.
      expect(tenants.map(({ settledBy }) => settledBy)).toEqual([
        'portal',
        undefined,
      ]);
      expect(tenants[1]).toMatchObject({
        records: [{ bucket: 'invoices' }],
        // What somebody has written counts, and what is found beside it.
        endpoints: {
          inCluster: 'http://written.shop.svc:9000',
          external: 'https://s3.acme.org',
        },
        place: { link: { folder: 'storage', branch: 'main' } },
      });
    });

    it('is not asked where no tenant has it', async () => {
      await read(undefined, { layouts });
      expect(asked).not.toContain(things);
    });

    it('leaves a tenant without a place of which it says nothing', async () => {
      answers[things] = { items: [] };
      const { tenants } = await read(undefined, { configured, layouts });
      expect(tenants[1]).toMatchObject({
        ref: 'atlas/shop/objects',
        obstacle: { code: 'not-tracked' },
      });
      expect(tenants[1].layout).toBeUndefined();
    });

    it('says what it cannot read, so that nothing is taken for absent', async () => {
      answers[things] = { items: [{ metadata: { namespace: 'shop' } }] };
      const { problems } = await read(undefined, { configured, layouts });
      expect(problems).toEqual([
        expect.objectContaining({
          code: 'object-unreadable',
          message: expect.stringContaining('Thing'),
        }),
      ]);
    });

    async function readFailing(how: Parameters<typeof createSource>[1] = {}) {
      const { tenants, problems } = await read(undefined, {
        configured,
        layouts,
        ...how,
      });
      return { refs: tenants.map(({ ref }) => ref), problems };
    }

    /** One that fails hides its own tenants, and those of nobody else. */
    const hidden = (message: string, hint: string) => ({
      refs: ['atlas/storage/apps'],
      problems: [
        {
          code: 'source-unreadable',
          part: 'atlas',
          message: expect.stringContaining(
            `Layout things cannot tell what is declared for atlas/shop/objects, as the thing operator cannot be asked: ${message}`,
          ),
          hint: expect.stringContaining(hint),
        },
      ],
    });

    it('leaves the tenants of others as they are where its list is refused, or its CRD is gone', async () => {
      answers[things] = 403;
      await expect(readFailing()).resolves.toEqual(
        hidden(
          'Cluster atlas does not let the portal list things',
          'list on things',
        ),
      );
      without(things);
      await expect(readFailing()).resolves.toEqual(
        hidden(
          'Cluster atlas does not know things of things.acme.org',
          'Install its CRDs',
        ),
      );
    });

    it.each<[string, () => Promise<any>, string]>([
      [
        'throws',
        () => {
          throw new TypeError('it is not a function');
        },
        'it is not a function',
      ],
      [
        'rejects',
        async () => {
          throw new Error('it is broken');
        },
        'it is broken',
      ],
      ['throws what is no error', () => Promise.reject(undefined), ''],
      [
        'never answers',
        () => new Promise(() => {}),
        // Twice what one call may take.
        'nothing came within 1 s',
      ],
      [
        'says what is no list',
        async () => undefined,
        'what it says is wrong at the whole',
      ],
      [
        'leaves out what is declared',
        async () => [{ ref: 'atlas/shop/objects' }],
        'what it says is wrong at 0.items',
      ],
    ])(
      'leaves the tenants of others as they are where its code %s',
      async (_, answer, message) => {
        const failing = new StorageLayouts([
          {
            id: 'things',
            git: layouts.git.get('things'),
            provisioner: { title: 'the thing operator', read: answer },
          },
        ]);
        await expect(
          readFailing({ layouts: failing, timeoutMs: 500 }),
        ).resolves.toEqual(
          hidden(message, 'the backend module that adds layout things'),
        );
      },
    );

    it('hides a tenant of its own that an operator has as well, as they may contradict each other', async () => {
      answers[things] = 403;
      const { tenants } = await read(undefined, {
        configured: [{ ...configured[0], ref: 'atlas/storage/apps' }],
        layouts,
      });
      expect(tenants).toEqual([]);
    });

    it('does not share a tenant with an operator', async () => {
      const ref = 'atlas/storage/apps';
      const { tenants, problems } = await read(undefined, {
        configured: [{ ...configured[0], ref }],
        layouts: new StorageLayouts([
          {
            id: 'things',
            git: layouts.git.get('things'),
            provisioner: {
              title: 'the thing operator',
              read: async () => [
                {
                  ref,
                  items: [],
                  records: [],
                  accesses: [],
                  unlisted: { reason: 'ThingAbsent', message: 'None' },
                },
              ],
            },
          },
        ]),
      });
      expect(tenants).toMatchObject([
        { ref, obstacle: { code: 'declared-twice' } },
      ]);
      expect(tenants[0].layout).toBeUndefined();
      expect(problems).toEqual([
        expect.objectContaining({ code: 'tenant-conflict', part: ref }),
      ]);
    });
  });

  describe('an API version that the portal does not read', () => {
    it('does not take a cluster that serves Tenants otherwise for one without', async () => {
      without(TENANTS);
      Object.assign(answers, serves('rustfs.com', 'tenants', ['v1beta1']));
      const error = await read().catch(e => e);
      expect(error).toBeInstanceOf(ClusterError);
      expect(error).toMatchObject({
        problemCode: 'cluster-version',
        message:
          'Cluster atlas serves tenants of rustfs.com as v1beta1 only; the portal reads v1alpha1',
        hint: expect.stringContaining('v1alpha1'),
      });
    });

    it('does not take one that has lost the CRD for one without', async () => {
      without(TENANTS);
      await expect(read()).rejects.toMatchObject({
        problemCode: 'cluster-version',
        message: 'Cluster atlas does not know tenants of rustfs.com',
      });
    });

    it('tells from what the group serves of other kinds', async () => {
      without(TENANTS);
      Object.assign(answers, serves('rustfs.com', 'tenants', ['v1beta1']), {
        '/apis/rustfs.com': {
          versions: [{ version: 'v1beta1' }, { version: 'v1alpha1' }],
        },
        '/apis/rustfs.com/v1alpha1': {
          resources: [{ name: 'policybindings' }],
        },
      });
      await expect(read()).rejects.toMatchObject({
        message: expect.stringContaining('as v1beta1 only'),
      });
    });

    it('holds where the portal looks into some namespaces only', async () => {
      answers['/api/v1/namespaces/storage/configmaps'] = { items: [] };
      Object.assign(
        answers,
        serves('rustfs.com', 'tenants', ['v1', 'v1beta1']),
      );
      await expect(read(['storage'])).rejects.toMatchObject({
        problemCode: 'cluster-version',
        message: expect.stringContaining('as v1, v1beta1 only'),
      });
    });

    it.each([403, 500])(
      'says that there is no list when discovery answers %i',
      async status => {
        without(TENANTS);
        answers['/apis/rustfs.com'] = status;
        await expect(read()).rejects.toMatchObject({
          problemCode: 'cluster-unreachable',
          message: expect.stringContaining('status 404'),
        });
      },
    );

    it.each([
      [
        'Kustomizations',
        KUSTOMIZATIONS,
        serves('kustomize.toolkit.fluxcd.io', 'kustomizations', ['v1beta2']),
        { kind: 'Kustomization', namespace: 'flux-system', name: 'storage' },
      ],
      [
        'GitRepositories',
        GIT_REPOSITORIES,
        serves('source.toolkit.fluxcd.io', 'gitrepositories', ['v1beta2']),
        { kind: 'GitRepository', namespace: 'flux-system', name: 'gitops' },
      ],
    ])('names the versions of %s', async (_, path, discovery, object) => {
      without(path);
      Object.assign(answers, discovery);
      const { tenants, problems } = await read();
      expect(tenants).toMatchObject([
        {
          ref: 'atlas/storage/apps',
          obstacle: {
            code: 'version-unsupported',
            object,
            neededVersion: 'v1',
            servedVersions: ['v1beta2'],
          },
        },
      ]);
      expect(tenants[0].place).toBeUndefined();
      expect(problems).toEqual([]);
    });

    it('does without Flux where nothing is applied by it', async () => {
      without(KUSTOMIZATIONS);
      without(GIT_REPOSITORIES);
      answers[TENANTS] = {
        items: [{ ...tenant, metadata: { ...tenant.metadata, labels: null } }],
      };
      await expect(read()).resolves.toMatchObject({
        tenants: [{ obstacle: { code: 'not-tracked' } }],
        problems: [],
      });
    });

    it('asks nothing more where all is served', async () => {
      await read();
      expect(asked.sort()).toEqual(
        [
          TENANTS,
          RECORDS,
          KUSTOMIZATIONS,
          GIT_REPOSITORIES,
          '/openapi/v3',
        ].sort(),
      );
    });
  });

  describe('with Argo CD', () => {
    const application = (destination: object) => ({
      metadata: { name: 'storage', namespace: 'argocd' },
      spec: {
        project: 'default',
        destination,
        source: {
          repoURL: 'https://git.acme.org/acme/atlas.git',
          targetRevision: 'main',
          path: 'storage',
        },
      },
      status: { sync: { status: 'Synced', revision: 'a'.repeat(40) } },
    });

    beforeEach(() => {
      without(KUSTOMIZATIONS);
      without(GIT_REPOSITORIES);
      answers[TENANTS] = {
        items: [
          {
            ...tenant,
            metadata: {
              name: 'apps',
              namespace: 'storage',
              annotations: {
                'argocd.argoproj.io/tracking-id':
                  'storage:rustfs.com/Tenant:storage/apps',
              },
            },
          },
        ],
      };
      answers[APPLICATIONS] = {
        items: [application({ server: 'https://kubernetes.default.svc' })],
      };
    });

    it('is read once something is applied by it, and then it alone', async () => {
      const source = createSource();
      await source.read();
      asked = [];
      const { tenants, problems } = await source.read();
      expect(problems).toEqual([]);
      expect(tenants[0].place?.link).toMatchObject({
        object: { kind: 'Application', namespace: 'argocd', name: 'storage' },
        folder: 'storage',
      });
      expect(asked.sort()).toEqual(
        [TENANTS, RECORDS, APPLICATIONS, '/openapi/v3'].sort(),
      );
    });

    it('says what right is missing where it may not be listed', async () => {
      answers[APPLICATIONS] = 403;
      const { tenants, problems } = await read();
      expect(tenants[0].place).toBeUndefined();
      expect(problems).toEqual([
        expect.objectContaining({
          code: 'gitops-unreadable',
          part: 'atlas',
          message: expect.stringContaining('list applications'),
        }),
      ]);
    });

    it.each([
      [{ name: 'atlas' }, true],
      [{ name: 'atlas-eu' }, true],
      [{ server: 'https://atlas.acme.org:6443' }, true],
      [{ name: 'other' }, false],
      // That is the hub itself.
      [{ server: 'https://kubernetes.default.svc' }, false],
    ])('applies from a hub into %j: %s', async (destination, isHere) => {
      answers[APPLICATIONS] = { items: [application(destination)] };
      const { tenants } = await read(undefined, {
        destinations: ['atlas-eu', 'https://atlas.acme.org:6443/'],
      });
      expect(tenants[0].place?.link?.folder).toBe(
        isHere ? 'storage' : undefined,
      );
      expect(tenants[0].obstacle?.code).toBe(
        isHere ? undefined : 'destination-elsewhere',
      );
    });
  });

  describe('what an entry of a Tenant can say', () => {
    const DOCUMENT = '/openapi/v3/apis/rustfs.com/v1alpha1';
    const publish = (fields: Record<string, object>, hash: string) => {
      answers['/openapi/v3'] = {
        paths: {
          'api/v1': { serverRelativeURL: '/openapi/v3/api/v1?hash=0' },
          'apis/rustfs.com/v1alpha1': {
            serverRelativeURL: `${DOCUMENT}?hash=${hash}`,
          },
        },
      };
      const tenantOf = (kind: string, properties: object) => ({
        type: 'object',
        properties: {
          spec: {
            type: 'object',
            properties: {
              buckets: { type: 'array', items: { type: 'object', properties } },
            },
          },
        },
        'x-kubernetes-group-version-kind': [
          { group: 'rustfs.com', version: 'v1alpha1', kind },
        ],
      });
      answers[DOCUMENT] = {
        components: {
          schemas: {
            'com.rustfs.v1alpha1.Other': tenantOf('Other', {}),
            'com.rustfs.v1alpha1.Tenant': tenantOf('Tenant', fields),
          },
        },
      };
    };
    const asksOf = (path: string) => asked.filter(each => each === path).length;

    it('is learned from the kind that the cluster serves, and again when that has changed', async () => {
      const source = createSource();
      const readFields = async () =>
        (await source.read()).tenants[0].entryFields;
      publish(
        {
          name: { type: 'string' },
          objectLock: { type: 'boolean', nullable: true },
        },
        'a',
      );
      await expect(readFields()).resolves.toEqual({
        name: 'string',
        objectLock: 'boolean',
      });
      await readFields();
      expect([asksOf('/openapi/v3'), asksOf(DOCUMENT)]).toEqual([2, 1]);

      publish({ name: { type: 'string' }, versioning: {} }, 'b');
      await expect(readFields()).resolves.toEqual({
        name: 'string',
        versioning: 'unknown',
      });
      expect(asksOf(DOCUMENT)).toBe(2);
    });

    it.each<[string, () => void]>([
      ['does not say', () => {}],
      [
        'refuses to say',
        () => {
          answers['/openapi/v3'] = 403;
        },
      ],
      [
        'says something else',
        () => {
          publish({}, 'a');
          answers[DOCUMENT] = { components: [] };
        },
      ],
      [
        'sends it elsewhere',
        () => {
          answers['/openapi/v3'] = {
            paths: {
              'apis/rustfs.com/v1alpha1': {
                serverRelativeURL: 'http://elsewhere.example/',
              },
            },
          };
        },
      ],
    ])(
      'is not known where the cluster %s, and nothing fails',
      async (_, set) => {
        set();
        const { problems, tenants } = await read();
        expect(problems).toEqual([]);
        expect(tenants).toHaveLength(1);
        expect(tenants[0].entryFields).toBeUndefined();
      },
    );

    it('is not asked for where there is no such Tenant', async () => {
      answers[TENANTS] = { items: [] };
      await read();
      expect(asksOf('/openapi/v3')).toBe(0);
    });

    it('is what an entry says, and another type makes no Tenant unreadable', async () => {
      answers[TENANTS] = {
        items: [
          {
            ...tenant,
            spec: {
              buckets: [
                { name: 'harbor', versioning: true },
                { name: 'loki', versioning: 'Enabled' },
              ],
            },
          },
        ],
      };
      const { problems, tenants } = await read();
      expect(problems).toEqual([]);
      expect(tenants[0].items).toMatchObject([
        { name: 'harbor', versioning: true },
        { name: 'loki', versioning: undefined },
      ]);
    });
  });

  describe('null', () => {
    it('is as absent in a Tenant, wherever its schema allows it', async () => {
      const condition = {
        type: 'Ready',
        status: 'True',
        reason: 'ReconcileSucceeded',
        message: '',
      };
      const item = { name: 'harbor', state: 'Ready', reason: 'x' };
      answers[TENANTS] = {
        items: [
          {
            ...tenant,
            spec: {
              image: null,
              credsSecret: null,
              buckets: [{ name: 'harbor', objectLock: null, region: null }],
            },
            status: {
              currentState: 'Ready',
              observedGeneration: null,
              conditions: [
                {
                  ...condition,
                  lastTransitionTime: null,
                  observedGeneration: null,
                },
              ],
              provisioning: {
                phase: null,
                observedGeneration: null,
                buckets: [{ ...item, message: null, lastTransitionTime: null }],
              },
            },
          },
          {
            metadata: { ...tenant.metadata, name: 'fresh' },
            spec: { buckets: null },
            status: null,
          },
        ],
      };
      const { tenants, problems } = await read();
      expect(problems).toEqual([]);
      expect(tenants).toMatchObject([
        {
          condition: { state: 'ready' },
          items: [
            {
              type: 'bucket',
              name: 'harbor',
              listed: true,
              objectLock: false,
              verdict: { state: 'ready' },
            },
          ],
        },
        {
          ref: 'atlas/storage/fresh',
          condition: { state: 'reconciling' },
          items: [],
        },
      ]);
      // Absent is not null, whatever it is kept in.
      expect(JSON.stringify(tenants)).not.toContain('null');
    });

    it('is as absent in objects of Flux and in records', async () => {
      answers[KUSTOMIZATIONS] = {
        items: [
          {
            ...kustomization,
            spec: {
              ...kustomization.spec,
              suspend: null,
              patches: null,
              postBuild: { substitute: null },
              targetNamespace: null,
            },
            status: { conditions: null, lastAppliedRevision: null },
          },
        ],
      };
      answers[GIT_REPOSITORIES] = {
        items: [
          {
            ...gitRepository,
            spec: {
              ...gitRepository.spec,
              ref: { branch: 'main', tag: null, commit: null },
              include: null,
            },
            status: { artifact: null },
          },
        ],
      };
      answers[RECORDS] = {
        items: [
          {
            metadata: {
              name: 'bucket.apps.harbor',
              namespace: 'storage',
              labels: { 'rustfs-portal/tenant': 'apps' },
              annotations: null,
            },
            data: { bucket: 'harbor', owner: null, quota: null },
          },
        ],
      };
      await expect(read()).resolves.toMatchObject({
        tenants: [
          {
            place: { link: { branch: 'main', folder: 'storage' } },
            records: [{ bucket: 'harbor' }],
          },
        ],
        problems: [],
      });
    });
  });

  describe('access records', () => {
    const data = {
      access: 'harbor-writer',
      owner: 'Platform',
      entity: 'Component:default/Harbor',
      purpose: 'Images',
      buckets: 'harbor, harbor-charts',
      mode: 'read-write',
      policy: 'access-harbor-writer',
      accessKeyId: 'harbor-key',
      consumer: 'atlas/harbor/harbor-s3',
      form: 'harbor',
      createdAt: '2026-11-20T10:00:00.000Z',
    };
    function accessRecord(name: string, content: object) {
      return {
        metadata: {
          name,
          namespace: 'storage',
          labels: {
            'rustfs-portal/record': 'access',
            'rustfs-portal/tenant': 'apps',
          },
          annotations: { 'rustfs-portal/request': 'r1' },
        },
        data: content,
      };
    }
    const bucketRecord = {
      metadata: {
        name: 'bucket.apps.harbor',
        namespace: 'storage',
        labels: {
          'rustfs-portal/record': 'bucket',
          'rustfs-portal/tenant': 'apps',
        },
      },
      data: { bucket: 'harbor' },
    };

    it('come with the bucket records in one call', async () => {
      answers[RECORDS] = {
        items: [
          bucketRecord,
          accessRecord('access.apps.harbor-writer', {
            ...data,
            pattern: null,
            revokedAt: null,
          }),
        ],
      };
      const { tenants, problems } = await read();
      expect(problems).toEqual([]);
      expect(tenants).toMatchObject([
        {
          records: [{ bucket: 'harbor' }],
          accesses: [
            {
              access: 'harbor-writer',
              // As the catalog writes refs, however a person has written them.
              owner: 'group:default/platform',
              entity: 'component:default/harbor',
              scope: { type: 'buckets', buckets: ['harbor', 'harbor-charts'] },
              consumer: { namespace: 'harbor', secret: 'harbor-s3' },
              state: 'active',
              request: 'r1',
            },
          ],
          unreadAccesses: [],
        },
      ]);
      expect(asked.filter(path => path === RECORDS)).toHaveLength(1);
      expect(queries).toContain(
        `?labelSelector=${encodeURIComponent(
          'rustfs-portal/record in (bucket,access,status)',
        )}`,
      );
    });

    it('that cannot be read are named, and do not take the others with them', async () => {
      answers[RECORDS] = {
        items: [
          accessRecord('access.apps.broken', {
            ...data,
            access: 'broken',
            mode: 7,
          }),
          accessRecord('access.apps.of-nobody', {
            ...data,
            access: 'of-nobody',
            owner: '::',
          }),
          accessRecord('access.apps.empty', null as unknown as object),
          accessRecord('one', { ...data, access: 'twice' }),
          accessRecord('two', { ...data, access: 'twice' }),
          accessRecord('access.apps.harbor-writer', data),
          bucketRecord,
        ],
      };
      const { tenants, problems } = await read();
      expect(tenants[0].accesses.map(({ access }) => access)).toEqual([
        'harbor-writer',
      ]);
      expect(tenants[0].unreadAccesses).toEqual([
        'broken',
        'of-nobody',
        'twice',
      ]);
      expect(tenants[0].records).toHaveLength(1);
      expect(tenants[0].unreadRecords).toEqual([]);
      expect(problems.map(({ code, message }) => [code, message])).toEqual([
        [
          'object-unreadable',
          expect.stringMatching(/^An access record access\.apps\.broken in/),
        ],
        ['object-unreadable', expect.stringContaining('access.apps.of-nobody')],
        ['object-unreadable', expect.stringContaining('access.apps.empty')],
        [
          'object-unreadable',
          'Access twice of tenant atlas/storage/apps has more than one access record: one, two',
        ],
      ]);
    });

    it('come with what the Tenant lists and the operator says of users and policies', async () => {
      const item = {
        name: 'access-harbor-writer',
        state: 'Failed',
        reason: 'UserSecretInvalid',
        message: "user Secret 'x' was not found",
      };
      answers[TENANTS] = {
        items: [
          {
            ...tenant,
            spec: {
              ...tenant.spec,
              policies: [{ name: 'access-harbor-writer', document: {} }],
              users: [
                {
                  name: 'access-harbor-writer',
                  credsSecret: { name: 'x' },
                  policies: ['access-harbor-writer'],
                },
                { name: 'bare', policies: null },
              ],
            },
            status: { provisioning: { policies: null, users: [item] } },
          },
        ],
      };
      const { tenants } = await read();
      expect(tenants[0]).toMatchObject({
        items: [
          { type: 'bucket', name: 'harbor' },
          {
            type: 'access',
            name: 'harbor-writer',
            listed: true,
            policies: ['access-harbor-writer'],
            verdict: {
              state: 'failed',
              reason: 'UserSecretInvalid',
              message: "user Secret 'x' was not found",
            },
          },
        ],
        // Those that are nobody's access take their place, too.
        limits: {
          buckets: { declared: 1 },
          users: { declared: 2, limit: 256 },
          policies: { declared: 1, limit: 256 },
        },
      });
    });
  });

  it('reads the others where one object is not as it should be', async () => {
    answers[TENANTS] = {
      items: [
        { metadata: { name: 'broken', namespace: 'storage' }, spec: null },
        {
          metadata: { name: 'odd', namespace: 'storage' },
          spec: { buckets: 7 },
        },
        'nonsense',
        null,
        tenant,
      ],
    };
    answers[KUSTOMIZATIONS] = { items: [{ spec: 7 }, null, kustomization] };
    const { tenants, problems } = await read();
    expect(tenants.map(({ ref }) => ref)).toEqual(['atlas/storage/apps']);
    expect(tenants[0].place?.link).toBeDefined();
    expect(problems.map(({ code, message }) => [code, message])).toEqual([
      ['object-unreadable', expect.stringContaining('Tenant broken')],
      ['object-unreadable', expect.stringContaining('Tenant odd')],
      ['object-unreadable', expect.stringContaining('A Tenant in')],
      ['object-unreadable', expect.stringContaining('A Tenant in')],
    ]);
  });

  it('says of a tenant, and of nobody else, that its Kustomization cannot be read', async () => {
    answers[TENANTS] = {
      items: [
        tenant,
        { metadata: { name: 'other', namespace: 'storage' }, spec: {} },
      ],
    };
    answers[KUSTOMIZATIONS] = {
      items: [{ ...kustomization, spec: { path: 7 } }],
    };
    await expect(read()).resolves.toMatchObject({
      tenants: [
        {
          obstacle: {
            code: 'object-unreadable',
            object: {
              kind: 'Kustomization',
              namespace: 'flux-system',
              name: 'storage',
            },
          },
        },
        { obstacle: { code: 'not-tracked' } },
      ],
      problems: [],
    });
  });

  it('keeps no annotation but those that say what applies an object', async () => {
    answers[TENANTS] = {
      items: [
        {
          ...tenant,
          metadata: {
            ...tenant.metadata,
            annotations: {
              'kubectl.kubernetes.io/last-applied-configuration': 'hunter2',
              'argocd.argoproj.io/tracking-id':
                'storage:rustfs.com/Tenant:storage/apps',
            },
          },
        },
      ],
    };
    const { tenants } = await read();
    expect(JSON.stringify(tenants)).not.toContain('hunter2');
  });

  describe('tenants without the RustFS operator', () => {
    const WORKLOADS = '/apis/apps/v1/namespaces/objects';
    const SERVICES = '/api/v1/namespaces/objects/services';
    const HELM_RELEASES = '/apis/helm.toolkit.fluxcd.io/v2/helmreleases';
    const MINIO_TENANTS = '/apis/minio.min.io/v2/tenants';
    const found = {
      unmanaged: { workload: 'find' as const },
      setupNamespace: 'objects-rustfs-setup',
    };

    const deployment = {
      metadata: {
        name: 'rustfs',
        namespace: 'objects',
        labels: {
          'helm.toolkit.fluxcd.io/name': 'rustfs',
          'helm.toolkit.fluxcd.io/namespace': 'objects',
        },
      },
      spec: {
        template: {
          metadata: { labels: { app: 'rustfs' } },
          spec: {
            containers: [
              {
                image: 'rustfs/rustfs:1.0.1',
                env: [{ name: 'RUSTFS_SECRET_KEY', value: 'hunter2' }],
              },
            ],
          },
        },
      },
      status: { readyReplicas: 1, updatedReplicas: 1 },
    };
    const service = {
      metadata: { name: 'rustfs-svc', namespace: 'objects' },
      spec: {
        selector: { app: 'rustfs' },
        ports: [{ name: 'endpoint', port: 9000 }],
      },
    };
    const helmRelease = {
      metadata: { name: 'rustfs', namespace: 'objects', generation: 1 },
      spec: { values: { secretKey: 'hunter2' } },
      status: {
        history: [{ chartName: 'rustfs', chartVersion: '1.0.1' }],
        conditions: [{ type: 'Ready', status: 'True', message: 'installed' }],
      },
    };
    const setupStatus = {
      metadata: {
        name: 'rustfs-setup-rustfs',
        namespace: 'objects-rustfs-setup',
        labels: {
          'rustfs-portal/record': 'status',
          'rustfs-portal/tenant': 'rustfs',
          'kustomize.toolkit.fluxcd.io/name': 'storage',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      },
      data: null,
    };

    beforeEach(() => {
      without(TENANTS);
      Object.assign(answers, {
        [`${WORKLOADS}/deployments`]: { items: [deployment] },
        [`${WORKLOADS}/statefulsets`]: { items: [] },
        [SERVICES]: { items: [service] },
        [HELM_RELEASES]: { items: [helmRelease] },
      });
    });

    it('are found in a cluster that has never heard of it', async () => {
      answers[RECORDS] = { items: [setupStatus] };
      const { tenants, problems } = await read(undefined, {
        configured: [found],
      });
      expect(problems).toEqual([]);
      expect(tenants).toEqual([
        expect.objectContaining({
          ref: 'atlas/objects/rustfs',
          workload: {
            kind: 'Deployment',
            namespace: 'objects',
            name: 'rustfs',
          },
          condition: { state: 'ready' },
          endpoints: { inCluster: 'http://rustfs-svc.objects.svc:9000' },
          layout: 'setup-folder',
          place: expect.objectContaining({
            link: expect.objectContaining({ folder: 'storage' }),
          }),
          installedBy: {
            kind: 'HelmRelease',
            namespace: 'objects',
            name: 'rustfs',
            chart: 'rustfs',
            version: '1.0.1',
            state: 'ready',
            words: 'installed',
          },
        }),
      ]);
      expect(JSON.stringify(tenants)).not.toContain('hunter2');
      // One list of each kind, and what tells that there is no operator.
      expect(
        asked.filter(path => !/^\/apis(\/rustfs\.com.*)?$/.test(path)).sort(),
      ).toEqual(
        [
          RECORDS,
          KUSTOMIZATIONS,
          GIT_REPOSITORIES,
          `${WORKLOADS}/deployments`,
          `${WORKLOADS}/statefulsets`,
          SERVICES,
          HELM_RELEASES,
        ].sort(),
      );
    });

    it('are only servers where the configuration says so', async () => {
      const { tenants, problems } = await read(undefined, {
        configured: [
          {
            ...found,
            unmanaged: { workload: 'none' },
            endpoints: { external: 'https://s3.acme.org' },
          },
        ],
      });
      expect(problems).toEqual([]);
      expect(tenants).toMatchObject([
        {
          ref: 'atlas/objects/rustfs',
          endpoints: { external: 'https://s3.acme.org' },
          obstacle: {
            code: 'setup-missing',
            namespace: 'objects-rustfs-setup',
          },
        },
      ]);
      expect(tenants[0].workload ?? tenants[0].condition).toBeUndefined();
      expect(asked.some(path => path.includes('/objects/'))).toBe(false);
    });

    it.each<[string, object, RegExp]>([
      ['is not there', { items: [] }, /has no Deployment or StatefulSet that/],
      [
        'cannot be told',
        {
          items: [
            deployment,
            {
              ...deployment,
              metadata: { ...deployment.metadata, name: 'second' },
            },
          ],
        },
        /more than one .*: Deployment rustfs, Deployment second/,
      ],
    ])('are there though their workload %s', async (_, list, words) => {
      answers[`${WORKLOADS}/deployments`] = list;
      const { tenants, problems } = await read(undefined, {
        configured: [found],
      });
      expect(tenants).toMatchObject([{ ref: 'atlas/objects/rustfs' }]);
      expect(problems).toEqual([
        expect.objectContaining({
          code: 'workload-unclear',
          part: 'atlas/objects/rustfs',
          message: expect.stringMatching(words),
        }),
      ]);
    });

    it.each([
      [`${WORKLOADS}/statefulsets`, 'source-unreadable', /list statefulsets/],
      [SERVICES, 'source-unreadable', /list services/],
      [HELM_RELEASES, 'gitops-unreadable', /list helmreleases/],
    ])(
      'are there though the portal may not see %s, which is said once',
      async (path, code, words) => {
        answers[path] = 403;
        const { tenants, problems } = await read(undefined, {
          configured: [found],
        });
        // The one that is seen may not be the only one.
        const isSeen = !path.endsWith('/statefulsets');
        expect(
          tenants.map(({ ref, workload }) => [ref, workload?.name]),
        ).toEqual([['atlas/objects/rustfs', isSeen ? 'rustfs' : undefined]]);
        expect(problems).toEqual([
          expect.objectContaining({
            code,
            part: 'atlas',
            message: expect.stringMatching(words),
          }),
        ]);
      },
    );

    it.each([
      ['Deployment', 'rustfs'],
      ['StatefulSet', undefined],
    ] as const)(
      'have their %s where the portal may see that kind alone',
      async (kind, name) => {
        answers[`${WORKLOADS}/statefulsets`] = 403;
        const { tenants, problems } = await read(undefined, {
          configured: [
            { ...found, unmanaged: { workload: { kind, name: 'rustfs' } } },
          ],
        });
        expect(tenants[0].workload?.name).toBe(name);
        expect(problems).toEqual([
          expect.objectContaining({ code: 'source-unreadable' }),
        ]);
      },
    );

    it('have no records in a namespace that nobody has claimed', async () => {
      answers[RECORDS] = { items: [setupStatus] };
      const { tenants } = await read(undefined, {
        configured: [{ ...found, setupNamespace: undefined }],
      });
      expect(tenants).toMatchObject([
        { obstacle: { code: 'setup-missing' }, records: [] },
      ]);
      expect(tenants[0].layout).toBeUndefined();
      expect(tenants[0].setup).toBeUndefined();
    });

    it('are no reason to do without the operator where others are its tenants', async () => {
      await expect(
        read(undefined, {
          configured: [found, { ref: 'atlas/storage/apps' }],
        }),
      ).rejects.toMatchObject({ problemCode: 'cluster-version' });
    });

    it('stand beside its Tenants, whose addresses can be added to', async () => {
      answers[TENANTS] = { items: [tenant] };
      const { tenants, problems } = await read(undefined, {
        configured: [
          found,
          {
            ref: 'atlas/storage/apps',
            endpoints: { external: 'https://s3.acme.org' },
          },
          { ref: 'atlas/storage/nowhere' },
        ],
      });
      expect(problems).toEqual([]);
      expect(tenants.map(({ ref, endpoints }) => [ref, endpoints])).toEqual([
        [
          'atlas/storage/apps',
          {
            inCluster: 'http://apps-io.storage.svc:9000',
            external: 'https://s3.acme.org',
          },
        ],
        [
          'atlas/objects/rustfs',
          { inCluster: 'http://rustfs-svc.objects.svc:9000' },
        ],
      ]);
    });

    it('cannot be one with a Tenant of the operator', async () => {
      answers[TENANTS] = { items: [tenant] };
      const { tenants, problems } = await read(undefined, {
        configured: [{ ...found, ref: 'atlas/storage/apps' }],
      });
      expect(tenants).toMatchObject([
        {
          workload: { kind: 'Tenant' },
          obstacle: { code: 'declared-twice' },
          records: [],
        },
      ]);
      expect(problems).toContainEqual(
        expect.objectContaining({
          code: 'tenant-conflict',
          part: 'atlas/storage/apps',
        }),
      );
    });

    it('are those of the MinIO operator, where it is asked for them', async () => {
      answers[MINIO_TENANTS] = {
        items: [
          {
            metadata: { name: 'media', namespace: 'minio' },
            spec: { users: [{ name: 'x' }] },
            status: { currentState: 'Initialized', healthStatus: 'yellow' },
          },
          {
            metadata: { name: 'fresh', namespace: 'fresh' },
            spec: { requestAutoCert: false },
            status: { currentState: 'Provisioning initial users' },
          },
        ],
      };
      const { tenants, problems } = await read(undefined, {
        sources: ['rustfs-operator', 'minio-operator'],
      });
      expect(problems).toEqual([]);
      expect(tenants).toMatchObject([
        {
          ref: 'atlas/minio/media',
          workload: { kind: 'MinIO Tenant', name: 'media' },
          condition: { state: 'degraded' },
          endpoints: { inCluster: 'https://minio.minio.svc' },
          items: [],
          obstacle: { code: 'setup-missing', namespace: 'minio-media-setup' },
        },
        {
          ref: 'atlas/fresh/fresh',
          condition: {
            state: 'reconciling',
            message: 'Provisioning initial users',
          },
          endpoints: { inCluster: 'http://minio.fresh.svc' },
        },
      ]);
    });

    it('say so when the MinIO operator is not there', async () => {
      answers[TENANTS] = { items: [tenant] };
      const { tenants, problems } = await read(undefined, {
        sources: ['rustfs-operator', 'minio-operator'],
      });
      expect(tenants).toHaveLength(1);
      expect(problems).toMatchObject([
        { code: 'source-unreadable', hint: expect.stringContaining('sources') },
      ]);
    });

    it('have records in a namespace that the cluster is not limited to', async () => {
      for (const path of ['storage', 'objects-rustfs-setup']) {
        answers[`/api/v1/namespaces/${path}/configmaps`] = {
          items: path === 'storage' ? [] : [setupStatus],
        };
      }
      const { tenants } = await read(['storage'], { configured: [found] });
      expect(tenants).toMatchObject([{ layout: 'setup-folder' }]);
    });
  });
});
