import { apiError } from '../http/ApiError';
import { send } from '../http/answers';
import type { Exchange } from '../http/Exchange';
import { elementsOf, type XmlElement } from '../http/xml';
import { matchesPattern } from '../iam/patterns';
import type { BucketStore } from '../storage/BucketStore';

function texts(rule: XmlElement, name: string): string[] {
  const node = rule[name];
  const list = Array.isArray(node) ? node : [node];
  return list.filter((item): item is string => typeof item === 'string');
}

/** Headers that a browser of another origin needs, from the rules of the bucket. */
function corsHeaders(
  buckets: BucketStore,
  exchange: Exchange,
  bucketName: string,
  method: string,
): Record<string, string> | undefined {
  const origin = exchange.header('origin');
  const configuration = buckets.get(bucketName)?.configurations.cors;
  if (!origin || !configuration) {
    return undefined;
  }
  const rule = elementsOf(configuration, 'CORSRule').find(
    candidate =>
      texts(candidate, 'AllowedMethod').includes(method) &&
      texts(candidate, 'AllowedOrigin').some(pattern =>
        matchesPattern(pattern, origin),
      ),
  );
  if (!rule) {
    return undefined;
  }
  const exposed = texts(rule, 'ExposeHeader').join(', ');
  return {
    'access-control-allow-origin': origin,
    'access-control-allow-methods': texts(rule, 'AllowedMethod').join(', '),
    vary: 'Origin',
    ...(exposed ? { 'access-control-expose-headers': exposed } : {}),
    ...(exchange.header('access-control-request-headers')
      ? {
          'access-control-allow-headers':
            exchange.header('access-control-request-headers') ?? '',
        }
      : {}),
    ...(texts(rule, 'MaxAgeSeconds')[0]
      ? { 'access-control-max-age': texts(rule, 'MaxAgeSeconds')[0] }
      : {}),
  };
}

export function answerPreflight(
  buckets: BucketStore,
  exchange: Exchange,
  bucketName: string,
): void {
  const method = exchange.header('access-control-request-method') ?? '';
  const headers = corsHeaders(buckets, exchange, bucketName, method);
  if (!headers) {
    throw apiError('AccessDenied');
  }
  send(exchange, { status: 200, headers });
}

export function addCorsHeaders(
  buckets: BucketStore,
  exchange: Exchange,
  bucketName: string,
): void {
  const headers = corsHeaders(buckets, exchange, bucketName, exchange.method);
  for (const [name, value] of Object.entries(headers ?? {})) {
    exchange.response.setHeader(name, value);
  }
}
