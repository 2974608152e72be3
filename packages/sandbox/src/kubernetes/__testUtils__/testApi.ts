import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CustomKind, KubernetesApi, startKubernetesApi, TokenGrant } from '..';
import { JsonObject } from '../types';

/** An answer as a test looks at it. */
export interface TestAnswer {
  status: number;
  warnings: string[];
  body: any;
}

export interface TestRequest {
  method?: string;
  path: string;
  token?: string;
  contentType?: string;
  accept?: string;
  body?: unknown;
}

export const ADMIN: TokenGrant = {
  token: 'admin-token',
  user: 'admin',
  groups: ['system:masters'],
  rules: [],
};

const { KUBE_API_URL, KUBE_API_TOKEN } = process.env;

/** Whether the environment names a real server, which is then asked instead of the stand-in. */
export const isReal = Boolean(KUBE_API_URL && KUBE_API_TOKEN);

/** Where tests write. On a real server nobody else does. */
export const NAMESPACE = isReal ? `contract-${Date.now()}` : 'storage';

/** What a contract is tested on. */
export abstract class TestServer {
  abstract readonly url: string;

  /** How a holder of a token says who he is. */
  abstract headersOf(token: string): Record<string, string>;

  abstract stop(): Promise<void>;

  /** A request of the administrator, unless it carries another token. A body that is not text is sent as JSON. */
  async send(request: TestRequest): Promise<TestAnswer> {
    const { method = 'GET', path, contentType, accept, body } = request;
    const token = 'token' in request ? request.token : ADMIN.token;
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        ...(token && this.headersOf(token)),
        ...(accept && { accept }),
        ...(body !== undefined && {
          'content-type': contentType ?? 'application/json',
        }),
      },
      body:
        body === undefined || typeof body === 'string'
          ? (body as string | undefined)
          : JSON.stringify(body),
    });
    const text = await response.text();
    const warning = response.headers.get('warning');
    return {
      status: response.status,
      warnings: warning ? warning.split(/, (?=299 - )/) : [],
      body: response.headers.get('content-type')?.includes('json')
        ? JSON.parse(text)
        : text,
    };
  }

  async createNamespace(name: string): Promise<void> {
    await this.send({
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { metadata: { name } },
    });
  }

  async createTenant(object: JsonObject): Promise<any> {
    const answer = await this.send({
      method: 'POST',
      path: tenants(),
      body: object,
    });
    if (answer.status !== 201) {
      throw new Error(`The Tenant was refused: ${answer.body.message}`);
    }
    return answer.body;
  }
}

/** The stand-in, with a folder of its own; restart keeps the folder. */
export class TestApi extends TestServer {
  private constructor(
    public api: KubernetesApi,
    readonly dataDir: string,
    private readonly tokens: TokenGrant[],
  ) {
    super();
  }

  static async start(
    tokens: TokenGrant[] = [],
    customKinds?: CustomKind[],
  ): Promise<TestApi> {
    const all = [ADMIN, ...tokens];
    const dataDir = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
    const api = await startKubernetesApi({
      name: 'atlas',
      dataDir,
      tokens: all,
      customKinds,
    });
    return new TestApi(api, dataDir, all);
  }

  get url(): string {
    return this.api.url;
  }

  headersOf(token: string): Record<string, string> {
    return { authorization: `Bearer ${token}` };
  }

  async restart(): Promise<void> {
    await this.api.stop();
    this.api = await startKubernetesApi({
      name: 'atlas',
      dataDir: this.dataDir,
      tokens: this.tokens,
    });
  }

  async stop(): Promise<void> {
    await this.api.stop();
    rmSync(this.dataDir, { recursive: true });
  }
}

/** A server that somebody else runs. Its administrator acts for the holders of the tokens. */
class RealServer extends TestServer {
  constructor(
    readonly url: string,
    private readonly adminToken: string,
    private readonly tokens: TokenGrant[],
  ) {
    super();
  }

  headersOf(token: string): Record<string, string> {
    if (token === ADMIN.token) {
      return { authorization: `Bearer ${this.adminToken}` };
    }
    const grant = this.tokens.find(each => each.token === token);
    if (!grant) {
      return { authorization: `Bearer ${token}` };
    }
    return {
      authorization: `Bearer ${this.adminToken}`,
      'impersonate-user': grant.user,
      'impersonate-uid': grant.user,
      // `fetch` cannot repeat a header; nobody here is in two groups.
      ...(grant.groups?.length && { 'impersonate-group': grant.groups[0] }),
    };
  }

