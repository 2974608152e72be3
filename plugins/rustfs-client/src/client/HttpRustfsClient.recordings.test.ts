import { createServer, IncomingMessage, Server } from 'node:http';
import { readFileSync } from 'node:fs';
import { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { HttpRustfsClient } from './HttpRustfsClient';
import { RustfsClient } from './RustfsClient';
import { RustfsError } from './RustfsError';

/*
 * Holds the client against answers recorded from RustFS 1.0.1, odd ones included.
 */

const SECRET = 'a-secret-that-stays-inside';

const recordingSchema = z.object({
  request: z.object({ method: z.string(), path: z.string() }),
  response: z.object({
    status: z.number(),
    headers: z.record(z.string(), z.string()),
    body: z.unknown().optional(),
  }),
});

interface Answer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

function recorded(name: string): Answer {
  const { response } = recordingSchema.parse(
    JSON.parse(
      readFileSync(join(__dirname, '__fixtures__', `${name}.json`), 'utf8'),
    ),
  );
  const { status, headers, body } = response;
  const { connection, 'content-length': _length, ...rest } = headers;
  return {
    status,
    headers: rest,
    body: typeof body === 'string' ? body : JSON.stringify(body) ?? '',
  };
}

describe('HttpRustfsClient and recorded answers', () => {
  let server: Server;
  let client: RustfsClient;
  let hasty: RustfsClient;
  type Given = Answer | 'silence' | 'reset' | 'half';
  let answer: Given | ((request: IncomingMessage) => Given);
  const requests: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      requests.push(`${request.method} ${request.url}`);
      const given = typeof answer === 'function' ? answer(request) : answer;
      if (given === 'reset') {
        request.socket.destroy();
      } else if (given === 'half') {
        response.writeHead(200, { 'content-length': 100 }).write('{');
      } else if (given !== 'silence') {
        response.writeHead(given.status, given.headers).end(given.body);
      }
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    const options = {
      endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      accessKeyId: 'portal-apps',
      secretAccessKey: SECRET,
      words: {
        caller: 'the portal',
        keys: 'accessKeyId and secretAccessKey of this tenant in rustfs.tenants',
        endpoint: 'endpoint of this tenant in rustfs.tenants',
      },
    };
    client = HttpRustfsClient.create({ ...options, timeoutMs: 30_000 });
    // Long enough for the request to arrive on a busy machine.
    hasty = HttpRustfsClient.create({ ...options, timeoutMs: 2_000 });
  });

  afterAll(async () => {
    server.closeAllConnections();
    await new Promise(resolve => {
      server.close(resolve);
    });
  });

  beforeEach(() => {
    requests.length = 0;
  });

  async function failureOf(
    given: typeof answer,
    call: (client: RustfsClient) => Promise<unknown>,
  ): Promise<RustfsError> {
    answer = given;
    const error: unknown = await call(client).then(
      () => undefined,
      thrown => thrown,
    );
    expect(error).toBeInstanceOf(RustfsError);
    const failure = error as RustfsError;
    expect(failure.message).toContain(client.endpoint);
    expect(JSON.stringify({ ...failure, stack: failure.stack })).not.toContain(
      SECRET,
    );
    expect(failure.cause).toBeUndefined();
    // Each call is tried once, whatever the answer.
    expect(requests).toHaveLength(1);
    return failure;
  }

  it('leaves out sizes of buckets that were not measured', async () => {
    answer = recorded('admin-accountinfo-unmeasured-bucket');
    const { buckets } = await client.accountInfo();
    expect(buckets).toEqual([
      {
        name: 'orders-archive',
        createdAt: '2026-11-21T00:04:06.962993819Z',
        sizeBytes: undefined,
        objects: undefined,
        quotaBytes: undefined,
        versioning: 'enabled',
        objectLock: true,
      },
      {
        name: 'orders-data',
        createdAt: '2026-11-21T00:04:06.827274731Z',
        sizeBytes: undefined,
        objects: undefined,
        quotaBytes: 10000,
        versioning: 'off',
        objectLock: false,
      },
    ]);
  });

  it('tells an empty bucket from one that was not measured', async () => {
    answer = recorded('admin-accountinfo-readonly');
    const { buckets } = await client.accountInfo();
    expect(buckets.find(({ name }) => name === 'orders-archive')).toMatchObject(
      { sizeBytes: 0, objects: 0 },
    );
  });

  it('sees a lost drive although the server calls itself online', async () => {
    answer = recorded('admin-info-one-drive-lost');
    expect(await client.serverInfo()).toMatchObject({
      mode: 'online',
      drives: { online: 3, total: 4 },
    });
    answer = recorded('admin-info');
    expect(await client.serverInfo()).toMatchObject({
      version: '1.0.1',
      drives: { online: 4, total: 4 },
      objects: 10,
      usedBytes: 5248490,
    });
  });

  it('does not take a counter with an error for zero', async () => {
    const empty = recorded('admin-info-empty');
    answer = {
      ...empty,
      body: empty.body.replace(
        /"objects":\{"count":\d+,"error":[^}]*\}/,
        '"objects":{"count":0,"error":"usage unavailable"}',
      ),
    };
    expect((await client.serverInfo()).objects).toBeUndefined();
  });

  it('reads the age of usage numbers', async () => {
    answer = recorded('admin-scanner-status');
    expect(await client.scannerStatus()).toMatchObject({
      enabled: true,
      freshness: 'fresh',
      maxAgeSeconds: 120,
      measuredAt: expect.stringMatching(/^2026-11-21T/),
    });
  });

  it('reads health, also of a server that is not ready', async () => {
    answer = recorded('health-ready');
    expect(await client.health()).toMatchObject({
      ready: true,
      version: '1.0.1',
    });
    answer = recorded('startup-health-ready');
    expect(await client.health()).toMatchObject({
      ready: false,
      degradedReasons: expect.arrayContaining(['startup_finalization_pending']),
    });
  });

  it('reads quotas before and after a bucket was measured', async () => {
    answer = recorded('quota-get-compat-unmeasured');
    expect(await client.getQuota('orders-data')).toBe(10000);
    expect(requests).toEqual([
      'GET /rustfs/admin/v3/get-bucket-quota?bucket=orders-data',
    ]);
    answer = recorded('quota-stats');
    expect(await client.quotaStats('orders-data')).toEqual({
      quotaBytes: 10000,
      usedBytes: 4000,
    });
    answer = recorded('quota-stats-unmeasured');
    expect(await client.quotaStats('orders-data')).toBeUndefined();
  });

  it('reads versioning that was set and that never was', async () => {
    answer = recorded('s3-get-versioning');
    expect(await client.getVersioning('orders-data')).toBe('enabled');
    answer = recorded('s3-get-versioning-default');
    expect(await client.getVersioning('orders-data')).toBe('off');
  });

  it('looks for a bucket', async () => {
    answer = recorded('s3-head-bucket');
    expect(await client.bucketExists('orders-data')).toBe(true);
    answer = recorded('s3-head-bucket-absent');
    expect(await client.bucketExists('no-such-bucket')).toBe(false);
    requests.length = 0;
    const denied = await failureOf(recorded('s3-head-bucket-denied'), c =>
      c.bucketExists('orders-data'),
    );
    expect(denied).toMatchObject({
      reason: 'denied',
      hint: expect.stringMatching(/ListBucket/),
    });
  });

  it.each([
    ['admin-info-denied', 'denied', /Grant admin:ServerInfo/],
    ['auth-unknown-key', 'credentials', /rustfs\.tenants/],
    ['auth-wrong-signature', 'credentials', /rustfs\.tenants/],
    ['auth-clock-skew', 'credentials', /clock/],
    ['startup-admin-info', 'starting', /few seconds/],
    ['admin-unknown-route-v3', 'unsupported', /no such call/],
  ] as const)('explains %s as %s', async (name, reason, words) => {
    const failure = await failureOf(recorded(name), c => c.serverInfo());
    expect(failure.reason).toBe(reason);
    expect(failure.message).toMatch(words);
  });

  it('takes the 500 of a quota on an absent bucket for what it is', async () => {
    answer = request =>
      recorded(
        request.method === 'HEAD'
          ? 's3-head-bucket-absent'
          : 'quota-set-absent-bucket',
      );
    await expect(client.setQuota('no-such-bucket', 1000)).rejects.toMatchObject(
      {
        reason: 'not-found',
        operation: 'set the quota of bucket no-such-bucket',
      },
    );
    expect(requests).toEqual([
      'PUT /rustfs/admin/v3/quota/no-such-bucket',
      'HEAD /no-such-bucket',
    ]);
  });

  it('does not take another 500 of a quota for an absent bucket', async () => {
    answer = request =>
      recorded(
        request.method === 'HEAD'
          ? 's3-head-bucket'
          : 'quota-set-absent-bucket',
      );
    await expect(client.setQuota('orders-data', 1000)).rejects.toMatchObject({
      reason: 'unexpected',
    });
  });

  it('explains what S3 answers', async () => {
    const absent = await failureOf(recorded('s3-get-config-absent-bucket'), c =>
      c.getVersioning('no-such-bucket'),
    );
    expect(absent).toMatchObject({ reason: 'not-found', code: 'NoSuchBucket' });

    requests.length = 0;
    const starting = await failureOf(
      {
        status: 503,
        headers: {
          'content-type': 'text/plain; charset=utf-8',
          'retry-after': '5',
          'x-rustfs-readiness-pending': 'storage_quorum',
        },
        body: 'Service not ready: waiting for storage_quorum',
      },
      c => c.getVersioning('orders-data'),
    );
    expect(starting.reason).toBe('starting');
  });

  it.each([
    [{ status: 200, headers: {}, body: '<html>hello</html>' }, /not JSON/],
    [{ status: 200, headers: {}, body: '{"buckets":[]}' }, /account_name/],
    [
      { status: 200, headers: {}, body: '{"account_name":"a","buckets":[{}]}' },
      /buckets\.0\.name/,
    ],
  ])('names an answer that cannot be read: %j', async (given, words) => {
    const failure = await failureOf(given, c => c.accountInfo());
    expect(failure).toMatchObject({
      reason: 'unexpected',
      message: expect.stringMatching(words),
    });
  });

  it.each<[string, number, string, string, RegExp]>([
    [
      'the same call at another scheme and host',
      308,
      'https://s3.example/rustfs/admin/v3/accountinfo',
      'https://s3.example',
      /it redirects to https:\/\/s3\.example\. Put https:\/\/s3\.example into endpoint/,
    ],
    ...[301, 302, 303, 307].map(
      status =>
        [
          'the same call at another host',
          status,
          'http://other.example:9000/rustfs/admin/v3/accountinfo?x=1',
          'http://other.example:9000',
          /Put http:\/\/other\.example:9000 into endpoint/,
        ] as [string, number, string, string, RegExp],
    ),
    [
      'a sign-in page elsewhere',
      302,
      'https://sso.example/login?state=s3cret',
      'https://sso.example/login',
      /not of a web page or the console, and that no sign-in page/,
    ],
    [
      'a page of the same host',
      302,
      '/rustfs/console/',
      '/rustfs/console/',
      /not a call of a RustFS server.*console/,
    ],
  ])(
    'says where it is redirected to: %s (%d)',
    async (_name, status, location, target, words) => {
      for (const call of [
        (c: RustfsClient) => c.accountInfo(),
        // Paths of S3 are other ones, the sentence is the same.
        (c: RustfsClient) => c.getVersioning('orders-data'),
      ]) {
        requests.length = 0;
        const failure = await failureOf(
          request => ({
            status,
            headers: {
              location: location.replace(
                /\/rustfs\/admin\/v3\/accountinfo.*/,
                request.url!,
              ),
            },
            body: '<html>Moved</html>',
          }),
          call,
        );
        expect(failure.reason).toBe('unexpected');
        expect(failure.message).toContain(target);
        expect(failure.message).toMatch(words);
        expect(failure.message).not.toContain('s3cret');
      }
    },
  );

  it('says when a redirect leads nowhere', async () => {
    const failure = await failureOf({ status: 302, headers: {}, body: '' }, c =>
      c.accountInfo(),
    );
    expect(failure.message).toMatch(/302, a redirect that does not say where/);
  });

  const page = (title: string) => ({
    headers: { 'content-type': 'text/html' },
    body: `<html><head><title>${title}</title></head></html>`,
  });
  it.each<
    [number, { headers: Record<string, string>; body: string }, string, RegExp]
  >([
    [
      401,
      page('401 Authorization Required'),
      'unexpected',
      /before it refuses/,
    ],
    [403, page('403 Forbidden'), 'unexpected', /before it refuses/],
    [
      403,
      {
        headers: { 'content-type': 'text/plain' },
        body: 'RBAC: access denied',
      },
      'unexpected',
      /before it refuses/,
    ],
    [404, page('404 Not Found'), 'unexpected', /address of the S3 interface/],
    [
      404,
      {
        headers: { 'content-type': 'text/plain' },
        body: 'default backend - 404',
      },
      'unexpected',
      /address of the S3 interface/,
    ],
    [413, page('Too large'), 'unexpected', /address of the S3 interface/],
    [429, page('Slow down'), 'unreachable', /turns calls away/],
    [500, page('500'), 'unreachable', /does not reach it/],
    [502, page('502 Bad Gateway'), 'unreachable', /does not reach it/],
    [502, { headers: {}, body: 'Bad gateway' }, 'unreachable', /502/],
    [503, page('503 Service Unavailable'), 'unreachable', /does not reach it/],
    [
      503,
      {
        headers: { 'content-type': 'text/plain' },
        body: 'no healthy upstream',
      },
      'unreachable',
      /does not reach it/,
    ],
    [504, page('504 Gateway Time-out'), 'unreachable', /does not reach it/],
  ])(
    'does not take %d of what stands before the server for its answer: %j',
    async (status, given, reason, words) => {
      for (const call of [
        (c: RustfsClient) => c.accountInfo(),
        (c: RustfsClient) => c.setQuota('orders-data', 1000),
        (c: RustfsClient) => c.getVersioning('orders-data'),
        (c: RustfsClient) => c.setVersioning('orders-data', 'enabled'),
      ]) {
        requests.length = 0;
        const failure = await failureOf({ status, ...given }, call);
        expect(failure.reason).toBe(reason);
        expect(failure.message).toMatch(words);
        expect(failure.message).not.toMatch(/Grant|Check the name/);
      }
      // An answer to HEAD has no body: its type is all that there is.
      const { headers } = page('');
      await expect(
        failureOf({ status, headers, body: '' }, async c => {
          requests.length = 0;
          await c.bucketExists('orders-data');
        }),
      ).resolves.toMatchObject({ reason });
    },
  );

  it('does not take a page for a bucket that is there, or for a setting that was made', async () => {
    for (const call of [
      (c: RustfsClient) => c.bucketExists('orders-data'),
      (c: RustfsClient) => c.getVersioning('orders-data'),
      (c: RustfsClient) => c.setVersioning('orders-data', 'enabled'),
    ]) {
      requests.length = 0;
      const failure = await failureOf(
        { status: 200, ...page('Sign in') },
        call,
      );
      expect(failure.reason).toBe('unexpected');
    }
  });

  it.each([
    [
      'SignatureDoesNotMatch',
      /A proxy before the server that changes the Host/,
    ],
    ['UnauthorizedAccess', /does not accept the access key of the portal/],
    ['InvalidAccessKeyId', /see that the user is enabled\.$/],
  ])('names the credentials when the server says %s', async (code, words) => {
    const failure = await failureOf(
      {
        status: 403,
        headers: { 'content-type': 'application/xml' },
        body: `<?xml version="1.0"?><Error><Code>${code}</Code><Message>Your account is not signed up2</Message></Error>`,
      },
      c => c.accountInfo(),
    );
    expect(failure).toMatchObject({
      reason: 'credentials',
      message: expect.stringMatching(words),
    });
  });

  it.each([
    ['accountInfo', (c: RustfsClient) => c.accountInfo()],
    ['getVersioning', (c: RustfsClient) => c.getVersioning('orders-data')],
  ])('gives up on a silent server in time: %s', async (_name, call) => {
    const started = Date.now();
    const silent = await failureOf('silence', () => call(hasty));
    requests.length = 0;
    const half = await failureOf('half', () => call(hasty));
    for (const failure of [silent, half]) {
      expect(failure.reason).toBe('unreachable');
      expect(failure.message).toContain('nothing came within 2 s');
    }
    expect(Date.now() - started).toBeLessThan(20_000);
  });

  it.each([
    ['accountInfo', (c: RustfsClient) => c.accountInfo()],
    ['getVersioning', (c: RustfsClient) => c.getVersioning('orders-data')],
  ])('says when the connection breaks: %s', async (_name, call) => {
    const failure = await failureOf('reset', call);
    expect(failure).toMatchObject({
      reason: 'unreachable',
      message: expect.stringMatching(/closed the connection/),
    });
  });
});

