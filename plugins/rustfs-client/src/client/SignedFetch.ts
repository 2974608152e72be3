import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { ObserveRequest } from './HttpRustfsClient';
import { Called, ClientWords, networkError, Operation } from './translateError';

/** One request. */
export interface SignedRequest {
  operation: Operation;
  method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE';
  /** Encoded as it stands in an address. */
  path: string;
  query?: Record<string, string>;
  headers?: Record<string, string>;
  body?: string;
  /** Calls that anyone may make are not signed. */
  anonymous?: boolean;
}

/** What came back, whatever its status. */
export interface Answer {
  request: { method: string; url: URL };
  status: number;
  headers: Headers;
  text: string;
}

/**
 * Sends requests signed with Signature Version 4, as S3 and the admin interface both take them. Tries once: most answers
 * of status 500 mean "no such thing", and would stay what they are.
 */
export class SignedFetch implements Called {
  readonly endpoint: string;
  readonly words: ClientWords;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;
  readonly #observeRequest?: ObserveRequest;
  readonly #signer: SignatureV4;

  constructor(options: {
    endpoint: string;
    accessKeyId: string;
    secretAccessKey: string;
    timeoutMs: number;
    fetch: typeof fetch;
    observeRequest?: ObserveRequest;
    words: ClientWords;
  }) {
    this.endpoint = options.endpoint;
    this.words = options.words;
    this.#fetch = options.fetch;
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

  /** @throws RustfsError when no answer came */
  async send(request: SignedRequest): Promise<Answer> {
    const { method, path, operation } = request;
    const url = new URL(path, this.endpoint);
    for (const [name, value] of Object.entries(request.query ?? {})) {
      url.searchParams.set(name, value);
    }
    const headers = await this.#sign(url, request);
    const started = performance.now();
    try {
      const response = await this.#fetch(url, {
        method,
        headers,
        body: request.body,
        // A redirect would carry the signature to another host.
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#timeoutMs),
      });
      return {
        request: { method, url },
        status: response.status,
        headers: response.headers,
        text: await response.text(),
      };
    } catch (error) {
      throw networkError(this, operation, error, this.#timeoutMs);
    } finally {
      this.#observeRequest?.({
        method,
        path,
        durationMs: performance.now() - started,
      });
    }
  }

  async #sign(url: URL, request: SignedRequest) {
    const { method, query, headers = {}, body, anonymous } = request;
    if (anonymous) {
      return headers;
    }
    const signed = await this.#signer.sign(
      new HttpRequest({
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        port: url.port ? Number(url.port) : undefined,
        path: url.pathname,
        query,
        headers: { ...headers, host: url.host },
        body,
      }),
    );
    // fetch writes the same host header itself.
    const { host: _host, ...signedHeaders } = signed.headers;
    return signedHeaders;
  }
}
