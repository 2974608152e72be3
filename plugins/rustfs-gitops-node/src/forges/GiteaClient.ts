import { InputError } from '@backstage/errors';
import {
  adviseOnNetworkError,
  explainNetworkError,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';
import { ForgeError } from '../types';
import { explainForeign, explainRedirect } from './explainForeign';
import { explainStatus } from './explainStatus';
import { Slots } from './Slots';

/** One call of Gitea's API. */
export interface GiteaCall {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments below `/api/v1/repos/{owner}/{name}`. */
  path: string[];
  query?: Record<string, string>;
  body?: unknown;
}

/** An answer, whatever its status. */
export interface GiteaAnswer {
  status: number;
  body: unknown;
  /** The server's own words about an error. */
  message: string;
}

interface ClientOptions {
  baseUrl: string;
  token: string;
  concurrency?: number;
  timeoutMs?: { read: number; write: number };
  fetch?: typeof fetch;
}

const RETRIES = 2;

/** Calls Gitea's API: few at once, with a time limit, never following a redirect, never telling the token. */
export class GiteaClient {
  /** For messages. */
  readonly host: string;
  readonly #api: string;
  readonly #fetch: typeof fetch;
  readonly #slots: Slots;
  readonly #timeoutMs: { read: number; write: number };
  readonly #token: string;

  private constructor(options: ClientOptions, url: URL) {
    this.host = url.host;
    this.#api = `${url.origin}${url.pathname.replace(/\/+$/, '')}/api/v1`;
    this.#fetch = options.fetch ?? fetch;
    this.#slots = new Slots(options.concurrency ?? 4);
    this.#timeoutMs = options.timeoutMs ?? { read: 10_000, write: 30_000 };
    this.#token = options.token;
  }

  static create(options: ClientOptions): GiteaClient {
    const url = URL.canParse(options.baseUrl)
      ? new URL(options.baseUrl)
      : undefined;
    if (!url || !/^https?:$/.test(url.protocol) || url.username) {
      throw new InputError(
        'The address of a Gitea server is http(s) without a user, for example https://git.acme.org',
      );
    }
    return new GiteaClient(options, url);
  }

  /**
   * Reads something.
   *
   * @returns undefined when it is not there
   */
  async read<T>(
    repository: string,
    call: GiteaCall,
    schema: z.ZodType<T>,
  ): Promise<T | undefined> {
    const answer = await this.#retry(() => this.send(repository, call));
    return answer.status === 404
      ? undefined
      : this.parse(repository, call, { answer, schema, expected: 200 });
  }

  /** Does something that may be done twice: an error of the server is no reason to give up. */
  async write(repository: string, call: GiteaCall): Promise<GiteaAnswer> {
    return this.#retry(() => this.send(repository, call));
  }

  /** Sends a call once, whatever it is. */
  async send(repository: string, call: GiteaCall): Promise<GiteaAnswer> {
    const { method = 'GET', path, query, body } = call;
    const segments = [...repository.split('/'), ...path];
    const url = new URL(
      `${this.#api}/repos/${segments.map(encodeURIComponent).join('/')}`,
    );
    url.search = new URLSearchParams(query).toString();
    const limit =
      method === 'GET' ? this.#timeoutMs.read : this.#timeoutMs.write;
    return this.#slots.run(async () => {
      const signal = AbortSignal.timeout(limit);
      try {
        const response = await this.#fetch(url, {
          method,
          // Followed, a POST to a renamed repository turns into a GET that ends in 200 with nothing done.
          redirect: 'manual',
          signal,
          headers: {
            accept: 'application/json',
            authorization: `token ${this.#token}`,
            ...(body !== undefined && { 'content-type': 'application/json' }),
          },
          ...(body !== undefined && { body: JSON.stringify(body) }),
        });
        const text = await response.text();
        if (response.status >= 300 && response.status < 400) {
          throw explainRedirect({
            api: this.#api,
            host: this.host,
            repository,
            url,
            status: response.status,
            location: response.headers.get('location'),
          });
        }
        const answer = this.#readAnswer(response.status, text);
        if (isForeign(answer, text, response.headers)) {
          throw explainForeign({
            host: this.host,
            call: describeCall(call),
            status: answer.status,
          });
        }
        return answer;
      } catch (error) {
        throw error instanceof ForgeError
          ? error
          : new ForgeError(
              'unreachable',
              `${this.host} does not answer: ${explainNetworkError(
                error,
                limit,
              )}; ${
                lowerFirst(adviseOnNetworkError(error)) ??
                'check that the forge runs and that the portal can reach it'
              }`,
            );
      }
    });
  }

  /** The content of an expected answer. */
  parse<T>(
    repository: string,
    call: GiteaCall,
    options: { answer: GiteaAnswer; schema: z.ZodType<T>; expected: number },
  ): T {
    const { answer, schema, expected } = options;
    if (answer.status !== expected) {
      throw this.refusal(repository, call, answer);
    }
    const parsed = schema.safeParse(answer.body);
    if (!parsed.success) {
      const [issue] = parsed.error.issues;
      throw new ForgeError(
        'unexpected',
        `${this.host} gave an answer to ${describeCall(
          call,
        )} that is not understood (${issue.path.join('.')}: ${
          issue.message
        }); Gitea 1.26 or newer is expected`,
      );
    }
    return parsed.data;
  }

  /** What an answer with another status than the expected means. */
  refusal(
    repository: string,
    call: GiteaCall,
    answer: GiteaAnswer,
  ): ForgeError {
    return explainStatus({
      host: this.host,
      repository,
      call: describeCall(call),
      status: answer.status,
      message: answer.message,
    });
  }

  async #retry(send: () => Promise<GiteaAnswer>): Promise<GiteaAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await send();
      if (answer.status < 500 || attempt === RETRIES) {
        return answer;
      }
      await pause(attempt);
    }
  }

  #readAnswer(status: number, text: string): GiteaAnswer {
    let body: unknown;
    try {
      body = text ? JSON.parse(text) : undefined;
    } catch {
      body = undefined;
    }
    const message = z.object({ message: z.string() }).safeParse(body)
      .data?.message;
    return {
      status,
      body,
      message: (message ?? '').replaceAll(this.#token, '<token>').slice(0, 300),
    };
  }
}

/**
 * Whether something before the forge gave this answer. The API answers in JSON or with nothing, and of paths that it
 * does not know in plain text; errors of the server are taken as they come, and tried again.
 */
function isForeign(
  { status, body }: GiteaAnswer,
  text: string,
  headers: Headers,
): boolean {
  const isPlain = /^text\/plain\b/i.test(headers.get('content-type') ?? '');
  return (
    text !== '' &&
    body === undefined &&
    status < 500 &&
    !(status === 404 && isPlain)
  );
}

/** To go on with in a sentence, without its full stop. */
function lowerFirst(sentence: string | undefined): string | undefined {
  return (
    sentence &&
    `${sentence[0].toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`
  );
}

function describeCall({ method = 'GET', path }: GiteaCall): string {
  return `${method} ${path.join('/') || 'the repository'}`;
}

/** Waits longer with every attempt, and never as long as another caller. */
export async function pause(attempt: number): Promise<void> {
  const ms = 100 * 2 ** attempt * (0.5 + Math.random());
  await new Promise(resolve => setTimeout(resolve, ms));
}
