import fc from 'fast-check';
import {
  ChangeSet,
  DeclarationTarget,
  PlanResult,
  RepositorySnapshot,
} from '../types';
import { parseYaml } from '../yaml';
import { BucketFields, toBucketChange } from '../__testUtils__/bucketChange';
import { plan as planChange } from './plan';

const plan = (
  fields: BucketFields,
  ...rest: [RepositorySnapshot, DeclarationTarget]
) => planChange(toBucketChange(fields), ...rest);

const target: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
  layout: 'operator-tenant',
  folder: './clusters/atlas/storage',
  baseBranch: 'main',
};

const change: BucketFields = {
  requestId: '6f1c',
  createdAt: '2026-11-20T10:11:12.345Z',
  bucket: 'checkout-invoices',
  entityRef: 'component:default/invoices',
  owner: 'group:default/checkout',
  requestedBy: 'user:default/ada',
  purpose: 'Invoices as PDF',
  dataClass: 'confidential',
  quota: '10Gi',
  versioning: true,
  objectLock: false,
};

const FOLDER = 'clusters/atlas/storage';
const TENANT = `# Applications of all teams
apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  buckets:
    # checkout
    - name: "basket"

    - name: "sessions"   # short-lived
  pools:
    - name: main
`;
const KUSTOMIZATION = `resources:
- namespace.yaml
- tenants/apps.yaml # applications
`;

function snapshotOf(files: Record<string, string>): RepositorySnapshot {
  return {
    revision: 'a'.repeat(40),
    files: Object.fromEntries(
      Object.entries(files).map(([path, content]) => [
        path.startsWith('/') ? path.slice(1) : `${FOLDER}/${path}`,
        { content, id: `blob:${path}` },
      ]),
    ),
  };
}

const company = {
  'kustomization.yaml': KUSTOMIZATION,
  'namespace.yaml': 'apiVersion: v1\nkind: Namespace\n',
  'tenants/apps.yaml': TENANT,
};

function changeSetOf(result: PlanResult): ChangeSet {
  if (result.outcome !== 'change') {
    throw new Error(JSON.stringify(result));
  }
  return result.changeSet;
}

function apply(
  snapshot: RepositorySnapshot,
  { files }: ChangeSet,
): RepositorySnapshot {
  return {
    ...snapshot,
    files: {
      ...snapshot.files,
      ...Object.fromEntries(
        files.map(({ path, after }) => [path, { content: after!, id: 'new' }]),
      ),
    },
  };
}

function pathsOf(result: PlanResult) {
  return changeSetOf(result).files.map(({ operation, path }) => [
    operation,
    path.replace(`${FOLDER}/`, ''),
  ]);
}

function refusalOf(result: PlanResult) {
  return result.outcome === 'refused'
    ? result.reasons.map(({ code, message }) => `${code}: ${message}`).join()
    : result.outcome;
}

