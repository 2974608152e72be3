import { HttpRequest } from '@smithy/protocol-http';
import { SignatureV4 } from '@smithy/signature-v4';
import { XMLParser } from 'fast-xml-parser';
import { createHash, createHmac } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { z } from 'zod';
import { RootCredentials } from './checks';

const TIMEOUT_MS = 10_000;
const ADMIN = '/rustfs/admin/v3';

const errorSchema = z.object({
  Error: z.object({ Code: z.string(), Message: z.coerce.string() }),
});

/** A call that RustFS refused or that did not reach it, in the words of the operator. */
export class UpstreamError extends Error {
  constructor(
    message: string,
    readonly status?: number,
    readonly code?: string,
  ) {
    super(message);
    this.name = 'UpstreamError';
  }
}

/** SHA-256 by Node: many times as fast as in JavaScript, which counts when objects are put. */
class NodeSha256 {
  private readonly hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.hash =
      secret === undefined
        ? createHash('sha256')
        : createHmac('sha256', toBinary(secret));
  }

  update(chunk: string | ArrayBuffer | ArrayBufferView): void {
    this.hash.update(toBinary(chunk));
  }

  async digest(): Promise<Uint8Array> {
    return this.hash.digest();
  }

  reset(): void {
    throw new Error('A hash is used once');
  }
}

function toBinary(
  data: string | ArrayBuffer | ArrayBufferView,
): string | Uint8Array {
  if (typeof data === 'string') {
    return data;
  }
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}

/**
 * The calls to a tenant's RustFS server that provisioning needs, signed with root credentials.
 *
 * @public
 */
export class RustfsAdmin {
  private readonly signer: SignatureV4;
  private readonly endpoint: URL;

  constructor(endpoint: string, credentials: RootCredentials) {
    this.endpoint = new URL(endpoint);
    this.signer = new SignatureV4({
      service: 's3',
      region: 'us-east-1',
      sha256: NodeSha256,
      applyChecksum: true,
      uriEscapePath: false,
      credentials: {
        accessKeyId: credentials.accessKey,
        secretAccessKey: credentials.secretKey,
      },
    });
  }

  async listPolicies(): Promise<Map<string, unknown>> {
    const text = await this.request('GET', `${ADMIN}/list-canned-policies`);
    return new Map(
      Object.entries(z.record(z.string(), z.unknown()).parse(JSON.parse(text))),
    );
  }

  async putPolicy(name: string, document: unknown): Promise<void> {
    await this.request('PUT', `${ADMIN}/add-canned-policy`, {
      query: { name },
      body: JSON.stringify(document),
    });
  }

  /** The status of a user, or undefined when there is none. */
  async getUser(accessKey: string): Promise<{ status: string } | undefined> {
    try {
      const text = await this.request('GET', `${ADMIN}/user-info`, {
        query: { accessKey },
      });
      return z.object({ status: z.string() }).parse(JSON.parse(text));
    } catch (error) {
      if (error instanceof UpstreamError && error.status === 404) {
        return undefined;
      }
      throw error;
    }
  }

  async putUser(
    accessKey: string,
    user: { secretKey: string; status: string },
  ): Promise<void> {
    await this.request('PUT', `${ADMIN}/add-user`, {
      query: { accessKey },
      body: JSON.stringify(user),
    });
  }

  /** Replaces all policies of a user. */
  async setUserPolicies(accessKey: string, policies: string[]): Promise<void> {
    await this.request('PUT', `${ADMIN}/set-user-or-group-policy`, {
      query: {
        policyName: policies.join(','),
        userOrGroup: accessKey,
        isGroup: 'false',
      },
    });
  }

  /** Makes a bucket; one that is there already counts as made. */
  async createBucket(
    name: string,
    options: { objectLock?: boolean; region?: string },
  ): Promise<void> {
    const elsewhere = options.region && options.region !== 'us-east-1';
    try {
      await this.request('PUT', `/${name}`, {
        headers: options.objectLock
          ? { 'x-amz-bucket-object-lock-enabled': 'true' }
          : {},
        body: elsewhere
          ? `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${options.region}</LocationConstraint></CreateBucketConfiguration>`
          : undefined,
      });
    } catch (error) {
      if (
        !(
          error instanceof UpstreamError &&
          error.code === 'BucketAlreadyOwnedByYou'
        )
      ) {
        throw error;
      }
    }
  }

  async hasObjectLock(bucket: string): Promise<boolean> {
    try {
      const text = await this.request('GET', `/${bucket}`, {
        query: { 'object-lock': '' },
      });
      return text.includes('<ObjectLockEnabled>Enabled<');
    } catch (error) {
      if (error instanceof UpstreamError && error.status === 404) {
        return false;
      }
      throw error;
    }
  }

  async request(
    method: string,
    path: string,
    options: {
      query?: Record<string, string>;
      headers?: Record<string, string>;
      body?: string | Buffer;
    } = {},
  ): Promise<string> {
    const signed = await this.signer.sign(
      new HttpRequest({
        method,
        protocol: this.endpoint.protocol,
        hostname: this.endpoint.hostname,
        port: Number(this.endpoint.port) || undefined,
        path,
        query: options.query,
        headers: { host: this.endpoint.host, ...options.headers },
        body: options.body,
      }),
    );
    let response: Response;
    let text: string;
    try {
      const query = options.query
        ? `?${new URLSearchParams(options.query)
            .toString()
            .replace(/\+/g, '%20')}`
        : '';
      response = await fetch(`${this.endpoint.origin}${path}${query}`, {
        method,
        headers: signed.headers,
        body:
          typeof options.body === 'string' || options.body === undefined
            ? options.body
            : new Uint8Array(options.body),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      text = await response.text();
    } catch {
      throw new UpstreamError('request failed');
    }
    if (response.ok) {
      return text;
    }
    const parsed = errorSchema.safeParse(
      new XMLParser({ parseTagValue: false }).parse(text),
    );
    const status = `${response.status} ${STATUS_CODES[response.status] ?? ''}`;
    const { Code: code, Message: message } = parsed.data?.Error ?? {};
    throw new UpstreamError(
      code
        ? `upstream returned ${status}: ${code}: ${message}`
        : `upstream returned ${status}`,
      response.status,
      code,
    );
  }
}
