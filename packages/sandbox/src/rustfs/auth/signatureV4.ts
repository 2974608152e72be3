import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Exchange } from '../http/Exchange';

/*
 * Signature Version 4 from the side of the server. The signing libraries are of no use here: they sort repeated query
 * parameters by value, where RustFS keeps the order of the wire.
 */

export interface CredentialScope {
  accessKey: string;
  date: string;
  region: string;
  service: string;
}

export function sha256Hex(data: string | Buffer): string {
  return createHash('sha256').update(data).digest('hex');
}

function hmac(key: string | Buffer, data: string): Buffer {
  return createHmac('sha256', key).update(data).digest();
}

export function deriveSigningKey(
  secretKey: string,
  scope: CredentialScope,
): Buffer {
  const dateKey = hmac(`AWS4${secretKey}`, scope.date);
  const regionKey = hmac(dateKey, scope.region);
  return hmac(hmac(regionKey, scope.service), 'aws4_request');
}

function scopeString(scope: CredentialScope): string {
  return `${scope.date}/${scope.region}/${scope.service}/aws4_request`;
}

export function signString(signingKey: Buffer, text: string): string {
  return createHmac('sha256', signingKey).update(text).digest('hex');
}

export function sameSignature(expected: string, given: string): boolean {
  const a = Buffer.from(expected);
  const b = Buffer.from(given);
  return a.length === b.length && timingSafeEqual(a, b);
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    character =>
      `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

function canonicalQuery(exchange: Exchange, presigned: boolean): string {
  return exchange.query.pairs
    .filter(([name]) => !(presigned && name === 'X-Amz-Signature'))
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .map((pair, index) => ({ pair, index }))
    .sort((a, b) => {
      if (a.pair[0] === b.pair[0]) {
        return a.index - b.index;
      }
      return a.pair[0] < b.pair[0] ? -1 : 1;
    })
    .map(({ pair: [name, value] }) => `${name}=${value}`)
    .join('&');
}

export function canonicalRequest(options: {
  exchange: Exchange;
  signedHeaders: string[];
  contentSha256: string;
  presigned: boolean;
}): string {
  const { exchange, signedHeaders } = options;
  const headers = signedHeaders
    .map(name => {
      const value = (exchange.header(name) ?? '').trim().replace(/\s+/g, ' ');
      return `${name}:${value}\n`;
    })
    .join('');
  return [
    exchange.method,
    exchange.path.split('/').map(encode).join('/'),
    canonicalQuery(exchange, options.presigned),
    headers,
    signedHeaders.join(';'),
    options.contentSha256,
  ].join('\n');
}

export function stringToSign(
  amzDate: string,
  scope: CredentialScope,
  canonical: string,
): string {
  return [
    'AWS4-HMAC-SHA256',
    amzDate,
    scopeString(scope),
    sha256Hex(canonical),
  ].join('\n');
}
