import { isDeepStrictEqual } from 'node:util';
import { ResponseError, ServiceUnavailableError } from '@backstage/errors';
import { z } from 'zod';
import {
  KubernetesObject,
  parseObject,
  ResourceType,
  SERVICE_ACCOUNTS,
} from './objects';

const listSchema = z.object({
  metadata: z.object({ resourceVersion: z.string() }),
  items: z.array(z.looseObject({})),
});

const resourceListSchema = z.object({
  resources: z.array(
    z.object({ name: z.string(), kind: z.string(), namespaced: z.boolean() }),
  ),
});

const statusSchema = z.object({
  message: z.string(),
  reason: z.string().optional(),
  code: z.number().optional(),
});

const tokenSchema = z.object({ status: z.object({ token: z.string() }) });

const watchEventSchema = z.object({
  type: z.enum(['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR']),
  object: z.looseObject({}),
});

/** What an API server answered when it refused a call. */
export class KubernetesApiError extends Error {
  constructor(
    readonly status: number,
    readonly reason: string | undefined,
    message: string,
  ) {
    super(message);
    this.name = 'KubernetesApiError';
  }
}

export interface WatchEvent {
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  object: KubernetesObject;
}

/** Writes at the same time are few; more losses in a row than this have another cause. */
const PUT_ATTEMPTS = 5;

/**
 * The few calls that controllers make to a Kubernetes API server, with a bearer token.
 */
export class ClusterClient {
  private readonly discovered = new Map<string, Promise<ResourceType[]>>();

  constructor(
    private readonly options: { url: string; token: string; manager: string },
  ) {}

  /** The endpoint of a kind, or undefined when the server has no such kind. */
  async resourceOf(
    apiVersion: string,
    kind: string,
  ): Promise<ResourceType | undefined> {
    let resources = this.discovered.get(apiVersion);
    if (!resources) {
      resources = this.discover(apiVersion);
      this.discovered.set(apiVersion, resources);
      resources.catch(() => this.discovered.delete(apiVersion));
    }
    return (await resources).find(resource => resource.kind === kind);
  }

