import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KubernetesApi, startKubernetesApi, TokenGrant } from '..';
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

/** Sends one request; a body that is not text is sent as JSON. */
export async function send(
  url: string,
  request: TestRequest,
): Promise<TestAnswer> {
  const { method = 'GET', path, token, contentType, accept, body } = request;
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      ...(token && { authorization: `Bearer ${token}` }),
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

/** A server with a folder of its own; restart keeps the folder. */
export class TestApi {
  private constructor(
    public api: KubernetesApi,
    readonly dataDir: string,
    private readonly tokens: TokenGrant[],
  ) {}

  static async start(tokens: TokenGrant[] = []): Promise<TestApi> {
    const all = [ADMIN, ...tokens];
    const dataDir = mkdtempSync(join(tmpdir(), 'kubernetes-api-'));
    const api = await startKubernetesApi({
      name: 'atlas',
      dataDir,
      tokens: all,
    });
    return new TestApi(api, dataDir, all);
  }

  get url(): string {
    return this.api.url;
  }

  /** A request of the administrator, unless it carries another token. */
  async send(request: TestRequest): Promise<TestAnswer> {
    return send(this.url, { token: ADMIN.token, ...request });
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

/** Path of the Tenants of namespace `storage`. */
export function tenants(name?: string): string {
  return `/apis/rustfs.com/v1alpha1/namespaces/storage/tenants${
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
    api: TestApi,
    path: string,
    token = ADMIN.token,
  ): Promise<TestWatch> {
    const controller = new AbortController();
    const response = await fetch(`${api.url}${path}`, {
      headers: { authorization: `Bearer ${token}` },
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