  /** Gives what the rules allow, in the namespace of the tests only. */
  async grantRights(): Promise<void> {
    const api = `/apis/rbac.authorization.k8s.io/v1/namespaces/${NAMESPACE}`;
    for (const { token, user, groups, rules } of this.tokens.filter(
      each => each.rules.length,
    )) {
      const metadata = { name: token };
      await this.send({
        method: 'POST',
        path: `${api}/roles`,
        body: {
          metadata,
          rules: rules.map(({ namespaces: _, ...rule }) => rule),
        },
      });
      await this.send({
        method: 'POST',
        path: `${api}/rolebindings`,
        body: {
          metadata,
          subjects: [
            groups?.length
              ? { kind: 'Group', name: groups[0] }
              : { kind: 'User', name: user },
          ],
          roleRef: { kind: 'Role', name: token },
        },
      });
    }
  }

  async stop(): Promise<void> {
    await this.send({
      method: 'DELETE',
      path: `/api/v1/namespaces/${NAMESPACE}`,
    });
  }
}

/** The server whose contract is tested, with {@link NAMESPACE} in it. */
export async function startServer(
  tokens: TokenGrant[] = [],
): Promise<TestServer> {
  if (!isReal) {
    const api = await TestApi.start(tokens);
    await api.createNamespace(NAMESPACE);
    return api;
  }
  const server = new RealServer(KUBE_API_URL!, KUBE_API_TOKEN!, tokens);
  await server.createNamespace(NAMESPACE);
  await server.grantRights();
  return server;
}

/** Asks again until the answer is as wanted: controllers of a real server need a moment. */
export async function eventually(
  server: TestServer,
  request: TestRequest,
  isWanted: (answer: TestAnswer) => boolean,
): Promise<TestAnswer> {
  for (let tries = 0; tries < 100; tries += 1) {
    const answer = await server.send(request);
    if (isWanted(answer)) {
      return answer;
    }
    await sleep(100);
  }
  return server.send(request);
}

/** Path of the Tenants of {@link NAMESPACE}. */
export function tenants(name?: string): string {
  return `/apis/rustfs.com/v1alpha1/namespaces/${NAMESPACE}/tenants${
    name ? `/${name}` : ''
  }`;
}

/** A Tenant that is accepted. */
export function tenant(name: string, spec: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'rustfs.com/v1alpha1',
    kind: 'Tenant',
    metadata: { name },
    spec: {
      pools: [
        { name: 'pool-0', servers: 1, persistence: { volumesPerServer: 4 } },
      ],
      ...spec,
    },
  };
}

export interface WatchEvent {
  type: string;
  object: any;
}

/** Reads a watch; `next` waits for an event, `undefined` is the end. */
export class TestWatch {
  private readonly queue: WatchEvent[] = [];
  private wake: () => void = () => {};
  private over = false;

  static async open(
    server: TestServer,
    path: string,
    token = ADMIN.token,
  ): Promise<TestWatch> {
    const controller = new AbortController();
    const response = await fetch(`${server.url}${path}`, {
      headers: server.headersOf(token),
      signal: controller.signal,
    });
    if (response.status !== 200) {
      throw new Error(`The watch was refused: ${await response.text()}`);
    }
    return new TestWatch(response, controller);
  }

  private constructor(
    response: Response,
    private readonly controller: AbortController,
  ) {
    this.read(response).finally(() => {
      this.over = true;
      this.wake();
    });
  }

  private async read(response: Response): Promise<void> {
    let rest = '';
    try {
      for await (const chunk of response.body!) {
        const lines = (rest + Buffer.from(chunk).toString()).split('\n');
        rest = lines.pop()!;
        this.queue.push(...lines.map(line => JSON.parse(line)));
        this.wake();
      }
    } catch {
      // Cut in the middle: for the reader this is the end as well.
    }
  }

  async next(): Promise<WatchEvent | undefined> {
    while (this.queue.length === 0 && !this.over) {
      await new Promise<void>(resolve => {
        this.wake = resolve;
      });
    }
    return this.queue.shift();
  }

  close(): void {
    this.controller.abort();
  }
}
