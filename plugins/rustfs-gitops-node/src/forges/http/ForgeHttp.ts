import { InputError } from '@backstage/errors';
import {
  adviseOnNetworkError,
  explainNetworkError,
} from '@rustfs-portal/plugin-rustfs-common';
import { ForgeError } from '../../types';
import { ForgeConnection, ForgeCredentials } from '../ForgeFactory';
import { Clock, pause, systemClock } from './Clock';
import { readLimit } from './readLimit';
import { readMessage } from './readMessage';
import { Slots } from './Slots';

/** One call of a forge's API. */
export interface HttpCall {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  url: URL;
  body?: unknown;
  headers?: Record<string, string>;
  /** It changes nothing, whatever its method. */
  isReading?: boolean;
  /** What the forge counts it as, where it has limits for several kinds of calls. */
  resource?: string;
  /** For messages: `POST contents`. */
  words: string;
}

/** An answer, whatever its status. */
export interface HttpAnswer {
  status: number;
  headers: Headers;
  /** As it came. */
  text: string;
  /** Undefined when it is no JSON. */
  body: unknown;
  /** The server's own words about an error, without the secret of the call. */
  message: string;
  /** Words of the server from elsewhere in the answer, without the secret of the call. */
  redact(words: string): string;
}

export interface ForgeHttpOptions
  extends Pick<ForgeConnection, 'credentials' | 'timeoutMs' | 'fetch'> {
  /** For messages. */
  host: string;
  /** Calls under way at once. */
  concurrency: number;
  /** Time between the end of a call that changes something and the next one. Default: none, and several at once. */
  writeGapMs?: number;
  headers?: Record<string, string>;
  explainRedirect(
    repository: string,
    call: HttpCall,
    answer: HttpAnswer,
  ): ForgeError;
  /** Something before the forge may have given an answer that is not the forge's own. */
  explainForeign(call: HttpCall, answer: HttpAnswer): ForgeError | undefined;
  clock?: Clock;
}

const RETRIES = 2;
/** Nobody waits longer than that within a call; who has to is told until when. */
const MAX_WAIT_MS = 3_000;
const MAX_MESSAGE = 300;

/**
 * Calls a forge: few at once, with a time limit, never following a redirect, never telling a secret, and not at all while
 * the forge wants no calls.
 */
export class ForgeHttp {
  readonly #options: ForgeHttpOptions;
  readonly #clock: Clock;
  readonly #slots: Slots;
  readonly #writes = new Slots(1);
  readonly #timeoutMs: { read: number; write: number };
  /** Until when no calls are wanted that are made with these credentials, of one kind or at all; in milliseconds since 1970. */
  readonly #limits = new Map<string, number>();
  #lastWrite = 0;

  constructor(options: ForgeHttpOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#slots = new Slots(options.concurrency);
    this.#timeoutMs = options.timeoutMs ?? { read: 10_000, write: 30_000 };
  }

  get host(): string {
    return this.#options.host;
  }

