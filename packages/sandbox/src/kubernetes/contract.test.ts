import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import {
  ADMIN,
  isReal,
  NAMESPACE,
  startServer,
  TestServer,
  TestWatch,
  WatchEvent,
} from './__testUtils__/testApi';

/**
 * Answers recorded from a real API server, asked of the stand-in.
 *
 * With KUBE_API_URL and KUBE_API_TOKEN (an administrator's) the same questions go to that server instead; it needs the
 * CRD of the Tenant and is used in a namespace of its own.
 */

const FOLDER = join(__dirname, '__fixtures__');

interface Recording {
  name: string;
  request: {
    as: string;
    method: string;
    path: string;
    contentType?: string;
    body?: any;
  };
  response: { status: number; warnings?: string[]; body: any };
}

function load(name: string): any {
  return parse(readFileSync(join(FOLDER, `${name}.yaml`), 'utf8'));
}

const recordings: Recording[] = readdirSync(FOLDER)
  .map(file => file.replace(/\.yaml$/, ''))
  .map(name => ({ name, ...load(name) }))
  .filter(({ response }) => response?.body);

/** Recordings that speak of the Tenant `main` as it was after `create` (and `status-patch`). */
const NEEDS_TENANT = new Set([
  'status-patch',
  'status-patch-reject',
  'reject-already-exists',
  'reject-conflict',
  'reject-immutable-servers',
  'reject-json-patch-test',
]);

/** Compared in tests of their own below. */
const SPECIAL = new Set(['watch-expired']);

const reader = {
  token: 'reader-token',
  user: 'portal-reader',
  groups: ['portal'],
  rules: [
    {
      apiGroups: ['rustfs.com'],
      resources: ['tenants'],
      verbs: ['get', 'list', 'watch'],
      namespaces: [NAMESPACE],
    },
  ],
};
const newcomer = {
  ...reader,
  token: 'newcomer-token',
  groups: [],
  rules: [],
};

function tokenFor({ name, request }: Recording): string | undefined {
  if (request.as.startsWith('admin')) {
    return ADMIN.token;
  }
  if (request.as === 'portal-reader') {
    return name === 'forbidden-list' ? newcomer.token : reader.token;
  }
  return request.as === 'no credentials' ? undefined : 'nobody-has-this';
}

/** What has to be the same in each run: not times, ids and versions. */
function comparable(body: any): any {
  if (typeof body === 'string') {
    return body.trim();
  }
  if (body.kind === 'Status') {
    return {
      ...body,
      details: body.details && {
        ...body.details,
        ...(body.details.causes && {
          causes: [...body.details.causes].sort((a: any, b: any) =>
            a.field < b.field ? -1 : 1,
          ),
        }),
      },
      // How a parser words a syntax error is its own business; the frame around it is not.
      message: body.message.replace(
        /(yaml: line \d+:).*( \([0-9a-f]+\))$/,
        '$1 …$2',
      ),
    };
  }
  const {
    uid,
    resourceVersion,
    creationTimestamp,
    managedFields,
    ...metadata
  } = body.metadata ?? {};
  // The reason names the role objects of that cluster.
  const { reason, ...status } = body.status ?? {};
  return { ...body, metadata, status };
}

describe('recorded answers of a real API server', () => {
  let server: TestServer;

  /** Recordings speak of the namespace "storage"; on a real server another one stands in for it. */
  function placed<T>(value: T): T {
    const text = JSON.stringify(value)
      .replaceAll('/namespaces/storage', `/namespaces/${NAMESPACE}`)
      .replaceAll('"storage"', JSON.stringify(NAMESPACE))
      .replaceAll('\\"storage\\"', `\\"${NAMESPACE}\\"`);
    return JSON.parse(text);
  }

  beforeAll(async () => {
    server = await startServer([reader, newcomer]);
  });

  afterAll(() => server.stop());

  async function createMain(): Promise<any> {
    const { request } = placed(load('create'));
    const created = await server.send(request);
    expect(created.status).toBe(201);
    return created.body;
  }

  afterEach(async () => {
    const { request } = placed(load('create'));
    const path = request.path.replace(/\?.*/, '/main');
    await server.send({ method: 'DELETE', path });
  });

  const cases = recordings.filter(({ name }) => !SPECIAL.has(name));

  it.each(cases.map(each => [each.name, each] as const))(
    '%s',
    async (name, recording) => {
      const { request, response } = placed(recording);
      let { body } = request;
      if (NEEDS_TENANT.has(name)) {
        const main = await createMain();
        if (body?.metadata?.uid) {
          const { uid, resourceVersion } = main.metadata;
          body = {
            ...body,
            metadata: { ...body.metadata, uid, resourceVersion },
          };
        }
      }
      if (name === 'reject-conflict' || name === 'status-patch-reject') {
        // There is a status by now: the first case read the object before, the second builds on it.
        const { request: other } = placed(load('status-patch'));
        await server.send(other);
      }
      const answer = await server.send({
        ...request,
        body,
        token: tokenFor(recording),
      });
      expect({
        status: answer.status,
        warnings: answer.warnings,
        body: comparable(answer.body),
      }).toEqual({
        status: response.status,
        warnings: response.warnings ?? [],
        body: comparable(response.body),
      });
    },
  );

  it('tells a watch from a forgotten version to list again', async () => {
    const { request, response } = placed(load('watch-expired'));
    const answer = await server.send(request);
    const masked = (event: any) => ({
      ...event,
      object: {
        ...event.object,
        message: event.object.message.replace(/\(\d+\)/, '(…)'),
      },
    });
    expect(masked(JSON.parse(JSON.stringify(answer.body)))).toEqual(
      masked(response.body),
    );
  });

  describe('to a watch of the reader', () => {
    it('are events in the recorded form', async () => {
      const { request, events } = placed(load('watch-events'));
      const main = await createMain();
      const watchFor = (seconds: number) =>
        TestWatch.open(
          server,
          request.path
            .replace('<list resourceVersion>', main.metadata.resourceVersion)
            .replace('timeoutSeconds=4', `timeoutSeconds=${seconds}`),
          reader.token,
        );
      const open = await watchFor(600);
      const path = request.path.replace(/\?.*/, '/main');
      const contentType = 'application/merge-patch+json';
      await server.send({
        method: 'PATCH',
        path,
        contentType,
        body: { metadata: { labels: { x: '1' } } },
      });
      await server.send({
        method: 'PATCH',
        path: `${path}/status`,
        contentType,
        body: { status: events[1].object.status },
      });
      await server.send({ method: 'DELETE', path });
      const told = [await open.next(), await open.next(), await open.next()];
      open.close();
      // Begun when all has happened, so that its short time is long enough on any machine.
      const ending = await watchFor(1);
      const seen: WatchEvent[] = [];
      for (let event = await ending.next(); event; ) {
        seen.push(event);
        event = await ending.next();
      }
      const shape = ({ type, object }: any) => ({
        type,
        kind: object.kind,
        apiVersion: object.apiVersion,
        metadata: Object.keys(object.metadata)
          .filter(key => key !== 'managedFields')
          .sort(),
        labels: object.metadata.labels,
        status: object.status,
      });
      // A server does not promise bookmarks: the real one sends them or not.
      const promised = (all: WatchEvent[]) =>
        all.filter(({ type }) => !isReal || type !== 'BOOKMARK').map(shape);
      expect(promised(seen)).toEqual(promised(events));
      expect(told.map(shape)).toEqual(events.slice(0, 3).map(shape));
      const versions = seen.map(event =>
        Number(event.object.metadata.resourceVersion),
      );
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
    });
  });
});
