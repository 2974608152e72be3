import { ConfigReader } from '@backstage/config';
import { giteaForge } from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  checkSections,
  readConsumersConfig,
  readForgesConfig,
  readGuardrailsConfig,
  readRatesConfig,
  readClustersConfig,
  readRequestsConfig,
  readSettingsConfig,
  readTenantsConfig,
} from '.';

function readAll(rustfs: object) {
  const config = new ConfigReader({ rustfs: rustfs as any });
  checkSections(config);
  return {
    forges: readForgesConfig(config, [giteaForge]),
    guardrails: readGuardrailsConfig(config),
    requests: readRequestsConfig(config),
    rates: readRatesConfig(config),
    settings: readSettingsConfig(config),
  };
}

const forge = {
  type: 'gitea',
  baseUrl: 'https://git.acme.org/',
  token: 'sesame-open',
};

describe('configuration', () => {
  it('has a default for everything', () => {
    expect(readAll({})).toEqual({
      forges: [],
      guardrails: [],
      requests: {
        followInterval: 10_000,
        followIdleInterval: 300_000,
        stalledAfter: 900_000,
        reviewStalledAfter: 259_200_000,
        followEndedFor: 1_209_600_000,
      },
      rates: {
        'name-check': { count: 120, windowMs: 60_000 },
        preview: { count: 60, windowMs: 60_000 },
        request: { count: 60, windowMs: 3_600_000 },
      },
      settings: { interval: 60_000 },
    });
  });

  it('is read', () => {
    expect(
      readAll({
        forges: [forge],
        guardrails: [
          { owners: ['checkout'], maxQuota: '100Gi', drift: 'mend' },
        ],
        settings: { interval: '30s' },
        requests: {
          followInterval: '2s',
          stalledAfter: { minutes: 1 },
          limits: { requestsPerHour: 5 },
        },
      }),
    ).toMatchObject({
      forges: [{ baseUrl: 'https://git.acme.org', gitUrls: [] }],
      guardrails: [
        {
          owners: ['group:default/checkout'],
          maxQuota: '100Gi',
          drift: 'mend',
        },
      ],
      settings: { interval: 30_000 },
      requests: {
        followInterval: 2_000,
        followIdleInterval: 300_000,
        stalledAfter: 60_000,
      },
      rates: { preview: { count: 60 }, request: { count: 5 } },
    });
  });

  it.each<[object, RegExp]>([
    [{ guardrail: [] }, /rustfs\.guardrail is not known: expected one of/],
    [{ forges: [{ ...forge, type: 'svn' }] }, /rustfs\.forges\[0\]\.type: /],
    [
      { forges: [{ ...forge, baseUrl: 'git' }] },
      /rustfs\.forges\[0\]\.baseUrl: expected an http/,
    ],
    [
      { forges: [{ ...forge, tokn: 'x' }] },
      /rustfs\.forges\[0\]: Unrecognized key: "tokn"/,
    ],
    [
      { forges: [forge, forge] },
      /rustfs\.forges\[1\]\.baseUrl: expected every forge once/,
    ],
    [
      { guardrails: [{ maxQuota: '100 apples' }] },
      /rustfs\.guardrails\[0\]\.maxQuota: .*50Gi/,
    ],
    [
      { guardrails: [{ maxQuota: '1Gi', defaultQuota: '2Gi' }] },
      /rustfs\.guardrails\[0\]\.defaultQuota: expected at most maxQuota 1Gi/,
    ],
    [
      { guardrails: [{ drift: 'ignore' }] },
      /rustfs\.guardrails\[0\]\.drift: expected report or mend/,
    ],
    [
      { settings: { interval: 'now and then' } },
      /rustfs\.settings\.interval: expected a duration/,
    ],
    [
      { guardrails: [{ tenants: ['apps'] }] },
      /rustfs\.guardrails\[0\]\.tenants\[0\]: .*cluster\/namespace\/name/,
    ],
    [
      {
        guardrails: [
          { namePattern: { regex: '(', description: 'x', example: 'y' } },
        ],
      },
      /rustfs\.guardrails\[0\]\.namePattern\.regex: /,
    ],
    [
      {
        guardrails: [
          {
            namePattern: {
              regex: 'checkout-.+',
              description: 'begin with checkout-',
              example: 'invoices',
            },
          },
        ],
      },
      /rustfs\.guardrails\[0\]\.namePattern\.example: expected a bucket name/,
    ],
    [
      { requests: { limits: { requestsPerHour: 0 } } },
      /rustfs\.requests\.limits\.requestsPerHour: expected a whole number above zero/,
    ],
    [
      { requests: { limits: { previewsPerMinute: 'many' } } },
      /rustfs\.requests\.limits\.previewsPerMinute: expected a whole number above zero/,
    ],
    [
      { requests: { limits: { perDay: 9 } } },
      /rustfs\.requests\.limits: .*perDay/,
    ],
    [
      { requests: { followInterval: 'often' } },
      /rustfs\.requests\.followInterval: expected a duration above zero/,
    ],
  ])('%j stops the start with its path', (rustfs, message) => {
    expect(() => readAll(rustfs)).toThrow(message);
  });

  it('never shows a token in an error', () => {
    expect(() => readAll({ forges: [{ ...forge, type: 'svn' }] })).toThrow(
      expect.not.objectContaining({
        message: expect.stringContaining('sesame-open'),
      }),
    );
  });

  describe('of places for the Secrets of workloads', () => {
    const consumer = {
      cluster: 'borealis',
      namespaces: ['checkout', 'media-*'],
      kustomization: 'flux-system/apps',
      folder: 'apps/{namespace}/secrets',
    };
    const read = (change: object) =>
      readConsumersConfig(
        new ConfigReader({
          rustfs: {
            clusters: [{ name: 'borealis', kubeconfig: 'k.yaml' }],
            consumers: [{ ...consumer, ...change }],
          },
        }),
      );

    it('is read', () => {
      const { kustomization: _, ...place } = consumer;
      const argocd = { kustomization: undefined, application: 'argocd/apps' };
      expect(read(argocd)[0].appliedBy).toEqual({
        kind: 'Application',
        namespace: 'argocd',
        name: 'apps',
      });
      expect(read({})).toEqual([
        {
          ...place,
          appliedBy: {
            kind: 'Kustomization',
            namespace: 'flux-system',
            name: 'apps',
          },
        },
      ]);
    });

    it.each([
      [{ cluster: 'mars' }, /\[0\]\.cluster: .*rustfs\.clusters: borealis/],
      [{ namespaces: [] }, /\[0\]\.namespaces: expected at least one/],
      [{ namespaces: ['A'] }, /\[0\]\.namespaces\[0\]: .*checkout-\*/],
      [{ kustomization: 'apps' }, /kustomization: .*flux-system\/apps/],
      [{ application: 'argocd/apps' }, /either kustomization or application/],
      [{ kustomization: undefined }, /either kustomization or application/],
      [{ folder: '../secrets' }, /folder: .*apps\/\{namespace\}\/secrets/],
      [{ folder: 'apps/{cluster}' }, /folder: .*no other placeholder/],
    ])('%j stops the start with its path', (change, message) => {
      expect(() => read(change)).toThrow(message);
    });
  });

  describe('of tenants', () => {
    const read = (...tenants: object[]) =>
      readTenantsConfig(
        new ConfigReader({
          rustfs: {
            tenants: tenants.map(tenant => ({
              ref: 'atlas/storage/objects',
              endpoint: 'http://127.0.0.1:9000',
              accessKeyId: 'a',
              secretAccessKey: 's',
              ...tenant,
            })),
          } as any,
        }),
      );

    it('has a namespace for its records where one is claimed, and no guessed one', () => {
      expect(
        read(
          { ref: 'atlas/storage/managed' },
          { workload: 'none' },
          {
            ref: 'atlas/storage/named',
            workload: { kind: 'StatefulSet', name: 'rustfs' },
            setup: { namespace: 'records' },
          },
          { ref: 'atlas/storage/found', setup: {} },
          { ref: 'atlas/storage/other', layout: 'acme' },
        ).map(({ unmanaged, setupNamespace }) => [unmanaged, setupNamespace]),
      ).toEqual([
        [undefined, undefined],
        [{ workload: 'none' }, undefined],
        [{ workload: { kind: 'StatefulSet', name: 'rustfs' } }, 'records'],
        [{ workload: 'find' }, 'storage-found-setup'],
        [{ workload: 'none' }, undefined],
      ]);
    });

    it.each<[string, object[], RegExp]>([
      [
        'a workload of another kind',
        [{ workload: { kind: 'DaemonSet', name: 'rustfs' } }],
        /tenants\[0\]\.workload: expected find, none, or a kind/,
      ],
      [
        'no address where no operator makes one',
        [{ workload: 'none', endpoint: undefined }],
        /tenants\[0\]\.endpoint: expected the address of the S3 interface/,
      ],
      [
        'two layouts of one tenant',
        [{ setup: {}, layout: 'acme' }],
        /tenants\[0\]\.layout: expected either setup or layout/,
      ],
      [
        'no address of a tenant in a layout of a module',
        [{ layout: 'acme', endpoint: undefined }],
        /tenants\[0\]\.endpoint: expected the address of the S3 interface/,
      ],
      [
        'a namespace that would be too long',
        [{ ref: `atlas/${'n'.repeat(40)}/${'t'.repeat(40)}`, setup: {} }],
        /tenants\[0\]\.setup\.namespace: expected a namespace, as .* is longer/,
      ],
      [
        'a namespace that is none',
        [{ setup: { namespace: 'Records' } }],
        /tenants\[0\]\.setup\.namespace: expected the name of a namespace/,
      ],
      [
        'records of two tenants of one name in one namespace',
        [
          { setup: { namespace: 'records' } },
          { ref: 'atlas/other/objects', setup: { namespace: 'records' } },
        ],
        /tenants\[1\]\.setup\.namespace: expected another namespace than that of atlas\/storage\/objects/,
      ],
      [
        'an address with a path',
        [{ endpoints: { external: 'https://s3.acme.org/x' } }],
        /tenants\[0\]\.endpoints\.external: expected an address without a path/,
      ],
    ])('refuses %s', (_, tenants, message) => {
      expect(() => read(...tenants)).toThrow(message);
    });

    it('names another cluster as the one in which the engine runs', () => {
      const readHub = (cluster: string) =>
        readClustersConfig(
          new ConfigReader({
            rustfs: {
              clusters: [
                { name: 'hub', kubeconfig: 'k.yaml', sources: [] },
                {
                  name: 'prod',
                  kubeconfig: 'k.yaml',
                  gitops: { cluster, destinations: ['prod-eu'] },
                },
              ],
            },
          }),
        ).map(({ gitops }) => gitops);
      expect(readHub('hub')).toEqual([
        undefined,
        { cluster: 'hub', destinations: ['prod-eu'] },
      ]);
      expect(() => readHub('mars')).toThrow(
        /clusters\[1\]\.gitops\.cluster: expected another one of rustfs\.clusters: hub/,
      );
    });

    it('names the sources that a cluster may have', () => {
      const cluster = { name: 'atlas', url: 'https://k8s:6443', token: 't' };
      const sources = (config: object) =>
        readClustersConfig(
          new ConfigReader({
            rustfs: { clusters: [{ ...cluster, ...config }] } as any,
          }),
        )[0].sources;
      expect(sources({})).toEqual(['rustfs-operator']);
      expect(() => sources({ sources: ['minio'] })).toThrow(
        /clusters\[0\]\.sources\[0\]: expected one of rustfs-operator, minio-operator/,
      );
    });
  });
});
