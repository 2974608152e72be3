import { LRUCache } from 'lru-cache';
import { z } from 'zod';
import { ForgeError } from '../../types';
import { ForgeConnection } from '../ForgeFactory';
import { Clock } from '../http/Clock';
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
import { explainRedirectOf, namingMoved } from '../http/redirects';
import { explainAnswer, explainMove } from './explainAnswer';
import { graphqlSchema, movedSchema } from './schemas';

/** One call of the REST API. */
export interface GitHubCall {
  method?: 'GET' | 'POST' | 'PATCH';
  /** Segments below `/repos/{owner}/{name}`; a slash in one stays a slash, as in names of branches. */
  path: string[];
  query?: Record<string, string>;
  body?: unknown;
  /** What is asked for often and changes seldom: a repeat costs nothing while it is the same. */
  isKept?: boolean;
  /** The repository was read before, so 404 means a missing right. */
  isSeen?: boolean;
}

/** One GraphQL document. */
export interface GitHubQuery {
  document: string;
  variables: Record<string, unknown>;
  /** Fields that may be missing for want of a right, and what is done about one that is. */
  optional?: Record<string, () => unknown>;
}

/** What went wrong in a GraphQL answer. */
export type GraphqlProblem = z.output<typeof graphqlSchema>['errors'][number];

/** @see https://docs.github.com/en/rest/using-the-rest-api/best-practices-for-using-the-rest-api */
const CONCURRENCY = 4;
const WRITE_GAP_MS = 1_000;
/** Answers that are kept with their ETag. */
const KEPT = 500;
/** A newer one has no `merge_commit_sha`; this one is served for two years after a newer one. */
const API_VERSION = '2022-11-28';

