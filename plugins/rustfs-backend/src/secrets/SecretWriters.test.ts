import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceUnavailableError } from '@backstage/errors';
import { mockServices } from '@backstage/backend-test-utils';
import { SecretSlot } from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  SecretCluster,
  SecretWriterKind,
  ServiceAnswer,
} from '@rustfs-portal/plugin-rustfs-node';
import { loadCertificate } from '@rustfs-portal/sandbox/testUtils';
import { readClustersConfig, readConsumersConfig } from '../config';
import { createSecretWriters } from './registry';
import { SecretWriters, WritingPlace } from './SecretWriters';

const slot: SecretSlot = {
  id: 'server.loki',
  path: 'storage/loki.yaml',
  name: 'loki',
  namespace: 'storage',
  labels: {},
  keys: ['accesskey'],
};

const NO_SERVICE: ServiceAnswer = {
  missing: 'service',
  message: 'Cluster atlas has no Service kube-system/sealed-secrets-controller',
};

/** What a cluster answers when it is asked for a certificate. */
function setup(
  options: {
    answer?: ServiceAnswer | Error;
    secrets?: object;
    consumer?: object;
    connections?: object;
    more?: SecretWriterKind[];
  } = {},
) {
  const {
    answer = NO_SERVICE,
    connections,
    consumer,
    more = [],
    secrets,
  } = options;
  const config = mockServices.rootConfig({
    data: {
      rustfs: {
        connections,
        clusters: [
          { name: 'atlas', url: 'http://127.0.0.1:1', token: 't', secrets },
        ],
        ...(consumer && {
          consumers: [
            {
              cluster: 'atlas',
              namespaces: ['*'],
              kustomization: 'flux-system/apps',
              ...consumer,
            },
          ],
        }),
      },
    },
  });
  const getFromService = jest.fn(async () => {
    if (answer instanceof Error) {
      throw answer;
    }
    return answer;
  });
  const api: SecretCluster = {
    cluster: 'atlas',
    list: async () => [],
    getFromService,
  };
  const clusters = readClustersConfig(config);
  const writers = SecretWriters.create({
    kinds: [...createSecretWriters(clusters), ...more],
    clusters,
    consumers: readConsumersConfig(config),
    apis: new Map([['atlas', api]]),
  });
  const at = (place: Partial<WritingPlace> & { above?: string[] } = {}) => {
    const { above = [], ...rest } = place;
    return writers.at({
      cluster: 'atlas',
      link: { folder: 'storage', build: { decrypts: true } },
      files: {},
      readFiles: async paths =>
        Object.fromEntries(
          paths
            .filter(path => above.includes(path))
            .map(path => [path, { content: 'creation_rules: []', id: path }]),
        ),
      ...rest,
    });
  };
  return { at, getFromService, writers };
}

const sealedFile = {
  'storage/x.yaml': {
    content: 'apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\n',
    id: 'x',
  },
};
const controller: ServiceAnswer = { text: 'PEM' };
const sopsAt = (path: string) => ({
  [path]: { content: 'creation_rules: []', id: path },
});

