import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { ConfigReader } from '@backstage/config';
import { TenantSourceReading } from '@rustfs-portal/plugin-rustfs-node';
import { fluxObjectsOf } from '../gitops/flux/FluxObjects';
import {
  PORTAL_TOKEN,
  TestCluster,
  TestServer,
} from './__testUtils__/upstreams';
import { createInventory } from './createInventory';
import { Inventory } from './Inventory';

// Generous, for busy machines: what must be quick is compared with delays that are far longer.
const TIMEOUT_MS = 5_000;
const DELAY_MS = 60_000;
const SOON_MS = 25_000;

/** Without a record, names with this beginning are of team checkout. */
const CHECKOUT_NAMES = {
  owners: ['group:default/checkout'],
  namePattern: {
    regex: 'checkout-.+',
    description: 'begin with checkout-',
    example: 'checkout-invoices',
  },
};

const APPS = 'atlas/storage/apps';
const ARCHIVE = 'borealis/storage/archive';

function component(
  name: string,
  annotations?: Record<string, string>,
  owner = 'checkout',
): Entity {
  return {
    apiVersion: 'backstage.io/v1alpha1',
    kind: 'Component',
    metadata: { name, annotations },
    spec: { type: 'service', owner },
  };
}

describe('createInventory', () => {
  let atlas: TestCluster;
  let borealis: TestCluster;
  let apps: TestServer;
  let archive: TestServer;
  let inventory: Inventory;
  let requests: string[];

  /** Every test begins without anything in memory. */
  function start(data: object = {}) {
    requests = [];
    inventory = createInventory({
      config: new ConfigReader({
        rustfs: {
          clusters: [atlas.config, borealis.config],
          tenants: [apps.config(APPS), archive.config(ARCHIVE)],
          guardrails: [CHECKOUT_NAMES],
          connections: { timeout: { milliseconds: TIMEOUT_MS } },
          ...data,
        },
      }),
      logger: mockServices.logger.mock(),
      observeRequest: ({ upstream, path }) =>
        requests.push(`${upstream} ${path.split('?')[0]}`),
    });
    return inventory;
  }

  beforeAll(async () => {
    [atlas, borealis, apps, archive] = await Promise.all([
      TestCluster.start('atlas'),
      TestCluster.start('borealis'),
      TestServer.start(['checkout-invoices', 'media-uploads', 'old-stuff']),
      TestServer.start(['media-masters']),
    ]);
    await atlas.createFlux();
    await atlas.createTenant('apps', [
      'checkout-invoices',
      'checkout-lost',
      'media-uploads',
    ]);
    await atlas.createRecord('apps', {
      bucket: 'checkout-invoices',
      owner: 'group:default/checkout',
      entity: 'component:default/invoices',
      purpose: 'Invoices as PDF',
      dataClass: 'confidential',
      quota: '10Gi',
      versioning: 'off',
    });
    await atlas.createRecord('apps', {
      bucket: 'media-uploads',
      owner: 'Group:default/Media',
      entity: 'component:default/media-library',
    });
    await borealis.createTenant('archive', ['media-masters']);
  });

  afterAll(async () => {
    await Promise.all(
      [atlas, borealis, apps, archive].map(upstream => upstream?.stop()),
    );
  });

  beforeEach(() => {
    for (const upstream of [
      atlas.api,
      borealis.api,
      apps.server,
      archive.server,
    ]) {
      upstream.faults.set(undefined);
    }
    start();
  });

  it('shows tenants with the state of cluster and server', async () => {
    const { items, problems, freshness } = await inventory.listTenants();
    expect(items).toEqual([
      expect.objectContaining({
        ref: APPS,
        state: 'ready',
        endpoint: apps.server.endpoint,
        version: '1.0.1',
        drives: { online: 4, total: 4 },
        buckets: 3,
        source: {
          repository: 'https://git.acme.example/acme/atlas.git',
          branch: 'main',
          path: 'clusters/atlas/storage',
          appliedBy: 'Kustomization flux-system/storage',
          revision: 'a'.repeat(40),
        },
        freshness: 'live',
      }),
      expect.objectContaining({ ref: ARCHIVE, source: undefined }),
    ]);
    expect(problems).toEqual([]);
    expect(freshness).toBe('live');
  });

  it('shows what is declared beside what is live', async () => {
    const { items } = await inventory.listBuckets([APPS]);
    expect(items.map(({ name, state, owner }) => [name, state, owner])).toEqual(
      [
        ['checkout-invoices', 'ready', 'group:default/checkout'],
        ['checkout-lost', 'missing', undefined],
        ['media-uploads', 'ready', 'group:default/media'],
        ['old-stuff', 'undeclared', undefined],
      ],
    );
    expect(items[0]).toMatchObject({
      id: `${APPS}:checkout-invoices`,
      endpoint: apps.server.endpoint,
      entity: 'component:default/invoices',
      declared: {
        purpose: 'Invoices as PDF',
        quotaBytes: 10 * 2 ** 30,
        request: 'request-checkout-invoices',
      },
      live: { sizeBytes: 0, objects: 0 },
      drift: [{ field: 'quota', declared: '10Gi', live: 'none' }],
    });
  });

  describe('the buckets that somebody may know of', () => {
    const ofMedia = (bucket: { owner?: string }) =>
      bucket.owner?.toLowerCase() === 'group:default/media';
    const askedServers = () =>
      requests.filter(r => r.startsWith(APPS) || r.startsWith(ARCHIVE));

    it('are asked for where there can be some', async () => {
      const { items } = await inventory.listBuckets(undefined, {
        isWanted: ofMedia,
      });
      expect(items.map(({ name }) => name)).toContain('media-uploads');
      expect(items.every(({ tenant }) => tenant === APPS)).toBe(true);
      expect(requests.filter(r => r.startsWith(ARCHIVE))).toEqual([]);
    });

    it('are answered alike whether the server of a tenant without any is there, is slow, was there, or is none', async () => {
      const isWanted = ({ owner }: { owner?: string }) =>
        owner === 'group:default/nobody';
      const answer = async (tenant: string) => {
        const { asOf, ...list } = await inventory.listBuckets([tenant], {
          isWanted,
        });
        expect(Date.now() - Date.parse(asOf)).toBeLessThan(SOON_MS);
        return list;
      };
      const there = await answer(ARCHIVE);
      expect(there).toEqual({ items: [], problems: [], freshness: 'live' });
      // What a reader with more rights has seen before does not shine through either.
      await inventory.listBuckets();
      archive.server.faults.set({ mode: 'slow', delayMs: DELAY_MS });
      inventory.invalidate(ARCHIVE);
      requests.length = 0;
      await expect(answer(ARCHIVE)).resolves.toEqual(there);
      await expect(answer('borealis/storage/none')).resolves.toEqual(there);
      expect(askedServers()).toEqual([]);
    });

    it('may be any that nobody owns', async () => {
      const { items } = await inventory.listBuckets([ARCHIVE], {
        isWanted: ({ owner }) => owner === undefined,
      });
      expect(items.map(({ name }) => name)).toEqual(['media-masters']);
    });
  });

  it('costs the same number of calls whatever the number of callers', async () => {
    await Promise.all([
      inventory.listBuckets(),
      inventory.listBuckets(),
      inventory.listTenants(),
      inventory.describeEntity(component('invoices')),
    ]);
    // Six for each cluster, two for each tenant.
    expect(requests).toHaveLength(16);
    expect(new Set(requests).size).toBe(16);
  });

  it('links an entity to buckets by annotation and by records', async () => {
    const storage = await inventory.describeEntity(
      component('invoices', {
        'rustfs.com/tenant': APPS,
        'rustfs.com/buckets': 'checkout-lost',
      }),
    );
    expect(storage).toMatchObject({
      entityRef: 'component:default/invoices',
      annotated: true,
      suggestedAnnotations: undefined,
      tenants: [expect.objectContaining({ ref: APPS })],
      problems: [],
    });
    expect(storage.buckets.map(({ name }) => name)).toEqual([
      'checkout-lost',
      'checkout-invoices',
    ]);
    // Of the servers, only the one that matters was asked.
    expect(requests.filter(r => r.startsWith('borealis/'))).toEqual([]);
  });

  it('tells of a tenant that an entity names what its users need, and nothing of what others have there', async () => {
    const { tenants } = await inventory.describeEntity(
      component('checkout-api', { 'rustfs.com/tenant': APPS }),
    );
    expect(tenants).toEqual([
      {
        ref: APPS,
        state: 'ready',
        reason: undefined,
        endpoint: apps.server.endpoint,
        asOf: expect.any(String),
        freshness: 'live',
        problems: [],
      },
    ]);
  });

  it('keeps nothing of what clusters say that may hold a secret', async () => {
    const { facts } = await inventory.observeTenant(APPS);
    const gitRepository = fluxObjectsOf(facts?.place)?.gitRepository;
    expect(facts?.place?.link?.repository).toBe(
      'https://git.acme.example/acme/atlas.git',
    );
    expect(gitRepository?.spec.url).toBe(
      'https://git.acme.example/acme/atlas.git',
    );
    expect(gitRepository?.status?.conditions[0].message).toBe(
      "failed to checkout: unable to clone 'https://git.acme.example/acme/atlas.git': timed out",
    );
    expect(JSON.stringify(facts)).not.toMatch(/hunter2|to@ken/);
  });

  it('finds buckets by records alone', async () => {
    const storage = await inventory.describeEntity(component('invoices'));
    expect(storage.annotated).toBe(true);
    expect(storage.buckets.map(({ name }) => name)).toEqual([
      'checkout-invoices',
    ]);
  });

  describe('what an entity names and is not its own', () => {
    const named = (buckets: string, tenant: string = APPS) =>
      component('checkout-api', {
        'rustfs.com/tenant': tenant,
        'rustfs.com/buckets': buckets,
      });
    /** The answer without what the entity itself has written. */
    const answerTo = async (entity: Entity, ...written: string[]) => {
      const { asOf, ...storage } = await inventory.describeEntity(entity);
      return written.reduce(
        (text, word) => text.replaceAll(word, '…'),
        JSON.stringify(storage).replaceAll(/"asOf":"[^"]*"/g, ''),
      );
    };

    it('is answered alike whether it is of others, of nobody, or not there', async () => {
      const ofOthers = await answerTo(named('media-uploads'), 'media-uploads');
      const ofNobody = await answerTo(named('old-stuff'), 'old-stuff');
      const absent = await answerTo(named('no-such-one'), 'no-such-one');
      expect(ofOthers).toContain('bucket-not-shown');
      expect(ofOthers).not.toContain('group:default/media');
      expect(ofNobody).toBe(ofOthers);
      expect(absent).toBe(ofOthers);
    });

    it('is answered alike whether the tenant is there, is away, or is none', async () => {
      const there = await answerTo(named('x-1', ARCHIVE), ARCHIVE);
      expect(there).toContain('bucket-not-shown');
      archive.server.faults.set({ mode: 'down' });
      start();
      const away = await answerTo(named('x-1', ARCHIVE), ARCHIVE);
      const none = 'borealis/storage/none';
      expect(away).toBe(there);
      expect(await answerTo(named('x-1', none), none)).toBe(there);
      // Nor can it be told from how long the answer takes.
      expect(requests.filter(r => r.startsWith(ARCHIVE))).toEqual([]);
      expect(requests.filter(r => r.startsWith(APPS))).toEqual([]);
    });

    it('is told to the platform team as it is', async () => {
      archive.server.faults.set({ mode: 'down' });
      const { tenants, problems } = await inventory.describeEntity(
        component('checkout-api', { 'rustfs.com/tenant': ARCHIVE }),
        'platform',
      );
      expect(tenants).toMatchObject([{ ref: ARCHIVE, state: 'unreachable' }]);
      expect(problems).toEqual([
        expect.objectContaining({
          code: 'tenant-unreachable',
          message: expect.stringContaining('closed the connection'),
        }),
      ]);
    });
  });

  it('tells a team that its tenant is away, without addresses and causes', async () => {
    apps.server.faults.set({ mode: 'down' });
    start({
      clusters: [atlas.config, { ...borealis.config, token: 'outdated-token' }],
    });
    const storage = await inventory.describeEntity(component('invoices'));
    expect(storage.tenants).toMatchObject([
      { ref: APPS, state: 'unreachable' },
    ]);
    expect(storage.problems).toEqual([
      expect.objectContaining({ code: 'tenant-unreachable', part: APPS }),
      // That another cluster may have something, not which and why.
      expect.objectContaining({ code: 'list-incomplete' }),
    ]);
    expect(
      JSON.stringify({ ...storage, tenants: [], buckets: [] }),
    ).not.toMatch(/127\.0\.0\.1|borealis|credentials|connection/);
    expect(JSON.stringify(storage.buckets)).not.toContain('closed the');
  });

  it('tells an entity nothing of clusters that it has nothing to do with', async () => {
    await inventory.describeEntity(component('invoices'));
    borealis.api.faults.set({ down: true });
    inventory.invalidate(ARCHIVE);
    const storage = await inventory.describeEntity(component('invoices'));
    expect(storage).toMatchObject({ problems: [], freshness: 'live' });
  });

  it('suggests annotations to an entity without, from what is declared', async () => {
    const storage = await inventory.describeEntity(component('checkout'));
    expect(storage).toMatchObject({
      annotated: false,
      tenants: [],
      buckets: [],
      suggestedAnnotations: {
        'rustfs.com/tenant': APPS,
        'rustfs.com/buckets': 'checkout-invoices,checkout-lost',
      },
    });
    // Servers are not asked for a suggestion.
    expect(requests).toHaveLength(12);
  });

  it.each([
    [{ 'rustfs.com/tenant': 'apps' }, 'annotation-invalid', 'catalog'],
    [
      { 'rustfs.com/tenant': 'atlas/storage/nowhere' },
      'tenant-not-shown',
      'atlas/storage/nowhere',
    ],
  ])('names what is wrong with %j', async (annotations, code, part) => {
    const storage = await inventory.describeEntity(
      component('checkout-api', annotations),
    );
    expect(storage.annotated).toBe(true);
    expect(storage.problems).toEqual([
      expect.objectContaining({ code, part, hint: expect.any(String) }),
    ]);
  });

  it('names a server that is away, and does not let the others wait', async () => {
    archive.server.faults.set({ mode: 'slow', delayMs: DELAY_MS });
    const started = Date.now();
    const { items, problems, freshness } = await inventory.listBuckets();
    expect(Date.now() - started).toBeLessThan(SOON_MS);
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'tenant-unreachable',
        part: ARCHIVE,
        message: expect.stringContaining('nothing came within 5 s'),
      }),
    ]);
    // Nothing old is shown: of this server nothing was ever known.
    expect(freshness).toBe('live');
    expect(items.find(({ tenant }) => tenant === ARCHIVE)).toMatchObject({
      name: 'media-masters',
      state: 'unknown',
      reason: 'ServerUnreachable',
      live: undefined,
      freshness: 'live',
    });
    expect(items.find(({ tenant }) => tenant === APPS)).toMatchObject({
      state: 'ready',
      freshness: 'live',
    });
    expect(await inventory.getTenant(ARCHIVE)).toMatchObject({
      state: 'unreachable',
      buckets: undefined,
      objects: undefined,
    });
  });

  it('shows the last good values of a server that went away, with their time', async () => {
    const before = await inventory.listBuckets([ARCHIVE]);
    archive.server.faults.set({ mode: 'down' });
    inventory.invalidate(ARCHIVE);
    const after = await inventory.listBuckets([ARCHIVE]);
    expect(after.items[0]).toMatchObject({
      state: 'unknown',
      live: before.items[0].live,
      freshness: 'stale',
    });
    expect(after.items[0].asOf <= after.problems[0].message.slice(-24)).toBe(
      true,
    );
    expect(after.problems).toEqual([
      expect.objectContaining({
        code: 'tenant-unreachable',
        message: expect.stringMatching(
          /closed the connection; what is shown is as of 20/,
        ),
      }),
    ]);
  });

  it('names a cluster that is away, and still shows what servers have', async () => {
    atlas.api.faults.set({ delayMs: DELAY_MS });
    const started = Date.now();
    const { items, problems } = await inventory.listBuckets();
    expect(Date.now() - started).toBeLessThan(SOON_MS);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'cluster-unreachable', part: 'atlas' }),
    ]);
    expect(items.filter(({ tenant }) => tenant === APPS)).toEqual(
      ['checkout-invoices', 'media-uploads', 'old-stuff'].map(name =>
        expect.objectContaining({ name, state: 'unknown', owner: undefined }),
      ),
    );
    expect(items.find(({ tenant }) => tenant === ARCHIVE)?.state).toBe('ready');
    expect(await inventory.observeTenant(APPS)).toEqual({
      ref: APPS,
      problems: [expect.objectContaining({ code: 'cluster-unreachable' })],
    });
  });

  it('does not call a tenant absent while its cluster is away', async () => {
    atlas.api.faults.set({ down: true });
    start({ tenants: [] });
    expect(await inventory.getTenant(APPS)).toMatchObject({
      state: 'unknown',
      reason: 'ClusterUnreachable',
      problems: expect.arrayContaining([
        expect.objectContaining({ code: 'cluster-unreachable' }),
      ]),
    });
    const { problems } = await inventory.describeEntity(
      component('invoices', { 'rustfs.com/tenant': APPS }),
    );
    expect(problems.map(({ code }) => code)).toEqual(['cluster-unreachable']);
    expect(JSON.stringify(problems)).not.toContain('127.0.0.1');

    expect(await inventory.getTenant('borealis/storage/nowhere')).toBe(
      undefined,
    );
    expect(await inventory.getTenant('cirrus/storage/apps')).toBe(undefined);
  });

  it('does not open a bucket while its cluster has not said whose it is', async () => {
    atlas.api.faults.set({ down: true });
    const storage = await inventory.describeEntity(
      component('checkout-api', {
        'rustfs.com/tenant': APPS,
        'rustfs.com/buckets': 'media-uploads',
      }),
    );
    expect(storage.buckets).toEqual([]);
    expect(storage.problems.map(({ code, part }) => [code, part])).toEqual([
      ['bucket-owner-unknown', APPS],
      ['cluster-unreachable', 'atlas'],
    ]);
  });

  it('does not take an address that knows nothing for a cluster without tenants', async () => {
    const elsewhere = createServer((_, res) => res.writeHead(404).end('{}'));
    await new Promise<void>(resolve => {
      elsewhere.listen(0, '127.0.0.1', resolve);
    });
    try {
      const { port } = elsewhere.address() as AddressInfo;
      start({
        clusters: [{ ...atlas.config, url: `http://127.0.0.1:${port}` }],
        tenants: [],
      });
      const { problems } = await inventory.listTenants();
      expect(problems).toEqual([
        expect.objectContaining({
          code: 'cluster-unreachable',
          part: 'atlas',
          message: expect.stringContaining('status 404'),
        }),
      ]);
    } finally {
      await new Promise(resolve => {
        elsewhere.close(resolve);
      });
    }
  });

  it('does not wait for a plugin that never comes up with credentials', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
    const kubeconfig = join(folder, 'config');
    const pid = join(folder, 'pid');
    const seconds = DELAY_MS / 1000;
    await writeFile(
      kubeconfig,
      JSON.stringify({
        clusters: [{ name: 'a', cluster: { server: atlas.api.url } }],
        users: [
          {
            name: 'portal',
            user: {
              exec: {
                apiVersion: 'client.authentication.k8s.io/v1',
                command: 'sh',
                args: ['-c', `echo $$ > '${pid}'; exec sleep ${seconds}`],
              },
            },
          },
        ],
        contexts: [{ name: 'a', context: { cluster: 'a', user: 'portal' } }],
        'current-context': 'a',
      }),
    );
    try {
      start({ clusters: [{ name: 'atlas', kubeconfig }], tenants: [] });
      const started = Date.now();
      const { problems } = await inventory.listTenants();
      expect(Date.now() - started).toBeLessThan(SOON_MS);
      expect(problems).toEqual([
        expect.objectContaining({
          code: 'cluster-unreachable',
          message: expect.stringContaining('nothing came within 5 s'),
        }),
      ]);
    } finally {
      process.kill(Number(await readFile(pid, 'utf8')));
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('says in the log why a source cannot be read, once', async () => {
    const logger = mockServices.logger.mock();
    const source = {
      cluster: 'cirrus',
      read: jest.fn(async (): Promise<TenantSourceReading> => {
        throw new Error('the moon is in the way');
      }),
    };
    inventory = createInventory({
      config: new ConfigReader({}),
      logger,
      sources: [source],
    });
    const { problems } = await inventory.listTenants();
    expect(problems).toEqual([
      expect.objectContaining({ hint: 'The log of the portal says why.' }),
    ]);
    await inventory.observeTenant('cirrus/storage/apps');
    expect(source.read).toHaveBeenCalledTimes(2);
    expect(logger.warn.mock.calls).toEqual([
      [expect.stringMatching(/cluster:cirrus.*the moon is in the way/)],
    ]);
    source.read.mockResolvedValueOnce({ tenants: [], problems: [] });
    await inventory.observeTenant('cirrus/storage/apps');
    await inventory.observeTenant('cirrus/storage/apps');
    expect(logger.warn).toHaveBeenCalledTimes(2);
  });

  it('sees a drive that is gone', async () => {
    apps.server.faults.set({ offlineDrives: 1 });
    expect(await inventory.getTenant(APPS)).toMatchObject({
      state: 'degraded',
      reason: 'DrivesOffline',
      message: '1 of 4 drives cannot be used',
    });
  });

  it('says which credentials are refused', async () => {
    start({
      clusters: [{ ...atlas.config, token: 'outdated-token' }],
      tenants: [{ ...apps.config(APPS), secretAccessKey: 'outdated-secret' }],
    });
    const { items, problems } = await inventory.listTenants();
    expect(items).toEqual([
      expect.objectContaining({ ref: APPS, state: 'unknown' }),
    ]);
    expect(problems).toEqual([
      expect.objectContaining({ code: 'cluster-denied', part: 'atlas' }),
      expect.objectContaining({
        code: 'tenant-refused',
        part: APPS,
        hint: expect.stringContaining('rustfs.tenants'),
      }),
    ]);
    expect(JSON.stringify(problems)).not.toMatch(/outdated/);
  });

  it('knows a tenant without credentials from its cluster', async () => {
    start({ tenants: [] });
    expect(inventory.clientFor(APPS)).toBeUndefined();
    expect(await inventory.getTenant(APPS)).toMatchObject({
      state: 'ready',
      endpoint: undefined,
      buckets: undefined,
      problems: [expect.objectContaining({ code: 'tenant-not-configured' })],
    });
    const { items } = await inventory.listBuckets([APPS]);
    expect(items[0]).toMatchObject({ state: 'unknown', reason: 'NoAccess' });
  });

  it('observes past the cache', async () => {
    const first = await inventory.observeTenant(APPS);
    expect(first).toMatchObject({
      facts: {
        condition: { state: 'ready' },
        place: { link: { folder: 'clusters/atlas/storage' } },
      },
      problems: [],
    });
    expect(fluxObjectsOf(first.facts?.place)).toMatchObject({
      kustomization: { metadata: { name: 'storage' } },
      gitRepository: { metadata: { name: 'fleet' } },
    });
    await atlas.createRecord('apps', { bucket: 'brand-new' });
    const second = await inventory.observeTenant(APPS);
    expect(second.facts?.records.map(({ bucket }) => bucket)).toContain(
      'brand-new',
    );
    expect(await inventory.observeTenant('atlas/storage/nowhere')).toEqual({
      ref: 'atlas/storage/nowhere',
      problems: [expect.objectContaining({ code: 'tenant-not-found' })],
    });
  });

  it('names a record that cannot be read, and reads the others', async () => {
    await borealis.createRecord('archive', {
      bucket: 'broken-record',
      quota: 'plenty',
    });
    const { items, problems } = await inventory.listBuckets([ARCHIVE]);
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'object-unreadable',
        part: 'borealis',
        message: expect.stringMatching(
          /bucket\.archive\.broken-record.*data\.quota.*50Gi/,
        ),
      }),
    ]);
    expect(items.map(({ name }) => name)).toEqual(['media-masters']);

    // On the page of a service, it may be the record of another team.
    const storage = await inventory.describeEntity(
      component('invoices', { 'rustfs.com/tenant': ARCHIVE }),
    );
    expect(storage.problems).toContainEqual(
      expect.objectContaining({ code: 'object-unreadable', part: 'borealis' }),
    );
    expect(JSON.stringify(storage)).not.toContain('broken-record');
    // Nor on a request of somebody.
    const seen = await inventory.observeTenant(ARCHIVE);
    expect(seen.problems).toEqual([
      expect.objectContaining({ code: 'object-unreadable', part: 'borealis' }),
    ]);
    expect(JSON.stringify(seen.problems)).not.toContain('broken-record');
  });

  it('knows tenants and buckets where it may not look at the GitOps engine', async () => {
    const cluster = await TestCluster.start('cirrus', {
      portalMayList: ['tenants', 'configmaps'],
    });
    try {
      await cluster.createTenant('apps', ['one']);
      start({ clusters: [cluster.config], tenants: [] });
      const { items, problems } = await inventory.listTenants();
      expect(items).toMatchObject([{ ref: 'cirrus/storage/apps' }]);
      expect(problems.map(({ code, part }) => [code, part])).toEqual([
        ['gitops-unreadable', 'cirrus'],
        ['gitops-unreadable', 'cirrus'],
        ['tenant-not-configured', 'cirrus/storage/apps'],
      ]);
    } finally {
      await cluster.stop();
    }
  });

  it.each([
    ['tenants', ['configmaps'], 'tenants'],
    ['bucket records', ['tenants'], 'configmaps'],
  ])(
    'says what right is missing to list %s',
    async (_what, rights, missing) => {
      const cluster = await TestCluster.start('cirrus', {
        portalMayList: rights,
      });
      try {
        start({ clusters: [cluster.config], tenants: [] });
        const { items, problems } = await inventory.listTenants();
        expect(items).toEqual([]);
        expect(problems).toEqual([
          {
            code: 'cluster-denied',
            part: 'cirrus',
            message: `Cluster cirrus does not let the portal list ${missing}`,
            hint: expect.stringContaining(missing),
          },
        ]);
        expect(JSON.stringify(problems)).not.toContain(PORTAL_TOKEN);
      } finally {
        await cluster.stop();
      }
    },
  );

  it('does without Flux, and says so when it may not be seen', async () => {
    const cluster = await TestCluster.start('cirrus', {
      portalMayList: ['tenants', 'configmaps'],
    });
    try {
      await cluster.createTenant('apps', []);
      start({ clusters: [cluster.config], tenants: [] });
      const { items, problems } = await inventory.listTenants();
      expect(items).toEqual([
        expect.objectContaining({ state: 'ready', source: undefined }),
      ]);
      expect(problems.map(({ message }) => message)).toEqual(
        expect.arrayContaining([
          'Cluster cirrus does not let the portal list kustomizations',
          'Cluster cirrus does not let the portal list gitrepositories',
        ]),
      );
    } finally {
      await cluster.stop();
    }
  });

  it('takes a kubeconfig, with the certificate of the API server in it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
    const kubeconfig = join(folder, 'config');
    try {
      await writeFile(kubeconfig, atlas.api.kubeconfig(PORTAL_TOKEN));
      start({ clusters: [{ name: 'atlas', kubeconfig }], tenants: [] });
      const { items, problems } = await inventory.listTenants();
      expect(items).toEqual([expect.objectContaining({ ref: APPS })]);
      expect(problems.map(({ code }) => code)).toEqual([
        'tenant-not-configured',
      ]);
      expect(() =>
        start({
          clusters: [{ name: 'atlas', kubeconfig, context: 'elsewhere' }],
          tenants: [],
        }),
      ).toThrow('cluster atlas has no context elsewhere in its kubeconfig');

      await writeFile(kubeconfig, `token: [${PORTAL_TOKEN}`);
      const broken = () =>
        start({ clusters: [{ name: 'atlas', kubeconfig }], tenants: [] });
      expect(broken).toThrow('cannot be read');
      expect(broken).not.toThrow(PORTAL_TOKEN);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('looks only into the namespaces that it is told', async () => {
    start({
      clusters: [{ ...atlas.config, namespaces: ['storage', 'elsewhere'] }],
      tenants: [],
    });
    expect((await inventory.listTenants()).items).toHaveLength(1);
    expect(requests.sort()).toEqual([
      'atlas /api/v1/namespaces/elsewhere/configmaps',
      'atlas /api/v1/namespaces/storage/configmaps',
      'atlas /apis/kustomize.toolkit.fluxcd.io/v1/kustomizations',
      'atlas /apis/rustfs.com/v1alpha1/namespaces/elsewhere/tenants',
      'atlas /apis/rustfs.com/v1alpha1/namespaces/storage/tenants',
      'atlas /apis/source.toolkit.fluxcd.io/v1/gitrepositories',
      'atlas /openapi/v3',
      'atlas /openapi/v3/apis/rustfs.com/v1alpha1',
    ]);
  });

  it.each([
    [{ clusters: [{ name: 'Atlas' }] }, 'rustfs.clusters[0].name'],
    [{ clusters: [{ name: 'atlas' }] }, 'exactly one of kubeconfig, url'],
    [
      { clusters: [{ name: 'atlas', url: 'http://k8s.example' }] },
      'rustfs.clusters[0].token',
    ],
    [
      { clusters: [{ name: 'atlas', kubeconfig: '/no/such/file' }] },
      'cluster atlas cannot be read: expected a readable kubeconfig in YAML at /no/such/file',
    ],
    [{ tenants: [{ ref: 'apps' }] }, 'rustfs.tenants[0].ref'],
    [
      { tenants: [{ ref: APPS, accessKeyId: 'a' }] },
      'rustfs.tenants[0].secretAccessKey',
    ],
    [
      {
        tenants: [
          {
            ref: 'cirrus/storage/apps',
            accessKeyId: 'a',
            secretAccessKey: 'do-not-tell',
          },
        ],
      },
      'tenant cirrus/storage/apps is in no known cluster: expected one of atlas, borealis',
    ],
    [
      {
        tenants: [
          {
            ref: APPS,
            endpoint: 'http://a.example/path',
            accessKeyId: 'a',
            secretAccessKey: 'do-not-tell',
          },
        ],
      },
      'rustfs.tenants[0].endpoint: expected an address without a path',
    ],
  ])('stops on wrong configuration %j', (data, message) => {
    let thrown: unknown;
    try {
      start(data);
    } catch (error) {
      thrown = error;
    }
    expect(String(thrown)).toContain(message);
    expect(String(thrown)).not.toContain('do-not-tell');
  });

  it('does not open a bucket of a Tenant whose manifest cannot be read', async () => {
    const unreadable = {
      code: 'object-unreadable',
      part: 'cirrus',
      message: 'A Tenant apps in cluster cirrus cannot be read',
    };
    const problems = [unreadable];
    inventory = createInventory({
      config: new ConfigReader({
        rustfs: {
          tenants: [apps.config('cirrus/storage/apps')],
          guardrails: [CHECKOUT_NAMES],
        },
      }),
      logger: mockServices.logger.mock(),
      sources: [
        { cluster: 'cirrus', read: async () => ({ tenants: [], problems }) },
      ],
    });
    const entity = component('checkout-api', {
      'rustfs.com/tenant': 'cirrus/storage/apps',
      'rustfs.com/buckets': 'checkout-invoices',
    });
    expect((await inventory.describeEntity(entity)).buckets).toEqual([]);

    // Where the cluster says for sure that there is no Tenant, there are no records that could name an owner.
    problems.pop();
    inventory.invalidate('cirrus/storage/apps');
    expect((await inventory.describeEntity(entity)).buckets).toEqual([
      expect.objectContaining({
        name: 'checkout-invoices',
        state: 'undeclared',
      }),
    ]);
  });

  // From here on tests change what the clusters have.
  it('does not open a bucket whose record cannot be read', async () => {
    const entity = component('masters', {
      'rustfs.com/tenant': ARCHIVE,
      'rustfs.com/buckets': 'media-masters',
    });
    start({
      guardrails: [
        {
          owners: ['group:default/checkout'],
          namePattern: {
            regex: 'media-.+',
            description: 'begin with media-',
            example: 'media-masters',
          },
        },
      ],
    });
    expect((await inventory.describeEntity(entity)).buckets).toHaveLength(1);
    await borealis.createRecord('archive', {
      bucket: 'media-masters',
      owner: 'group:default/media',
      quota: 'plenty',
    });
    inventory.invalidate(ARCHIVE);
    const storage = await inventory.describeEntity(entity);
    expect(storage.buckets).toEqual([]);
    expect(storage.problems).toContainEqual(
      expect.objectContaining({ code: 'bucket-not-shown', part: ARCHIVE }),
    );
    expect(await inventory.observeTenant(ARCHIVE)).toMatchObject({
      facts: {
        records: [],
        unreadRecords: expect.arrayContaining(['media-masters']),
      },
    });
  });

  it('takes neither of two records of one bucket', async () => {
    const record = (name: string, owner: string) =>
      borealis.create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name,
          namespace: 'storage',
          labels: {
            'rustfs-portal/record': 'bucket',
            'rustfs-portal/tenant': 'archive',
          },
        },
        data: { bucket: 'reels', owner, entity: 'component:default/reels' },
      });
    await record('one', 'group:default/media');
    expect(await inventory.observeTenant(ARCHIVE)).toMatchObject({
      facts: { records: [{ bucket: 'reels', owner: 'group:default/media' }] },
    });
    await record('two', 'group:default/checkout');
    inventory.invalidate(ARCHIVE);
    expect(await inventory.observeTenant(ARCHIVE)).toMatchObject({
      facts: {
        records: [],
        unreadRecords: expect.arrayContaining(['reels']),
      },
    });
    const { problems } = await inventory.listTenants();
    expect(problems).toContainEqual({
      code: 'object-unreadable',
      part: 'borealis',
      message: `Bucket reels of tenant ${ARCHIVE} has more than one bucket record: one, two`,
      hint: 'Leave one of them in Git.',
    });
    const storage = await inventory.describeEntity(component('reels'));
    expect(storage.buckets).toEqual([]);
    expect(JSON.stringify(storage)).not.toContain('bucket record: one, two');
  });

  it('does not open a bucket that is recorded for another entity, with or without an owner', async () => {
    await atlas.createRecord('apps', {
      bucket: 'checkout-lost',
      entity: 'component:default/ledger',
    });
    const storage = await inventory.describeEntity(
      component('checkout-api', {
        'rustfs.com/tenant': APPS,
        'rustfs.com/buckets': 'checkout-lost',
      }),
    );
    expect(storage.buckets).toEqual([]);
    expect(storage.problems).toContainEqual(
      expect.objectContaining({ code: 'bucket-not-shown' }),
    );
  });

  it('shows nothing of the old owner on an entity that has another, or whose name was registered anew', async () => {
    const taken = await inventory.describeEntity(
      component('invoices', undefined, 'insights'),
    );
    expect(taken).toMatchObject({ annotated: false, tenants: [], buckets: [] });
    expect(taken.problems).toEqual([
      expect.objectContaining({ code: 'record-of-other-owner' }),
    ]);
    expect(JSON.stringify(taken)).not.toMatch(/checkout|atlas/);

    // A record without an owner opens nothing either.
    const { buckets } = await inventory.describeEntity(component('ledger'));
    expect(buckets).toEqual([]);
  });
});
