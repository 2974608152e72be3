import tls from 'node:tls';
import { Agent, fetch as send, Pool, ProxyAgent } from 'undici';
import { chooseProxy } from './chooseProxy';

/**
 * How calls get to one upstream: a RustFS server, a Kubernetes API server or a forge.
 *
 * @public
 */
export interface TransportOptions {
  /** Address of the upstream; decides whether a proxy of the environment is for it. */
  url: string;
  /** Certificates in PEM: only what these authorities signed is trusted. */
  ca?: string;
  /** Certificates in PEM of authorities that are trusted beside those of Node. Without a meaning where `ca` is given. */
  extraCa?: string;
  /** Certificate and key in PEM that the portal shows. */
  cert?: string | Buffer;
  key?: string | Buffer;
  passphrase?: string;
  /** Name in the certificate of the upstream where it is not that of its address. */
  servername?: string;
  /** False: any certificate is taken. */
  rejectUnauthorized?: boolean;
  /** Address of a proxy, or false for none. Default: that of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`. */
  proxy?: string | false;
  /** The longest that a call waits, in milliseconds; an attempt to connect is not kept for much longer. */
  timeoutMs: number;
}

/**
 * The way to one upstream. Its connections are kept for the next call.
 *
 * @public
 */
export interface Transport {
  /**
   * As in browsers. A failure behind a proxy names that in the property `proxy`, which `explainNetworkError` reads.
   */
  fetch: typeof fetch;
  /** Ends the connections when the calls under way are over. */
  close(): Promise<void>;
}

/**
 * Makes the way to one upstream, the same for every kind of upstream.
 *
 * @throws ConnectionOptionError when the proxy is not an address
 * @public
 */
export function createTransport(options: TransportOptions): Transport {
  const proxy = chooseProxy(options.url, options.proxy, process.env);
  const dispatcher = proxy ? throughProxy(proxy, options) : direct(options);
  // The types of Node describe the same functions, of the release that Node has inside.
  const call = send as unknown as typeof fetch;
  return {
    fetch: async (input, init) => {
      try {
        return await call(input, { ...init, dispatcher } as RequestInit);
      } catch (error) {
        throw proxy
          ? Object.assign(new Error('fetch failed', { cause: error }), {
              // Without the password that may stand in the address.
              proxy: proxy.host,
            })
          : error;
      }
    },
    close: () => dispatcher.close(),
  };
}

function direct(options: TransportOptions) {
  return new Agent({
    connect: { ...toTls(options), timeout: connectTimeout(options) },
  });
}

function throughProxy(proxy: URL, options: TransportOptions) {
  const timeout = connectTimeout(options);
  return new ProxyAgent({
    uri: proxy.href,
    // Many proxies open tunnels to port 443 only; plain HTTP is passed on, as by other programs.
    proxyTunnel: false,
    // A proxy that takes the order for a tunnel and never answers is given up, too.
    clientFactory: (origin, clientOptions) =>
      new Pool(origin, { ...clientOptions, headersTimeout: timeout }),
    requestTls: { ...toTls(options), timeout },
    proxyTls: {
      timeout,
      ...(proxy.protocol === 'https:' && {
        secureContext: tls.createSecureContext({ ca: trusted(options) }),
      }),
    },
  });
}

/** Calls end by their own signal, which says after how long; this only stops an attempt that nobody waits for. */
function connectTimeout({ timeoutMs }: TransportOptions) {
  return timeoutMs * 2;
}

function toTls(options: TransportOptions) {
  const { url, ca, cert, key, passphrase } = options;
  const { servername, rejectUnauthorized } = options;
  return {
    // Made once: reading all authorities takes longer than a call.
    ...(url.startsWith('https:') && {
      secureContext: tls.createSecureContext({
        ca: ca ?? trusted(options),
        cert,
        key,
        passphrase,
      }),
    }),
    ...(servername && { servername }),
    ...(rejectUnauthorized !== undefined && { rejectUnauthorized }),
  };
}

/** Undefined: those of Node, with NODE_EXTRA_CA_CERTS. */
function trusted({ extraCa }: TransportOptions): string[] | undefined {
  return extraCa ? [...defaultAuthorities(), extraCa] : undefined;
}

function defaultAuthorities(): readonly string[] {
  // Node has it since 22.15.
  return tls.getCACertificates?.('default') ?? tls.rootCertificates;
}
