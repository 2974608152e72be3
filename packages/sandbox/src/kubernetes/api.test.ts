import {
  eventually,
  isReal,
  NAMESPACE,
  startServer,
  TestAnswer,
  tenant,
  tenants,
  TestServer,
  TestWatch,
} from './__testUtils__/testApi';

/**
 * What every API server does, asked of the stand-in. With KUBE_API_URL and KUBE_API_TOKEN (an administrator's) a real
 * server is asked instead; it needs the CRD of the Tenant and is used in a namespace of its own.
 */

const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';

const operator = {
  token: 'operator-token',
  user: 'operator',
  rules: [
    {
      apiGroups: ['rustfs.com'],
      resources: ['tenants', 'tenants/status'],
      verbs: ['*'],
    },
    {
      apiGroups: [''],
      resources: ['secrets'],
      verbs: ['get'],
      namespaces: [NAMESPACE],
      resourceNames: ['root'],
    },
  ],
};

const CORE_KINDS = ['configmaps', 'secrets', 'pods', 'events'];

/** Path of core kinds in the namespace. */
const core = (path: string) => `/api/v1/namespaces/${NAMESPACE}/${path}`;

/** Names in a list, without the ConfigMap that a real cluster puts into every namespace. */
const namesIn = ({ body }: TestAnswer): string[] =>
  body.items
    .map(({ metadata }: any) => metadata.name)
    .filter((name: string) => name !== 'kube-root-ca.crt');