describe('plan', () => {
  it('declares a bucket: an entry, a record, a resource', () => {
    const { files } = changeSetOf(plan(change, snapshotOf(company), target));
    expect(files.map(({ diff }) => diff).join('')).toBe(`--- /dev/null
+++ b/clusters/atlas/storage/buckets/apps/checkout-invoices.yaml
@@ -0,0 +1,20 @@
+apiVersion: v1
+kind: ConfigMap
+metadata:
+  name: bucket.apps.checkout-invoices
+  namespace: storage
+  labels:
+    app.kubernetes.io/managed-by: rustfs-portal
+    rustfs-portal/record: bucket
+    rustfs-portal/tenant: apps
+  annotations:
+    rustfs-portal/request: "6f1c"
+    kustomize.toolkit.fluxcd.io/substitute: disabled
+data:
+  bucket: checkout-invoices
+  owner: group:default/checkout
+  entity: component:default/invoices
+  purpose: "Invoices as PDF"
+  dataClass: confidential
+  quota: "10Gi"
+  versioning: enabled
--- a/clusters/atlas/storage/kustomization.yaml
+++ b/clusters/atlas/storage/kustomization.yaml
@@ -1,3 +1,4 @@
 resources:
+- buckets/apps/checkout-invoices.yaml
 - namespace.yaml
 - tenants/apps.yaml # applications
--- a/clusters/atlas/storage/tenants/apps.yaml
+++ b/clusters/atlas/storage/tenants/apps.yaml
@@ -9,6 +9,7 @@
     # checkout
     - name: "basket"
 
+    - name: "checkout-invoices"
     - name: "sessions"   # short-lived
   pools:
     - name: main
`);
  });

  it('says in the pull request what, for whom and why, the same every time', () => {
    const first = changeSetOf(plan(change, snapshotOf(company), target));
    expect(first).toEqual(
      changeSetOf(plan(change, snapshotOf(company), target)),
    );
    expect(first).toMatchObject({
      branch: 'rustfs/6f1c',
      baseBranch: 'main',
      title: 'Add bucket checkout-invoices to atlas/storage/apps',
      date: '2026-11-20T10:11:12Z',
      author: { name: 'user:default/ada' },
      commitMessage: `Add bucket checkout-invoices to atlas/storage/apps

Request-Id: 6f1c
Requested-By: user:default/ada
Owner: group:default/checkout
Entity: component:default/invoices
`,
    });
    expect(first.body).toContain('Purpose:      Invoices as PDF\n');
    expect(first.body).toContain('Quota:        10Gi\n');
    expect(first.body).toMatch(/<!-- rustfs-portal-request: 6f1c -->\n$/);
  });

  it('shows what people wrote as text and nothing else', () => {
    const { body, commitMessage, files } = changeSetOf(
      plan(
        {
          ...change,
          purpose:
            'a `b` @all <!-- x --> | [y](http://z) closes #1 ${SECRET}\nnext\u202e',
          portalUrl: 'https://portal.acme.org/<img src=x>)',
        },
        snapshotOf(company),
        target,
      ),
    );
    expect(body).toContain(
      'Purpose:      a `b` @all <!-- x --> | [y](http://z) closes #1 ${SECRET} next\n',
    );
    expect(body).toContain('(https://portal.acme.org/%3Cimg%20src=x%3E%29)');
    expect(commitMessage).not.toContain('closes');
    expect(files[0].after).toContain('substitute: disabled');
    expect(parseYaml(files[0].after!).values).toMatchObject([
      {
        data: {
          purpose:
            'a `b` @all <!-- x --> | [y](http://z) closes #1 ${SECRET} next',
        },
      },
    ]);
  });

  it('turns versioning on with object lock', () => {
    const { files } = changeSetOf(
      plan(
        { ...change, versioning: false, objectLock: true, quota: undefined },
        snapshotOf(company),
        target,
      ),
    );
    expect(files[0].after).toMatch(/versioning: enabled\n$/);
    expect(files[0].after).not.toContain('quota');
    expect(files[2].after).toContain(
      '- name: "checkout-invoices"\n      objectLock: true\n',
    );
  });

  it.each([
    [
      'a nested kustomization that lists the tenant',
      {
        'kustomization.yaml': 'resources: [tenants/apps]\n',
        'tenants/apps/kustomization.yaml': 'resources:\n  - ./tenant.yaml\n',
        'tenants/apps/tenant.yaml': TENANT,
      },
      [
        ['create', 'tenants/apps/buckets/apps/checkout-invoices.yaml'],
        ['update', 'tenants/apps/kustomization.yaml'],
        ['update', 'tenants/apps/tenant.yaml'],
      ],
    ],
    [
      'no kustomization',
      { 'deep/apps.yaml': TENANT, 'other.yaml': '{{ not: yaml' },
      [
        ['create', 'buckets/apps/checkout-invoices.yaml'],
        ['update', 'deep/apps.yaml'],
      ],
    ],
    [
      'a kustomization in a folder below one without',
      {
        'deep/Kustomization': 'namespace: storage\nresources: [apps.yaml]\n',
        'deep/apps.yaml': TENANT.replace('  namespace: storage\n', ''),
      },
      [
        ['update', 'deep/Kustomization'],
        ['update', 'deep/apps.yaml'],
        ['create', 'deep/buckets/apps/checkout-invoices.yaml'],
      ],
    ],
    [
      'several documents in a file and several tenants',
      {
        'all.yaml': `kind: Namespace\n---\n${TENANT.replace(
          'name: apps',
          'name: platform',
        )}---\n# ours\n${TENANT}`,
      },
      [
        ['update', 'all.yaml'],
        ['create', 'buckets/apps/checkout-invoices.yaml'],
      ],
    ],
  ])('finds its place with %s', (_, files, expected) => {
    expect(pathsOf(plan(change, snapshotOf(files), target))).toEqual(expected);
  });

  it('puts records where records of the tenant are', () => {
    const base = snapshotOf(company);
    const first = changeSetOf(plan(change, base, target));
    const moved = snapshotOf({
      ...company,
      'kustomization.yaml': `${KUSTOMIZATION}- records\n`,
      'records/kustomization.yaml': 'resources: [checkout-invoices.yaml]\n',
      'records/checkout-invoices.yaml': first.files[0].after!,
      'tenants/apps.yaml': first.files[2].after!,
    });
    expect(plan(change, moved, target).outcome).toBe('unchanged');
    expect(
      pathsOf(plan({ ...change, bucket: 'archive' }, moved, target)),
    ).toEqual([
      ['create', 'records/archive.yaml'],
      ['update', 'records/kustomization.yaml'],
      ['update', 'tenants/apps.yaml'],
    ]);
  });

  it.each<[string, Partial<BucketFields>, string]>([
    ['the same', {}, 'unchanged'],
    ['the same of another request', { requestId: 'other' }, 'unchanged'],
    [
      'another quota',
      { quota: '20Gi' },
      'declared-otherwise: Bucket checkout-invoices is declared for atlas/storage/apps already, in clusters/atlas/storage/buckets/apps/checkout-invoices.yaml, with other settings: quota is 10Gi, not 20Gi',
    ],
    [
      'no quota and a lock',
      { quota: undefined, objectLock: true },
      'with other settings: quota is 10Gi, not left out; object lock is off',
    ],
    [
      'another service',
      { entityRef: 'component:default/feature-store' },
      'already, for another service; choose another name',
    ],
    [
      'a bucket without a record',
      { bucket: 'sessions' },
      'in clusters/atlas/storage/tenants/apps.yaml:13, without a record',
    ],
  ])('compares with what is declared: %s', (_, other, expected) => {
    const base = snapshotOf(company);
    const after = apply(base, changeSetOf(plan(change, base, target)));
    expect(refusalOf(plan({ ...change, ...other }, after, target))).toContain(
      expected,
    );
  });

  it('declares a bucket again whose record is still there', () => {
    const base = snapshotOf(company);
    const { files } = apply(base, changeSetOf(plan(change, base, target)));
    files[`${FOLDER}/tenants/apps.yaml`].content = TENANT;
    expect(pathsOf(plan(change, { ...base, files }, target))).toEqual([
      ['update', 'tenants/apps.yaml'],
    ]);
  });

  it.each<[string, Record<string, string>, string]>([
    ['nothing', {}, 'tenant-not-found: There is no YAML file in clusters/'],
    [
      'no tenant',
      { 'a.yaml': 'kind: Tenant\napiVersion: minio.min.io/v2\n' },
      'tenant-not-found: No file in clusters/atlas/storage on main declares Tenant atlas/storage/apps',
    ],
    [
      'two tenants',
      { 'a.yaml': TENANT, 'b.yaml': `---\n${TENANT}` },
      'tenant-ambiguous: Tenant atlas/storage/apps is declared more than once, at clusters/atlas/storage/a.yaml:2, clusters/atlas/storage/b.yaml:3',
    ],
    [
      'a tenant that is not applied',
      { 'kustomization.yaml': 'resources: []\n', 'a.yaml': TENANT },
      'tenant-elsewhere: clusters/atlas/storage/a.yaml:2 is about Tenant atlas/storage/apps, but no kustomization lists it',
    ],
    [
      'a tenant from elsewhere',
      { 'kustomization.yaml': 'resources: [../../base]\nhelmCharts: [{}]\n' },
      'tenant-elsewhere: No file in clusters/atlas/storage on main declares Tenant atlas/storage/apps (apiVersion rustfs.com/…); it may come from ../../base (in clusters/atlas/storage/kustomization.yaml), helmCharts (in clusters/atlas/storage/kustomization.yaml), which',
    ],
    [
      'a merge patch of the list',
      {
        ...company,
        'kustomization.yaml': `${KUSTOMIZATION}patches:\n- path: patch.yaml\n`,
        'patch.yaml': TENANT,
      },
      'tenant-elsewhere: clusters/atlas/storage/kustomization.yaml:5 patches spec.buckets of it',
    ],
    [
      'a JSON patch of the list',
      {
        ...company,
        'kustomization.yaml': `${KUSTOMIZATION}patches:\n- target: {kind: Tenant, name: apps}\n  patch: |\n    - {op: replace, path: /spec/buckets, value: [{name: x}]}\n`,
      },
      'tenant-elsewhere: clusters/atlas/storage/kustomization.yaml:5 patches spec.buckets of it',
    ],
    [
      'a tenant that cannot be parsed',
      { 'a.yaml': `${TENANT}  pools: []\n` },
      'not-parsable: clusters/atlas/storage/a.yaml:15 has a key that stands in the same mapping twice',
    ],
    [
      'a kustomization that cannot be parsed',
      { ...company, 'kustomization.yaml': 'resources: [a\n' },
      'not-parsable: clusters/atlas/storage/kustomization.yaml:',
    ],
    [
      'a tenant in braces',
      { 'a.yaml': TENANT.replace(/spec:[^]*/, 'spec: {}\n') },
      'unsupported: clusters/atlas/storage/a.yaml:7 nothing can be added to spec.buckets',
    ],
    [
      'a large tenant',
      { 'a.yaml': `${TENANT}${'# x\n'.repeat(140_000)}` },
      'too-large: clusters/atlas/storage/a.yaml:2 is too large',
    ],
    [
      'a full tenant',
      {
        'a.yaml': TENANT.replace(
          '  pools:',
          `${'    - name: "x"\n'.repeat(1022)}  pools:`,
        ),
      },
      'limit: clusters/atlas/storage/a.yaml:2 declares 1024 buckets',
    ],
    [
      'a file where the record belongs',
      { ...company, 'buckets/apps/checkout-invoices.yaml': 'kind: Other\n' },
      'declared-otherwise: clusters/atlas/storage/buckets/apps/checkout-invoices.yaml is there already',
    ],
  ])('refuses %s, with file and line', (_, files, expected) => {
    expect(refusalOf(plan(change, snapshotOf(files), target))).toContain(
      expected,
    );
  });

  it('does not stumble over names that every object has, nor over patches that say nothing', () => {
    const { files } = changeSetOf(
      plan(
        change,
        snapshotOf({
          '/kustomization.yaml':
            'resources:\n- apps.yaml\n- constructor\n- __proto__\npatches:\n- patch: "[]"\n',
          '/apps.yaml': TENANT,
        }),
        { ...target, folder: './' },
      ),
    );
    expect(files.map(({ path }) => path)).toEqual([
      'apps.yaml',
      'buckets/apps/checkout-invoices.yaml',
      'kustomization.yaml',
    ]);
  });

  it('does not mind patches of something else', () => {
    const patches = `patches:
- path: gone.yaml
  target: {kind: Deployment|StatefulSet}
- patch: '{apiVersion: rustfs.com/v1alpha1, kind: Tenant, metadata: {name: apps}, spec: {image: x}}'
- target: {kind: Tenant, name: platform}
  patch: '[{op: add, path: /spec/buckets/-, value: {}}]'
`;
    expect(
      plan(
        change,
        snapshotOf({
          ...company,
          'kustomization.yaml': KUSTOMIZATION + patches,
        }),
        target,
      ).outcome,
    ).toBe('change');
  });

  it('names the files that were not read', () => {
    const snapshot: RepositorySnapshot = {
      ...snapshotOf({ 'a.yaml': 'kind: Other\n' }),
      skipped: { [`${FOLDER}/apps.yaml`]: 'over 1 MiB' },
    };
    expect(refusalOf(plan(change, snapshot, target))).toMatch(
      /^too-large: .*not read: clusters\/atlas\/storage\/apps.yaml:1 \(over 1 MiB\)/,
    );
  });

  it.each<[Partial<BucketFields>, string]>([
    [{ bucket: '../etc' }, 'bucket'],
    [{ requestId: '../main' }, 'requestId'],
    [{ createdAt: 'yesterday' }, 'createdAt'],
  ])('refuses a change that cannot be: %j', (other, field) => {
    expect(
      plan({ ...change, ...other }, snapshotOf(company), target),
    ).toMatchObject({
      outcome: 'refused',
      reasons: expect.arrayContaining([
        expect.objectContaining({ code: 'invalid', field }),
      ]),
    });
  });

  it('shows no secret in a diff', () => {
    const secret = `---
apiVersion: v1
kind: Secret
stringData:
  accesskey: clear-text
  secretkey: |
    two
    lines
sops:
  mac: ENC[AES256_GCM,data:abc,iv:d,tag:e,type:str]
  mac_only_encrypted: true
  encrypted_regex: ^(data|stringData)$
  sealed: AgB${'x'.repeat(80)}
`;
    const { files } = changeSetOf(
      plan(
        change,
        snapshotOf({
          'a.yaml': `${secret}---\n${TENANT.replace(
            /spec:[^]*/,
            'spec:\n  buckets: []\n',
          )}${secret}`,
        }),
        target,
      ),
    );
    const { diff } = files.find(({ path }) => path.endsWith('a.yaml'))!;
    expect(diff).not.toMatch(/clear-text|two|lines|abc|xxxx/);
    expect(diff).toContain('+    - name: checkout-invoices\n');
  });

  it('shows the name of a bucket in a diff, however long', () => {
    const bucket = 'b'.repeat(63);
    const { files } = changeSetOf(
      plan({ ...change, bucket }, snapshotOf(company), target),
    );
    const diff = files.map(file => file.diff).join('');
    expect(diff).not.toContain('redacted');
    expect(diff).toContain(`+- buckets/apps/${bucket}.yaml\n`);
    expect(diff).toContain(`+    - name: "${bucket}"\n`);
  });

  it.each([
    ['a kustomization', company],
    ['no kustomization', { 'apps.yaml': TENANT }],
  ])(
    'makes no kustomization of the record of a bucket of that name, with %s',
    (_, files) => {
      const wanted = { ...change, bucket: 'kustomization' };
      const snapshot = snapshotOf(files);
      const changeSet = changeSetOf(plan(wanted, snapshot, target));
      const after = apply(snapshot, changeSet);
      expect(
        changeSet.files.filter(
          ({ operation, path }) =>
            operation === 'create' && /\/kustomization\.ya?ml$/.test(path),
        ),
      ).toEqual([]);
      expect(plan(wanted, after, target).outcome).toBe('unchanged');
      // What is asked for next still finds everything.
      expect(plan(change, after, target).outcome).toBe('change');
    },
  );

  it('comes to the same end in whatever order requests are merged', () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9-]{2,8}[a-z0-9]$/)
      .filter(n => !/^(basket|sessions|health|rustfs)$/.test(n));
    fc.assert(
      fc.property(
        fc.uniqueArray(name, { minLength: 2, maxLength: 6 }),
        names => {
          const merge = (order: string[]) =>
            order.reduce((snapshot, bucket) => {
              const wanted = { ...change, bucket, requestId: bucket };
              const after = apply(
                snapshot,
                changeSetOf(plan(wanted, snapshot, target)),
              );
              // Planned twice is planned once.
              expect(plan(wanted, after, target).outcome).toBe('unchanged');
              return after;
            }, snapshotOf(company));
          expect(merge(names)).toEqual(merge([...names].reverse()));
        },
      ),
      { numRuns: 40 },
    );
  });
});
