import {
  AccessDeclared,
  BucketDeclared,
  buildAccessPolicy,
  BuildOptions,
  Declaration,
  MODE_ACTIONS,
} from '@rustfs-portal/plugin-rustfs-common';
import fc from 'fast-check';
import { parse } from 'yaml';
import { buildFolder, hasKustomize } from '../../../__testUtils__/kustomize';
import {
  merge,
  planSealed,
  refusalOf,
  seal,
  snapshotOf,
} from '../../../__testUtils__/planSealed';
import { SopsWriter } from '../../../secrets';
import {
  AppliedFolder,
  DeclarationTarget,
  PlanResult,
  StorageChange,
} from '../../../types';
import { plan } from '../../plan';
import { setupFolder } from './setupFolder';

const RECIPIENT =
  'age1wu2hwp5qvcpcghyj2260nthcx46yxcmxlyf7s389cprheerpyecqp9htv9';

const target: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'archive' },
  layout: 'setup-folder',
  folder: './clusters/atlas/archive-setup',
  baseBranch: 'main',
  setup: { namespace: 'storage-archive-setup' },
  build: { decrypts: true },
};

const FOLDER = 'clusters/atlas/archive-setup';

/** What the enabling request has put there. */
const company: Record<string, string> = {
  '.sops.yaml': `creation_rules:
  - path_regex: \\.sops\\.yaml$
    encrypted_regex: ^(data|stringData)$
    age: ${RECIPIENT}
`,
  [`${FOLDER}/status.yaml`]: `apiVersion: v1
kind: ConfigMap
metadata:
  name: rustfs-setup-archive
  namespace: storage-archive-setup
  labels: {rustfs-portal/record: status, rustfs-portal/tenant: archive}
`,
};

const bucket: BucketDeclared = {
  type: 'bucket',
  name: 'checkout-invoices',
  owner: 'group:default/checkout',
  entity: 'component:default/invoices',
  purpose: 'Invoices as PDF',
  dataClass: 'confidential',
  quota: '10Gi',
  versioning: true,
  objectLock: true,
};

const access: AccessDeclared = {
  type: 'access',
  name: 'invoices-writer',
  owner: 'group:default/checkout',
  entity: 'component:default/invoices',
  purpose: 'Invoices as PDF',
  scope: { type: 'buckets', buckets: ['checkout-invoices'] },
  mode: 'read-write',
  policy: buildAccessPolicy(
    { type: 'buckets', buckets: ['checkout-invoices'] },
    MODE_ACTIONS['read-write'],
  ),
  accessKeyId: 'RFSABCDEFGHIJKLMNOPQ',
  consumer: {
    cluster: 'atlas',
    namespace: 'checkout',
    secret: 'invoices-s3',
    form: 'aws',
  },
  consumerKeys: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
  state: 'active',
  createdAt: '2026-11-29T10:00:00.000Z',
};

function changeOf(
  requestId: string,
  change: Partial<StorageChange> & { wanted?: Declaration[] } = {},
): StorageChange {
  const { wanted = [bucket], ...rest } = change;
  return {
    requestId,
    createdAt: '2026-11-29T10:00:00.000Z',
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    words: {
      title: 'Storage',
      summary: 'Storage.',
      facts: [],
      notes: [],
      ready: 'There',
    },
    edits: 'new',
    declare: () => wanted,
    ...rest,
  };
}

const withKey = changeOf('r-1', { wanted: [bucket, access] });

const revoke = changeOf('r-2', {
  edits: 'existing',
  declare: ({ accesses }) =>
    accesses
      .filter(({ name }) => name === access.name)
      .map(before => ({
        ...before,
        state: 'revoked' as const,
        revokedAt: '2026-11-30T10:00:00.000Z',
      })),
});

const pathsOf = (result: PlanResult) =>
  result.outcome === 'change'
    ? result.changeSet.files.map(({ operation, path }) => [
        operation,
        path.replace(`${FOLDER}/`, ''),
      ])
    : refusalOf(result);