describe(`the Kubernetes API${isReal ? ' of a real server' : ''}`, () => {
  let api: TestServer;

  beforeAll(async () => {
    api = await startServer([operator]);
  });

  afterEach(async () => {
    for (const path of [tenants(), ...CORE_KINDS.map(core)]) {
      await api.send({ method: 'DELETE', path });
      await eventually(api, { path }, list => !namesIn(list).length);
    }
  });

  afterAll(() => api.stop());

  const patch = (path: string, body: unknown, contentType = MERGE) =>
    api.send({ method: 'PATCH', path, body, contentType });

  const createConfigMap = (name: string, more: object = {}) =>
    api.send({
      method: 'POST',
      path: core('configmaps'),
      body: { metadata: { name, ...more }, data: { a: '1' } },
    });

  describe('spec and status', () => {
    it('keeps the status out of writes to the object, and the spec out of writes to the status', async () => {
      const status = { currentState: 'Ready', availableReplicas: 1, pools: [] };
      const created = await api.createTenant({ ...tenant('main'), status });
      expect(created.status).toBeUndefined();

      await patch(`${tenants('main')}/status`, {
        status,
        spec: { image: 'x' },
        metadata: { labels: { a: 'b' } },
      });
      const { body: current } = await api.send({ path: tenants('main') });
      expect(current).toMatchObject({ status, metadata: { generation: 1 } });
      expect(current.spec.image).toBeUndefined();
      expect(current.metadata.labels).toBeUndefined();

      await patch(tenants('main'), {
        spec: { image: 'x' },
        status: { currentState: 'Blocked' },
      });
      const { body: changed } = await api.send({ path: tenants('main') });
      expect(changed).toMatchObject({
        status: { currentState: 'Ready' },
        metadata: { generation: 2 },
      });
    });

    it('counts a generation for the spec, not for metadata', async () => {
      await api.createTenant(tenant('main'));
      const { body } = await patch(tenants('main'), {
        metadata: { annotations: { poke: '1' } },
      });
      expect(body.metadata.generation).toBe(1);
    });

    it('does not write what does not change anything', async () => {
      const created = await api.createTenant(tenant('main'));
      const { body } = await patch(tenants('main'), { spec: created.spec });
      expect(body.metadata.resourceVersion).toBe(
        created.metadata.resourceVersion,
      );
    });
  });

  describe('lists', () => {
    beforeEach(async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) {
        await createConfigMap(name, {
          labels: { name, ...(name > 'c' && { late: 'yes' }) },
        });
      }
    });

    const names = async (query: string) => {
      const answer = await api.send({ path: core(`configmaps?${query}`) });
      return answer.status === 200 ? namesIn(answer) : answer.body.message;
    };

    it.each([
      ['name=a', ['a']],
      ['name!=a', ['b', 'c', 'd', 'e']],
      ['name in (a, b)', ['a', 'b']],
      ['name notin (a,b),late', ['d', 'e']],
      ['!late', ['a', 'b', 'c']],
      ['late==yes,name=e', ['e']],
      ['late=', []],
    ])('selects by label: %s', async (selector, expected) => {
      expect(
        await names(`labelSelector=${encodeURIComponent(selector)}`),
      ).toEqual(expected);
    });

    it('selects by the fields a kind offers and refuses others', async () => {
      expect(await names('fieldSelector=metadata.name%3Db')).toEqual(['b']);
      expect(await names('fieldSelector=metadata.name!%3Db')).toHaveLength(4);
      expect(await names('fieldSelector=data.a%3D1')).toBe(
        '"data.a" is not a known field selector: only "metadata.name", "metadata.namespace"',
      );
      const path = `${tenants()}?fieldSelector=spec.image%3D1`;
      expect((await api.send({ path })).body.message).toBe(
        'field label not supported: spec.image',
      );
    });

    it('comes in pages that together are the whole', async () => {
      const found: string[] = [];
      let token = '';
      const versions = new Set();
      do {
        const answer = await api.send({
          path: core(`configmaps?limit=2&continue=${token}`),
        });
        const { body } = answer;
        found.push(...namesIn(answer));
        versions.add(body.metadata.resourceVersion);
        token = body.metadata.continue ?? '';
        // A change between two pages does not disturb the rest.
        await createConfigMap(`_${found.length}`.replace('_', 'z'));
      } while (token);
      expect(found.slice(0, 5)).toEqual(['a', 'b', 'c', 'd', 'e']);
      expect(new Set(found).size).toBe(found.length);
      expect(versions.size).toBe(1);
    });

    it('say what their entries are, for custom resources only', async () => {
      await api.createTenant(tenant('main'));
      const kindsIn = async (path: string) => {
        const { body } = await api.send({ path });
        return [body.kind, body.items[0].kind, body.items[0].apiVersion];
      };
      expect(await kindsIn(tenants())).toEqual([
        'TenantList',
        'Tenant',
        'rustfs.com/v1alpha1',
      ]);
      expect(await kindsIn(core('configmaps'))).toEqual([
        'ConfigMapList',
        undefined,
        undefined,
      ]);
    });

    it('refuses to be as new as the cluster is not', async () => {
      const { status, body } = await api.send({
        path: `${tenants()}?resourceVersion=999999999`,
      });
      expect(status).toBe(504);
      expect(body).toMatchObject({
        reason: 'Timeout',
        message: expect.stringContaining(
          'Too large resource version: 999999999',
        ),
        details: {
          causes: [
            {
              reason: 'ResourceVersionTooLarge',
              message: 'Too large resource version',
            },
          ],
          retryAfterSeconds: 1,
        },
      });
    });

    it('refuses a continue token it did not make', async () => {
      expect(await names('limit=1&continue=abc')).toContain(
        'invalid continue token: continue key is not valid',
      );
    });
  });

  describe('patches', () => {
    it('applies a JSON patch as a whole or not at all', async () => {
      await api.createTenant(tenant('main', { buckets: [{ name: 'one' }] }));
      const json = 'application/json-patch+json';
      const answer = await patch(
        tenants('main'),
        [
          { op: 'add', path: '/spec/buckets/-', value: { name: 'two' } },
          { op: 'copy', from: '/spec/buckets/0', path: '/spec/buckets/1' },
          { op: 'replace', path: '/spec/buckets/1/name', value: 'copied' },
          { op: 'move', from: '/spec/buckets/2', path: '/spec/buckets/0' },
          { op: 'test', path: '/spec/buckets/0/name', value: 'two' },
          { op: 'add', path: '/metadata/annotations', value: { 'a/b': 'c' } },
          { op: 'remove', path: '/metadata/annotations/a~1b' },
        ],
        json,
      );
      expect(answer.body.spec.buckets).toEqual([
        { name: 'two' },
        { name: 'one' },
        { name: 'copied' },
      ]);
      const refused = await patch(
        tenants('main'),
        [
          { op: 'remove', path: '/spec/buckets/0' },
          { op: 'remove', path: '/spec/absent' },
        ],
        json,
      );
      expect(refused.status).toBe(422);
      const { body } = await api.send({ path: tenants('main') });
      expect(body.spec.buckets).toHaveLength(3);
    });

    it('merges lists by key in a strategic patch of a built-in kind', async () => {
      const path = `/apis/apps/v1/namespaces/${NAMESPACE}/statefulsets`;
      const labels = { app: 'main' };
      const containers = [
        { name: 'a', image: 'one', env: [{ name: 'X', value: '1' }] },
        { name: 'b', image: 'two' },
      ];
      await api.send({
        method: 'POST',
        path,
        body: {
          metadata: { name: 'main' },
          spec: {
            serviceName: 'main',
            selector: { matchLabels: labels },
            template: { metadata: { labels }, spec: { containers } },
          },
        },
      });
      const { body } = await patch(
        `${path}/main`,
        {
          spec: {
            template: {
              spec: {
                '$setElementOrder/containers': [{ name: 'a' }, { name: 'c' }],
                containers: [
                  { name: 'a', env: [{ name: 'Y', value: '2' }] },
                  { name: 'b', $patch: 'delete' },
                  { name: 'c', image: 'three' },
                ],
              },
            },
          },
        },
        STRATEGIC,
      );
      await api.send({ method: 'DELETE', path });
      expect(
        body.spec.template.spec.containers.map(({ name, image, env }: any) => ({
          name,
          image,
          env,
        })),
      ).toEqual([
        {
          name: 'a',
          image: 'one',
          env: expect.arrayContaining([
            { name: 'X', value: '1' },
            { name: 'Y', value: '2' },
          ]),
        },
        { name: 'c', image: 'three', env: undefined },
      ]);
    });

    it('knows no strategic patch of a custom resource', async () => {
      await api.createTenant(tenant('main'));
      const answer = await patch(tenants('main'), '{}', STRATEGIC);
      expect(answer).toMatchObject({
        status: 415,
        body: { kind: 'Status', reason: 'UnsupportedMediaType' },
      });
    });

    it('refuses a patch on a version that is gone', async () => {
      const { metadata } = await api.createTenant(tenant('main'));
      const stale = { metadata: { resourceVersion: metadata.resourceVersion } };
      expect(
        (await patch(tenants('main'), { ...stale, spec: { image: 'a' } }))
          .status,
      ).toBe(200);
      expect(
        (await patch(tenants('main'), { ...stale, spec: { image: 'b' } }))
          .status,
      ).toBe(409);
    });
  });

  describe('writes', () => {
    it('asks for the version in an update of a custom resource', async () => {
      await api.createTenant(tenant('main'));
      const answer = await api.send({
        method: 'PUT',
        path: tenants('main'),
        body: tenant('main'),
      });
      expect(answer.body.message).toContain(
        'metadata.resourceVersion: Invalid value: 0: must be specified for an update',
      );
    });

    it('makes up a name from generateName', async () => {
      const { body } = await api.send({
        method: 'POST',
        path: core('configmaps'),
        body: { metadata: { generateName: 'made-' } },
      });
      expect(body.metadata.name).toMatch(/^made-[a-z0-9]{5}$/);
    });

    it('stores nothing in a dry run, and shows what it would', async () => {
      const dry = await api.send({
        method: 'POST',
        path: `${tenants()}?dryRun=All`,
        body: tenant('main'),
      });
      expect(dry.body.spec.mountPath).toBe('/data');
      expect((await api.send({ path: tenants('main') })).status).toBe(404);

      await api.createTenant(tenant('main'));
      await patch(`${tenants('main')}?dryRun=All`, { spec: { image: 'x' } });
      await api.send({
        method: 'DELETE',
        path: `${tenants('main')}?dryRun=All`,
      });
      const { body } = await api.send({ path: tenants('main') });
      expect(body.spec.image).toBeUndefined();
    });

    it('encodes stringData of a Secret and refuses data that is not base64', async () => {
      const path = core('secrets');
      const { body } = await api.send({
        method: 'POST',
        path,
        body: { metadata: { name: 'root' }, stringData: { key: 'value' } },
      });
      expect(body).toMatchObject({
        data: { key: Buffer.from('value').toString('base64') },
        type: 'Opaque',
      });
      expect(body.stringData).toBeUndefined();
      const refused = await api.send({
        method: 'POST',
        path,
        body: { metadata: { name: 'odd' }, data: { key: 'not base64!' } },
      });
      expect(refused.status).toBe(400);
      expect(JSON.stringify(refused.body)).not.toContain('not base64');
    });

    it('does not let an immutable ConfigMap change', async () => {
      await createConfigMap('fixed');
      const path = core('configmaps/fixed');
      await patch(path, { immutable: true });
      const { body } = await patch(path, { data: { a: '2' } });
      expect(body.details.causes).toEqual([
        {
          reason: 'FieldValueForbidden',
          message: 'Forbidden: field is immutable when `immutable` is set',
          field: 'data',
        },
      ]);
    });

    it.each([
      [
        { labels: { 'rustfs-portal/tenant': 'x'.repeat(64) } },
        'metadata.labels',
      ],
      [{ labels: { 'no spaces': 'x' } }, 'metadata.labels'],
      [{ annotations: { 'a/b/c': 'x' } }, 'metadata.annotations'],
      [{ name: 'x'.repeat(254) }, 'metadata.name'],
    ])('refuses metadata such as %j', async (metadata, field) => {
      const { status, body } = await createConfigMap('cm', metadata);
      expect(status).toBe(422);
      expect(body.details.causes[0]).toMatchObject({
        reason: 'FieldValueInvalid',
        field,
      });
    });

    it('reports a key given twice in JSON, too', async () => {
      const { body } = await api.send({
        method: 'POST',
        path: core('configmaps?fieldValidation=Strict'),
        body: '{"metadata":{"name":"a"},"data":{"x":"1","x":"2"}}',
      });
      expect(body.message).toBe(
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: duplicate field "data.x"',
      );
    });
  });

  describe('deletion', () => {
    it('waits for finalizers', async () => {
      const path = core('configmaps/held');
      await createConfigMap('held', { finalizers: ['example.com/hold'] });
      const { body } = await api.send({ method: 'DELETE', path });
      expect(body.metadata.deletionTimestamp).toBeDefined();
      expect((await api.send({ path })).status).toBe(200);
      await patch(path, { metadata: { finalizers: null } });
      expect((await api.send({ path })).status).toBe(404);
    });

    it('takes what the object owned along, unless told to orphan it', async () => {
      const { metadata } = await api.createTenant(tenant('main'));
      const owner = {
        ownerReferences: [
          {
            apiVersion: 'rustfs.com/v1alpha1',
            kind: 'Tenant',
            name: 'main',
            uid: metadata.uid,
          },
        ],
      };
      await createConfigMap('owned', owner);
      await createConfigMap('free');
      await api.send({ method: 'DELETE', path: tenants('main') });
      const list = await eventually(
        api,
        { path: core('configmaps') },
        answer => namesIn(answer).length === 1,
      );
      expect(namesIn(list)).toEqual(['free']);
    });

    it('holds a delete against its preconditions', async () => {
      await api.createTenant(tenant('main'));
      const answer = await api.send({
        method: 'DELETE',
        path: tenants('main'),
        body: { preconditions: { uid: 'another' } },
      });
      expect(answer.status).toBe(409);
    });

    it('removes a namespace with all that is in it', async () => {
      const gone = `${NAMESPACE}-gone`;
      const path = `/api/v1/namespaces/${gone}`;
      await api.createNamespace(gone);
      await api.send({
        method: 'POST',
        path: `${path}/configmaps`,
        body: { metadata: { name: 'a' } },
      });
      await api.send({ method: 'DELETE', path });
      await eventually(api, { path }, ({ status }) => status === 404);
      const { body } = await api.send({ path: `${path}/configmaps` });
      expect(body.items).toEqual([]);
      const late = await api.send({
        method: 'POST',
        path: `${path}/configmaps`,
        body: { metadata: { name: 'late' } },
      });
      expect(late.body.message).toBe(`namespaces "${gone}" not found`);
    });

    it('deletes a collection by selector', async () => {
      await createConfigMap('a', { labels: { go: 'yes' } });
      await createConfigMap('b');
      const path = core('configmaps');
      await api.send({
        method: 'DELETE',
        path: `${path}?labelSelector=go%3Dyes`,
      });
      expect(namesIn(await api.send({ path }))).toEqual(['b']);
    });
  });

  describe('watches', () => {
    it('begin with what is there when no version is named', async () => {
      await api.createTenant(tenant('main'));
      const watch = await TestWatch.open(api, `${tenants()}?watch=1`);
      expect(await watch.next()).toMatchObject({
        type: 'ADDED',
        object: { metadata: { name: 'main' } },
      });
      watch.close();
    });

    it('mark the end of the initial events for those who ask', async () => {
      const watch = await TestWatch.open(
        api,
        `${tenants()}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`,
      );
      expect(await watch.next()).toMatchObject({
        type: 'BOOKMARK',
        object: {
          metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
        },
      });
      watch.close();
    });

    it('show an object that leaves or enters the selector as deleted or added', async () => {
      await createConfigMap('a', { labels: { go: 'yes' } });
      const watch = await TestWatch.open(
        api,
        core('configmaps?watch=1&labelSelector=go%3Dyes'),
      );
      expect((await watch.next())?.type).toBe('ADDED');
      const path = core('configmaps/a');
      await patch(path, { metadata: { labels: { go: 'no' } } });
      expect((await watch.next())?.type).toBe('DELETED');
      await patch(path, { metadata: { labels: { go: 'yes' } } });
      expect((await watch.next())?.type).toBe('ADDED');
      watch.close();
    });

    it('miss nothing between a list and a watch from its version', async () => {
      const { body: list } = await api.send({ path: tenants() });
      await api.createTenant(tenant('main'));
      const watch = await TestWatch.open(
        api,
        `${tenants()}?watch=1&resourceVersion=${list.metadata.resourceVersion}`,
      );
      expect((await watch.next())?.type).toBe('ADDED');
      watch.close();
    });

    it('wait for a version the cluster has not reached', async () => {
      const { body: list } = await api.send({ path: tenants() });
      const next = Number(list.metadata.resourceVersion) + 1_000_000;
      const watch = await TestWatch.open(
        api,
        `${tenants()}?watch=1&timeoutSeconds=1&resourceVersion=${next}`,
      );
      await api.createTenant(tenant('main'));
      expect(await watch.next()).toBeUndefined();
    });
  });

  describe('rights', () => {
    const asOperator = (path: string, method = 'GET', body?: unknown) =>
      api.send({ token: operator.token, path, method, body });

    it('hold for the verbs, groups, namespaces and names of the rules', async () => {
      const secret = (name: string, namespace = NAMESPACE) =>
        `/api/v1/namespaces/${namespace}/secrets/${name}`;
      expect((await asOperator(secret('root'))).status).toBe(404);
      expect((await asOperator(secret('other'))).status).toBe(403);
      expect((await asOperator(secret('root', 'default'))).status).toBe(403);
      expect((await asOperator(core('secrets'))).status).toBe(403);
      expect((await asOperator(tenants())).status).toBe(200);
    });

    it('are asked before anything is read from the body', async () => {
      const { status } = await asOperator(core('secrets'), 'POST', 'not json');
      expect(status).toBe(403);
    });

    it('let everyone see health and nobody unknown see the API', async () => {
      expect(
        (await api.send({ token: undefined, path: '/healthz' })).body,
      ).toBe('ok');
      const { status, body } = await api.send({
        token: undefined,
        path: '/apis',
      });
      expect(status).toBe(403);
      expect(body.message).toBe(
        'forbidden: User "system:anonymous" cannot get path "/apis"',
      );
    });
  });

  it('treats the names of JavaScript as names like any other', async () => {
    const { body } = await api.send({
      method: 'POST',
      path: `${tenants()}?fieldValidation=Strict`,
      body: tenant('main', { constructor: {}, toString: 1 }),
    });
    expect(body.message).toContain(
      'unknown field "spec.constructor", unknown field "spec.toString"',
    );
    const { body: list } = await api.send({
      path: `${tenants()}?labelSelector=constructor`,
    });
    expect(list.items).toEqual([]);
  });

  it.each([
    '/api/v1/namespaces/%zz',
    '//',
    '/apis/rustfs.com/v1alpha1/x/y/z/a',
  ])('answers the odd address %s without falling over', async path => {
    const { status } = await api.send({ path });
    expect([200, 400, 404]).toContain(status);
  });

  it('prints tables with the columns of the kind', async () => {
    await api.createTenant(tenant('main'));
    const { body } = await api.send({
      path: tenants(),
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json',
    });
    expect(body.kind).toBe('Table');
    expect(body.columnDefinitions.map((each: any) => each.name)).toEqual([
      'Name',
      'State',
      'Age',
    ]);
    expect(body.rows[0].cells.slice(0, 2)).toEqual(['main', null]);
  });

  it('finds the events about an object', async () => {
    const created = await api.send({
      method: 'POST',
      path: core('events'),
      body: {
        metadata: { name: 'main.1' },
        involvedObject: { kind: 'Tenant', name: 'main', namespace: NAMESPACE },
        reason: 'PoolDegraded',
        action: 'Reconcile',
        eventTime: '2026-01-01T00:00:00.000000Z',
        message: 'One or more pools are degraded',
        type: 'Warning',
        reportingComponent: 'rustfs-operator',
        reportingInstance: 'rustfs-operator-0',
      },
    });
    expect(created.status).toBe(201);
    const found = (name: string) =>
      api.send({
        path: core(`events?fieldSelector=involvedObject.name%3D${name}`),
      });
    expect((await found('main')).body).toMatchObject({
      kind: 'EventList',
      items: [{ message: 'One or more pools are degraded' }],
    });
    expect((await found('other')).body.items).toEqual([]);
  });
});
