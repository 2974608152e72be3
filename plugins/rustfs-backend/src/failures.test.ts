import {
  createServer,
  IncomingMessage,
  Server,
  ServerResponse,
} from 'node:http';
import { AddressInfo } from 'node:net';
import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  TestBackend,
} from '@backstage/backend-test-utils';
import { ServerPermissionClient } from '@backstage/plugin-permission-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import request from 'supertest';
import rustfsPlugin from '.';

/*
 * The portal's own parts, asked over HTTP by Backstage's own clients, fail in every way there is.
 */

type Answer = (req: IncomingMessage, res: ServerResponse) => void;

const invoices = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/checkout' }],
};

const allow: Answer = (req, res) => {
  let body = '';
  req.on('data', chunk => {
    body += chunk;
  });
  req.on('end', () => {
    const items = JSON.parse(body).items.map(({ id }: { id: string }) => ({
      id,
      result: 'ALLOW',
    }));
    json(res, 200, { items });
  });
};

const known: Answer = (req, res) => {
  if (req.method === 'GET') {
    json(res, 200, invoices);
  } else {
    json(res, 200, { items: [] });
  }
};

function json(
  res: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  res.writeHead(status, { 'content-type': 'application/json', ...headers });
  res.end(JSON.stringify(body));
}

/** An error of Backstage as it comes in development. */
function failing(
  status: number,
  name: string,
  headers: Record<string, string> = {},
): Answer {
  return (_, res) =>
    json(
      res,
      status,
      {
        error: {
          name,
          message: 'connect ECONNREFUSED 10.0.0.7:5432 hunter2',
          stack: 'Error: hunter2\n    at f (/opt/portal/node_modules/x.js:1:2)',
          cause: { message: 'hunter2' },
        },
        request: { method: 'POST', url: '/opt/portal/hunter2' },
        response: { statusCode: status },
      },
      headers,
    );
}

const html =
  (status: number): Answer =>
  (_, res) => {
    res.writeHead(status, { 'content-type': 'text/html' });
    res.end('<html>hunter2 at /opt/nginx</html>');
  };

const hangUp: Answer = (_, res) => {
  res.destroy();
};

const breakOff: Answer = (_, res) => {
  res.writeHead(200, {
    'content-type': 'application/json',
    'content-length': '1000',
  });
  res.write('{"items"');
  setTimeout(() => res.destroy(), 20);
};

const silent: Answer = () => {};

type Part = 'permission' | 'catalog';

const PARTS: Array<[part: Part, words: RegExp]> = [
  ['permission', /^The permission backend /],
  ['catalog', /^The catalog /],
];

/** What a part does, and what the portal then answers. */
const FAILURES: Array<
  [
    failure: string,
    answer: Answer | 'absent',
    status: number,
    words: RegExp,
    retryAfter?: string,
  ]
> = [
  ['is not there', 'absent', 503, /does not answer: nothing listens/, '5'],
  ['hangs up', hangUp, 503, /does not answer: it closed the connection/, '5'],
  ['fails', failing(500, 'Error'), 503, /cannot answer .*HTTP 500/, '5'],
  [
    'fails with the name of another error',
    failing(500, 'NotFoundError'),
    503,
    /cannot answer .*HTTP 500/,
    '5',
  ],
  [
    'is overloaded and says when to come',
    failing(503, 'ServiceUnavailableError', { 'retry-after': '17' }),
    503,
    /cannot answer .*HTTP 503/,
    '17',
  ],
  [
    'limits the rate',
    failing(429, 'Error', { 'retry-after': '30' }),
    503,
    /cannot answer .*HTTP 429/,
    '30',
  ],
  [
    'says to come next year',
    failing(503, 'Error', { 'retry-after': '31536000' }),
    503,
    /cannot answer/,
    '300',
  ],
  [
    'says when to come in a way that is none',
    failing(503, 'Error', { 'retry-after': '-1, hunter2' }),
    503,
    /cannot answer/,
    '5',
  ],
  ['is behind a gateway that fails', html(502), 503, /HTTP 502/, '5'],
  ['is behind a page', html(200), 503, /does not understand/, '5'],
  ['refuses the token', failing(401, 'AuthenticationError'), 401, /sign in/],
  ['refuses', failing(403, 'NotAllowedError'), 403, /permission policy/],
  ['cannot read what is asked', failing(400, 'InputError'), 400, /kind:/],
  ['has another version', failing(405, 'Error'), 503, /HTTP 405/, '5'],
];