describe('what writes the Secrets of a place', () => {
  it.each<
    [
      string,
      Parameters<typeof setup>[0],
      Parameters<ReturnType<typeof setup>['at']>[0],
      string,
      number,
    ]
  >([
    [
      'a .sops.yaml where the engine decrypts',
      { answer: controller },
      { above: ['.sops.yaml'] },
      'sops',
      0,
    ],
    [
      'a .sops.yaml where nothing decrypts, and a controller',
      { answer: controller },
      { above: ['.sops.yaml'], link: { folder: 'storage', build: {} } },
      'sealed-secrets',
      1,
    ],
    [
      'SealedSecrets in the folder',
      { answer: controller },
      { files: sealedFile },
      'sealed-secrets',
      1,
    ],
    ['a controller', { answer: controller }, {}, 'sealed-secrets', 1],
    ['nothing: it says what is missing', {}, {}, 'sops', 1],
    [
      'no right to ask a controller, which says what to grant',
      { answer: { missing: 'right', message: 'no' } },
      {},
      'sealed-secrets',
      1,
    ],
    [
      'a .sops.yaml of a folder that no Secrets go to, and a controller',
      { answer: controller },
      { files: sopsAt('storage/apps/other/.sops.yaml') },
      'sealed-secrets',
      1,
    ],
    [
      'a .sops.yaml where Secrets of workloads go to',
      { answer: controller },
      { files: sopsAt('storage/consumers/checkout/.sops.yaml') },
      'sops',
      0,
    ],
    [
      'a .sops.yaml beside the Tenant, in a part of the folder',
      { answer: controller },
      {
        files: {
          ...sopsAt('storage/base/.sops.yaml'),
          'storage/base/apps.yaml': { content: 'kind: Tenant\n', id: 't' },
        },
      },
      'sops',
      0,
    ],
    [
      'what is to be put there was written with',
      {},
      { known: 'sealed-secrets', above: ['.sops.yaml'] },
      'sealed-secrets',
      1,
    ],
    [
      'what is configured for the cluster',
      { secrets: { writer: 'sealed-secrets' } },
      { above: ['.sops.yaml'] },
      'sealed-secrets',
      1,
    ],
    [
      'what is configured for the place',
      { secrets: { writer: 'sealed-secrets' } },
      { writer: 'sops' },
      'sops',
      0,
    ],
    [
      'a certificate in the repository, for which nobody is asked',
      { secrets: { sealedSecrets: { certificateFile: 'seal.pem' } } },
      {},
      'sealed-secrets',
      0,
    ],
  ])('follows from %s', async (_, world, place, id, calls) => {
    const { at, getFromService } = setup(world);
    const { writer } = await at(place);
    expect([writer.id, getFromService.mock.calls.length]).toEqual([id, calls]);
    // Everybody else who looks in this minute has the same certificate.
    await at(place);
    expect(getFromService).toHaveBeenCalledTimes(calls);
  });

  it('comes with those that wrote what is there already', async () => {
    const { at } = setup({ answer: controller });
    const { otherWriters, writer } = await at({
      above: ['.sops.yaml'],
      files: {
        ...sealedFile,
        'storage/y.yaml': { content: 'kind: Secret\n', id: 'y' },
      },
    });
    expect([writer, ...otherWriters].map(({ id }) => id)).toEqual([
      'sops',
      'sealed-secrets',
    ]);
  });

  it('does not wait for one that is away, unless something that it wrote is written again', async () => {
    const { at } = setup({ answer: new ServiceUnavailableError('Away') });
    const { otherWriters, writer } = await at({
      above: ['.sops.yaml'],
      files: sealedFile,
    });
    expect(writer.id).toBe('sops');
    expect(() => otherWriters[0].check(slot, {})).toThrow('Away');
  });

  it('has its certificate from an address, whose server is who it says it is', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'sealing-'));
    const { certificate: cert, privateKey: key } = loadCertificate(dir);
    let status = 200;
    const server = createServer({ cert, key }, (_, response) =>
      response.writeHead(status).end(cert),
    );
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = server.address() as AddressInfo;
      const certificateUrl = `https://127.0.0.1:${port}/v1/cert.pem`;
      const secrets = { sealedSecrets: { certificateUrl } };
      const caData = Buffer.from(cert).toString('base64');
      const open = async (connections?: object) =>
        (await setup({ secrets, connections }).at()).writer;

      expect((await open({ caData })).check(slot, {})).toMatchObject({
        rule: `the certificate at ${certificateUrl}`,
      });
      const untrusted = await open();
      expect(() => untrusted.check(slot, {})).toThrow(
        /cannot be fetched from https:.*certificate/,
      );
      status = 302;
      const moved = await open({ caData });
      expect(() => moved.check(slot, {})).toThrow(/answers with status 302/);
    } finally {
      server.close();
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('may be one that a module adds', async () => {
    const { writer } = await setup({ answer: controller }).at();
    const more: SecretWriterKind = {
      id: 'vault',
      manifestKind: 'VaultSecret',
      reads: () => [],
      isShownBy: () => false,
      open: async () => writer,
    };
    const { at } = setup({ secrets: { writer: 'vault' }, more: [more] });
    expect((await at()).writer).toBe(writer);
  });

  it.each<[string, ServiceAnswer, RegExp]>([
    [
      'there is no controller',
      NO_SERVICE,
      /^Cluster atlas has no Service kube-system\/sealed-secrets-controller\. Or say in rustfs\.clusters/,
    ],
    [
      'it may not be asked',
      { missing: 'right', message: 'Grant get on services/proxy' },
      /^Grant get on services\/proxy\. Or say .* set secrets\.writer to sops$/,
    ],
    [
      'its answer is none',
      { text: '<html>' },
      /^The certificate of kube-system\/sealed-secrets-controller on atlas is no certificate/,
    ],
  ])('says why it cannot, when %s', async (_, answer, words) => {
    const { at } = setup({ answer, secrets: { writer: 'sealed-secrets' } });
    const { writer, files } = await at();
    expect(writer.check(slot, files)).toMatchObject({
      message: expect.stringMatching(words),
    });
  });

  it('is not guessed while the controller is away, and is known as soon as it is back', async () => {
    const away = new ServiceUnavailableError('Nothing runs behind it');
    const { at, getFromService } = setup({ answer: away });
    const { writer } = await at();
    expect(() => writer.check(slot, {})).toThrow('Nothing runs behind it');
    getFromService.mockResolvedValue(controller);
    expect((await at()).writer.id).toBe('sealed-secrets');
  });

  it.each<[Parameters<typeof setup>[0], RegExp]>([
    [
      { secrets: { writer: 'sealed' } },
      /rustfs\.clusters\[0\]\.secrets\.writer: expected one of sops, sealed-secrets/,
    ],
    [
      { consumer: { writer: 'sealed' } },
      /rustfs\.consumers\[0\]\.writer: expected one of sops, sealed-secrets/,
    ],
    [
      { secrets: { sealedSecrets: { certificateUrl: 'http://seal' } } },
      /secrets\.sealedSecrets\.certificateUrl: expected an https address/,
    ],
    ...[
      'https://me:pw@seal/c',
      'https://seal/c?token=t',
      'https://seal/c#x',
    ].map((certificateUrl): [Parameters<typeof setup>[0], RegExp] => [
      { secrets: { sealedSecrets: { certificateUrl } } },
      /certificateUrl: expected an address without credentials, query and fragment/,
    ]),
    [
      { secrets: { sealedSecrets: { certificateFile: '../seal.pem' } } },
      /certificateFile: expected a file from the root/,
    ],
    [
      { secrets: { sealedSecrets: { controller: 'controller' } } },
      /controller: expected namespace\/name of a Service/,
    ],
    [
      {
        secrets: {
          sealedSecrets: { controller: 'a/b', certificateFile: 'seal.pem' },
        },
      },
      /expected one of controller, certificateUrl and certificateFile/,
    ],
  ])('stops the start when it is configured wrongly: %j', (world, words) => {
    expect(() => setup(world)).toThrow(words);
  });
});
