import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { z } from 'zod';
import { ObserveRequest } from './HttpRustfsClient';
import {
  answerError,
  networkError,
  Operation,
  parseErrorDocument,
  unreadableError,
} from './translateError';

/** One call outside of S3. */
export interface AdminCall<T> {
  operation: Operation;
  method: 'GET' | 'PUT' | 'POST' | 'DELETE';
  path: string;
  query?: Record<string, string>;
  body?: unknown;
  /** What the answer is; without it the content is not read. */
  answer?: z.ZodType<T>;
  /** Calls that anyone may make are not signed. */
  anonymous?: boolean;
  /** Statuses beside 2xx whose content is an answer and not an error. */
  alsoAnswers?: number[];
}

/**
 * Calls of the admin interface: JSON in, JSON out, errors in XML, signed like S3 calls. Tries once: most answers of
 * status 500 mean "no such thing", and would stay what they are.
 */
export class AdminTransport {
  readonly #endpoint: string;
  readonly #timeoutMs: number;
  readonly #observeRequest?: ObserveRequest;
  readonly #signer: SignatureV4;

  constructor(options: {
    endpoint: string;
    accessKeyId: string;
    secretAccessKey: string;
    timeoutMs: number;
    observeRequest?: ObserveRequest;
  }) {
    this.#endpoint = options.endpoint;
    this.#timeoutMs = options.timeoutMs;
    this.#observeRequest = options.observeRequest;
    this.#signer = new SignatureV4({
      service: 's3',
      // The server takes any region.
      region: 'us-east-1',
      sha256: Sha256,
      uriEscapePath: false,
      credentials: {
        accessKeyId: options.accessKeyId,
        secretAccessKey: options.secretAccessKey,
      },
    });
  }

  async call<T>(call: AdminCall<T>): Promise<T> {
    const { status, text } = await this.#exchange(call);
    const isAnswer =
      (status >= 200 && status < 300) || call.alsoAnswers?.includes(status);
    if (!isAnswer) {
      throw answerError(this.#endpoint, call.operation, {
        status,
        ...parseErrorDocument(text),
      });
    }
    return this.#parse(call, text);
  }

  async #exchange(call: AdminCall<unknown>) {
    const { url, init } = await this.#prepare(call);
    const started = performance.now();
    try {
      const response = await fetch(url, {
        ...init,
        // A redirect would carry the signature to another host.
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      throw networkError(
        this.#endpoint,
        call.operation,
        error,
        this.#timeoutMs,
      );
    } finally {
      this.#observeRequest?.({
        method: call.method,
        path: call.path,
        durationMs: performance.now() - started,
      });
    }
  }

  async #prepare(call: AdminCall<unknown>) {
    const url = new URL(call.path, this.#endpoint);
    for (const [name, value] of Object.entries(call.query ?? {})) {
      url.searchParams.set(name, value);
    }
    const body =
      call.body === undefined ? undefined : JSON.stringify(call.body);
    const headers: Record<string, string> = body
      ? { 'content-type': 'application/json' }
      : {};
    if (call.anonymous) {
      return { url, init: { method: call.method, headers, body } };
    }
    const signed = await this.#signer.sign(
      new HttpRequest({
        method: call.method,
        protocol: url.protocol,
        hostname: url.hostname,
        port: url.port ? Number(url.port) : undefined,
        path: url.pathname,
        query: call.query,
        headers: { ...headers, host: url.host },
        body,
      }),
    );
    // fetch writes the same host header itself.
    const { host: _host, ...signedHeaders } = signed.headers;
    return { url, init: { method: call.method, headers: signedHeaders, body } };
  }

  #parse<T>(call: AdminCall<T>, text: string): T {
    if (!call.answer) {
      return undefined as T;
    }
    // The Content-Type says nothing: some JSON comes without one, and some empty answers have one.
    let content: unknown;
    try {
      content = JSON.parse(text);
    } catch {
      throw unreadableError(this.#endpoint, call.operation, 'not JSON');
    }
    const parsed = call.answer.safeParse(content);
    if (!parsed.success) {
      const { path, message } = parsed.error.issues[0];
      throw unreadableError(
        this.#endpoint,
        call.operation,
        `${path.map(String).join('.')}: ${message}`,
      );
    }
    return parsed.data;
  }
}
