import { z } from 'zod';
import { ForgeError } from '../../types';
import { ForgeConnection } from '../ForgeFactory';
import { encodeSegment } from '../http/encodeSegment';
import { explainForeign } from '../http/explainForeign';
import {
  ForgeHttp,
  HttpAnswer,
  HttpCall,
  parseForgeUrl,
  toRoot,
} from '../http/ForgeHttp';
import { parseContent } from '../http/parseContent';
import { Dialect } from './Dialect';
import { explainRedirect } from './explainRedirect';
import { explainStatus } from './explainStatus';
import { versionSchema } from './schemas';

/** One call of Gitea's API. */
export interface GiteaCall {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments below `/api/v1/repos/{owner}/{name}`. */
  path: string[];
  query?: Record<string, string>;
  body?: unknown;
}

export type GiteaAnswer = Pick<
  HttpAnswer,
  'status' | 'headers' | 'body' | 'message'
>;

/** More are not faster, they only fail. */
const CONCURRENCY = 4;

/** Calls Gitea's API and says what its answers mean. */
export class GiteaClient {
  readonly #api: string;
  readonly #http: ForgeHttp;
  readonly #root: string;
  readonly #dialect: Dialect;

  private constructor(
    connection: ForgeConnection,
    { dialect, url }: { dialect: Dialect; url: URL },
  ) {
    this.#dialect = dialect;
    this.#root = toRoot(url);
    this.#api = `${this.#root}/api/v1`;
    this.#http = new ForgeHttp({
      ...connection,
      host: url.host,
      concurrency: CONCURRENCY,
      explainRedirect: (repository, call, answer) =>
        explainRedirect({
          api: this.#api,
          host: url.host,
          repository,
          url: call.url,
          status: answer.status,
          location: answer.headers.get('location'),
        }),
      explainForeign: (call, answer) =>
        isForeign(answer)
          ? explainForeign({
              title: dialect.title,
              host: url.host,
              call: call.words,
              status: answer.status,
            })
          : undefined,
    });
  }

  static create(connection: ForgeConnection, dialect: Dialect): GiteaClient {
    return new GiteaClient(connection, {
      dialect,
      url: parseForgeUrl(connection.baseUrl, dialect.title),
    });
  }

  /**
   * Makes sure that the server is one that the dialect is spoken by.
   *
   * @throws ForgeError `unsupported` when it is not; another one when it does not tell
   */
  async checkServer(repository: string): Promise<void> {
    const { checkVersion, versionPath } = this.#dialect;
    if (!versionPath || !checkVersion) {
      return;
    }
    const call = 'GET the version';
    const answer = await this.#http.repeat(repository, {
      url: new URL(`${this.#root}/${versionPath}`),
      words: call,
    });
    const { message, status } = answer;
    // Only another server has no such page.
    if (status !== 200 && status !== 404) {
      throw explainStatus({
        host: this.host,
        repository,
        call,
        status,
        message,
      });
    }
    const { data } = versionSchema.safeParse(answer.body);
    const problem = checkVersion(status === 200 ? data?.version : undefined);
    if (problem) {
      throw new ForgeError('unsupported', `${this.host} ${problem}`);
    }
  }

  /** For messages. */
  get host(): string {
    return this.#http.host;
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
    const answer = await this.write(repository, call);
    return answer.status === 404
      ? undefined
      : this.parse(repository, call, { answer, schema, expected: 200 });
  }

  /** Does something that may be done twice: an error of the server is no reason to give up. */
  async write(repository: string, call: GiteaCall): Promise<GiteaAnswer> {
    return this.#http.repeat(repository, this.#toHttp(repository, call));
  }

  /** Sends a call once, whatever it is. */
  async send(repository: string, call: GiteaCall): Promise<GiteaAnswer> {
    return this.#http.send(repository, this.#toHttp(repository, call));
  }

  /** The content of an expected answer. */
  parse<T>(
    repository: string,
    call: GiteaCall,
    options: {
      answer: Omit<GiteaAnswer, 'headers'>;
      schema: z.ZodType<T>;
      expected: number;
    },
  ): T {
    const { answer, schema, expected } = options;
    if (answer.status !== expected) {
      throw this.refusal(repository, call, answer);
    }
    return parseContent(answer.body, schema, {
      host: this.host,
      call: describeCall(call),
      expected: this.#dialect.expected,
    });
  }

  /** What an answer with another status than the expected means. */
  refusal(
    repository: string,
    call: GiteaCall,
    answer: Omit<GiteaAnswer, 'headers'>,
  ): ForgeError {
    return explainStatus({
      host: this.host,
      repository,
      call: describeCall(call),
      status: answer.status,
      message: answer.message,
    });
  }

  /** What it means that something is not there that has to be. */
  absence(repository: string, call: GiteaCall): ForgeError {
    return this.refusal(repository, call, {
      status: 404,
      body: undefined,
      message: '',
    });
  }

  #toHttp(repository: string, call: GiteaCall): HttpCall {
    const { method, path, query, body } = call;
    const segments = [...repository.split('/'), ...path];
    const url = new URL(
      `${this.#api}/repos/${segments.map(encodeSegment).join('/')}`,
    );
    url.search = new URLSearchParams(query).toString();
    return { method, url, body, words: describeCall(call) };
  }
}

/**
 * Whether something before the forge gave this answer. The API answers in JSON or with nothing, and of paths that it
 * does not know in plain text; errors of the server are taken as they come, and tried again.
 */
function isForeign({ status, body, headers, text }: HttpAnswer): boolean {
  const isPlain = /^text\/plain\b/i.test(headers.get('content-type') ?? '');
  return (
    text !== '' &&
    body === undefined &&
    status < 500 &&
    !(status === 404 && isPlain)
  );
}

function describeCall({ method = 'GET', path }: GiteaCall): string {
  return `${method} ${path.join('/') || 'the repository'}`;
}