describe('a request in a setup folder', () => {
  it('adds one file for a bucket, with the lock in the record', async () => {
    const result = await planSealed(changeOf('r-1'), company, target);
    expect(pathsOf(result)).toEqual([
      ['create', 'buckets/checkout-invoices.yaml'],
    ]);
    expect(merge(company, result)[`${FOLDER}/buckets/checkout-invoices.yaml`])
      .toBe(`apiVersion: v1
kind: ConfigMap
metadata:
  name: bucket.archive.checkout-invoices
  namespace: storage-archive-setup
  labels:
    app.kubernetes.io/managed-by: rustfs-portal
    rustfs-portal/record: bucket
    rustfs-portal/tenant: archive
  annotations:
    rustfs-portal/request: r-1
    kustomize.toolkit.fluxcd.io/substitute: disabled
data:
  bucket: checkout-invoices
  owner: group:default/checkout
  entity: component:default/invoices
  purpose: "Invoices as PDF"
  dataClass: confidential
  quota: "10Gi"
  versioning: enabled
  objectLock: enabled
`);
  });

  it.each(['mend', 'report'] as const)(
    'has the record say that drift is to be: %s, as the setup program knows nothing else',
    async drift => {
      const result = await planSealed(
        changeOf('r-1', { wanted: [{ ...bucket, drift }] }),
        company,
        target,
      );
      const text = merge(company, result)[
        `${FOLDER}/buckets/checkout-invoices.yaml`
      ];
      expect(parse(text).data.drift).toBe(drift);
    },
  );

  it('leaves what a record says of drift when another setting changes', async () => {
    const path = `${FOLDER}/buckets/checkout-invoices.yaml`;
    const merged = merge(
      company,
      await planSealed(
        changeOf('r-1', { wanted: [{ ...bucket, drift: 'report' }] }),
        company,
        target,
      ),
    );
    const change = changeOf('r-2', {
      edits: 'existing',
      declare: ({ buckets }) =>
        buckets
          .filter(({ name }) => name === bucket.name)
          .map(before => ({
            ...before,
            quota: '20Gi',
            drift: 'mend' as const,
          })),
    });
    const { data } = parse(
      merge(merged, await planSealed(change, merged, target))[path],
    );
    expect([data.quota, data.drift]).toEqual(['20Gi', 'report']);
  });

  it('adds record and Secrets for an access, the policy in the record, and edits nothing', async () => {
    const result = await planSealed(withKey, company, target);
    expect(pathsOf(result)).toEqual([
      ['create', 'accesses/invoices-writer.yaml'],
      ['create', 'buckets/checkout-invoices.yaml'],
      ['create', 'consumers/checkout/invoices-s3.sops.yaml'],
      ['create', 'secrets/archive-access-invoices-writer.sops.yaml'],
    ]);
    const merged = merge(company, result);
    const { data } = parse(merged[`${FOLDER}/accesses/invoices-writer.yaml`]);
    expect(data).toMatchObject({
      access: 'invoices-writer',
      policy: 'access-invoices-writer',
      accessKeyId: access.accessKeyId,
      state: 'active',
    });
    expect(JSON.parse(data['policy.json'])).toEqual(access.policy);
    const secret = parse(
      merged[`${FOLDER}/secrets/archive-access-invoices-writer.sops.yaml`],
    );
    expect(secret.metadata).toEqual({
      name: 'archive-access-invoices-writer',
      namespace: 'storage-archive-setup',
      labels: {
        'app.kubernetes.io/managed-by': 'rustfs-portal',
        'rustfs-portal/record': 'key',
        'rustfs-portal/tenant': 'archive',
        'rustfs-portal/access': 'invoices-writer',
      },
    });
    expect(Object.keys(secret.data)).toEqual(['accesskey', 'secretkey']);
    expect(
      parse(merged[`${FOLDER}/consumers/checkout/invoices-s3.sops.yaml`])
        .metadata,
    ).toEqual({
      name: 'invoices-s3',
      namespace: 'checkout',
      labels: { 'app.kubernetes.io/managed-by': 'rustfs-portal' },
    });
  });

  it('changes the record of a bucket and nothing else in it', async () => {
    const path = `${FOLDER}/buckets/checkout-invoices.yaml`;
    const merged = merge(
      company,
      await planSealed(changeOf('r-1'), company, target),
    );
    merged[path] = merged[path].replace(
      '  quota: "10Gi"\n',
      '  quota: "10Gi" # for now\n  lifecycle: \'[{"id":"old","expireAfterDays":30}]\'\n',
    );
    const after = merge(
      merged,
      await planSealed(
        changeOf('r-5', {
          edits: 'existing',
          wanted: [{ ...bucket, quota: '20Gi' }],
        }),
        merged,
        target,
      ),
    );
    expect(after[path]).toBe(merged[path].replace('10Gi', '20Gi'));
  });

  it('leaves open what the record leaves open, until somebody asks for it', async () => {
    const path = `${FOLDER}/buckets/checkout-invoices.yaml`;
    const merged = merge(
      company,
      await planSealed(changeOf('r-1'), company, target),
    );
    merged[path] = merged[path].replace(
      / {2}(purpose|versioning|objectLock): .*\n/g,
      '',
    );
    const changed = async (change: Partial<BucketDeclared>) =>
      merge(
        merged,
        await planSealed(
          changeOf('r-5', {
            edits: 'existing',
            declare: ({ buckets }) =>
              buckets.map(before => ({ ...before, ...change })),
          }),
          merged,
          target,
        ),
      )[path];
    expect(await changed({ quota: '20Gi' })).toBe(
      merged[path].replace('10Gi', '20Gi'),
    );
    expect(parse(await changed({ versioning: true })).data).toMatchObject({
      versioning: 'enabled',
      quota: '10Gi',
    });
  });

  it('ends an access: its record says so, its key is one that nobody has, the workload has none', async () => {
    const merged = merge(company, await planSealed(withKey, company, target));
    const asked = plan(revoke, snapshotOf(merged), target, {
      writer: new SopsWriter(),
    });
    expect(asked.outcome === 'secrets' && asked.needs).toMatchObject([
      {
        holds: 'discarded',
        slot: { labels: { 'rustfs-portal/access': 'invoices-writer' } },
      },
    ]);
    const result = await planSealed(revoke, merged, target);
    expect(pathsOf(result)).toEqual([
      ['update', 'accesses/invoices-writer.yaml'],
      ['delete', 'consumers/checkout/invoices-s3.sops.yaml'],
      ['update', 'secrets/archive-access-invoices-writer.sops.yaml'],
    ]);
    const after = merge(merged, result);
    expect(
      parse(after[`${FOLDER}/accesses/invoices-writer.yaml`]).data,
    ).toMatchObject({
      state: 'revoked',
      revokedAt: '2026-11-30T10:00:00.000Z',
      accessKeyId: access.accessKeyId,
    });
    // Once is enough.
    expect((await planSealed(revoke, after, target)).outcome).toBe('unchanged');
  });

  it('gives no workload a Secret where the program reads its own', async () => {
    const inside = (cluster: string) =>
      planSealed(
        changeOf('r-1', {
          wanted: [
            bucket,
            {
              ...access,
              consumer: {
                ...access.consumer,
                cluster,
                namespace: 'storage-archive-setup',
              },
            },
          ],
        }),
        company,
        { ...target, consumers: 'elsewhere' },
      );
    expect(refusalOf(await inside('atlas'))).toMatch(
      /^invalid: Namespace storage-archive-setup is that of the setup program/,
    );
    expect((await inside('borealis')).outcome).toBe('change');
  });

  it('leaves the Secret of a workload to another place', async () => {
    const result = await planSealed(withKey, company, {
      ...target,
      consumers: 'elsewhere',
    });
    expect(JSON.stringify(pathsOf(result))).not.toContain('consumers');
  });

  it('counts records of its own namespace and tenant alone', () => {
    const record = (namespace: string, tenant: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: bucket.${tenant}.${namespace}
  namespace: ${namespace}
  labels: {rustfs-portal/record: bucket, rustfs-portal/tenant: ${tenant}}
data: {bucket: ${namespace}-${tenant}, versioning: off}
`;
    expect(
      setupFolder
        .read(
          snapshotOf({
            ...company,
            [`${FOLDER}/a.yaml`]: record('storage-archive-setup', 'archive'),
            [`${FOLDER}/b.yaml`]: record('storage', 'archive'),
            [`${FOLDER}/c.yaml`]: record('storage-archive-setup', 'apps'),
          }),
          target,
        )
        .buckets.map(({ name }) => name),
    ).toEqual(['storage-archive-setup-archive']);
  });

  it.each<[string, BucketDeclared, RegExp]>([
    [
      'of another service',
      { ...bucket, entity: 'component:default/other' },
      /^declared-otherwise: Bucket checkout-invoices is declared .* for another service/,
    ],
    [
      'with another lock',
      { ...bucket, objectLock: false },
      /^declared-otherwise: .* with other settings: objectLock is enabled, not off$/,
    ],
  ])(
    'is refused for a bucket that is there already %s',
    async (_, other, words) => {
      const merged = merge(
        company,
        await planSealed(changeOf('r-1'), company, target),
      );
      expect(
        refusalOf(
          await planSealed(
            changeOf('r-9', { wanted: [other] }),
            merged,
            target,
          ),
        ),
      ).toMatch(words);
    },
  );
});

describe('a kustomization.yaml that somebody put there', () => {
  it('lists what a request adds, and no more what it takes away', async () => {
    const path = `${FOLDER}/kustomization.yaml`;
    const own = { ...company, [path]: 'resources:\n  - status.yaml\n' };
    const merged = merge(own, await planSealed(withKey, own, target));
    expect(merged[path]).toBe(`resources:
  - accesses/invoices-writer.yaml
  - buckets/checkout-invoices.yaml
  - consumers/checkout/invoices-s3.sops.yaml
  - secrets/archive-access-invoices-writer.sops.yaml
  - status.yaml
`);
    expect(
      merge(merged, await planSealed(revoke, merged, target))[path],
    ).not.toContain('consumers');
  });
});

describe('what stands in the way of a setup folder', () => {
  const other = (
    files: Record<string, string>,
    rest: Partial<AppliedFolder> = {},
  ): AppliedFolder => ({
    by: 'Kustomization flux-system/apps',
    folder: './clusters/atlas',
    snapshot: snapshotOf(files),
    ...rest,
  });

  it('is nothing as a rule', () => {
    expect(setupFolder.examine(snapshotOf(company), target)).toEqual([]);
    expect(
      setupFolder.examine(snapshotOf(company), {
        ...target,
        others: [
          other({ 'clusters/atlas/kustomization.yaml': 'resources: []\n' }),
          other({}, { folder: 'clusters/borealis' }),
          other({}, { folder: 'clusters/atlas/archive', snapshot: undefined }),
          other({ 'clusters/atlas/.sourceignore': '/archive-setup/\n' }),
        ],
      }),
    ).toEqual([]);
  });

  it.each<
    [
      string,
      {
        files?: Record<string, string>;
        build?: BuildOptions;
        where?: Partial<DeclarationTarget>;
      },
      RegExp,
    ]
  >([
    [
      'a namespace transformer',
      {
        files: {
          [`${FOLDER}/kustomization.yaml`]:
            'namespace: storage\nresources: [status.yaml]\n',
        },
      },
      /^clusters\/atlas\/archive-setup\/kustomization\.yaml:1 has namespace storage, which moves the records .* out of storage-archive-setup, /,
    ],
    [
      'a plain directory of Argo CD without the folders below',
      {
        build: {
          by: 'Argo CD Application',
          decrypts: true,
          directory: { recurse: false },
        },
      },
      /^What is declared in clusters\/atlas\/archive-setup\/buckets does not reach the cluster: the Argo CD Application applies a plain directory, and not the folders below; set directory\.recurse: true$/,
    ],
    [
      'a directory that leaves files out',
      {
        build: {
          by: 'Argo CD Application',
          decrypts: true,
          directory: { recurse: true, exclude: '{buckets,accesses}/**' },
        },
      },
      /its include or exclude leaves those files out; let them in$/,
    ],
    [
      'targetNamespace',
      { build: { decrypts: true, targetNamespace: 'storage' } },
      /^The Kustomization that applies clusters\/atlas\/archive-setup has targetNamespace storage, /,
    ],
    [
      'a folder that its entry point does not lead to',
      {
        files: {
          'clusters/atlas/kustomization.yaml': 'resources: [apps]\n',
          'clusters/atlas/apps/kustomization.yaml': 'resources: []\n',
        },
        where: {
          folder: 'clusters/atlas',
          setup: { namespace: 'storage-archive-setup', folder: FOLDER },
        },
      },
      /^clusters\/atlas\/kustomization\.yaml decides what is applied and leads to no kustomization in clusters\/atlas\/archive-setup/,
    ],
    [
      'a folder that is applied by two overlays',
      {
        files: {
          'clusters/atlas/kustomization.yaml': 'resources: [a, b]\n',
          'clusters/atlas/a/kustomization.yaml':
            'nameSuffix: -a\nresources: [../archive-setup]\n',
          'clusters/atlas/b/kustomization.yaml':
            'nameSuffix: -b\nresources: [../archive-setup]\n',
          [`${FOLDER}/kustomization.yaml`]: 'resources: [status.yaml]\n',
        },
        where: {
          folder: 'clusters/atlas',
          setup: { namespace: 'storage-archive-setup', folder: FOLDER },
        },
      },
      /^What is declared in clusters\/atlas\/archive-setup is applied 2 times/,
    ],
    [
      'another Kustomization above it',
      { where: { others: [other({ 'clusters/atlas/ns.yaml': '' })] } },
      /^Kustomization flux-system\/apps applies clusters\/atlas\/archive-setup too, with all that is in clusters\/atlas;/,
    ],
    [
      'another Kustomization above it that holds more than is read',
      { where: { others: [other({}, { snapshot: undefined })] } },
      /^Kustomization flux-system\/apps applies clusters\/atlas, which holds more than the portal reads, .* move the setup folder out of it$/,
    ],
    [
      '.sourceignore',
      { files: { '.sourceignore': `${FOLDER}/accesses/\n` } },
      /^Files in clusters\/atlas\/archive-setup\/accesses are left out by \.sourceignore/,
    ],
    [
      'a patch of everything',
      {
        build: {
          decrypts: true,
          patches: [
            {
              target: { kind: 'ConfigMap' },
              patch: '- op: remove\n  path: /data/x\n',
            },
          ],
        },
      },
      /^spec\.patches\[0\] of the Flux Kustomization would change every record/,
    ],
    [
      'a folder that lies elsewhere',
      {
        where: {
          setup: { namespace: 'storage-archive-setup', folder: 'other' },
        },
      },
      /^The setup folder other is not in clusters\/atlas\/archive-setup/,
    ],
  ])('is %s', async (_, { files = {}, build, where }, words) => {
    const place = { ...target, ...(build && { build }), ...where };
    const repository = { ...company, ...files };
    const obstacles = setupFolder.examine(snapshotOf(repository), place);
    expect(obstacles.map(({ message }) => message)[0]).toMatch(words);
    expect(obstacles.every(({ blocks }) => blocks === 'everything')).toBe(true);
    // Nothing is proposed there either.
    expect(
      refusalOf(await planSealed(changeOf('r-1'), repository, place)),
    ).toContain(obstacles[0].message);
  });

  it('keeps accesses away where nothing decrypts what SOPS writes, and no buckets', async () => {
    const place = { ...target, build: {} };
    expect(setupFolder.examine(snapshotOf(company), place)).toEqual([]);
    expect(refusalOf(await planSealed(withKey, company, place))).toMatch(
      /^secret: The Kustomization that applies .* does not decrypt: give it spec\.decryption/,
    );
    expect(refusalOf(await planSealed(changeOf('r-1'), company, place))).toBe(
      'change',
    );
  });

  it.each<[string, BuildOptions, Record<string, string>, RegExp]>([
    [
      'where everything is moved to the namespace of the program',
      { decrypts: true, targetNamespace: 'storage-archive-setup' },
      {},
      /^unsupported: targetNamespace of the Kustomization moves the Secrets of workloads/,
    ],
    [
      'where a kustomization moves everything there',
      { decrypts: true },
      {
        [`${FOLDER}/kustomization.yaml`]:
          'resources: [status.yaml]\nnamespace: storage-archive-setup\n',
      },
      /^unsupported: .*kustomization\.yaml:2 moves the Secrets of workloads/,
    ],
  ])(
    'keeps accesses away %s, and no buckets',
    async (_, build, files, words) => {
      const place = { ...target, build };
      const repository = { ...company, ...files };
      expect(
        setupFolder
          .examine(snapshotOf(repository), place)
          .map(({ blocks }) => blocks),
      ).toEqual(['accesses']);
      expect(refusalOf(await planSealed(withKey, repository, place))).toMatch(
        words,
      );
      expect(
        refusalOf(await planSealed(changeOf('r-1'), repository, place)),
      ).toBe('change');
    },
  );
});

describe('the proof that a setup folder is understood', () => {
  const merged = (async () =>
    merge(company, await planSealed(withKey, company, target)))();

  it.each<[string, string[] | undefined, RegExp]>([
    [
      'the cluster has them all',
      ['bucket.archive.checkout-invoices', 'access.archive.invoices-writer'],
      /^change$/,
    ],
    [
      'the cluster has one more',
      [
        'bucket.archive.checkout-invoices',
        'access.archive.invoices-writer',
        'bucket.archive.by-hand',
      ],
      /^not-as-applied: Tenant atlas\/storage\/archive has other records in the cluster than clusters\/atlas\/archive-setup declares at the applied revision aaaaaaaaaa/,
    ],
    [
      'the cluster has one less',
      ['bucket.archive.checkout-invoices'],
      /^not-as-applied: .*In the cluster: bucket\.archive\.checkout-invoices\./,
    ],
    [
      'nobody knows',
      undefined,
      /^not-as-applied: Which records the cluster has/,
    ],
  ])('when %s', async (_, records, words) => {
    const files = await merged;
    const place: DeclarationTarget = {
      ...target,
      applied: { live: { records }, snapshots: [snapshotOf(files)] },
    };
    const next = changeOf('r-3', { wanted: [{ ...bucket, name: 'next-one' }] });
    expect(refusalOf(await planSealed(next, files, place))).toMatch(words);
  });
});

const name = fc
  .stringMatching(/^[a-z][a-z0-9-]{1,10}[a-z0-9]$/)
  .filter(text => !text.includes('--'));

const ref = (kind: string) => name.map(text => `${kind}:default/${text}`);

const buckets: fc.Arbitrary<BucketDeclared> = fc.record({
  type: fc.constant('bucket' as const),
  name: fc.oneof(name, fc.constant('kustomization')),
  owner: ref('group'),
  entity: ref('component'),
  purpose: fc.constantFrom('', 'Invoices: "PDF"', 'yes', '12', 'ü ${x} #'),
  dataClass: fc.constantFrom('internal', 'confidential'),
  quota: fc.constantFrom(undefined, '10Gi', '1e3'),
  versioning: fc.boolean(),
  objectLock: fc.boolean(),
});

const accesses: fc.Arbitrary<AccessDeclared> = fc
  .record({ name, bucket: name, namespace: name, owner: ref('group') })
  .map(({ bucket: of, namespace, ...fields }) => {
    const scope = { type: 'buckets' as const, buckets: [of] };
    return {
      ...access,
      ...fields,
      scope,
      policy: buildAccessPolicy(scope, MODE_ACTIONS.read),
      consumer: { ...access.consumer, namespace, secret: `${fields.name}-s3` },
    };
  });

const subjects = fc.uniqueArray(fc.oneof(buckets, accesses), {
  selector: ({ type, name: of }) => `${type}/${of}`,
  minLength: 2,
  maxLength: 4,
});

/** Each request with its Secrets, encrypted once as the ledger keeps them. */
async function toRequests(wanted: Declaration[]): Promise<StorageChange[]> {
  return Promise.all(
    wanted.map(async (one, i) => {
      const change = changeOf(`r-${i}`, { wanted: [one] });
      const asked = plan(change, snapshotOf(company), target, {
        writer: new SopsWriter(),
      });
      return asked.outcome === 'secrets'
        ? { ...change, sealed: await seal(asked.needs, company) }
        : change;
    }),
  );
}

const planOn = (change: StorageChange, files: Record<string, string>) =>
  plan(change, snapshotOf(files), target, { writer: new SopsWriter() });

describe('any requests in a setup folder', () => {
  it('touch no file of each other, in whatever order they are merged', async () => {
    await fc.assert(
      fc.asyncProperty(subjects, async wanted => {
        const requests = await toRequests(wanted);
        const touched = requests.map(request => {
          const planned = planOn(request, company);
          if (planned.outcome !== 'change') {
            throw new Error(refusalOf(planned));
          }
          expect(
            planned.changeSet.files.every(
              ({ operation }) => operation === 'create',
            ),
          ).toBe(true);
          return planned.changeSet.files.map(({ path }) => path);
        });
        expect(new Set(touched.flat()).size).toBe(touched.flat().length);
        const mergeAll = (all: StorageChange[]) =>
          all.reduce(
            (files, request) => merge(files, planOn(request, files)),
            company,
          );
        expect(mergeAll([...requests].reverse())).toEqual(mergeAll(requests));
      }),
      { numRuns: 40 },
    );
  });

  it('are planned once: again they are the same, and nothing is left once they are merged', async () => {
    await fc.assert(
      fc.asyncProperty(subjects, async wanted => {
        for (const request of await toRequests(wanted)) {
          const planned = planOn(request, company);
          expect(planOn(request, company)).toEqual(planned);
          expect(planOn(request, merge(company, planned)).outcome).toBe(
            'unchanged',
          );
        }
      }),
      { numRuns: 40 },
    );
  });

  it('are read back as they were declared', async () => {
    await fc.assert(
      fc.asyncProperty(subjects, async wanted => {
        let files = company;
        for (const request of await toRequests(wanted)) {
          files = merge(files, planOn(request, files));
        }
        const read = setupFolder.read(snapshotOf(files), target);
        const sort = (all: Array<BucketDeclared | AccessDeclared>) =>
          all.sort((a, b) =>
            `${a.type}${a.name}` < `${b.type}${b.name}` ? -1 : 1,
          );
        expect(sort([...read.buckets, ...read.accesses])).toEqual(
          sort(
            wanted.map(one => {
              if (one.type === 'bucket') {
                return { ...one, quota: one.quota };
              }
              // Which keys the Secret of a workload has is not in the record.
              const { consumerKeys: _, ...rest } = one;
              return rest;
            }),
          ),
        );
      }),
      { numRuns: 40 },
    );
  });
});

(hasKustomize() ? describe : describe.skip)('by real kustomize', () => {
  const applied = (files: Record<string, string>) => {
    const built = buildFolder(files, FOLDER);
    if ('failure' in built) {
      throw new Error(built.failure);
    }
    return built.objects
      .map(object => {
        const { kind, metadata } = object as {
          kind: string;
          metadata: { name: string; namespace: string };
        };
        return `${kind} ${metadata.namespace}/${metadata.name}`;
      })
      .sort();
  };

  it.each([
    ['as Flux makes it', {}],
    [
      'with a kustomization.yaml',
      { [`${FOLDER}/kustomization.yaml`]: 'resources: [status.yaml]\n' },
    ],
  ])('what is declared is what is applied, %s', async (_, files) => {
    const own = { ...company, ...files };
    const merged = merge(own, await planSealed(withKey, own, target));
    expect(applied(merged)).toEqual([
      'ConfigMap storage-archive-setup/access.archive.invoices-writer',
      'ConfigMap storage-archive-setup/bucket.archive.checkout-invoices',
      'ConfigMap storage-archive-setup/rustfs-setup-archive',
      'Secret checkout/invoices-s3',
      'Secret storage-archive-setup/archive-access-invoices-writer',
    ]);
    expect(
      applied(merge(merged, await planSealed(revoke, merged, target))),
    ).toEqual([
      'ConfigMap storage-archive-setup/access.archive.invoices-writer',
      'ConfigMap storage-archive-setup/bucket.archive.checkout-invoices',
      'ConfigMap storage-archive-setup/rustfs-setup-archive',
      'Secret storage-archive-setup/archive-access-invoices-writer',
    ]);
  });
});