  /** Sends a call that may be done twice: an error of the server is no reason to give up. */
  async repeat(repository: string, call: HttpCall): Promise<HttpAnswer> {
    for (let attempt = 0; ; attempt += 1) {
      const answer = await this.send(repository, call);
      if (answer.status < 500 || attempt === RETRIES) {
        return answer;
      }
      await pause(attempt, this.#clock);
    }
  }

  /**
   * Sends a call once. One that the forge turned away because of a rate limit was not done, so after a short wait it is sent
   * again.
   *
   * @throws ForgeError `limited` when the wait is a long one, `unreachable` when there is no answer
   */
  async send(repository: string, call: HttpCall): Promise<HttpAnswer> {
    const gap = this.#options.writeGapMs;
    return isReading(call) || gap === undefined
      ? this.#slots.run(() => this.#sendInTime(repository, call))
      : this.#writes.run(async () => {
          await this.#wait(this.#lastWrite + gap);
          try {
            return await this.#slots.run(() =>
              this.#sendInTime(repository, call),
            );
          } finally {
            this.#lastWrite = this.#clock.now();
          }
        });
  }

  async #sendInTime(repository: string, call: HttpCall): Promise<HttpAnswer> {
    const credentials = await this.#options.credentials(repository);
    const { authorization } = credentials;
    const ofResource = `${authorization}\n${call.resource ?? ''}`;
    for (let attempt = 0; ; attempt += 1) {
      for (const key of [authorization, ofResource]) {
        await this.#waitFor(key);
      }
      const answer = await this.#sendOnce(repository, call, credentials);
      const limit = readLimit(answer, this.#clock.now());
      if (!limit) {
        return answer;
      }
      this.#limits.set(
        limit.isOfResource ? ofResource : authorization,
        limit.until,
      );
      if (attempt === RETRIES) {
        throw this.#explainLimit(limit.until);
      }
    }
  }

  /** @throws ForgeError `limited` when the wait is a long one */
  async #waitFor(key: string): Promise<void> {
    const limit = this.#limits.get(key) ?? 0;
    if (limit - this.#clock.now() > MAX_WAIT_MS) {
      throw this.#explainLimit(limit);
    }
    await this.#wait(limit);
    // One that is over is forgotten, as credentials come and go.
    if (this.#limits.get(key) === limit) {
      this.#limits.delete(key);
    }
  }

  async #sendOnce(
    repository: string,
    call: HttpCall,
    credentials: ForgeCredentials,
  ): Promise<HttpAnswer> {
    const { method = 'GET', url, body } = call;
    const limit = isReading(call)
      ? this.#timeoutMs.read
      : this.#timeoutMs.write;
    try {
      const response = await (this.#options.fetch ?? fetch)(url, {
        method,
        // Followed, a POST to a renamed repository turns into a GET that ends in 200 with nothing done.
        redirect: 'manual',
        signal: AbortSignal.timeout(limit),
        headers: {
          accept: 'application/json',
          ...this.#options.headers,
          ...call.headers,
          authorization: credentials.authorization,
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      const answer = await readAnswer(response, credentials);
      const { status } = answer;
      if (status >= 300 && status < 400 && status !== 304) {
        throw this.#options.explainRedirect(repository, call, answer);
      }
      const foreign = this.#options.explainForeign(call, answer);
      // What turns calls away before the forge has the same reason to.
      if (foreign && status !== 429) {
        throw foreign;
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
  }

  #explainLimit(limit: number): ForgeError {
    const until = new Date(Math.ceil(limit / 1000) * 1000);
    return new ForgeError(
      'limited',
      `${
        this.host
      } lets the portal make no calls before ${until.toISOString()}, as its rate limit is reached; the portal goes on by itself then. Where that happens often, give the portal an app or a user of its own there, or have whoever runs the forge raise the limit`,
      { until },
    );
  }

  async #wait(until: number): Promise<void> {
    const ms = until - this.#clock.now();
    if (ms > 0) {
      await this.#clock.sleep(ms);
    }
  }
}

/**
 * The address of a forge or its API.
 *
 * @throws InputError in words for whoever configures it
 */
export function parseForgeUrl(address: string, title: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.username) {
    throw new InputError(
      `The address of a ${title} server is http(s) without a user, for example https://git.acme.org`,
    );
  }
  return url;
}

/** An address without a slash at its end. */
export function toRoot({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

function isReading({ isReading: says, method = 'GET' }: HttpCall): boolean {
  return says ?? method === 'GET';
}

async function readAnswer(
  response: Response,
  { secret }: ForgeCredentials,
): Promise<HttpAnswer> {
  const text = await response.text();
  let body: unknown;
  try {
    body = text ? JSON.parse(text) : undefined;
  } catch {
    body = undefined;
  }
  const redact = (words: string) =>
    words.replaceAll(secret, '<token>').slice(0, MAX_MESSAGE);
  return {
    status: response.status,
    headers: response.headers,
    text,
    body,
    message: redact(readMessage(body)),
    redact,
  };
}

/** To go on with in a sentence, without its full stop. */
function lowerFirst(sentence: string | undefined): string | undefined {
  return (
    sentence &&
    `${sentence[0].toLowerCase()}${sentence.slice(1).replace(/\.$/, '')}`
  );
}
