import {
  createTransport,
  Transport,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  adviseOnNetworkError,
  explainNetworkError,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { ClusterAccess } from './connectCluster';
import { EXIT, SetupError } from './SetupError';

const TIMEOUT_MS = 20_000;
/** More than this is read in several answers. */
const PAGE = 500;
/** Writes into the status are named so, beside those of the GitOps engine. */
const FIELD_MANAGER = 'rustfs-setup';

const objectSchema = z.object({
  metadata: z.object({
    name: z.string(),
    uid: z.string(),
    resourceVersion: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  data: z.record(z.string(), z.string()).optional(),
});

/** A ConfigMap or a Secret. */
export type DataObject = z.output<typeof objectSchema>;

const listSchema = z.object({
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(objectSchema),
});

const statusSchema = z.object({ message: z.string() });

/**
 * The four calls that the program makes to the API server of its cluster. A failure ends the run; what came back is never
 * repeated in words, as it may hold Secrets.
 */
export class KubernetesApi {
  readonly #access: ClusterAccess;
  readonly #transport: Transport;
  readonly #base: string;

  constructor(access: ClusterAccess, namespace: string) {
    this.#access = access;
    this.#base = `/api/v1/namespaces/${namespace}`;
    this.#transport = createTransport({
      url: access.server,
      ca: access.ca,
      timeoutMs: TIMEOUT_MS,
    });
  }

  async list(
    kind: 'configmaps' | 'secrets',
    labelSelector: string,
  ): Promise<DataObject[]> {
    const items: DataObject[] = [];
    let next: string | undefined;
    do {
      const query = new URLSearchParams({
        labelSelector,
        limit: String(PAGE),
        ...(next && { continue: next }),
      });
      const page = await this.#call({
        what: `list ${kind}`,
        path: `${this.#base}/${kind}?${query}`,
        answer: listSchema,
      });
      items.push(...page.items);
      next = page.metadata.continue || undefined;
    } while (next);
    return items;
  }

  /** Undefined: there is none. */
  async getConfigMap(name: string): Promise<DataObject | undefined> {
    return this.#call({
      what: `get ConfigMap ${name}`,
      path: `${this.#base}/configmaps/${name}`,
      answer: objectSchema,
      orUndefinedAt: 404,
    });
  }

  /**
   * Changes some of the data of a ConfigMap that has not changed since it was read.
   *
   * @param data - null takes a key away
   * @returns undefined when it has changed
   */
  async patchConfigMap(
    name: string,
    resourceVersion: string,
    data: Record<string, string | null>,
  ): Promise<DataObject | undefined> {
    return this.#call({
      what: `patch ConfigMap ${name}`,
      path: `${this.#base}/configmaps/${name}?fieldManager=${FIELD_MANAGER}`,
      patch: { metadata: { resourceVersion }, data },
      answer: objectSchema,
      orUndefinedAt: 409,
    });
  }

  async #call<T>(call: {
    what: string;
    path: string;
    patch?: object;
    answer: z.ZodType<T>;
    orUndefinedAt: number;
  }): Promise<T | undefined>;
  async #call<T>(call: {
    what: string;
    path: string;
    answer: z.ZodType<T>;
  }): Promise<T>;
  async #call<T>(call: {
    what: string;
    path: string;
    patch?: object;
    answer: z.ZodType<T>;
    orUndefinedAt?: number;
  }): Promise<T | undefined> {
    const { what, patch } = call;
    const { status, text } = await this.#send(call);
    if (status === call.orUndefinedAt) {
      return undefined;
    }
    if (status === 401 || status === 403) {
      throw new SetupError(
        EXIT.refused,
        status === 401
          ? `The API server does not accept the token of the service account (${what})`
          : `The service account may not ${what}: give it the Role of the README`,
      );
    }
    const content = parseJson(text);
    const parsed = call.answer.safeParse(content);
    if (status >= 200 && status < 300 && parsed.success) {
      return parsed.data;
    }
    const said = patch ? statusSchema.safeParse(content).data?.message : '';
    throw new SetupError(
      status >= 500 || status === 429 ? EXIT.unreachable : EXIT.unexpected,
      `The API server could not ${what}: it answers ${status}${
        said ? ` ${said.slice(0, 200)}` : ''
      }`,
    );
  }

  async #send({
    what,
    path,
    patch,
  }: {
    what: string;
    path: string;
    patch?: object;
  }) {
    try {
      const response = await this.#transport.fetch(
        new URL(path, this.#access.server),
        {
          method: patch ? 'PATCH' : 'GET',
          headers: {
            accept: 'application/json',
            authorization: `Bearer ${this.#access.token()}`,
            ...(patch && { 'content-type': 'application/merge-patch+json' }),
          },
          body: patch && JSON.stringify(patch),
          redirect: 'manual',
          signal: AbortSignal.timeout(TIMEOUT_MS),
        },
      );
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw new SetupError(
        EXIT.unreachable,
        [
          `The API server could not be asked to ${what}: ${explainNetworkError(
            error,
            TIMEOUT_MS,
          )}.`,
          adviseOnNetworkError(error),
        ]
          .filter(Boolean)
          .join(' '),
      );
    }
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
