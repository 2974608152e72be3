import {
  SourceObstacle,
  TenantView,
  bucketRequestSchema,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  Forge,
  ForgeError,
  plan,
  RepositorySnapshot,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { PlaceReading, TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { bareFacts, fluxPlace } from '../__testUtils__/facts';
import { ForgeDirectory } from '../forges';
import {
  GitRepositoryObject,
  KustomizationObject,
} from '../gitops/flux/objects';
import { TenantObservation } from '../inventory';
import { RequestTargets } from './RequestTargets';
import { createTestPlanner, newBucket } from './__testUtils__/kinds';

const TENANT = 'atlas/storage/apps';
const source = {
  repository: 'ssh://git@git.acme.org/acme/atlas.git',
  branch: 'main',
  path: 'clusters/atlas/storage',
  appliedBy: 'Kustomization flux-system/storage',
};
const view: TenantView = {
  ref: TENANT,
  state: 'ready',
  asOf: '2026-01-01T00:00:00.000Z',
  freshness: 'live',
  problems: [],
};
const obstacle: SourceObstacle = {
  code: 'reference-fixed',
  source: { kind: 'GitRepository', namespace: 'flux-system', name: 'atlas' },
  reference: { kind: 'tag', tag: 'v1.2.0' },
};

const APPLIED = 'a'.repeat(40);
const ATTEMPTED = 'b'.repeat(40);
const metadata = { name: 'storage', namespace: 'flux-system' };

const kustomization = {
  metadata,
  spec: {
    path: source.path,
    sourceRef: { kind: 'GitRepository', name: 'storage' },
  },
  status: {
    lastAppliedRevision: `main@sha1:${APPLIED}`,
    lastAttemptedRevision: `main@sha1:${APPLIED}`,
    conditions: [],
  },
} satisfies KustomizationObject;
const gitRepository: GitRepositoryObject = {
  metadata,
  spec: { url: source.repository, ref: { branch: 'main' } },
};

/** A tenant with a bucket. */
const tenant: TenantFacts = {
  ...bareFacts(TENANT),
  layout: 'operator-tenant',
  items: [
    {
      type: 'bucket',
      name: 'harbor',
      listed: true,
      verdict: { state: 'ready' },
    },
  ],
};

/** As Flux has applied it. */
const applied: Partial<TenantObservation> = {
  facts: { ...tenant, ...fluxPlace(kustomization, gitRepository) },
};

/** What a revision declares. */
function snapshotOf(revision: string, buckets: string[]): RepositorySnapshot {
  const entries = buckets.map(name => `    - name: ${name}\n`).join('');
  return {
    revision,
    files: {
      [`${source.path}/tenant.yaml`]: {
        id: revision,
        content: `apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  buckets:
${entries}`,
      },
    },
  };
}

function setup(options: {
  seen?: Partial<TenantObservation>;
  /** What is seen of the Kustomization of a workload's cluster. */
  place?: PlaceReading;
  /** What the revisions declare; others are not in the repository. */
  revisions?: Record<string, string[]>;
  baseUrl?: string;
}) {
  const { revisions = {} } = options;
  const inventory = {
    observeTenant: jest.fn(async () => ({
      ref: TENANT,
      problems: [],
      ...options.seen,
    })),
    observePlace: jest.fn(async () => options.place ?? { problems: [] }),
  };
  const readFolder = jest.fn<
    Promise<RepositorySnapshot>,
    Parameters<Forge['readFolder']>
  >(async ({ ref }) => {
    if (!revisions[ref]) {
      throw new ForgeError('not-found', `no ${ref}`);
    }
    return snapshotOf(ref, revisions[ref]);
  });
  const readBranch = jest.fn(async (_: string, branch: string) => ({
    commit: branch,
  }));
  const directory = ForgeDirectory.create([
    {
      type: 'gitea',
      baseUrl: options.baseUrl ?? 'https://git.acme.org',
      token: 't',
      gitUrls: [],
      logins: {},
      loginIsEntityName: false,
      transport: { timeoutMs: 1_000 },
      writeTimeoutMs: 1_000,
    },
  ]);
  const targets = new RequestTargets({
    inventory,
    forges: {
      find: (url: string) => {
        const found = directory.find(url);
        const forge = { readBranch, readFolder } as unknown as Forge;
        return found && { ...found, forge };
      },
    } as ForgeDirectory,
  });
  return { inventory, readBranch, readFolder, targets };
}

async function tryPlan(targets: RequestTargets, bucket = 'loki') {
  const { target } = await targets.locate(TENANT);
  return plan(
    createTestPlanner().toChange({
      id: 'r1',
      ...newBucket(
        bucketRequestSchema.parse({
          entityRef: 'component:default/loki',
          tenant: TENANT,
          bucket,
          purpose: 'Logs',
          dataClass: 'internal',
        }),
      ),
      createdAt: '2026-01-01T00:00:00.000Z',
      updatedAt: '2026-01-01T00:00:00.000Z',
      entityRef: 'component:default/loki',
      owner: 'group:default/obs',
      requestedBy: 'user:default/ada',
      state: 'submitting',
      trail: [],
      problems: [],
    }),
    // The tip, where somebody else's bucket has been merged and is not applied yet.
    snapshotOf('c'.repeat(40), ['grafana', 'harbor']),
    target,
  );
}

describe('RequestTargets', () => {
  it('leads from the tenant to repository, branch and folder', async () => {
    const { readFolder, targets } = setup({
      seen: applied,
      revisions: { [APPLIED]: ['harbor'] },
    });
    await expect(targets.locate(TENANT)).resolves.toMatchObject({
      forgeUrl: 'https://git.acme.org',
      repository: 'acme/atlas',
      target: {
        tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
        folder: 'clusters/atlas/storage',
        baseBranch: 'main',
        applied: {
          live: { buckets: ['harbor'] },
          snapshots: [{ revision: APPLIED }],
        },
      },
    });
    expect(readFolder).toHaveBeenCalledTimes(1);
  });

  it('hands on what Flux does to the files', async () => {
    const build = {
      targetNamespace: 'storage',
      namePrefix: 'prod-',
      patches: [{ patch: '[]', target: { kind: 'Tenant' } }],
      components: ['../components'],
      postBuild: { substitute: { APP: 'apps' } },
    };
    const { targets } = setup({
      seen: {
        facts: {
          ...tenant,
          ...fluxPlace(
            {
              ...kustomization,
              spec: { ...kustomization.spec, ...build, ignore: '/b' },
            },
            {
              ...gitRepository,
              spec: { ...gitRepository.spec, ignore: '/a' },
            },
          ),
        },
      },
    });
    const { delivery } = targets.open(TENANT, {
      repository: source.repository,
      folder: source.path,
      baseBranch: 'main',
    });
    for (const { target } of [
      await targets.locate(TENANT),
      await targets.reopen(TENANT, delivery),
    ]) {
      expect(target.build).toMatchObject({ ...build, sourceIgnore: '/a\n/b' });
    }
  });

  it('hands on which fields an entry has in the cluster, also when it is proposed anew', async () => {
    const entryFields = { name: 'string', versioning: 'boolean' };
    const { targets } = setup({
      seen: {
        facts: {
          ...tenant,
          ...fluxPlace(kustomization, gitRepository),
          entryFields,
        },
      },
      revisions: { [APPLIED]: ['harbor'] },
    });
    const located = await targets.locate(TENANT);
    const reopened = await targets.reopen(TENANT, located.delivery);
    expect(located.target.entryFields).toEqual(entryFields);
    expect(reopened.target.entryFields).toEqual(entryFields);
  });

  it.each<[string, Partial<KustomizationObject['status']>, object, RegExp]>([
    ['is applied', {}, { [APPLIED]: ['harbor'] }, /^change$/],
    [
      'is applied while health checks of the next one run',
      { lastAttemptedRevision: ATTEMPTED },
      { [APPLIED]: [], [ATTEMPTED]: ['harbor'] },
      /^change$/,
    ],
    [
      'was attempted, and none was applied before',
      { lastAppliedRevision: undefined, lastAttemptedRevision: ATTEMPTED },
      { [ATTEMPTED]: ['harbor'] },
      /^change$/,
    ],
    [
      'is another list',
      {},
      { [APPLIED]: ['harbor', 'velero'] },
      /^not-as-applied: .*In Git: harbor, velero\. In the cluster: harbor\./,
    ],
    [
      'was pushed over',
      {},
      {},
      /^not-as-applied: The revision that Flux has applied/,
    ],
    [
      'is none',
      { lastAppliedRevision: undefined, lastAttemptedRevision: undefined },
      { [APPLIED]: ['harbor'] },
      /^not-as-applied: The revision that Flux has applied/,
    ],
  ])(
    'has it proved by the cluster: the revision %s',
    async (_, status, revisions, words) => {
      const { targets } = setup({
        seen: {
          facts: {
            ...tenant,
            ...fluxPlace(
              {
                ...kustomization,
                status: { ...kustomization.status, ...status },
              },
              gitRepository,
            ),
          },
        },
        revisions: revisions as Record<string, string[]>,
      });
      const result = await tryPlan(targets);
      expect(
        result.outcome === 'refused'
          ? result.reasons.map(r => `${r.code}: ${r.message}`).join()
          : result.outcome,
      ).toMatch(words);
    },
  );

  it('declares in the layout of the tenant, and has its records proved', async () => {
    const { targets } = setup({
      seen: {
        facts: {
          ...tenant,
          ...fluxPlace(kustomization, gitRepository),
          layout: 'setup-folder',
          setup: { namespace: 'apps-setup', records: ['bucket.apps.harbor'] },
        },
      },
      revisions: { [APPLIED]: ['harbor'], main: ['harbor'] },
    });
    const { target } = await targets.locate(TENANT);
    expect(target).toMatchObject({
      layout: 'setup-folder',
      setup: { namespace: 'apps-setup' },
      applied: { live: { records: ['bucket.apps.harbor'] } },
    });
  });

  it('says so where nobody adds the layout of the tenant any more', async () => {
    const { readFolder, targets } = setup({
      seen: { facts: { ...applied.facts!, layout: 'manager-operator' } },
    });
    await expect(targets.locate(TENANT)).rejects.toThrow(
      /declared in the layout manager-operator, which no module of the backend adds/,
    );
    expect(readFolder).not.toHaveBeenCalled();
  });

  describe('in a setup folder', () => {
    const other = {
      ...kustomization,
      metadata: { name: 'all', namespace: 'flux-system' },
      spec: { ...kustomization.spec, path: 'clusters/atlas' },
    };
    const elsewhere = {
      ...other,
      metadata: { name: 'borealis', namespace: 'flux-system' },
      spec: { ...kustomization.spec, path: 'clusters/borealis' },
    };
    const installation = fluxPlace(
      { ...kustomization, spec: { ...kustomization.spec, path: 'base/apps' } },
      gitRepository,
    ).place;
    const { place } = fluxPlace(kustomization, gitRepository);
    const facts: TenantFacts = {
      ...tenant,
      place: place && {
        ...place,
        others: [other, elsewhere].flatMap(
          object => fluxPlace(object, gitRepository).place?.link ?? [],
        ),
      },
      workload: { kind: 'Deployment', namespace: 'storage', name: 'apps' },
      installedAt: installation,
      layout: 'setup-folder',
      setup: { namespace: 'apps-setup', records: [] },
    };
    const files = {
      'base/apps/server.yaml':
        'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: apps, namespace: storage}\nspec: {template: {spec: {containers: [{image: rustfs/rustfs}]}}}\n',
      'base/apps/job.yaml':
        'apiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\nargs: [mc mb s/loki]\n',
      'base/apps/minio.yaml':
        'apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: m}\nspec:\n  chart: {spec: {chart: minio, sourceRef: {kind: HelmRepository, name: x}}}\n  valuesFrom: [{kind: Secret, name: values}]\n',
    };
    const toSnapshot = (): RepositorySnapshot => ({
      revision: APPLIED,
      whole: true,
      files: Object.fromEntries(
        Object.entries(files).map(([path, content]) => [
          path,
          { content, id: path },
        ]),
      ),
    });

    it('tells what else the repository decides, also when it is proposed anew, reading each commit once', async () => {
      const { readBranch, readFolder, targets } = setup({ seen: { facts } });
      readFolder.mockImplementation(async () => toSnapshot());
      const located = await targets.locate(TENANT);
      const reopened = await targets.reopen(TENANT, located.delivery);
      for (const { target } of [located, reopened]) {
        expect(target).toMatchObject({
          madeElsewhere: [{ name: 'loki', by: 'a script' }],
          hidden: [{ place: 'base/apps/minio.yaml:6' }],
          installed: { folder: 'base/apps', holdsServer: true },
          others: [
            { by: 'Kustomization flux-system/all', folder: 'clusters/atlas' },
            { folder: 'clusters/borealis' },
          ],
        });
        expect(target.unseen).toBeUndefined();
      }
      // What was found in a commit is kept.
      expect(reopened.target.madeElsewhere).toBe(located.target.madeElsewhere);
      const readsOfWhole = () =>
        readFolder.mock.calls.filter(([{ folder }]) => folder === '').length;
      expect(readsOfWhole()).toBe(1);

      readBranch.mockResolvedValue({ commit: 'f'.repeat(40) });
      await targets.reopen(TENANT, located.delivery);
      expect(readsOfWhole()).toBe(2);
    });

    it('reads a repository once for all that ask at the same time, and again after a failure', async () => {
      const { readFolder, targets } = setup({ seen: { facts } });
      readFolder.mockImplementation(async ({ ref }) => {
        if (ref === 'main') {
          throw new ForgeError('unreachable', 'away');
        }
        return toSnapshot();
      });
      await expect(targets.locate(TENANT)).rejects.toThrow('away');
      readFolder.mockImplementation(async () => toSnapshot());
      readFolder.mockClear();
      await Promise.all([
        targets.locate(TENANT),
        targets.locate(TENANT),
        targets.locate(TENANT),
      ]);
      expect(
        readFolder.mock.calls.filter(([{ folder }]) => folder === ''),
      ).toHaveLength(1);
    });

    it('says so when there is more than is read, and asks the cluster who applies what lies around it', async () => {
      const { readFolder, targets } = setup({ seen: { facts } });
      readFolder.mockImplementation(async ({ folder }) => {
        if (['', 'clusters/atlas'].includes(folder)) {
          throw new ForgeError('unsupported', 'too much');
        }
        return { revision: APPLIED, files: {} };
      });
      const { target } = await targets.locate(TENANT);
      expect(target.unseen).toMatch(
        /^The repository acme\/atlas holds more than the portal reads, so only clusters\/atlas\/storage was looked at/,
      );
      expect(target.others).toMatchObject([
        { folder: 'clusters/atlas', snapshot: undefined },
        { folder: 'clusters/borealis', snapshot: undefined },
      ]);
      expect(readFolder).not.toHaveBeenCalledWith(
        expect.objectContaining({ folder: 'clusters/borealis' }),
      );
      // That it is too large is not found out at each look.
      const before = readFolder.mock.calls.length;
      await targets.locate(TENANT);
      expect(readFolder).toHaveBeenCalledTimes(before);
    });
  });

  it.each<[string, Parameters<typeof setup>[0], string, RegExp]>([
    [
      'the cluster does not answer',
      {
        seen: {
          problems: [
            {
              code: 'cluster-unreachable',
              part: 'atlas',
              message: 'Cluster atlas does not answer',
            },
          ],
        },
      },
      'ServiceUnavailableError',
      /Cluster atlas does not answer/,
    ],
    [
      'there is no such tenant',
      {
        seen: {
          problems: [
            { code: 'tenant-not-found', part: TENANT, message: 'no tenant' },
          ],
        },
      },
      'InputError',
      /^Tenant: There is no tenant/,
    ],
    [
      'nothing says where it is declared',
      {
        seen: { facts: tenant },
      },
      'InputError',
      /not declared in Git/,
    ],
    [
      'nothing can be merged into what Flux follows',
      { seen: { facts: { ...tenant, obstacle } } },
      'InputError',
      /GitRepository flux-system\/atlas is pinned to tag v1\.2\.0/,
    ],
    [
      'the forge is not known',
      { seen: applied, baseUrl: 'https://other.acme.org' },
      'InputError',
      /rustfs\.forges/,
    ],
  ])('says so when %s', async (_, options, name, message) => {
    const { targets } = setup(options);
    await expect(targets.locate(TENANT)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, Partial<TenantView>, string[], RegExp]>([
    ['nothing', { source }, [], /^nothing$/],
    ['nothing, whatever else is wrong', { source }, ['atlas'], /^nothing$/],
    ['what Flux follows', { obstacle }, [], /pinned to tag v1\.2\.0/],
    [
      'what Flux follows, although not all can be read',
      { obstacle },
      ['atlas'],
      /pinned to tag v1\.2\.0/,
    ],
    ['a cluster that does not say', {}, ['atlas'], /cannot be told/],
    ['labels that are missing', {}, ['borealis'], /not declared in Git/],
    [
      'a forge that is not known',
      { source: { ...source, repository: 'https://github.com/acme/atlas' } },
      [],
      /No forge is configured for https:\/\/github\.com\/acme\/atlas/,
    ],
  ])('says before anything is asked for: %s', (_, seen, unread, words) => {
    const { targets } = setup({});
    const why = targets.whyNot(
      { ...view, ...seen },
      unread.map(part => ({ code: 'gitops-unreadable', part, message: '' })),
    );
    expect(why ?? 'nothing').toMatch(words);
  });
});

describe('RequestTargets, of the Secret of a workload elsewhere', () => {
  const consumer = {
    cluster: 'borealis',
    appliedBy: {
      kind: 'Kustomization',
      namespace: 'flux-system',
      name: 'apps',
    },
    namespace: 'checkout',
  };
  const place: PlaceReading = {
    ...fluxPlace(
      {
        metadata: { namespace: 'flux-system', name: 'apps' },
        spec: {
          path: './apps',
          sourceRef: {
            kind: 'GitRepository',
            name: 'storage',
          },
          decryption: { provider: 'sops' },
        },
      },
      {
        metadata,
        spec: {
          url: 'https://git.acme.org/acme/borealis.git',
          ref: { branch: 'main' },
        },
      },
    ),
    problems: [],
  };

  it('is found from the Kustomization, with what it does to the files', async () => {
    const { inventory, targets } = setup({ place });
    await expect(
      targets.locateConsumer(TENANT, consumer),
    ).resolves.toMatchObject({
      repository: 'acme/borealis',
      delivery: { folder: 'apps', baseBranch: 'main' },
      target: {
        layout: 'consumer-secret',
        build: { decrypts: true },
        consumer: { folder: 'apps/consumers/checkout' },
      },
    });
    expect(inventory.observePlace).toHaveBeenCalledWith(
      'borealis',
      consumer.appliedBy,
    );
  });

  it('is where the platform team says, and stays where it was proposed', async () => {
    const { targets } = setup({ place });
    await expect(
      targets.locateConsumer(
        TENANT,
        { ...consumer, folder: 'apps/secrets' },
        {
          repository: 'https://git.acme.org/acme/other.git',
          folder: 'apps',
          baseBranch: 'stable',
        },
      ),
    ).resolves.toMatchObject({
      repository: 'acme/other',
      target: {
        baseBranch: 'stable',
        consumer: { folder: 'apps/secrets' },
      },
    });
  });

  it('is refused where the Kustomization is not there, and waited for where its cluster does not say', async () => {
    const missing = setup({
      place: {
        obstacle: {
          code: 'object-missing',
          object: consumer.appliedBy,
        },
        problems: [],
      },
    });
    await expect(
      missing.targets.locateConsumer(TENANT, consumer),
    ).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(
        /^Secret: Secrets for namespace checkout .* of borealis: .*not in the cluster/,
      ),
    });
    const silent = setup({
      place: {
        problems: [
          {
            code: 'cluster-unreachable',
            part: 'borealis',
            message: 'Cluster borealis cannot be read',
          },
        ],
      },
    });
    await expect(
      silent.targets.locateConsumer(TENANT, consumer),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
  });
});

describe('where a tenant was installed', () => {
  const release = 'clusters/atlas/storage/release.yaml';
  const repositoryFiles: Record<string, string> = {
    '.sops.yaml': 'creation_rules: []\n',
    [release]: `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: rustfs, namespace: storage}
spec:
  chart: {spec: {chart: rustfs}}
  values: {image: {repository: rustfs/rustfs}}
`,
  };
  const found = (
    spec: Partial<KustomizationObject['spec']> = {},
  ): TenantFacts => ({
    ...bareFacts(TENANT),
    endpoints: { inCluster: 'http://rustfs-svc.storage.svc:9000' },
    installedBy: {
      kind: 'HelmRelease',
      namespace: 'storage',
      name: 'rustfs',
      state: 'ready',
    },
    setup: { namespace: 'storage-apps-setup', records: [] },
    obstacle: { code: 'setup-missing', namespace: 'storage-apps-setup' },
    installedAt: fluxPlace(
      {
        ...kustomization,
        spec: {
          ...kustomization.spec,
          decryption: { provider: 'sops', secretRef: { name: 'sops-age' } },
          ...spec,
        },
      },
      gitRepository,
    ).place,
  });

  async function locate(facts: TenantFacts) {
    const { readFolder, targets } = setup({ seen: { facts } });
    readFolder.mockImplementation(async () => ({
      revision: APPLIED,
      whole: true,
      files: Object.fromEntries(
        Object.entries(repositoryFiles).map(([path, content]) => [
          path,
          { content, id: path },
        ]),
      ),
    }));
    return targets.locate(TENANT, { place: 'installation' });
  }

  it('a blueprint is put beside it, with what the place knows', async () => {
    await expect(locate(found())).resolves.toMatchObject({
      reads: '',
      delivery: {
        layout: 'blueprint',
        folder: source.path,
        baseBranch: 'main',
        setupNamespace: 'storage-apps-setup',
      },
      target: {
        layout: 'blueprint',
        blueprint: {
          parent: {
            by: 'Kustomization flux-system/storage',
            folder: source.path,
          },
          software: 'rustfs',
          presets: {
            folder: 'clusters/atlas/rustfs-setup',
            endpoint: 'http://rustfs-svc.storage.svc:9000',
          },
          given: {
            namespace: 'storage-apps-setup',
            engine: {
              kind: 'Kustomization',
              name: 'storage-apps-setup',
              namespace: 'flux-system',
              folder: source.path,
              decrypts: true,
              manifest: {
                spec: {
                  path: './{folder}',
                  sourceRef: { kind: 'GitRepository', name: 'storage' },
                  decryption: {
                    provider: 'sops',
                    secretRef: { name: 'sops-age' },
                  },
                },
              },
            },
          },
        },
      },
    });
  });

  it('a Kustomization that ends up in another namespace finds its source, and no key to decrypt with', async () => {
    const { target } = await locate(found({ targetNamespace: 'storage' }));
    expect(target.blueprint?.given?.engine).toMatchObject({
      namespace: 'storage',
      decrypts: false,
      manifest: {
        spec: { sourceRef: { name: 'storage', namespace: 'flux-system' } },
      },
    });
  });

  it('that cannot be found is said with what to do', async () => {
    await expect(
      locate({ ...found(), installedAt: undefined }),
    ).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(
        /^Tenant: Where Git declares what installed atlas\/storage\/apps cannot be found: have a Flux Kustomization or an Argo CD Application apply/,
      ),
    });
  });

  it('is where it was asked for before, also when it is followed', async () => {
    const located = await locate(found());
    const { targets } = setup({ seen: { facts: found() } });
    expect(targets.open(TENANT, located.delivery)).toMatchObject({
      reads: '',
      target: { layout: 'blueprint' },
    });
  });
});