  async get(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
  ): Promise<KubernetesObject | undefined> {
    try {
      return parseObject(
        await this.request('GET', this.pathOf(type, namespace, name)),
      );
    } catch (error) {
      if (error instanceof KubernetesApiError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  async list(
    type: ResourceType,
  ): Promise<{ resourceVersion: string; items: KubernetesObject[] }> {
    const list = listSchema.parse(
      await this.request('GET', this.pathOf(type, undefined)),
    );
    return {
      resourceVersion: list.metadata.resourceVersion,
      // Items of a list carry neither apiVersion nor kind.
      items: list.items.map(item =>
        parseObject({ apiVersion: type.apiVersion, kind: type.kind, ...item }),
      ),
    };
  }

  async create(
    type: ResourceType,
    object: KubernetesObject,
  ): Promise<KubernetesObject> {
    return parseObject(
      await this.request('POST', this.pathOf(type, object.metadata.namespace), {
        body: object,
      }),
    );
  }

  /** A token of a service account; undefined when there is no such account. */
  async createToken(
    namespace: string,
    name: string,
  ): Promise<string | undefined> {
    try {
      const answer = await this.request(
        'POST',
        `${this.pathOf(SERVICE_ACCOUNTS, namespace, name)}/token`,
        {
          body: {
            apiVersion: 'authentication.k8s.io/v1',
            kind: 'TokenRequest',
            spec: {},
          },
        },
      );
      return tokenSchema.parse(answer).status.token;
    } catch (error) {
      if (error instanceof KubernetesApiError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  /**
   * Makes an object as declared: creates it, or replaces what it says. What it does not speak of stays: the status, metadata
   * of others, whole fields beside them. Unknown fields are refused. When somebody else writes the object meanwhile, it is read again: the real controllers
   * apply on the server, where that is no conflict.
   */
  async put(
    type: ResourceType,
    object: KubernetesObject,
    options: { dryRun: boolean },
  ): Promise<{ object: KubernetesObject; changed: boolean }> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.putOnce(type, object, options);
      } catch (error) {
        const isConflict =
          error instanceof KubernetesApiError && error.status === 409;
        if (!isConflict || attempt === PUT_ATTEMPTS) {
          throw error;
        }
      }
    }
  }

  private async putOnce(
    type: ResourceType,
    object: KubernetesObject,
    options: { dryRun: boolean },
  ): Promise<{ object: KubernetesObject; changed: boolean }> {
    const { namespace, name } = object.metadata;
    const query = {
      fieldManager: this.options.manager,
      fieldValidation: 'Strict',
      ...(options.dryRun && { dryRun: 'All' }),
    };
    const live = await this.get(type, namespace, name);
    if (!live) {
      const created = await this.request('POST', this.pathOf(type, namespace), {
        body: object,
        query,
      });
      return { object: parseObject(created), changed: true };
    }
    const merged = {
      // What the manifest does not speak of is somebody else's, such as the data of a status.
      ...live,
      ...object,
      metadata: mergeMetadata(live, object),
    };
    const result = parseObject(
      await this.request('PUT', this.pathOf(type, namespace, name), {
        body: merged,
        query,
      }),
    );
    return { object: result, changed: !sameContent(live, result) };
  }

  async mergePatch(
    type: ResourceType,
    target: { namespace?: string; name: string; subresource?: 'status' },
    patch: object,
  ): Promise<KubernetesObject> {
    const path = this.pathOf(type, target.namespace, target.name);
    return parseObject(
      await this.request(
        'PATCH',
        target.subresource ? `${path}/${target.subresource}` : path,
        {
          body: patch,
          contentType: 'application/merge-patch+json',
          query: { fieldManager: this.options.manager },
        },
      ),
    );
  }

  async delete(
    type: ResourceType,
    namespace: string | undefined,
    name: string,
  ): Promise<void> {
    try {
      await this.request('DELETE', this.pathOf(type, namespace, name));
    } catch (error) {
      if (!(error instanceof KubernetesApiError && error.status === 404)) {
        throw error;
      }
    }
  }

  /** Streams changes from a version on; ends with the connection, fails when the version is forgotten. */
  async *watch(
    type: ResourceType,
    resourceVersion: string,
    signal: AbortSignal,
  ): AsyncGenerator<WatchEvent> {
    const query = new URLSearchParams({
      watch: 'true',
      resourceVersion,
      allowWatchBookmarks: 'true',
    });
    const response = await this.fetch(
      `${this.pathOf(type, undefined)}?${query}`,
      { signal },
    );
    if (!response.ok || !response.body) {
      throw await ResponseError.fromResponse(response);
    }
    let rest = '';
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split(
        '\n',
      );
      rest = lines.pop() ?? '';
      for (const line of lines.filter(text => text.trim())) {
        const event = watchEventSchema.parse(JSON.parse(line));
        if (event.type === 'ERROR') {
          throw apiError(410, event.object);
        }
        if (event.type !== 'BOOKMARK') {
          yield { type: event.type, object: parseObject(event.object) };
        }
      }
    }
  }

  private async discover(apiVersion: string): Promise<ResourceType[]> {
    try {
      const list = resourceListSchema.parse(
        await this.request('GET', basePath(apiVersion)),
      );
      return list.resources
        .filter(resource => !resource.name.includes('/'))
        .map(({ name, kind, namespaced }) => ({
          apiVersion,
          kind,
          plural: name,
          namespaced,
        }));
    } catch (error) {
      if (error instanceof KubernetesApiError && error.status === 404) {
        return [];
      }
      throw error;
    }
  }

  private pathOf(
    type: ResourceType,
    namespace: string | undefined,
    name?: string,
  ): string {
    return [
      basePath(type.apiVersion),
      ...(type.namespaced && namespace ? ['namespaces', namespace] : []),
      type.plural,
      ...(name ? [encodeURIComponent(name)] : []),
    ].join('/');
  }

  private async request(
    method: string,
    path: string,
    options: {
      body?: object;
      contentType?: string;
      query?: Record<string, string>;
    } = {},
  ): Promise<unknown> {
    const query = options.query ? `?${new URLSearchParams(options.query)}` : '';
    const response = await this.fetch(`${path}${query}`, {
      method,
      headers: options.body && {
        'content-type': options.contentType ?? 'application/json',
      },
      body: options.body && JSON.stringify(options.body),
    });
    const text = await response.text();
    let body: unknown;
    try {
      body = text ? JSON.parse(text) : undefined;
    } catch {
      body = undefined;
    }
    if (!response.ok) {
      throw apiError(response.status, body ?? { message: text.trim() });
    }
    return body;
  }

  private async fetch(path: string, init: RequestInit): Promise<Response> {
    try {
      return await fetch(`${this.options.url}${path}`, {
        ...init,
        headers: {
          accept: 'application/json',
          authorization: `Bearer ${this.options.token}`,
          ...init.headers,
        },
      });
    } catch (error) {
      throw new ServiceUnavailableError(
        `Kubernetes API server ${this.options.url} does not answer`,
        error,
      );
    }
  }
}

function mergeMetadata(
  live: KubernetesObject,
  declared: KubernetesObject,
): KubernetesObject['metadata'] {
  return {
    ...live.metadata,
    ...declared.metadata,
    resourceVersion: live.metadata.resourceVersion,
    labels: { ...live.metadata.labels, ...declared.metadata.labels },
    annotations: {
      ...live.metadata.annotations,
      ...declared.metadata.annotations,
    },
  };
}

function sameContent(a: KubernetesObject, b: KubernetesObject): boolean {
  const content = ({ status: _, metadata, ...rest }: KubernetesObject) => ({
    ...rest,
    labels: metadata.labels ?? {},
    annotations: metadata.annotations ?? {},
  });
  return isDeepStrictEqual(content(a), content(b));
}

function basePath(apiVersion: string): string {
  return apiVersion.includes('/')
    ? `/apis/${apiVersion}`
    : `/api/${apiVersion}`;
}

function apiError(httpStatus: number, body: unknown): KubernetesApiError {
  const status = statusSchema.safeParse(body);
  return status.success
    ? new KubernetesApiError(
        status.data.code ?? httpStatus,
        status.data.reason,
        status.data.message,
      )
    : new KubernetesApiError(httpStatus, undefined, `HTTP ${httpStatus}`);
}