/** Calls GitHub's REST and GraphQL API and says what their answers mean. */
export class GitHubClient {
  readonly #api: string;
  readonly #graphql: URL;
  readonly #http: ForgeHttp;
  readonly #kept = new LRUCache<string, { etag: string; answer: HttpAnswer }>({
    max: KEPT,
  });

  private constructor(
    connection: ForgeConnection,
    options: { host: string; api: URL; clock?: Clock },
  ) {
    const { api, clock, host } = options;
    this.#api = toRoot(api);
    // An Enterprise Server has both below /api.
    this.#graphql = new URL(`${this.#api.replace(/\/v3$/, '')}/graphql`);
    this.#http = new ForgeHttp({
      ...connection,
      host,
      concurrency: CONCURRENCY,
      // A server of one's own has no such limits unless it says so.
      writeGapMs: /^api\.(.+\.)?(github|ghe)\.com$/.test(api.hostname)
        ? WRITE_GAP_MS
        : undefined,
      headers: {
        accept: 'application/vnd.github+json',
        'x-github-api-version': API_VERSION,
        // Without one it refuses a call.
        'user-agent': 'rustfs-portal',
      },
      explainRedirect: (repository, _, answer) =>
        explainRedirectOf(answer, {
          host,
          place: `${repository} on ${host}`,
          numbered: /\/repositories\/(\d+)(\/|$)/,
        }),
      explainForeign: (call, answer) =>
        answer.text !== '' && answer.body === undefined && answer.status < 500
          ? explainForeign({
              title: 'GitHub',
              host,
              call: call.words,
              status: answer.status,
            })
          : undefined,
      clock,
    });
  }

  static create(
    connection: ForgeConnection,
    options: { clock?: Clock } = {},
  ): GitHubClient {
    const base = parseForgeUrl(connection.baseUrl, 'GitHub');
    return new GitHubClient(connection, {
      host: base.host,
      api: parseForgeUrl(connection.apiBaseUrl ?? toApi(base), 'GitHub'),
      ...options,
    });
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
    call: GitHubCall,
    schema: z.ZodType<T>,
  ): Promise<T | undefined> {
    const answer = await this.repeat(repository, call);
    return answer.status === 404
      ? undefined
      : this.parse(repository, call, { answer, schema, expected: 200 });
  }

  /**
   * Reads something that has to be there.
   *
   * @throws ForgeError `not-found` when it is not
   */
  async get<T>(
    repository: string,
    call: GitHubCall,
    schema: z.ZodType<T>,
  ): Promise<T> {
    const found = await this.read(repository, call, schema);
    if (found === undefined) {
      throw this.absence(repository, call);
    }
    return found;
  }

  /** Does something that may be done twice: an error of the server is no reason to give up. */
  async repeat(repository: string, call: GitHubCall): Promise<HttpAnswer> {
    return this.#named(repository, async () => {
      const http = this.#toHttp(repository, call);
      const known = call.isKept ? this.#kept.get(http.url.href) : undefined;
      const answer = await this.#http.repeat(repository, {
        ...http,
        headers: known && { 'if-none-match': known.etag },
      });
      if (known && answer.status === 304) {
        return known.answer;
      }
      if (call.isKept) {
        this.#keep(http.url.href, answer);
      }
      return answer;
    });
  }

  /** Sends a call once, whatever it is. */
  async send(repository: string, call: GitHubCall): Promise<HttpAnswer> {
    return this.#named(repository, () =>
      this.#http.send(repository, this.#toHttp(repository, call)),
    );
  }

  /** Asks for something by GraphQL. */
  async query<T>(
    repository: string,
    query: GitHubQuery,
    schema: z.ZodType<T>,
  ): Promise<T> {
    const { data, problems } = await this.#ask(repository, query, true);
    const { optional = {} } = query;
    let problem: GraphqlProblem | undefined;
    for (const one of problems) {
      const missing = one.path?.find(part => Object.hasOwn(optional, part));
      if (missing !== undefined && isMissingRight(one.type)) {
        optional[missing]();
      } else {
        problem ??= one;
      }
    }
    if (problem) {
      throw await this.#explainProblem(repository, query, problem);
    }
    return this.#parse(nameOf(query), data, schema);
  }

  /** What it means that a branch could not be moved, by the words of the answer. */
  moveRefused(
    repository: string,
    options: { branch: string; problem: GraphqlProblem },
  ): ForgeError {
    const { branch, problem } = options;
    return isMissingRight(problem.type) || isFailure(problem)
      ? this.#toError(repository, 'the mutation Move', problem)
      : explainMove(`${repository} on ${this.host}`, branch, problem.message);
  }

  /** Does something by GraphQL that may be done twice; an error is for the caller to understand. */
  async mutate(
    repository: string,
    query: GitHubQuery,
  ): Promise<GraphqlProblem | undefined> {
    return (await this.#ask(repository, query, false)).problems[0];
  }

  /** The content of an expected answer. */
  parse<T>(
    repository: string,
    call: GitHubCall,
    options: { answer: HttpAnswer; schema: z.ZodType<T>; expected: number },
  ): T {
    const { answer, schema, expected } = options;
    if (answer.status !== expected) {
      throw this.refusal(repository, call, answer);
    }
    return this.#parse(describeCall(call), answer.body, schema);
  }

  /** What an answer with another status than the expected means. */
  refusal(
    repository: string,
    call: GitHubCall,
    answer: Pick<HttpAnswer, 'status' | 'headers' | 'message'>,
  ): ForgeError {
    return explainAnswer({
      host: this.host,
      repository,
      call: describeCall(call),
      isSeen: call.isSeen,
      ...answer,
    });
  }

  /** What it means that something is not there that has to be. */
  absence(repository: string, call: GitHubCall): ForgeError {
    return this.refusal(repository, call, {
      status: 404,
      headers: new Headers(),
      message: '',
    });
  }

  async #ask(repository: string, query: GitHubQuery, isReading: boolean) {
    const { document, variables } = query;
    const [owner, name] = repository.split('/');
    const words = `the query ${nameOf(query)}`;
    const answer = await this.#http.repeat(repository, {
      method: 'POST',
      url: this.#graphql,
      words,
      resource: 'graphql',
      isReading,
      body: {
        query: document,
        variables: { ...(isReading && { owner, name }), ...variables },
      },
    });
    if (answer.status !== 200) {
      throw explainAnswer({
        ...answer,
        host: this.host,
        repository,
        call: words,
      });
    }
    const { data, errors } = this.#parse(words, answer.body, graphqlSchema);
    return {
      data,
      problems: errors.map(problem => ({
        ...problem,
        message: answer.redact(problem.message),
      })),
    };
  }

  async #explainProblem(
    repository: string,
    query: GitHubQuery,
    problem: GraphqlProblem,
  ): Promise<ForgeError> {
    const { message, type } = problem;
    if (type === 'NOT_FOUND') {
      // Here a repository that was renamed is not there either; the other API says so.
      const call = { path: [] };
      const answer = await this.repeat(repository, call);
      return answer.status === 200
        ? new ForgeError(
            'not-found',
            `What was asked for is not in ${repository} on ${
              this.host
            } ("${message.slice(0, 200)}")`,
          )
        : this.refusal(repository, call, answer);
    }
    return this.#toError(repository, `the query ${nameOf(query)}`, problem);
  }

  #toError(
    repository: string,
    call: string,
    { message, type }: GraphqlProblem,
  ): ForgeError {
    return explainAnswer({
      host: this.host,
      repository,
      call,
      // An answer of 200 with an error is one that did not work out.
      status: isMissingRight(type) ? 403 : 502,
      headers: new Headers(),
      message,
    });
  }

  #parse<T>(words: string, body: unknown, schema: z.ZodType<T>): T {
    return parseContent(body, schema, {
      host: this.host,
      call: words,
      expected: 'github.com or GitHub Enterprise Server 3.17 or newer',
    });
  }

  #keep(key: string, answer: HttpAnswer): void {
    const etag = answer.headers.get('etag');
    if (answer.status === 200 && etag) {
      this.#kept.set(key, { etag, answer });
    }
  }

  #named<T>(repository: string, work: () => Promise<T>): Promise<T> {
    return namingMoved(work, {
      place: `${repository} on ${this.host}`,
      nameOf: async id => {
        const { body } = await this.#http.send(repository, {
          url: new URL(`${this.#api}/repositories/${id}`),
          words: 'GET the repository',
        });
        return movedSchema.safeParse(body).data?.full_name;
      },
    });
  }

  #toHttp(repository: string, call: GitHubCall): HttpCall {
    const { method, path, query, body } = call;
    const segments = [...repository.split('/'), ...path].map(segment =>
      segment.split('/').map(encodeSegment).join('/'),
    );
    const url = new URL(`${this.#api}/repos/${segments.join('/')}`);
    url.search = new URLSearchParams(query).toString();
    return {
      method,
      url,
      body,
      resource: 'core',
      words: describeCall(call),
    };
  }
}

/** Where the API of a server is that people know by this address. */
function toApi({ host, origin }: URL): string {
  if (host === 'github.com' || host === 'www.github.com') {
    return 'https://api.github.com';
  }
  return host.endsWith('.ghe.com') ? `https://api.${host}` : `${origin}/api/v3`;
}

function isMissingRight(type: string | undefined): boolean {
  return type === 'FORBIDDEN' || type === 'INSUFFICIENT_SCOPES';
}

/** A hiccup of the server, which has no type. */
function isFailure({ message, type }: GraphqlProblem): boolean {
  return (
    !type && /something went wrong|timed? ?out|try again later/i.test(message)
  );
}

function nameOf({ document }: GitHubQuery): string {
  return /^\w+ (\w+)/.exec(document)?.[1] ?? '';
}

function describeCall({ method = 'GET', path }: GitHubCall): string {
  return `${method} ${path.join('/') || 'the repository'}`;
}
