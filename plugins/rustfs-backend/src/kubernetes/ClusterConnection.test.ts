import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClusterConfig } from '../config';
import { ClusterConnection } from './ClusterConnection';
import { loadKubeConfig } from './loadKubeConfig';

const TIMEOUT_MS = 20_000;

describe('ClusterConnection', () => {
  let server: Server;
  let url: string;
  let folder: string;
  let kubeconfig: string;
  /** The header that is let in. */
  let accepted: string;
  const asked: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cluster-'));
    kubeconfig = join(folder, 'config');
    server = createServer((request, response) => {
      const { authorization = 'none' } = request.headers;
      asked.push(authorization);
      response.writeHead(authorization === accepted ? 200 : 401).end('{}');
    });
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve);
    });
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    asked.length = 0;
  });

  const contents = (user: object | undefined, more: object = {}) =>
    JSON.stringify({
      clusters: [{ name: 'a', cluster: { server: url, ...more } }],
      users: user ? [{ name: 'portal', user }] : [],
      contexts: [{ name: 'a', context: { cluster: 'a', user: 'portal' } }],
      'current-context': 'a',
    });

  const config = (more: Partial<ClusterConfig> = {}): ClusterConfig => ({
    name: 'atlas',
    connection: { kind: 'kubeconfig', path: kubeconfig },
    transport: { timeoutMs: TIMEOUT_MS },
    sources: ['rustfs-operator'],
    ...more,
  });

  async function get(connection: ClusterConnection) {
    const { status } = await connection.get(
      '/api',
      AbortSignal.timeout(TIMEOUT_MS),
    );
    return status;
  }

  it('reads a kubeconfig again that was written anew', async () => {
    accepted = 'Bearer old';
    await writeFile(kubeconfig, contents({ token: 'old' }));
    const connection = ClusterConnection.create(config());
    expect(await get(connection)).toBe(200);

    await writeFile(kubeconfig, contents({ token: 'new-one' }));
    accepted = 'Bearer new-one';
    expect(await get(connection)).toBe(200);
    // The old one was not even tried.
    expect(asked).toEqual(['Bearer old', 'Bearer new-one']);
  });

  it('goes on with what it has while the file is half written or away', async () => {
    accepted = 'Bearer old';
    await writeFile(kubeconfig, contents({ token: 'old' }));
    const connection = ClusterConnection.create(config());
    for (const text of ['', 'users: [', '{"users": []}']) {
      await writeFile(kubeconfig, text);
      expect(await get(connection)).toBe(200);
    }
    await rm(kubeconfig);
    expect(await get(connection)).toBe(200);
    await writeFile(kubeconfig, contents({ token: 'next' }));
    accepted = 'Bearer next';
    expect(await get(connection)).toBe(200);
  });

  it('asks once more after a refusal only with other credentials', async () => {
    accepted = 'Bearer other';
    await writeFile(kubeconfig, contents({ token: 'old' }));
    const connection = ClusterConnection.create(config());
    expect(await get(connection)).toBe(401);
    expect(asked).toEqual(['Bearer old']);
    const fixed = ClusterConnection.create(
      config({
        connection: { kind: 'token', url, token: 't', skipTLSVerify: false },
      }),
    );
    expect(await get(fixed)).toBe(401);
    expect(asked).toEqual(['Bearer old', 'Bearer t']);
  });

  it('takes tokenFile, beside the kubeconfig or elsewhere, and its new content after a refusal', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'first\n');
    accepted = 'Bearer first';
    for (const tokenFile of [file, 'token', './token']) {
      await writeFile(
        kubeconfig,
        contents({ tokenFile, token: 'stands-behind' }),
      );
      expect(await get(ClusterConnection.create(config()))).toBe(200);
    }
    const connection = ClusterConnection.create(config());
    expect(await get(connection)).toBe(200);
    await writeFile(file, 'second');
    accepted = 'Bearer second';
    expect(await get(connection)).toBe(200);
  });

  it('runs a plugin again after a refusal, and says when it gives nothing', async () => {
    const answer = join(folder, 'answer.json');
    const give = (token: string) =>
      writeFile(
        answer,
        JSON.stringify({
          apiVersion: 'client.authentication.k8s.io/v1',
          kind: 'ExecCredential',
          status: { token, expirationTimestamp: '2099-01-01T00:00:00Z' },
        }),
      );
    const exec = { apiVersion: 'client.authentication.k8s.io/v1' };
    await writeFile(
      kubeconfig,
      contents({ exec: { ...exec, command: 'cat', args: [answer] } }),
    );
    await give('first');
    accepted = 'Bearer first';
    const connection = ClusterConnection.create(config());
    expect(await get(connection)).toBe(200);
    await give('second');
    accepted = 'Bearer second';
    expect(await get(connection)).toBe(200);

    await writeFile(
      kubeconfig,
      contents({ exec: { ...exec, command: 'no-such-plugin' } }),
    );
    await expect(get(connection)).rejects.toMatchObject({
      problemCode: 'cluster-denied',
      message:
        'The portal has no credentials for cluster atlas: the command no-such-plugin gives none (ENOENT)',
    });
    await writeFile(
      kubeconfig,
      contents({
        exec: {
          ...exec,
          command: 'sh',
          args: ['-c', 'echo s3cret >&2; false'],
        },
      }),
    );
    await expect(get(connection)).rejects.toMatchObject({
      message: expect.not.stringContaining('s3cret'),
    });
  });

  it('takes user and password', async () => {
    accepted = `Basic ${Buffer.from('me:pw').toString('base64')}`;
    await writeFile(kubeconfig, contents({ username: 'me', password: 'pw' }));
    expect(await get(ClusterConnection.create(config()))).toBe(200);
  });

  const https = { server: 'https://k8s.acme.org:6443' };
  it.each<[string, object | undefined, object, RegExp]>([
    ['no user', undefined, https, /has no usable credentials.*tokenFile/],
    ['an empty user', {}, https, /has no usable credentials/],
    ['a user without password', { username: 'me' }, https, /no usable/],
    ['a key that nothing reads', { 'token-path': '/t' }, https, /no usable/],
    [
      'a token file that is not there',
      { tokenFile: '/no/such/token' },
      {},
      /tokenFile.*not there: expected a readable file at \/no\/such\/token/,
    ],
    [
      'an unknown auth-provider',
      { 'auth-provider': { name: 'acme', config: {} } },
      https,
      /the auth-provider acme.*not known: expected exec, or one of/,
    ],
    [
      'a certificate without its key',
      { 'client-certificate-data': 'YWJj' },
      https,
      /client-certificate or client-key.*cannot be used/,
    ],
    [
      'an authority that is none',
      { token: 't' },
      { ...https, 'certificate-authority-data': 'YWJj' },
      /certificate-authority.*base64 of it, with certificates in PEM/,
    ],
    [
      'an authority that is not there',
      { token: 't' },
      { ...https, 'certificate-authority': '/no/such/ca.crt' },
      /readable file at \/no\/such\/ca\.crt/,
    ],
  ])(
    'stops the start at a kubeconfig with %s',
    async (_, user, more, words) => {
      await writeFile(kubeconfig, contents(user, more));
      expect(() => loadKubeConfig(config())).toThrow(words);
      expect(() => loadKubeConfig(config())).toThrow(
        /^Configuration rustfs\.clusters is wrong: cluster atlas /,
      );
    },
  );

  it('needs no credentials for the door of kubectl proxy', async () => {
    accepted = 'none';
    await writeFile(kubeconfig, contents(undefined));
    expect(await get(ClusterConnection.create(config()))).toBe(200);
  });

  it('says what a pod has when there is none', () => {
    expect(() =>
      loadKubeConfig(config({ connection: { kind: 'inCluster' } })),
    ).toThrow(
      /inCluster: true, which is for a backend that runs in a pod.*KUBERNETES_SERVICE_HOST.*serviceaccount\/token.*automountServiceAccountToken.*use kubeconfig, or url with token/,
    );
  });
});
