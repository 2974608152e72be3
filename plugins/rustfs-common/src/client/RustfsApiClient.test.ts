import { RustfsApiClient } from './RustfsApiClient';

function createClient(status: number, body: unknown) {
  const calls: Array<{ url: string; init?: RequestInit }> = [];
  const client = new RustfsApiClient({
    discoveryApi: { getBaseUrl: async plugin => `http://portal/api/${plugin}` },
    fetchApi: {
      fetch: async (url, init) => {
        calls.push({ url: String(url), init });
        return new Response(JSON.stringify(body), {
          status,
          headers: { 'Content-Type': 'application/json' },
        });
      },
    },
  });
  return { client, calls };
}

describe('RustfsApiClient', () => {
  it('addresses an entity whatever the case of its reference', async () => {
    const { client, calls } = createClient(200, {});
    await client.getEntityStorage('Component:default/Invoices');
    expect(calls[0].url).toBe(
      'http://portal/api/rustfs/entities/component/default/invoices/storage',
    );
  });

  it('sends what is asked for with its kind, its key and the token it is given', async () => {
    const { client, calls } = createClient(201, { id: '1' });
    const asked = {
      kind: 'access-revoke',
      entityRef: 'component:default/invoices',
      tenant: 'atlas/storage/apps',
      access: 'invoices-writer',
      purpose: 'The service is gone',
    };
    await client.createRequest(asked, { key: 'task-1', token: 'abc' });
    await client.previewRequest(asked, { token: 'abc' });
    expect(calls[0].init?.headers).toMatchObject({
      'Idempotency-Key': 'task-1',
      Authorization: 'Bearer abc',
    });
    expect(
      calls.map(({ url, init }) => [url, JSON.parse(String(init?.body))]),
    ).toEqual([
      ['http://portal/api/rustfs/requests', asked],
      ['http://portal/api/rustfs/requests/preview', asked],
    ]);
  });

  it('filters lists by query', async () => {
    const { client, calls } = createClient(200, { items: [], total: 0 });
    await client.listRequests({
      entityRef: 'component:default/invoices',
      state: ['proposed', 'merged'],
      mine: true,
      limit: 5,
    });
    expect(calls[0].url).toBe(
      'http://portal/api/rustfs/requests?entityRef=component%3Adefault%2Finvoices&state=proposed&state=merged&mine=true&limit=5',
    );
  });

  it('asks for the buckets and the accesses of all tenants, or of one', async () => {
    const { client, calls } = createClient(200, { items: [], problems: [] });
    await client.listBuckets();
    await client.listBuckets({ tenant: 'atlas/storage/apps' });
    await client.listAccesses();
    await client.listAccesses({ tenant: 'atlas/storage/apps' });
    expect(calls.map(({ url }) => url)).toEqual([
      'http://portal/api/rustfs/buckets',
      'http://portal/api/rustfs/buckets?tenant=atlas%2Fstorage%2Fapps',
      'http://portal/api/rustfs/access',
      'http://portal/api/rustfs/access?tenant=atlas%2Fstorage%2Fapps',
    ]);
  });

  it('throws what the backend answers', async () => {
    const { client } = createClient(403, {
      error: { name: 'NotAllowedError', message: 'no' },
      response: { statusCode: 403 },
    });
    await expect(client.listTenants()).rejects.toMatchObject({
      name: 'ResponseError',
      statusCode: 403,
    });
  });
});
