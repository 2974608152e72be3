import { ApiError } from './ApiError';
import type { Exchange } from './Exchange';
import { escapeXml, XML_DECLARATION } from './xml';

export interface Answer {
  status: number;
  headers?: Record<string, string | number | undefined>;
  body?: string;
}

/** Sends an answer that fits into memory; bodies of objects are streamed by the object routes. */
export function send(exchange: Exchange, answer: Answer): void {
  const { response, request } = exchange;
  if (response.headersSent) {
    response.destroy();
    return;
  }
  for (const [name, value] of Object.entries(answer.headers ?? {})) {
    if (value !== undefined) {
      response.setHeader(name, value);
    }
  }
  response.statusCode = answer.status;
  if (request.method === 'HEAD') {
    response.end();
    return;
  }
  const body = answer.body ?? '';
  if (answer.status !== 204 && answer.status !== 304) {
    response.setHeader('content-length', Buffer.byteLength(body));
  }
  if (exchange.hasUnreadBody) {
    response.setHeader('connection', 'close');
    void exchange.discardBody().then(() => response.end(body));
    return;
  }
  response.end(body);
}

export function sendJson(
  exchange: Exchange,
  value: unknown,
  options: { status?: number; contentType?: boolean } = {},
): void {
  send(exchange, {
    status: options.status ?? 200,
    headers:
      options.contentType === false
        ? {}
        : { 'content-type': 'application/json' },
    body: JSON.stringify(value),
  });
}

/** Success without content; the admin API labels even that as JSON. */
export function sendEmptyJson(exchange: Exchange): void {
  send(exchange, {
    status: 200,
    headers: { 'content-type': 'application/json' },
  });
}

export function sendXml(
  exchange: Exchange,
  body: string,
  headers: Record<string, string | undefined> = {},
): void {
  send(exchange, {
    status: 200,
    headers: { 'content-type': 'application/xml', ...headers },
    body,
  });
}

export function sendError(exchange: Exchange, error: ApiError): void {
  send(exchange, {
    status: error.status,
    headers: { 'content-type': 'application/xml', ...error.headers },
    body: `${XML_DECLARATION}<Error><Code>${escapeXml(
      error.code,
    )}</Code><Message>${escapeXml(error.message)}</Message></Error>`,
  });
}
