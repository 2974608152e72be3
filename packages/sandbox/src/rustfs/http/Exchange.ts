import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { finished } from 'node:stream/promises';
import { invalidArgument } from './ApiError';

/** Query parameters in the order they came over the wire, because signatures depend on it. */
export class QueryParameters {
  constructor(readonly pairs: ReadonlyArray<readonly [string, string]>) {}

  static parse(search: string): QueryParameters {
    return new QueryParameters(
      search
        .split('&')
        .filter(part => part !== '')
        .map(part => {
          const at = part.indexOf('=');
          const name = at < 0 ? part : part.slice(0, at);
          const value = at < 0 ? '' : part.slice(at + 1);
          return [decodeQuery(name), decodeQuery(value)] as const;
        }),
    );
  }

  get(name: string): string | undefined {
    return this.pairs.find(([candidate]) => candidate === name)?.[1];
  }

  getAll(name: string): string[] {
    return this.pairs
      .filter(([candidate]) => candidate === name)
      .map(([, value]) => value);
  }

  has(name: string): boolean {
    return this.pairs.some(([candidate]) => candidate === name);
  }

  get names(): string[] {
    return this.pairs.map(([name]) => name);
  }
}

function decodeQuery(text: string): string {
  try {
    return decodeURIComponent(text.replace(/\+/g, ' '));
  } catch {
    return text;
  }
}

/** One request and the answer to it, with the parts of the address taken apart once. */
export class Exchange {
  readonly requestId = randomUUID();
  readonly method: string;
  /** Path as the client sent it, still percent-encoded. */
  readonly rawPath: string;
  /** Path with escapes resolved. */
  readonly path: string;
  readonly query: QueryParameters;
  /** Set where the body had to be read before its signature could be verified (STS). */
  bodySha256?: string;
  private bodyIsAwaited: boolean;

  constructor(
    readonly request: IncomingMessage,
    readonly response: ServerResponse,
    /** The client waits for a go-ahead before it sends the body. */
    private readonly expectsContinue = false,
  ) {
    this.bodyIsAwaited = hasBody(request);
    const target = request.url ?? '/';
    const at = target.indexOf('?');
    this.method = request.method ?? 'GET';
    this.rawPath = at < 0 ? target : target.slice(0, at);
    this.query = QueryParameters.parse(at < 0 ? '' : target.slice(at + 1));
    try {
      this.path = decodeURIComponent(this.rawPath);
    } catch {
      throw invalidArgument('the path is not valid percent-encoded UTF-8');
    }
  }

  header(name: string): string | undefined {
    const value = this.request.headers[name];
    return Array.isArray(value) ? value.join(',') : value;
  }

  /** The body; asks the client for it where it waits to be asked, so that what is refused is not sent at all. */
  openBody(): IncomingMessage {
    if (this.expectsContinue) {
      this.response.writeContinue();
    }
    this.bodyIsAwaited = false;
    return this.request;
  }

  /** True when the request has a body that nobody has read. */
  get hasUnreadBody(): boolean {
    return this.bodyIsAwaited;
  }

  /** Takes in a body that is not wanted: a client that is still sending would not see the answer. */
  async discardBody(): Promise<void> {
    if (!this.expectsContinue && !this.request.readableEnded) {
      this.request.resume();
      await finished(this.request).catch(() => undefined);
    }
  }

  get host(): string {
    return this.header('host') ?? 'localhost';
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return (
    headers['transfer-encoding'] !== undefined ||
    Number(headers['content-length'] ?? 0) > 0
  );
}
