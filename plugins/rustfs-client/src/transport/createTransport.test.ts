import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, IncomingMessage, request, Server } from 'node:http';
import { AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  adviseOnNetworkError,
  explainNetworkError,
} from '@rustfs-portal/plugin-rustfs-common';
import { KubernetesApi, startKubernetesApi } from '@rustfs-portal/sandbox';
import { createTransport, TransportOptions } from './createTransport';
import { readCertificates } from './readCertificates';

const TIMEOUT_MS = 20_000;

async function listen(server: Server): Promise<string> {
  await new Promise<void>(resolve => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('createTransport', () => {
  const seen: string[] = [];
  const dataDir = mkdtemp(join(tmpdir(), 'transport-'));
  /** Speaks TLS with a certificate that stands for itself, made out to localhost and 127.0.0.1. */
  let api: KubernetesApi;
  let ca: string;
  let secureUrl: string;
  let upstream: Server;
  let upstreamUrl: string;
  let proxy: Server;
  let proxyUrl: string;
  let proxyStatus: number | undefined;

  beforeAll(async () => {
    api = await startKubernetesApi({
      name: 'atlas',
      dataDir: await dataDir,
      tokens: [],
    });
    const kubeconfig = api.kubeconfig('any');
    ca = Buffer.from(
      /certificate-authority-data: (\S+)/.exec(kubeconfig)![1],
      'base64',
    ).toString();
    secureUrl = /server: (\S+)/.exec(kubeconfig)![1];
    upstream = createServer((req, res) => {
      seen.push(`upstream ${req.method} ${req.url} for ${req.headers.host}`);
      res.end('hello');
    });
    upstreamUrl = await listen(upstream);
    // Every name leads to the upstreams of this test.
    proxy = createServer((req, res) => {
      seen.push(`proxy ${req.method} ${req.url} ${whoAsks(req)}`);
      if (proxyStatus) {
        res.writeHead(proxyStatus).end('<html>the proxy</html>');
        return;
      }
      const { pathname, search } = new URL(req.url!);
      const { method, headers } = req;
      req.pipe(
        request(
          new URL(`${pathname}${search}`, upstreamUrl),
          { method, headers },
          answer => {
            res.writeHead(answer.statusCode!, answer.headers);
            answer.pipe(res);
          },
        ),
      );
    });
    proxy.on('connect', (req, socket) => {
      seen.push(`proxy CONNECT ${req.url} ${whoAsks(req)}`);
      if (proxyStatus) {
        socket.end(`HTTP/1.1 ${proxyStatus} No\r\n\r\n`);
        return;
      }
      const tunnel = connect(Number(new URL(secureUrl).port), '127.0.0.1');
      tunnel.on('connect', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
        tunnel.pipe(socket).pipe(tunnel);
      });
      tunnel.on('error', () => socket.destroy());
      socket.on('error', () => tunnel.destroy());
    });
    proxyUrl = await listen(proxy);
  });

  afterAll(async () => {
    for (const server of [upstream, proxy]) {
      server.closeAllConnections();
      server.close();
    }
    await api.stop();
    await rm(await dataDir, { recursive: true, force: true });
  });

  beforeEach(() => {
    seen.length = 0;
    proxyStatus = undefined;
  });

  function whoAsks({ headers }: IncomingMessage) {
    const [, basic] =
      /^Basic (.+)$/.exec(headers['proxy-authorization'] ?? '') ?? [];
    return basic ? Buffer.from(basic, 'base64').toString() : 'nobody';
  }

  async function call(
    options: Partial<TransportOptions> & { url: string },
    path = '/',
    timeoutMs = TIMEOUT_MS,
  ) {
    const transport = createTransport({ timeoutMs, ...options });
    try {
      const response = await transport.fetch(new URL(path, options.url), {
        signal: AbortSignal.timeout(timeoutMs),
        redirect: 'manual',
      });
      return { status: response.status, text: await response.text() };
    } catch (error) {
      return {
        words: explainNetworkError(error, timeoutMs),
        advice: adviseOnNetworkError(error),
      };
    } finally {
      await transport.close();
    }
  }

  it('trusts only what the given authority signed, or that beside those of Node', async () => {
    const refused = {
      words: 'its certificate is signed by nobody whom the portal trusts',
      advice: expect.stringMatching(/caFile or caData.*NODE_EXTRA_CA_CERTS/),
    };
    expect(await call({ url: secureUrl })).toEqual(refused);
    // Nobody is let in: an answer all the same.
    const answered = { status: 403 };
    expect(await call({ url: secureUrl, ca })).toMatchObject(answered);
    expect(await call({ url: secureUrl, extraCa: ca })).toMatchObject(answered);
    expect(
      await call({ url: secureUrl, rejectUnauthorized: false }),
    ).toMatchObject(answered);
    const { port } = new URL(secureUrl);
    expect(
      await call({ url: secureUrl, ca, servername: 'elsewhere.acme.org' }),
    ).toMatchObject({ words: 'its certificate is made out to another name' });
    expect(
      await call({
        url: `https://127.0.0.1:${port}`,
        ca,
        servername: 'kubernetes',
      }),
    ).toMatchObject(answered);
  });

  it('passes plain HTTP on through the proxy, and opens a tunnel for TLS', async () => {
    const own = proxyUrl.replace('http://', 'http://me:s3%40cret@');
    expect(
      await call(
        { url: 'http://s3.invalid:9000', proxy: own },
        '/b?versioning',
      ),
    ).toEqual({ status: 200, text: 'hello' });
    expect(seen).toEqual([
      'proxy GET http://s3.invalid:9000/b?versioning me:s3@cret',
      'upstream GET /b?versioning for s3.invalid:9000',
    ]);
    seen.length = 0;
    expect(
      await call({ url: 'https://kubernetes:6443', proxy: own, ca }),
    ).toMatchObject({ status: 403 });
    expect(seen).toEqual(['proxy CONNECT kubernetes:6443 me:s3@cret']);
  });

  it('checks certificates behind the proxy too', async () => {
    for (const url of ['https://kubernetes:6443', 'https://other.invalid']) {
      expect(await call({ url, proxy: proxyUrl })).toMatchObject({
        words: expect.stringContaining(
          'signed by nobody whom the portal trusts',
        ),
        advice: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
      });
    }
    expect(
      await call({ url: 'https://other.invalid', proxy: proxyUrl, ca }),
    ).toMatchObject({ words: expect.stringContaining('another name') });
  });

  it('names the proxy when it is in the way, and not its password', async () => {
    const own = proxyUrl.replace('http://', 'http://me:s3cret@');
    const { host } = new URL(proxyUrl);
    for (const status of [403, 407, 502]) {
      proxyStatus = status;
      expect(await call({ url: 'https://kubernetes', proxy: own })).toEqual({
        words: `the proxy opens no way there, asked through the proxy ${host}`,
        advice: expect.stringMatching(/NO_PROXY.*proxy: false/),
      });
    }
    for (const url of ['http://s3.invalid', 'https://s3.invalid']) {
      expect(
        await call({ url, proxy: 'http://me:s3cret@127.0.0.1:1' }),
      ).toMatchObject({
        words: 'nothing listens there, asked through the proxy 127.0.0.1:1',
      });
    }
  });

  it('ends by the limit of the call, whatever hangs', async () => {
    const silent = createServer(() => {}).on('connect', () => {});
    const silentUrl = await listen(silent);
    for (const options of [
      { url: silentUrl },
      { url: 'http://s3.invalid', proxy: silentUrl },
      { url: 'https://s3.invalid', proxy: silentUrl },
    ]) {
      expect(await call(options, '/', 300).then(({ words }) => words)).toMatch(
        /^nothing came within 0.3 s/,
      );
    }
    silent.closeAllConnections();
    silent.close();
  }, 60_000);

  it('says what is not a certificate', () => {
    expect(readCertificates(`# ours\r\n${ca}\n${ca}`)).toBe(
      `${ca.trim()}\n${ca.trim()}\n`,
    );
    expect(() => readCertificates('')).toThrow(/BEGIN CERTIFICATE/);
    expect(() => readCertificates('YWJj')).toThrow(/BEGIN CERTIFICATE/);
    expect(() =>
      readCertificates(
        `${ca}-----BEGIN CERTIFICATE-----\nYWJj\n-----END CERTIFICATE-----`,
      ),
    ).toThrow(/number 2 of 2 cannot be read/);
  });
});
