import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigReader } from '@backstage/config';
import { giteaForge } from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  createTransport,
  HttpRustfsClient,
} from '@rustfs-portal/plugin-rustfs-client';
import {
  readClustersConfig,
  readForgesConfig,
  readTenantsConfig,
} from './config';
import { ForgeDirectory } from './forges';
import { KubernetesTenantSource } from './sources';

/*
 * The four kinds of calls: S3, admin interface, Kubernetes and forge. What is said of one holds for all.
 */

describe('upstreams', () => {
  let proxy: Server;
  let proxyUrl: string;
  let folder: string;
  const seen: string[] = [];
  const environment = { ...process.env };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'upstreams-'));
    proxy = createServer((request, response) => {
      seen.push(`${request.method} ${request.url}`);
      response.writeHead(403, { 'content-type': 'text/html' }).end('<html>');
    });
    await new Promise<void>(resolve => {
      proxy.listen(0, '127.0.0.1', resolve);
    });
    proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  });

  afterAll(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await rm(folder, { recursive: true, force: true });
  });

  beforeEach(() => {
    seen.length = 0;
  });

  afterEach(() => {
    process.env = { ...environment };
  });

  const parts = {
    clusters: { name: 'atlas', url: 'http://k8s.invalid:6443', token: 't' },
    tenants: {
      ref: 'atlas/storage/apps',
      endpoint: 'http://rustfs.invalid:9000',
      accessKeyId: 'a',
      secretAccessKey: 's',
    },
    forges: { type: 'gitea', baseUrl: 'http://git.invalid', token: 't' },
  };

  /** One call of each kind; what became of it. */
  async function callAll(own: object, all: object = {}) {
    const config = new ConfigReader({
      rustfs: {
        ...Object.fromEntries(
          Object.entries(parts).map(([section, keys]) => [
            section,
            [{ ...keys, ...own }],
          ]),
        ),
        connections: all,
      } as any,
    });
    const [cluster] = readClustersConfig(config);
    const [tenant] = readTenantsConfig(config);
    const client = HttpRustfsClient.create({
      ...tenant,
      timeoutMs: tenant.transport.timeoutMs,
      fetch: createTransport({ ...tenant.transport, url: tenant.endpoint })
        .fetch,
    });
    const { forge } = ForgeDirectory.create(
      readForgesConfig(config, [giteaForge]),
    ).find('http://git.invalid/acme/atlas')!;
    return Promise.all(
      [
        client.getVersioning('invoices'),
        client.accountInfo(),
        KubernetesTenantSource.fromConfig(cluster).read(),
        forge.getPull('acme/atlas', 1),
      ].map(call =>
        call.then(
          () => 'done',
          (error: Error) => error.message,
        ),
      ),
    );
  }

  const arrived = [
    'GET http://git.invalid/api/v1/repos/acme/atlas/pulls/1',
    'GET http://k8s.invalid:6443/apis/rustfs.com/v1alpha1/tenants',
    'GET http://rustfs.invalid:9000/invoices?versioning=',
    'GET http://rustfs.invalid:9000/rustfs/admin/v3/accountinfo',
  ];

  it.each<
    [string, (proxy: string) => { env?: object; own?: object; all?: object }]
  >([
    ['the environment', url => ({ env: { HTTP_PROXY: url } })],
    ['the environment in lower case', url => ({ env: { http_proxy: url } })],
    ['rustfs.connections', url => ({ all: { proxy: url } })],
    [
      'the connection itself',
      url => ({ own: { proxy: url }, all: { proxy: false } }),
    ],
  ])('all go through the proxy of %s', async (_, given) => {
    const { env, own = {}, all } = given(proxyUrl);
    Object.assign(process.env, env);
    await callAll(own, all);
    expect(seen).toEqual(expect.arrayContaining(arrived));
  });

  it.each<[string, { env: object; own?: object; all?: object }]>([
    ['NO_PROXY names them', { env: { NO_PROXY: '.invalid' } }],
    ['rustfs.connections says so', { env: {}, all: { proxy: false } }],
    [
      'the connection says so',
      { env: {}, own: { proxy: false }, all: { proxy: 'http://x.invalid' } },
    ],
  ])('all go past the proxy where %s', async (_, { env, own = {}, all }) => {
    // Where nothing listens: whoever asked there would say so.
    Object.assign(process.env, { HTTP_PROXY: 'http://127.0.0.1:1' }, env);
    for (const words of await callAll(own, all)) {
      expect(words).toMatch(/the name cannot be resolved(?!, asked through)/);
    }
  });

  it('stops the start at a proxy of the environment that is none', async () => {
    process.env.HTTP_PROXY = 'ftp://me:s3cret@proxy';
    await expect(callAll({})).rejects.toThrow(/^HTTP_PROXY is not the address/);
  });

  it('all end by the limit that is set, and say so', async () => {
    const silent = createServer(() => {});
    await new Promise<void>(resolve => {
      silent.listen(0, '127.0.0.1', resolve);
    });
    const { port } = silent.address() as AddressInfo;
    for (const [own, all] of [
      [{ timeout: { milliseconds: 300 } }, {}],
      [{}, { timeout: { milliseconds: 300 } }],
    ]) {
      const outcomes = await callAll(
        { ...own, proxy: `http://127.0.0.1:${port}` },
        all,
      );
      for (const words of outcomes) {
        expect(words).toContain('nothing came within 0.3 s');
      }
    }
    silent.closeAllConnections();
    silent.close();
  });

  it.each(['clusters', 'tenants', 'forges', 'connections'] as const)(
    'stops the start at a wrong key of %s, with its path',
    async section => {
      const path =
        section === 'connections'
          ? `rustfs.${section}`
          : `rustfs.${section}[0]`;
      const file = join(folder, 'ca.crt');
      await writeFile(file, 'no certificate');
      const cases: Array<[object, string]> = [
        [{ caData: 'not base64 of it' }, `${path}.caData: expected a cert`],
        [{ caData: '-----BEGIN CERTIFICATE-----' }, `${path}.caData: expected`],
        [
          { caFile: '/no/such/ca.crt' },
          `${path}.caFile: expected a readable file with certificates at /no/such/ca.crt`,
        ],
        [{ caFile: file }, `${path}.caFile: expected a certificate in PEM`],
        [{ proxy: 'proxy' }, `${path}.proxy: expected the address of a proxy`],
        [{ proxy: true }, `${path}.proxy: expected the address of a proxy`],
        [{ timeout: 'soon' }, `${path}.timeout: expected a duration`],
        [{ timeuot: '3s' }, `${path}: Unrecognized key: "timeuot"`],
      ];
      for (const [keys, words] of cases) {
        const config = new ConfigReader({
          rustfs:
            section === 'connections'
              ? { connections: keys }
              : { [section]: [{ ...parts[section], ...keys }] },
        } as any);
        expect(() => {
          readClustersConfig(config);
          readTenantsConfig(config);
          readForgesConfig(config, [giteaForge]);
        }).toThrow(words);
      }
    },
  );
});
