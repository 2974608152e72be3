import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { mockServices } from '@backstage/backend-test-utils';
import { readClustersConfig } from '../config';
import { openSecretClusters } from './openSecretClusters';

describe('a Service of a cluster', () => {
  let server: Server;
  let status = 200;
  const asked: string[] = [];

  beforeAll(async () => {
    server = createServer((request, response) => {
      asked.push(`${request.headers.authorization} ${request.url}`);
      response.writeHead(status).end('PEM');
    });
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  });

  afterAll(() => {
    server.close();
  });

  const ask = () => {
    const { port } = server.address() as AddressInfo;
    const clusters = openSecretClusters(
      readClustersConfig(
        mockServices.rootConfig({
          data: {
            rustfs: {
              clusters: [
                { name: 'atlas', url: `http://127.0.0.1:${port}`, token: 't' },
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
