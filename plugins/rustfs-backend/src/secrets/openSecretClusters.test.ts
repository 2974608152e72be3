import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices } from '@backstage/backend-test-utils';
import { loadCertificate } from '@rustfs-portal/sandbox/testUtils';
import { readClustersConfig } from '../config';
import { openSecretClusters } from './openSecretClusters';

describe('a Service of a cluster', () => {
  let dir: string;
  let cert: string;
  let server: Server;
  let plain: Server;
  let status: number;
  const asked: string[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'api-'));
    const { certificate, privateKey: key } = loadCertificate(dir);
    cert = certificate;
    const answer: RequestListener = (request, response) => {
      asked.push(`${request.headers.authorization} ${request.url}`);
      response.writeHead(status).end('PEM');
    };
    server = createServer({ cert, key }, answer);
    plain = createHttpServer(answer);
    for (const one of [server, plain]) {
      await new Promise<void>(resolve => one.listen(0, '127.0.0.1', resolve));
    }
  });

  beforeEach(() => {
    status = 200;
  });

  afterAll(() => {
    server.close();
    plain.close();
    rmSync(dir, { recursive: true, force: true });
  });

  const urlOf = (one: Server) =>
    `${one === plain ? 'http' : 'https'}://127.0.0.1:${
      (one.address() as AddressInfo).port
    }`;

  const ask = (
    way: object = { caData: Buffer.from(cert).toString('base64') },
  ) => {
    const clusters = openSecretClusters(
      readClustersConfig(
        mockServices.rootConfig({
          data: {
            rustfs: {
              clusters: [
                { name: 'atlas', url: urlOf(server), token: 't', ...way },
              ],
            },
          },
        }),
      ),
    );
    return clusters.get('atlas')!.getFromService({
      namespace: 'kube-system',
      name: 'seal',
      port: 'http',
      path: '/v1/cert.pem',
    });
  };

  it('is asked through the API server, with the rights of the portal', async () => {
    await expect(ask()).resolves.toEqual({ text: 'PEM' });
    expect(asked).toEqual([
      'Bearer t /api/v1/namespaces/kube-system/services/http:seal:http/proxy/v1/cert.pem',
    ]);
  });

  it.each<[string, () => object]>([
    ['http', () => ({ url: urlOf(plain) })],
    ['skipTLSVerify', () => ({ skipTLSVerify: true })],
  ])('is not believed over %s: anybody may have answered', async (_, way) => {
    await expect(ask(way())).resolves.toEqual({
      missing: 'trust',
      message: expect.stringMatching(/use certificateFile or certificateUrl$/),
    });
  });

  it.each<[number, 'service' | 'right', RegExp]>([
    [404, 'service', /^Cluster atlas has no Service kube-system\/seal/],
    [
      403,
      'right',
      /grant get on services\/proxy with the resource name http:seal:http/,
    ],
  ])('is missing for %d', async (code, missing, message) => {
    status = code;
    await expect(ask()).resolves.toEqual({
      missing,
      message: expect.stringMatching(message),
    });
  });

  it.each<[number, RegExp]>([
    [401, /^Cluster atlas does not accept the portal's credentials/],
    [503, /^Service kube-system\/seal of cluster atlas does not answer .* 503/],
    [302, /does not answer/],
  ])('may be back later after %d', async (code, message) => {
    status = code;
    await expect(ask()).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: expect.stringMatching(message),
    });
  });
});
