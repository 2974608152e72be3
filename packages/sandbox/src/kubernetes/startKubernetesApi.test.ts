import {
  NAMESPACE,
  tenant,
  tenants,
  TestApi,
  TestWatch,
} from './__testUtils__/testApi';

const MERGE = 'application/merge-patch+json';

describe('startKubernetesApi', () => {
  let api: TestApi;

  beforeEach(async () => {
    api = await TestApi.start();
    await api.createNamespace(NAMESPACE);
  });

  afterEach(() => api.stop());

  const patch = (path: string, body: unknown) =>
    api.send({ method: 'PATCH', path, body, contentType: MERGE });

  it('says that it does not know server-side apply', async () => {
    await api.createTenant(tenant('main'));
    const answer = await api.send({
      method: 'PATCH',
      path: tenants('main'),
      body: '{}',
      contentType: 'application/apply-patch+yaml',
    });
    expect(answer).toMatchObject({
      status: 415,
      body: { kind: 'Status', reason: 'UnsupportedMediaType' },
    });
  });

  it('serves the kinds that a test brings, and no other server does', async () => {
    const group = 'things.acme.org';
    const path = `/apis/${group}/v1/namespaces/${NAMESPACE}/things`;
    const other = await TestApi.start(
      [],
      [
        {
          group,
          version: 'v1',
          kind: 'Thing',
          plural: 'things',
          namespaced: true,
        },
      ],
    );
    try {
      await other.createNamespace(NAMESPACE);
      const created = await other.send({
        method: 'POST',
        path,
        body: {
          apiVersion: `${group}/v1`,
          kind: 'Thing',
          metadata: { name: 'one' },
          spec: { of: ['anything'] },
        },
      });
      expect(created).toMatchObject({
        status: 201,
        body: { metadata: { generation: 1 }, spec: { of: ['anything'] } },
      });
      await other.send({
        method: 'PATCH',
        path: `${path}/one/status`,
        body: { status: { ready: true } },
        contentType: MERGE,
      });
      expect((await other.send({ path })).body.items).toMatchObject([
        { status: { ready: true } },
      ]);
      expect(
        (await other.send({ path: `/apis/${group}/v1` })).body.resources,
      ).toHaveLength(2);
      expect((await api.send({ path })).status).toBe(404);
    } finally {
      await other.stop();
    }
  });

  describe('a restart', () => {
    it('keeps objects, and versions go on rising', async () => {
      const created = await api.createTenant(tenant('main'));
      await api.restart();
      const { body } = await api.send({ path: tenants('main') });
      expect(body).toEqual(created);
      const { body: changed } = await patch(tenants('main'), {
        metadata: { labels: { a: 'b' } },
      });
      expect(Number(changed.metadata.resourceVersion)).toBeGreaterThan(
        Number(created.metadata.resourceVersion),
      );
    });

    it('makes watches from before list again', async () => {
      const { body: list } = await api.send({ path: tenants() });
      await api.createTenant(tenant('main'));
      await api.restart();
      const watch = await TestWatch.open(
        api,
        `${tenants()}?watch=1&resourceVersion=${list.metadata.resourceVersion}`,
      );
      expect(await watch.next()).toMatchObject({
        type: 'ERROR',
        object: { code: 410, reason: 'Expired' },
      });
    });
  });

  describe('faults', () => {
    it('make the server unreachable and let it come back', async () => {
      api.api.faults.set({ down: true });
      await expect(api.send({ path: tenants() })).rejects.toThrow(
        'fetch failed',
      );
      api.api.faults.set(undefined);
      expect((await api.send({ path: tenants() })).status).toBe(200);
    });

    it('make the server slow', async () => {
      api.api.faults.set({ delayMs: 100 });
      const start = Date.now();
      await api.send({ path: tenants() });
      expect(Date.now() - start).toBeGreaterThanOrEqual(95);
    });

    it('break watches, which can be taken up again', async () => {
      const created = await api.createTenant(tenant('main'));
      const address = `${tenants()}?watch=1&resourceVersion=${
        created.metadata.resourceVersion
      }`;
      const watch = await TestWatch.open(api, address);
      api.api.faults.breakWatches();
      expect(await watch.next()).toBeUndefined();
      await patch(tenants('main'), { metadata: { labels: { a: 'b' } } });
      const again = await TestWatch.open(api, address);
      expect((await again.next())?.type).toBe('MODIFIED');
      again.close();
    });
  });
});
