import { request as httpRequest } from 'node:http';
import { Sha256 } from '@aws-crypto/sha256-js';
import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import type { RustfsFaults } from '../types';
import type { Recording } from './recordings';

export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

export interface Received {
  status: number;
  headers: Record<string, string | undefined>;
  body: string;
}

/** A server under test: the stand-in, or a real one that starts out empty. */
export interface ServerUnderTest {
  endpoint: string;
  root: Credentials;
  /** Waits until usage is measured. */
  measure(): Promise<void>;
  /** Absent on a real server, which cannot be told to fail. */
  setFaults?(faults: RustfsFaults | undefined): void;
}

export interface Call {
  method: string;
  path: string;
  query?: Record<string, string | string[]>;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

interface SendOptions {
  credentials?: Credentials;
  service?: string;
  signedAt?: Date;
  /** Headers that are added behind the signer's back. */
  unsignedHeaders?: Record<string, string>;
  presign?: { expiresIn: number };
}

/** Sends calls as the identities that the recordings were made with. */
export class ContractWorld {
  /** Credentials by the `as` of a recording; set when the scenario makes them. */
  readonly actors = new Map<string, Credentials>();
  /** Upload id, continuation token …: what an earlier answer gave for a later call. */
  readonly memory = new Map<string, string>();

  constructor(readonly server: ServerUnderTest) {
    const { root } = server;
    this.actors.set('root', root);
    this.actors.set('wrong-secret', {
      ...root,
      secretAccessKey: 'not-the-secret',
    });
    this.actors.set('unknown-key', {
      accessKeyId: 'NOSUCHKEY',
      secretAccessKey: 'whatever-secret',
    });
  }

  actor(name: string): Credentials {
    const credentials = this.actors.get(name);
    if (!credentials) {
      throw new Error(`The scenario has not made the identity '${name}' yet`);
    }
    return credentials;
  }

  /** An admin call of root that has to succeed, to set up what a recording needs. */
  async admin(
    method: string,
    path: string,
    query: Record<string, string> = {},
    body?: unknown,
  ): Promise<void> {
    await this.expectSuccess({
      method,
      path: `/rustfs/admin/v3/${path}`,
      query,
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  }

  async expectSuccess(call: Call): Promise<Received> {
    const received = await this.send(call, { credentials: this.actor('root') });
    if (received.status >= 300) {
      throw new Error(
        `${call.method} ${call.path} answered ${received.status} ${received.body}`,
      );
    }
    return received;
  }

  /** Sends a recorded request as its identity; `change` puts in what differs from run to run. */
  async play(
    recording: Recording,
    change: Partial<Call> & SendOptions = {},
  ): Promise<Received> {
    const { request } = recording;
    const isAnonymous = request.as === 'anonymous';
    return this.send(
      {
        method: request.method,
        path: change.path ?? request.path,
        query: change.query ?? request.query,
        headers: { ...request.headers, ...change.headers },
        body: change.body ?? bodyOf(request.body),
      },
      {
        ...change,
        credentials: isAnonymous
          ? undefined
          : change.credentials ?? this.actor(request.as),
        service: change.service ?? request.signingService,
      },
    );
  }

  async send(call: Call, options: SendOptions): Promise<Received> {
    const { hostname, port } = new URL(this.server.endpoint);
    const unsigned = new HttpRequest({
      protocol: 'http:',
      hostname,
      port: Number(port),
      method: call.method,
      path: call.path,
      query: call.query ?? {},
      headers: { host: `${hostname}:${port}`, ...call.headers },
      body: call.body,
    });
    const signed = await sign(unsigned, options);
    const headers = { ...signed.headers, ...options.unsignedHeaders };
    return transmit(this.server.endpoint, signed, headers, call.body);
  }
}

async function sign(
  request: HttpRequest,
  options: SendOptions,
): Promise<HttpRequest> {
  if (!options.credentials) {
    return request;
  }
  const signer = new SignatureV4({
    credentials: options.credentials,
    region: 'us-east-1',
    service: options.service ?? 's3',
    sha256: Sha256,
    uriEscapePath: false,
  });
  const signed = options.presign
    ? await signer.presign(withUnsignedPayload(request), {
        expiresIn: options.presign.expiresIn,
        signingDate: options.signedAt,
      })
    : await signer.sign(request, { signingDate: options.signedAt });
  return signed as HttpRequest;
}

/** A presigned upload does not know its body yet. */
function withUnsignedPayload(request: HttpRequest): HttpRequest {
  const copy = HttpRequest.clone(request);
  copy.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD';
  return copy;
}

/** Keeps the order it is given, unlike the signer, which sorts by value too. */
function queryString(query: HttpRequest['query']): string {
  return Object.entries(query)
    .flatMap(([name, value]) =>
      (Array.isArray(value) ? value : [value ?? '']).map(
        item => `${encodeURIComponent(name)}=${encodeURIComponent(item)}`,
      ),
    )
    .join('&');
}

function transmit(
  endpoint: string,
  signed: HttpRequest,
  headers: Record<string, string>,
  body: string | Buffer | undefined,
): Promise<Received> {
  const search = queryString(signed.query);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${endpoint}${signed.path}${search ? `?${search}` : ''}`,
      {
        method: signed.method,
        headers: {
          ...headers,
          'content-length': Buffer.byteLength(body ?? ''),
        },
        agent: false,
      },
      response => {
        const chunks: Buffer[] = [];
        response.on('data', chunk => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers as Record<string, string | undefined>,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}

/** Long bodies are described in a recording: `<4000 times 'a'>`, `<1000 bytes>`. */
function bodyOf(recorded: unknown): string | Buffer | undefined {
  if (recorded === undefined || recorded === null) {
    return undefined;
  }
  if (typeof recorded !== 'string') {
    return JSON.stringify(recorded);
  }
  const [, count, letter] =
    /^<(\d+) (?:bytes|times '(.)')>$/.exec(recorded) ?? [];
  return count === undefined
    ? recorded
    : Buffer.alloc(Number(count), letter ?? 'a');
}
