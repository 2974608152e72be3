import type { z } from 'zod';
import type { Authentication } from '../auth/Authenticator';
import { sha256Hex } from '../auth/signatureV4';
import { apiError, invalidArgument, invalidRequest } from '../http/ApiError';
import { readBody } from '../http/body';
import type { Exchange } from '../http/Exchange';
import type { Identity } from '../iam/model';
import type { RustfsContext } from '../RustfsContext';

const MAX_BODY_BYTES = 1024 * 1024;

/** One request to the admin API by an identity whose signature is verified. */
export class AdminCall {
  constructor(
    readonly context: RustfsContext,
    readonly exchange: Exchange,
    private readonly authentication: Authentication,
    /** Parts of the path that a route leaves open, decoded. */
    readonly parameters: Readonly<Record<string, string>>,
  ) {}

  get identity(): Identity {
    return this.authentication.identity;
  }

  get isOwner(): boolean {
    return this.context.authorizer.isOwner(this.identity);
  }

  allows(...actions: string[]): boolean {
    return this.context.authorizer.allowsAdmin(this.identity, ...actions);
  }

  /** Refuses unless one of the actions is allowed. */
  require(...actions: string[]): void {
    if (!this.allows(...actions)) {
      throw apiError('AccessDenied');
    }
  }

  /** For what users may do to themselves unless a policy denies it. */
  requireUnlessDenied(action: string): void {
    if (!this.context.authorizer.allowsUnlessDenied(this.identity, action)) {
      throw apiError('AccessDenied');
    }
  }

  query(...names: string[]): string | undefined {
    for (const name of names) {
      const value = this.exchange.query.get(name);
      if (value !== undefined) {
        return value;
      }
    }
    return undefined;
  }

  requiredQuery(...names: string[]): string {
    const value = this.query(...names);
    if (value === undefined) {
      throw invalidArgument('failed to decode query');
    }
    return value;
  }

  async readText(): Promise<string> {
    const body = await readBody(this.exchange.openBody(), MAX_BODY_BYTES);
    const declared = this.authentication.contentSha256;
    if (/^[0-9a-f]{64}$/.test(declared) && sha256Hex(body) !== declared) {
      throw invalidRequest(
        'the body does not match the hash in x-amz-content-sha256',
      );
    }
    return body.toString('utf8');
  }

  async readJson<T>(schema: z.ZodType<T>): Promise<T> {
    const text = await this.readText();
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      throw invalidRequest('invalid JSON: expected value at line 1 column 1');
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) {
      return parsed.data;
    }
    const [issue] = parsed.error.issues;
    const field = issue.path.join('.');
    const isMissing = !hasPath(value, issue.path);
    throw invalidRequest(
      isMissing
        ? `invalid JSON: missing field \`${field}\` at line 1 column ${text.length}`
        : `invalid JSON: invalid value for \`${field}\` at line 1 column ${text.length}`,
    );
  }
}

function hasPath(value: unknown, path: PropertyKey[]): boolean {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null || !(step in current)) {
      return false;
    }
    current = (current as Record<PropertyKey, unknown>)[step];
  }
  return true;
}
