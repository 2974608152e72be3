import { ApiError, apiError, invalidRequest } from '../http/ApiError';
import type { Exchange } from '../http/Exchange';
import type { CredentialScope } from './signatureV4';

/** What a request says about its signature, before anything of it is verified. */
export interface SignedRequest {
  presigned: boolean;
  scope: CredentialScope;
  signedHeaders: string[];
  signature: string;
  amzDate: string;
  contentSha256: string;
  sessionToken?: string;
}

const SERVICES = ['s3', 'sts', 's3tables'];
const MAX_CLOCK_SKEW_MS = 15 * 60 * 1000;
const MAX_PRESIGNED_SECONDS = 604_800;

/** `x-amz-*` headers that may be present without being signed. */
const UNSIGNED_HEADERS = new Set([
  'x-amz-content-sha256',
  'x-amz-decoded-content-length',
  'x-amz-trailer',
  'x-amz-checksum-algorithm',
  'x-amz-cf-id',
]);

function malformed(message: string): ApiError {
  return new ApiError('AuthorizationHeaderMalformed', 400, message);
}

function malformedQuery(message: string): ApiError {
  return new ApiError('AuthorizationQueryParametersError', 400, message);
}

function parseCredential(credential: string): CredentialScope | undefined {
  const parts = credential.split('/');
  if (parts.length < 5 || parts.at(-1) !== 'aws4_request') {
    return undefined;
  }
  const [date, region, service] = parts.slice(-4, -1);
  const scope = {
    accessKey: parts.slice(0, -4).join('/'),
    date,
    region,
    service,
  };
  if (!SERVICES.includes(service)) {
    throw new ApiError(
      'NotImplemented',
      501,
      `unknown service '${service}' in credential scope; expected one of: ${SERVICES.join(
        ', ',
      )}`,
    );
  }
  return scope;
}

function parseAmzDate(text: string): number | undefined {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) {
    return undefined;
  }
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number);
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

function requireSignedAmzHeaders(
  exchange: Exchange,
  signedHeaders: string[],
): void {
  const unsigned = Object.keys(exchange.request.headers).some(
    name =>
      name.startsWith('x-amz-') &&
      !UNSIGNED_HEADERS.has(name) &&
      !signedHeaders.includes(name),
  );
  if (unsigned) {
    const error = apiError(
      'AccessDenied',
      'There were headers present in the request which were not signed',
    );
    throw new ApiError(error.code, error.status, error.message, {
      connection: 'close',
    });
  }
}

function readPresigned(exchange: Exchange): SignedRequest {
  const { query } = exchange;
  const required = (name: string): string => {
    const value = query.get(name);
    if (value === undefined) {
      throw malformedQuery(`missing query parameter ${name}`);
    }
    return value;
  };
  const scope = parseCredential(required('X-Amz-Credential'));
  const amzDate = required('X-Amz-Date');
  const expires = Number(required('X-Amz-Expires'));
  const signedAt = parseAmzDate(amzDate);
  if (!scope || signedAt === undefined || scope.date !== amzDate.slice(0, 8)) {
    throw malformedQuery('the credential or date of the URL is malformed');
  }
  if (
    !Number.isInteger(expires) ||
    expires < 0 ||
    expires > MAX_PRESIGNED_SECONDS
  ) {
    throw malformedQuery(
      'X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds',
    );
  }
  if (Date.now() > signedAt + expires * 1000) {
    throw apiError('AccessDenied', 'Request has expired');
  }
  if (signedAt - Date.now() > MAX_CLOCK_SKEW_MS) {
    throw new ApiError(
      'RequestTimeTooSkewed',
      403,
      'request time is too far from server time',
    );
  }
  const signedHeaders = required('X-Amz-SignedHeaders').split(';');
  requireSignedAmzHeaders(exchange, signedHeaders);
  return {
    presigned: true,
    scope,
    signedHeaders,
    signature: required('X-Amz-Signature'),
    amzDate,
    contentSha256:
      query.get('X-Amz-Content-Sha256') ??
      exchange.header('x-amz-content-sha256') ??
      'UNSIGNED-PAYLOAD',
    sessionToken: query.get('X-Amz-Security-Token'),
  };
}

function readHeader(exchange: Exchange, authorization: string): SignedRequest {
  const fields = new Map(
    authorization
      .slice('AWS4-HMAC-SHA256'.length)
      .split(',')
      .map(part => part.trim())
      .map(part => {
        const at = part.indexOf('=');
        return [part.slice(0, at), part.slice(at + 1)] as const;
      }),
  );
  const credential = fields.get('Credential');
  const signedHeaderList = fields.get('SignedHeaders');
  const signature = fields.get('Signature');
  const scope = credential ? parseCredential(credential) : undefined;
  if (!scope || !signedHeaderList || !signature) {
    throw malformed('The authorization header that you provided is not valid.');
  }
  const amzDate = exchange.header('x-amz-date');
  const signedAt = amzDate ? parseAmzDate(amzDate) : undefined;
  if (!amzDate || signedAt === undefined) {
    throw apiError(
      'AccessDenied',
      'AWS authentication requires a valid Date or x-amz-date header',
    );
  }
  if (amzDate.slice(0, 8) !== scope.date) {
    throw malformed(
      'the date of the credential scope is not that of x-amz-date',
    );
  }
  if (Math.abs(Date.now() - signedAt) > MAX_CLOCK_SKEW_MS) {
    throw new ApiError(
      'RequestTimeTooSkewed',
      403,
      'request time is too far from server time',
    );
  }
  const signedHeaders = signedHeaderList.split(';');
  requireSignedAmzHeaders(exchange, signedHeaders);
  const contentSha256 = exchange.header('x-amz-content-sha256');
  if (contentSha256 === undefined && scope.service !== 'sts') {
    throw invalidRequest(
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  return {
    presigned: false,
    scope,
    signedHeaders,
    signature,
    amzDate,
    contentSha256: contentSha256 ?? '',
    sessionToken:
      exchange.header('x-amz-security-token') ??
      exchange.query.get('x-amz-security-token'),
  };
}

/** The signature a request claims to have; `undefined` when it is anonymous. */
export function readSignedRequest(
  exchange: Exchange,
): SignedRequest | undefined {
  if (
    exchange.query.has('X-Amz-Signature') ||
    exchange.query.has('X-Amz-Credential')
  ) {
    return readPresigned(exchange);
  }
  const authorization = exchange.header('authorization');
  if (authorization === undefined) {
    return undefined;
  }
  if (!authorization.startsWith('AWS4-HMAC-SHA256')) {
    throw invalidRequest(
      'The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.',
    );
  }
  return readHeader(exchange, authorization);
}
