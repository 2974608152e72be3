/** Codes of OpenSSL for a chain that ends at no known authority. */
const UNTRUSTED =
  /SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT/;

/** By the code or name that Node's own layers, undici and OpenSSL give; the first that fits decides. */
const WORDS: [RegExp, string][] = [
  [/\bECONNREFUSED\b/, 'nothing listens there'],
  [/\b(ENOTFOUND|EAI_AGAIN)\b/, 'the name cannot be resolved'],
  [/\b(EHOSTUNREACH|ENETUNREACH)\b/, 'no way in the network leads there'],
  [
    /\b(ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_\w+_TIMEOUT)\b/,
    'it took too long to answer',
  ],
  [/\bCERT_HAS_EXPIRED\b/, 'its certificate has expired'],
  [/\bCERT_NOT_YET_VALID\b/, 'its certificate is not valid yet'],
  [
    /\bERR_TLS_CERT_ALTNAME_INVALID\b/,
    'its certificate is made out to another name',
  ],
  [UNTRUSTED, 'its certificate is signed by nobody whom the portal trusts'],
  [
    /\b(ERR_SSL_|EPROTO\b)/,
    'no TLS connection comes about; it may speak plain HTTP, or another version of TLS',
  ],
  [/\bHPE_|\bHTTPParserError\b/, 'what answers there does not speak HTTP'],
  [
    /\b(ECONNRESET|ECONNABORTED|EPIPE|UND_ERR_SOCKET|socket hang up)\b/,
    'it closed the connection',
  ],
];

/**
 * What an exception of the network means, in words that complete "… does not answer: ". Of the exception itself at most
 * its code is repeated, as messages may hold what was sent.
 *
 * @param timeoutMs - how long was waited before the call was given up
 * @public
 */
export function explainNetworkError(error: unknown, timeoutMs: number): string {
  const links = chain(error);
  const proxy = links.map(link => property(link, 'proxy')).find(isText);
  const words = explain(links, timeoutMs);
  return proxy ? `${words}, asked through the proxy ${proxy}` : words;
}

/**
 * What can be done about an exception of the network, a sentence, where that is more than to see that the other side is
 * there.
 *
 * @public
 */
export function adviseOnNetworkError(error: unknown): string | undefined {
  const links = chain(error);
  if (UNTRUSTED.test(textOf(links))) {
    return 'Give the certificate of the authority that signed it: as caFile or caData of this connection, or to the whole process in the environment variable NODE_EXTRA_CA_CERTS.';
  }
  const proxy = links.map(link => property(link, 'proxy')).find(isText);
  return proxy
    ? 'See that the proxy reaches this address and takes the credentials of the portal, or name the host in NO_PROXY, or set proxy: false at this connection.'
    : undefined;
}

function explain(links: unknown[], timeoutMs: number): string {
  const has = (name: string) =>
    links.some(link => property(link, 'name') === name);
  // undici calls a tunnel that its proxy does not open an aborted request.
  if (links.some(link => property(link, 'code') === 'UND_ERR_ABORTED')) {
    return 'the proxy opens no way there';
  }
  if (has('TimeoutError') || has('AbortError')) {
    return `nothing came within ${timeoutMs / 1000} s`;
  }
  const text = textOf(links);
  const known = WORDS.find(([pattern]) => pattern.test(text));
  if (known) {
    return known[1];
  }
  const code = links
    .map(link => property(link, 'code'))
    .find(
      value => typeof value === 'string' && /^[A-Z][A-Z0-9_]+$/.test(value),
    );
  return code
    ? `the connection failed (${String(code)})`
    : 'the connection failed';
}

/** An error and what caused it; causes of the network hide two levels down. */
function chain(error: unknown): unknown[] {
  const links: unknown[] = [];
  let link = error;
  while (link && links.length < 5) {
    links.push(link);
    // Several addresses of one name fail together.
    const errors = property(link, 'errors');
    link = Array.isArray(errors) ? errors[0] : property(link, 'cause');
  }
  return links;
}

/** Some libraries put an error into another one that has its message only. */
function textOf(links: unknown[]): string {
  return links
    .flatMap(link => ['code', 'name', 'message'].map(k => property(link, k)))
    .join(' ');
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Reflect.get(value, key)
    : undefined;
}
