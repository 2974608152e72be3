import { z } from 'zod';
import { ForgeError } from '../../types';
import { explainArchived, explainEmpty, explainMoved } from '../explain';
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
import { explainRedirectOf, namingMoved } from '../http/redirects';
import { explainAnswer, explainSwitchedOff } from './explainAnswer';
import { graphqlSchema, projectSchema } from './schemas';

/** One call of the REST API. */
export interface GitLabCall {
  method?: 'GET' | 'POST' | 'PUT';
  /** Segments below `/projects/{path}`, each of which may hold slashes. */
  path: string[];
  query?: Record<string, string> | Array<[string, string]>;
  body?: unknown;
  /** `path` is below the API itself. */
  isGlobal?: boolean;
  /** Whoever sends it looks what a refusal is about. */
  isExamined?: boolean;
}

/** More at once are not faster; GitLab asks for no number, and makes writes to one project wait for each other itself. */
const CONCURRENCY = 4;

/** Calls GitLab's REST and GraphQL API and says what their answers mean. */
export class GitLabClient {
  readonly #api: string;
  readonly #graphql: URL;
  readonly #http: ForgeHttp;

  private constructor(
    connection: ForgeConnection,
    options: { host: string; api: URL },
  ) {
    const { api, host } = options;
    this.#api = toRoot(api);
    this.#graphql = new URL(`${this.#api.replace(/\/v4$/, '')}/graphql`);
    this.#http = new ForgeHttp({
      ...connection,
      host,
      concurrency: CONCURRENCY,
      explainRedirect: (repository, _, answer) =>
        explainRedirectOf(answer, {
          host,
          place: `${repository} on ${host}`,
          base: this.#api,
          numbered: /\/projects\/(\d+)(\/|$)/,
        }),
      explainForeign: (call, answer) =>
        answer.text !== '' && answer.body === undefined && answer.status < 500
          ? explainForeign({
              title: 'GitLab',
              host,
              call: call.words,
              status: answer.status,
            })
          : undefined,
    });
  }

  static create(connection: ForgeConnection): GitLabClient {
    const base = parseForgeUrl(connection.baseUrl, 'GitLab');
    return new GitLabClient(connection, {
      host: base.host,
      api: parseForgeUrl(
        connection.apiBaseUrl ?? `${toRoot(base)}/api/v4`,
        'GitLab',
      ),
    });
  }

  /** For messages. */
  get host(): string {
    return this.#http.host;
  }

  /** For messages. */
  placeOf(repository: string): string {
    return `${repository} on ${this.host}`;
  }

  /**
   * Reads something.
   *
   * @returns undefined when it is not there
   * @throws ForgeError `not-found` when the project is not there
   */
  async read<T>(
    repository: string,
    call: GitLabCall,
    schema: z.ZodType<T>,
  ): Promise<T | undefined> {
    const answer = await this.repeat(repository, call);
    const isAbsent =
      answer.status === 404 && !/project not found/i.test(answer.message);
    return isAbsent
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
    call: GitLabCall,
    schema: z.ZodType<T>,
  ): Promise<T> {
    const answer = await this.repeat(repository, call);
    return this.parse(repository, call, { answer, schema, expected: 200 });
  }

  /**
   * Reads what an edition may not have, or what the portal's account may not see.
   *
   * @returns undefined when there is no answer to it
   */
  async readPerhaps<T>(
    repository: string,
    call: GitLabCall,
    schema: z.ZodType<T>,
  ): Promise<T | undefined> {
    const answer = await this.repeat(repository, call);
    return answer.status === 403 || answer.status === 404
      ? undefined
      : this.parse(repository, call, { answer, schema, expected: 200 });
  }

  /**
   * Reads a list as {@link GitLabClient.readPerhaps}.
   *
   * @param options - `maxPages`: of 100 items each; `hasMore` tells that there are others
   */
  async readPages<T>(
    repository: string,
    call: GitLabCall,
    options: { schema: z.ZodType<T[]>; maxPages: number },
  ): Promise<{ items: T[]; hasMore: boolean } | undefined> {
    const { maxPages, schema } = options;
    const items: T[] = [];
    let page: string | undefined = '1';
    for (let read = 0; page && read < maxPages; read += 1) {
      const query = { per_page: '100', page };
      const answer = await this.repeat(repository, { ...call, query });
      if (answer.status === 403 || answer.status === 404) {
        return undefined;
      }
      items.push(
        ...this.parse(repository, call, { answer, schema, expected: 200 }),
      );
      [page] = /^\d+$/.exec(answer.headers.get('x-next-page') ?? '') ?? [];
    }
    return { items, hasMore: page !== undefined };
  }

  /** Does something that may be done twice: an error of the server is no reason to give up. */
  async repeat(repository: string, call: GitLabCall): Promise<HttpAnswer> {
    return this.#examine(repository, call, () =>
      this.#http.repeat(repository, this.#toHttp(repository, call)),
    );
  }

  /** Sends a call once, whatever it is. */
  async send(repository: string, call: GitLabCall): Promise<HttpAnswer> {
    return this.#examine(repository, call, () =>
      this.#http.send(repository, this.#toHttp(repository, call)),
    );
  }

  /** Asks for something by GraphQL. */
  async query<T>(
    repository: string,
    query: { document: string; variables: Record<string, unknown> },
    schema: z.ZodType<T>,
  ): Promise<T> {
    const [, name] = /^\w+ (\w+)/.exec(query.document)!;
    const call = `the query ${name}`;
    const answer = await this.#http.repeat(repository, {
      method: 'POST',
      url: this.#graphql,
      words: call,
      isReading: true,
      body: {
        query: query.document,
        variables: { ...query.variables, project: repository },
      },
    });
    if (answer.status !== 200) {
      throw explainAnswer({ ...answer, host: this.host, repository, call });
    }
    const { data, errors } = this.#parse(call, answer.body, graphqlSchema);
    if (errors.length) {
      throw new ForgeError(
        'unexpected',
        `${
          this.host
        } does not answer ${call} of ${repository} ("${answer.redact(
          errors.map(({ message }) => message).join('; '),
        )}")`,
      );
    }
    return this.#parse(call, data, schema);
  }

  /** The content of an expected answer. */
  parse<T>(
    repository: string,
    call: GitLabCall,
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
    call: GitLabCall,
    answer: Pick<HttpAnswer, 'status' | 'message'>,
  ): ForgeError {
    return explainAnswer({ ...this.seen(repository, call), ...answer });
  }

  /** For messages about a call. */
  seen(repository: string, call: GitLabCall) {
    return { host: this.host, repository, call: describeCall(call) };
  }

  /**
   * Looks what is the matter with a project where something was refused: that it is archived, for example, a refusal does not
   * tell.
   *
   * @throws ForgeError when it is the project; returns when it is not
   */
  async checkProject(repository: string): Promise<void> {
    const project = await this.get(repository, { path: [] }, projectSchema);
    const place = this.placeOf(repository);
    if (project.archived) {
      throw explainArchived(place);
    }
    if (project.empty_repo) {
      throw explainEmpty(place);
    }
    if (project.repository_access_level === 'disabled') {
      throw explainSwitchedOff(place, 'repository');
    }
    if (project.merge_requests_access_level === 'disabled') {
      throw explainSwitchedOff(place, 'merge requests');
    }
  }

  #parse<T>(words: string, body: unknown, schema: z.ZodType<T>): T {
    return parseContent(body, schema, {
      host: this.host,
      call: words,
      expected: 'gitlab.com or GitLab 16 or newer',
    });
  }

  /** What a refused write does not tell: that it is the project, and not a right. */
  async #examine(
    repository: string,
    { isExamined, isGlobal, method = 'GET' }: GitLabCall,
    work: () => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    const answer = await this.#named(repository, work);
    const isKnown = /insufficient_scope/.test(answer.message);
    if (
      answer.status === 403 &&
      method !== 'GET' &&
      !isExamined &&
      !isGlobal &&
      !isKnown
    ) {
      await this.checkProject(repository);
    }
    return answer;
  }

  /** A write to a project that was moved is refused without saying where it is. */
  #named(
    repository: string,
    work: () => Promise<HttpAnswer>,
  ): Promise<HttpAnswer> {
    const place = this.placeOf(repository);
    return namingMoved(
      async () => {
        const answer = await work();
        if (answer.status === 405 && /moved project/i.test(answer.message)) {
          await this.#http.send(
            repository,
            this.#toHttp(repository, { path: [] }),
          );
          throw explainMoved(place);
        }
        return answer;
      },
      {
        place,
        nameOf: async id => {
          const { body } = await this.#http.send(repository, {
            url: new URL(`${this.#api}/projects/${id}`),
            words: 'GET the project',
          });
          return projectSchema.safeParse(body).data?.path_with_namespace;
        },
      },
    );
  }

  #toHttp(repository: string, call: GitLabCall): HttpCall {
    const { method, path, query, body, isGlobal = false } = call;
    const segments = isGlobal ? path : ['projects', repository, ...path];
    const url = new URL(
      `${this.#api}/${segments.map(encodeSegment).join('/')}`,
    );
    url.search = new URLSearchParams(query).toString();
    return { method, url, body, words: describeCall(call) };
  }
}

function describeCall({ method = 'GET', path }: GitLabCall): string {
  return `${method} ${path.join('/') || 'the project'}`;
}