const asked = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  bucket: 'checkout-invoices',
  purpose: 'Invoices',
  dataClass: 'internal',
};

const storage = '/entities/component/default/invoices/storage';

const ROUTES: Array<[method: 'get' | 'post', path: string, body?: object]> = [
  ['get', storage],
  ['get', '/entities/component/default/invoices/request-options'],
  [
    'post',
    '/requests/check-name',
    { entityRef: asked.entityRef, tenant: asked.tenant, bucket: 'x' },
  ],
  ['post', '/requests/preview', asked],
  ['post', '/requests', asked],
  ['get', '/requests'],
  ['get', '/requests/a1'],
  ['post', '/requests/a1/withdraw', {}],
  ['post', '/requests/a1/reopen', {}],
  [
    'post',
    '/requests/a1/commit',
    { commit: 'a'.repeat(40), decision: 'replace' },
  ],
  ['get', '/tenants'],
  ['get', '/tenants/atlas/storage/apps'],
  ['get', '/buckets'],
];

describe('failures', () => {
  let upstream: Server;
  let backend: TestBackend;
  let absentUrl: string;
  let parts: Record<Part, Answer | 'absent'>;
  const logger = mockServices.rootLogger.mock();
  const environment = process.env.NODE_ENV;

  beforeAll(async () => {
    upstream = createServer((req, res) => {
      const part = req.url!.split('/')[2] as Part;
      const answer = parts[part];
      if (answer === 'absent') {
        throw new Error('It is asked at another address');
      }
      answer(req, res);
    });
    const url = await listen(upstream);
    const absent = createServer();
    absentUrl = await listen(absent);
    await new Promise(resolve => {
      absent.close(resolve);
    });
    logger.child.mockReturnValue(logger);
    // Only then Backstage adds stacks to what it answers.
    Reflect.set(process.env, 'NODE_ENV', 'development');
    backend = await startTestBackend({
      features: [
        rustfsPlugin,
        mockServices.rootConfig.factory({
          data: {
            permission: { enabled: true },
            rustfs: { requests: { followInterval: { hours: 1 } } },
          },
        }),
        logger.factory,
        createServiceFactory({
          service: coreServices.discovery,
          deps: {},
          factory: () => {
            const getBaseUrl = async (plugin: string) =>
              `${
                parts[plugin as Part] === 'absent' ? absentUrl : url
              }/api/${plugin}`;
            return { getBaseUrl, getExternalBaseUrl: getBaseUrl };
          },
        }),
        // As Backstage makes it.
        createServiceFactory({
          service: coreServices.permissions,
          deps: {
            auth: coreServices.auth,
            config: coreServices.rootConfig,
            discovery: coreServices.discovery,
          },
          factory: ({ auth, config, discovery }) =>
            ServerPermissionClient.fromConfig(config, { auth, discovery }),
        }),
        createServiceFactory({
          service: signalsServiceRef,
          deps: {},
          factory: () => ({ publish: jest.fn() }),
        }),
        createBackendPlugin({
          pluginId: 'other',
          register(env) {
            env.registerInit({
              deps: { httpRouter: coreServices.httpRouter },
              async init({ httpRouter }) {
                httpRouter.use(() => {
                  throw new Error('of a plugin that leaves it to Backstage');
                });
              },
            });
          },
        }),
      ],
    });
  });

  afterAll(async () => {
    Reflect.set(process.env, 'NODE_ENV', environment);
    await backend.stop();
    upstream.closeAllConnections();
    upstream.close();
  });

  beforeEach(() => {
    parts = { permission: allow, catalog: known };
    jest.clearAllMocks();
    logger.child.mockReturnValue(logger);
  });

  async function listen(server: Server): Promise<string> {
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  function send([method, path, body]: (typeof ROUTES)[number]) {
    const call = request(backend.server)
      [method](`/api/rustfs${path}`)
      .set('Idempotency-Key', 'k1');
    return body ? call.send(body) : call;
  }

  /** Nothing that is of the inside: stacks, addresses, paths of files, words of others. */
  function expectNothingInternal(response: request.Response) {
    const text = JSON.stringify([response.text, response.headers]);
    expect(text).not.toMatch(
      /hunter2|stack|\\n\s+at |node_modules|127\.0\.0\.1:\d|10\.0\.0\.7|localhost|\/opt\/|\/src\/|\.[jt]s:\d|FetchError|ECONN|<html/,
    );
    expect(text).not.toContain(process.cwd());
  }

  it('Backstage would give away the stack', async () => {
    const { body } = await request(backend.server).get('/api/other');
    expect(body.error.stack).toContain('failures.test.ts');
  });

  it('all is well when the parts are', async () => {
    for (const route of ROUTES) {
      const response = await send(route);
      expect([200, 400, 404, 409]).toContain(response.status);
      expectNothingInternal(response);
    }
  });

  describe.each(PARTS)('the %s part', (part, name) => {
    it.each(FAILURES)(
      '%s',
      async (_, answer, status, words, retryAfter = undefined) => {
        parts[part] = answer;
        const response = await send(['get', storage]);
        expect(response.status).toBe(status);
        expect(response.body).toEqual({
          error: {
            name: expect.stringMatching(/Error$/),
            message: expect.stringMatching(words),
          },
          request: { method: 'GET', url: `/api/rustfs${storage}` },
          response: { statusCode: status },
        });
        expect(response.body.error.message).toMatch(name);
        expect(response.headers['retry-after']).toBe(retryAfter);
        expect(response.headers['cache-control']).toBe('no-store');
        expectNothingInternal(response);
      },
    );

    it('leaves the cause in the log, beside the id that the answer has', async () => {
      parts[part] = failing(500, 'Error');
      const response = await send(['get', storage]);
      const id = response.headers['x-request-id'];
      const lines = logger.warn.mock.calls.map(([line]) => line);
      expect(lines).toContainEqual(expect.stringContaining(id));
      expect(lines.join('\n')).toContain('connect ECONNREFUSED 10.0.0.7');
    });
  });

  it('parts that are silent, or stop in the middle, are waited for, and not without end', async () => {
    parts = { permission: breakOff, catalog: silent };
    const started = Date.now();
    const responses = await Promise.all(ROUTES.map(send));
    expect(Date.now() - started).toBeLessThan(14_000);
    for (const response of responses) {
      expect(response.status).toBe(503);
      expect(response.body.error.message).toMatch(
        /^The (catalog|permission backend) does not answer: nothing came within 10 s/,
      );
      expect(response.headers['retry-after']).toBe('5');
      expectNothingInternal(response);
    }
  }, 20_000);

  it('no route gives away anything, whatever part fails in whatever way', async () => {
    for (const [part] of PARTS) {
      for (const [, answer] of FAILURES) {
        parts = { permission: allow, catalog: known, [part]: answer };
        for (const response of await Promise.all(ROUTES.map(send))) {
          expect(response.status).not.toBe(500);
          expectNothingInternal(response);
        }
      }
    }
  });

  it('many calls at once are answered, or told to come again', async () => {
    // Like a process that is out of sockets: some get through late, some not at all.
    let count = 0;
    const overloaded =
      (answer: Answer): Answer =>
      (req, res) => {
        count += 1;
        if (count % 3 === 0) {
          res.destroy();
        } else {
          setTimeout(() => answer(req, res), count % 50);
        }
      };
    parts = { permission: overloaded(allow), catalog: overloaded(known) };
    const started = Date.now();
    const responses = await Promise.all(
      Array.from({ length: 300 }, () => send(['get', storage])),
    );
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(new Set(responses.map(({ status }) => status))).toEqual(
      new Set([200, 503]),
    );
    for (const response of responses.filter(({ status }) => status === 503)) {
      expect(response.headers['retry-after']).toBe('5');
      expectNothingInternal(response);
    }
  }, 30_000);

  it.each([
    [
      'a zero byte in a name',
      '/entities/component/default/in%00voices/storage',
    ],
    ['a line break in a name', '/entities/component/default/in%0Avo/storage'],
    ['a path that is no UTF-8', '/entities/component/default/%E0%A4%A/storage'],
    ['a tenant that cannot be', '/tenants/atlas/storage/%E0%A4%A'],
    ['a request that cannot be', '/requests/%E0%A4%A'],
  ])('%s is a mistake of who asks', async (_, path) => {
    const response = await send(['get', path]);
    expect(response.status).toBe(400);
    expectNothingInternal(response);
  });

  it('a form learns which fields are wrong', async () => {
    const response = await send([
      'post',
      '/requests',
      { ...asked, quota: '50 apples' },
    ]);
    expect(response.status).toBe(400);
    expect(response.body.error).toEqual({
      name: 'InputError',
      message: expect.stringMatching(/^Quota: /),
      issues: [{ field: 'quota', message: expect.any(String) }],
    });
    expectNothingInternal(response);
  });
});
