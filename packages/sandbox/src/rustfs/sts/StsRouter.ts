import type { Authentication, Authenticator } from '../auth/Authenticator';
import { createSessionToken } from '../auth/sessionToken';
import { sha256Hex } from '../auth/signatureV4';
import {
  ApiError,
  apiError,
  invalidArgument,
  invalidRequest,
} from '../http/ApiError';
import { send, sendXml } from '../http/answers';
import { readBody } from '../http/body';
import type { Exchange } from '../http/Exchange';
import { escapeXml, XML_DECLARATION } from '../http/xml';
import { generateKeys } from '../iam/generateKeys';
import {
  parsePolicy,
  type PolicyDocument,
  PolicyParseError,
} from '../iam/policyDocument';
import type { RustfsContext } from '../RustfsContext';

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';
const VERSION = '2011-06-15';
const MAX_BODY_BYTES = 64 * 1024;
const MAX_POLICY_BYTES = 2048;
const DEFAULT_SECONDS = 3600;
const MIN_SECONDS = 900;
const MAX_SECONDS = 43_200;

function readSessionPolicy(text: string): PolicyDocument {
  let policy: PolicyDocument;
  try {
    policy = parsePolicy(text);
  } catch (error) {
    if (error instanceof PolicyParseError) {
      throw invalidRequest(
        `Failed to parse session policy: io error: ${error.message}. Please check that the policy is valid JSON format with standard brackets [] for arrays.`,
      );
    }
    throw error;
  }
  if (JSON.stringify(policy).length > MAX_POLICY_BYTES) {
    throw invalidRequest('policy too large');
  }
  return policy;
}

/** The security token service: `POST /` with a form, on the same listener as everything else. */
export class StsRouter {
  constructor(
    private readonly context: RustfsContext,
    private readonly authenticator: Authenticator,
  ) {}

  static isStsRequest(exchange: Exchange): boolean {
    return (
      exchange.method === 'POST' &&
      exchange.path === '/' &&
      (exchange.header('content-type') ?? '').startsWith(
        'application/x-www-form-urlencoded',
      )
    );
  }

  static sendError(exchange: Exchange, error: ApiError): void {
    send(exchange, {
      status: error.status,
      headers: { 'content-type': 'application/xml', ...error.headers },
      body: `${XML_DECLARATION}<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${
        error.status < 500 ? 'Sender' : 'Receiver'
      }</Type><Code>${escapeXml(error.code)}</Code><Message>${escapeXml(
        error.message,
      )}</Message></Error><RequestId>${
        exchange.requestId
      }</RequestId></ErrorResponse>`,
    });
  }

  async handle(exchange: Exchange): Promise<void> {
    const body = await readBody(exchange.openBody(), MAX_BODY_BYTES);
    exchange.bodySha256 = sha256Hex(body);
    const form = new URLSearchParams(body.toString('utf8'));
    const authentication = this.authenticator.authenticate(exchange);
    const declared = authentication?.contentSha256;
    if (
      declared &&
      /^[0-9a-f]{64}$/.test(declared) &&
      declared !== exchange.bodySha256
    ) {
      throw apiError('XAmzContentSHA256Mismatch');
    }
    if (form.get('Version') !== VERSION) {
      throw invalidArgument('not support version');
    }
    switch (form.get('Action')) {
      case 'AssumeRole':
        this.assumeRole(exchange, authentication, form);
        return;
      case 'AssumeRoleWithWebIdentity':
        // No identity provider is configured, so no token can be verified.
        throw apiError('AccessDenied');
      default:
        throw invalidArgument('unsupported Action');
    }
  }

  private assumeRole(
    exchange: Exchange,
    authentication: Authentication | undefined,
    form: URLSearchParams,
  ): void {
    const { iam, authorizer } = this.context;
    const identity = authentication?.identity;
    if (
      !identity ||
      !['root', 'iam'].includes(identity.kind) ||
      !authorizer.allowsUnlessDenied(identity, 'sts:AssumeRole')
    ) {
      throw apiError('AccessDenied');
    }
    const policyText = form.get('Policy');
    const policy = policyText ? readSessionPolicy(policyText) : undefined;
    const asked = Number(form.get('DurationSeconds') ?? DEFAULT_SECONDS);
    const seconds = Math.min(
      Math.max(Number.isFinite(asked) ? asked : DEFAULT_SECONDS, MIN_SECONDS),
      MAX_SECONDS,
    );
    const expiresAt = Math.floor(Date.now() / 1000) + seconds;
    const keys = generateKeys();
    const token = createSessionToken(
      {
        accessKey: keys.accessKey,
        exp: expiresAt,
        parent: identity.account,
        ...(policy
          ? {
              sessionPolicy: Buffer.from(JSON.stringify(policy)).toString(
                'base64',
              ),
            }
          : {}),
      },
      iam.root.secretKey,
    );
    const expiration = new Date(expiresAt * 1000).toISOString();
    iam.sessions.put(keys.accessKey, {
      ...keys,
      parent: identity.account,
      token,
      policy,
      expiration: expiration.replace('.000Z', 'Z'),
    });
    sendXml(
      exchange,
      `<AssumeRoleResponse xmlns="${NAMESPACE}"><AssumeRoleResult><Credentials><AccessKeyId>${
        keys.accessKey
      }</AccessKeyId><Expiration>${expiration}</Expiration><SecretAccessKey>${escapeXml(
        keys.secretKey,
      )}</SecretAccessKey><SessionToken>${token}</SessionToken></Credentials></AssumeRoleResult><ResponseMetadata><RequestId>${
        exchange.requestId
      }</RequestId></ResponseMetadata></AssumeRoleResponse>`,
    );
  }
}