/** Where nothing listens, on a port that fetch does not refuse by itself. */
async function unusedAddress(): Promise<string> {
  const server = createServer();
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise(resolve => {
    server.close(resolve);
  });
  return `http://127.0.0.1:${port}`;
}

describe('HttpRustfsClient.create', () => {
  const options = { accessKeyId: 'portal-apps', secretAccessKey: SECRET };

  it.each([
    'apps-io.storage.svc:9000',
    'ftp://apps.example',
    'http://user:password@apps.example',
    'http://apps.example/path',
  ])('refuses %s as an endpoint', endpoint => {
    expect(() => HttpRustfsClient.create({ ...options, endpoint })).toThrow(
      /for example http:\/\/media-io/,
    );
  });

  it('names a host that does not exist and a port where nothing listens', async () => {
    await expect(
      HttpRustfsClient.create({
        ...options,
        endpoint: 'http://no-such-host.invalid:9000',
      }).accountInfo(),
    ).rejects.toMatchObject({ reason: 'unreachable' });
    await expect(
      HttpRustfsClient.create({
        ...options,
        endpoint: await unusedAddress(),
      }).getVersioning('orders-data'),
    ).rejects.toMatchObject({
      reason: 'unreachable',
      message: expect.stringMatching(/nothing listens there/),
    });
  });
});
