import { createHmac } from 'node:crypto';
import { apiError, invalidRequest } from '../http/ApiError';
import type { Exchange } from '../http/Exchange';

/** A request signed the old way, which older command line tools still use for presigned addresses. */
export interface SignedRequestV2 {
  accessKey: string;
  signature: string;
  presigned: boolean;
  /** Clients do not agree on the slash behind a bucket; either way of writing it is accepted. */
  stringsToSign: string[];
  sessionToken?: string;
}

/** Query parameters that are part of the resource that is signed. */
const SUB_RESOURCES = new Set([
  'acl',
  'cors',
  'delete',
  'lifecycle',
  'location',
  'logging',
  'notification',
  'partNumber',
  'policy',
  'requestPayment',
  'response-cache-control',
  'response-content-disposition',
  'response-content-encoding',
  'response-content-language',
  'response-content-type',
  'response-expires',
  'tagging',
  'torrent',
  'uploadId',
  'uploads',
  'versionId',
  'versioning',
  'versions',
  'website',
]);

function canonicalResource(exchange: Exchange, path: string): string {
  const parameters = exchange.query.pairs
    .filter(([name]) => SUB_RESOURCES.has(name))
    .map(([name, value]) => (value === '' ? name : `${name}=${value}`))
    .sort();
  return parameters.length > 0 ? `${path}?${parameters.join('&')}` : path;
}

function stringsToSign(exchange: Exchange, date: string): string[] {
  const amzHeaders = Object.keys(exchange.request.headers)
    .filter(name => name.startsWith('x-amz-'))
    .sort()
    .map(name => `${name}:${(exchange.header(name) ?? '').trim()}\n`)
    .join('');
  const { rawPath } = exchange;
  return [rawPath, `${rawPath}/`].map(path =>
    [
      exchange.method,
      exchange.header('content-md5') ?? '',
      exchange.header('content-type') ?? '',
      date,
      amzHeaders + canonicalResource(exchange, path),
    ].join('\n'),
  );
}

/** The signature of version 2 a request claims to have; `undefined` when it has none. */
export function readSignedRequestV2(
  exchange: Exchange,
): SignedRequestV2 | undefined {
  const { query } = exchange;
  const accessKey = query.get('AWSAccessKeyId');
  if (accessKey !== undefined) {
    const expires = query.get('Expires') ?? '';
    if (!(Number(expires) * 1000 > Date.now())) {
      throw apiError('AccessDenied', 'Request has expired');
    }
    return {
      accessKey,
      signature: query.get('Signature') ?? '',
      presigned: true,
      stringsToSign: stringsToSign(exchange, expires),
      sessionToken: query.get('x-amz-security-token'),
    };
  }
  const authorization = exchange.header('authorization');
  if (!authorization?.startsWith('AWS ')) {
    return undefined;
  }
  const [, key, signature] = /^AWS ([^:]+):(.+)$/.exec(authorization) ?? [];
  if (!key) {
    throw invalidRequest(
      'The authorization header that you provided is not valid.',
    );
  }
  const date =
    exchange.header('x-amz-date') === undefined
      ? exchange.header('date') ?? ''
      : '';
  return {
    accessKey: key,
    signature,
    presigned: false,
    stringsToSign: stringsToSign(exchange, date),
    sessionToken: exchange.header('x-amz-security-token'),
  };
}

export function signV2(secretKey: string, text: string): string {
  return createHmac('sha1', secretKey).update(text).digest('base64');
}
