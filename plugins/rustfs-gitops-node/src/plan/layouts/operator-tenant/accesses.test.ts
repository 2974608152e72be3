import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  AccessDeclared,
  buildAccessPolicy,
  MODE_ACTIONS,
} from '@rustfs-portal/plugin-rustfs-common';
import { parse, parseAllDocuments } from 'yaml';
import {
  merge,
  planSealed as planSealedIn,
  refusalOf,
  seal,
  snapshotOf,
} from '../../../__testUtils__/planSealed';
import { SopsWriter } from '../../../secrets';
import { DeclarationTarget, PlanResult, StorageChange } from '../../../types';
import { plan } from '../../plan';

const RECIPIENT =
  'age1wu2hwp5qvcpcghyj2260nthcx46yxcmxlyf7s389cprheerpyecqp9htv9';
const OTHER = 'age18h6e48dcrhfk08ushm0durawp2a8cygwdwlvh0vs3eqlmj5tg9wswdcgs0';

const target: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
  layout: 'operator-tenant',
  folder: 'clusters/atlas',
  baseBranch: 'main',
  build: { decrypts: true },
};

const TENANT = `# Applications of all teams
apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  policies:
    # of the platform team
    - name: viewer
      document:
        configMapKeyRef: {name: viewer, key: policy.json}
  buckets:
    - name: invoices
  pools: []
`;

const company: Record<string, string> = {
  '.sops.yaml': `creation_rules:
  - path_regex: \\.sops\\.yaml$
    encrypted_regex: ^(data|stringData)$
    age: ${RECIPIENT}
`,
  'clusters/atlas/kustomization.yaml': 'resources:\n  - tenant.yaml\n',
  'clusters/atlas/tenant.yaml': TENANT,
};

const access: AccessDeclared = {
  type: 'access',
  name: 'invoices-writer',
  owner: 'group:default/checkout',
  entity: 'component:default/invoices',
  purpose: 'Invoices as PDF',
  scope: { type: 'buckets', buckets: ['invoices'] },
  mode: 'read-write',
  policy: buildAccessPolicy(
    { type: 'buckets', buckets: ['invoices'] },
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
  change: Partial<StorageChange> = {},
): StorageChange {
  return {
    requestId,
    createdAt: '2026-11-29T10:00:00.000Z',
    entityRef: access.entity,
    owner: access.owner,
    requestedBy: 'user:default/ada',
    words: {
      title: 'Access',
      summary: 'Access.',
      facts: [],
      notes: [],
      ready: 'There',
    },
    edits: 'new',
    declare: () => [access],
    ...change,
  };
}

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

const writer = new SopsWriter();

const planSealed = (
  change: StorageChange,
  files: Record<string, string>,
  where: DeclarationTarget = target,
) => planSealedIn(change, files, where);

const pathsOf = (result: PlanResult) =>
  result.outcome === 'change'
    ? result.changeSet.files.map(({ operation, path }) => [
        operation,
        path.replace('clusters/atlas/', ''),
      ])
    : result;

describe('an access in a repository for the operator', () => {
  it('asks for its Secrets first, one key in two forms', () => {
    const result = plan(changeOf('r-1'), snapshotOf(company), target, {
      writer,
    });
    expect(result.outcome === 'secrets' && result.needs).toMatchObject([
      {
        holds: 'server',
        slot: {
          path: 'clusters/atlas/secrets/apps-access-invoices-writer.sops.yaml',
          name: 'apps-access-invoices-writer',
          namespace: 'storage',
          keys: ['accesskey', 'secretkey'],
        },
        plan: { rule: 'rule 1 of .sops.yaml', recipients: [RECIPIENT] },
      },
      {
        holds: 'consumer',
        slot: {
          path: 'clusters/atlas/consumers/checkout/invoices-s3.sops.yaml',
          name: 'invoices-s3',
          namespace: 'checkout',
          keys: ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'],
        },
      },
    ]);
  });

  it('adds policy, user, Secrets and record, and leaves the rest of the Tenant as it is', async () => {
    const result = await planSealed(changeOf('r-1'), company);
    expect(pathsOf(result)).toEqual([
      ['create', 'accesses/apps/invoices-writer.yaml'],
      ['create', 'consumers/checkout/invoices-s3.sops.yaml'],
      ['update', 'kustomization.yaml'],
      ['create', 'policies/apps/apps-access-invoices-writer-policy.yaml'],
      ['create', 'secrets/apps-access-invoices-writer.sops.yaml'],
      ['update', 'tenant.yaml'],
    ]);
    const merged = merge(company, result);
    expect(merged['clusters/atlas/tenant.yaml']).toBe(
      TENANT.replace(
        '    # of the platform team\n',
        `    - name: access-invoices-writer
      document:
        configMapKeyRef:
          name: apps-access-invoices-writer-policy
          key: policy.json
    # of the platform team
`,
      ).replace(
        '  pools: []\n',
        `  pools: []
  users:
    - name: access-invoices-writer
      credsSecret:
        name: apps-access-invoices-writer
      policies:
        - access-invoices-writer
`,
      ),
    );
    expect(
      JSON.parse(
        parse(
          merged[
            'clusters/atlas/policies/apps/apps-access-invoices-writer-policy.yaml'
          ],
        ).data['policy.json'],
      ),
    ).toEqual(access.policy);
  });

  it('shows no ciphertext, and nothing that looks like a value, in its diff', async () => {
    const result = await planSealed(changeOf('r-1'), company);
    const diff =
      result.outcome === 'change' &&
      result.changeSet.files.map(file => file.diff).join('');
    expect(diff).not.toMatch(/ENC\[AES|BEGIN AGE|value of/);
    expect(diff).toContain('secretkey: <redacted>');
  });

  it('shows each value that an end takes away as one word', async () => {
    const merged = merge(company, await planSealed(changeOf('r-1'), company));
    const result = await planSealed(revoke, merged);
    const files = result.outcome === 'change' ? result.changeSet.files : [];
    const diffOf = (operation: string) =>
      files
        .filter(
          ({ before, operation: done }) =>
            done === operation && before?.content.includes('sops:'),
        )
        .map(({ diff }) => diff);
    const [gone] = diffOf('delete');
    expect(gone.split('\n').filter(line => line.includes('redacted'))).toEqual([
      '-    AWS_ACCESS_KEY_ID: <redacted>',
      '-    AWS_SECRET_ACCESS_KEY: <redacted>',
      '-    <redacted>',
    ]);
    // That of the user stays, with another secret.
    const [rewritten] = diffOf('update');
    expect(rewritten).toMatch(/^- +secretkey: <redacted>$/m);
    expect(rewritten).toMatch(/^\+ +secretkey: <redacted>$/m);
    for (const { diff } of files) {
      expect(diff).not.toMatch(/ENC\[|BEGIN|recipient|lastmodified/);
    }
  });

  it('is the same change when it is planned again, and none once it is merged', async () => {
    const first = plan(changeOf('r-1'), snapshotOf(company), target, {
      writer,
    });
    const sealed =
      first.outcome === 'secrets' ? await seal(first.needs, company) : [];
    const again = () =>
      plan(changeOf('r-1', { sealed }), snapshotOf(company), target, {
        writer,
      });
    expect(again()).toEqual(again());
    expect(
      plan(
        changeOf('r-1', { sealed }),
        snapshotOf(merge(company, again())),
        target,
        { writer },
      ).outcome,
    ).toBe('unchanged');
  });

  it('asks for both Secrets anew when their readers have changed', async () => {
    const first = plan(changeOf('r-1'), snapshotOf(company), target, {
      writer,
    });
    const sealed =
      first.outcome === 'secrets' ? await seal(first.needs, company) : [];
    const moved = {
      ...company,
      '.sops.yaml': company['.sops.yaml'].replace(RECIPIENT, OTHER),
    };
    const result = plan(
      changeOf('r-1', { sealed }),
      snapshotOf(moved),
      target,
      { writer },
    );
    expect(result.outcome === 'secrets' && result.needs).toHaveLength(2);
  });

  it.each<[string, Record<string, string | undefined>, object, RegExp]>([
    [
      'a repository without a rule',
      { '.sops.yaml': undefined },
      {},
      /^secret: No \.sops\.yaml lies/,
    ],
    [
      'a rule that leaves values in clear',
      {
        '.sops.yaml': `creation_rules:\n  - encrypted_regex: ^secretkey$\n    age: ${RECIPIENT}\n`,
      },
      {},
      /^secret: Rule 1 .* in clear/,
    ],
    [
      'a Kustomization that does not decrypt',
      {},
      { build: {} },
      /^secret: The Kustomization that applies clusters\/atlas does not decrypt/,
    ],
    [
      'a kustomization that moves everything to one namespace',
      {
        'clusters/atlas/kustomization.yaml':
          'namespace: storage\nresources:\n  - tenant.yaml\n',
      },
      {},
      /^unsupported: Secret checkout\/invoices-s3 cannot be declared in .*: it would be called storage\/invoices-s3/,
    ],
    [
      'a kustomization that renames everything',
      {
        'clusters/atlas/kustomization.yaml':
          'nameSuffix: s\nresources:\n  - tenant.yaml\n',
        'clusters/atlas/tenant.yaml': TENANT.replace('apps', 'app'),
      },
      {},
      /^unsupported: ConfigMap .* would be called/,
    ],
    [
      'a patch of the users',
      {
        'clusters/atlas/kustomization.yaml': `resources: [tenant.yaml]
patches:
  - target: {kind: Tenant}
    patch: |
      - op: add
        path: /spec/users
        value: []
`,
      },
      {},
      /^tenant-elsewhere: .*patches spec\.users of it/,
    ],
    [
      'a Tenant that is full',
      {
        'clusters/atlas/tenant.yaml': TENANT.replace(
          '  buckets:',
          `  users:\n${Array.from(
            { length: 256 },
            (_, i) => `    - {name: u${i}, policies: [viewer]}\n`,
          ).join('')}  buckets:`,
        ),
      },
      {},
      /^limit: .* declares 256 users, the operator takes at most 256/,
    ],
    [
      'an entry that no record is about',
      {
        'clusters/atlas/tenant.yaml': TENANT.replace(
          '  buckets:',
          '  users:\n    - {name: access-invoices-writer, policies: [viewer]}\n  buckets:',
        ),
      },
      {},
      /^declared-otherwise: .* has an entry access-invoices-writer in spec\.users already/,
    ],
  ])('is refused for %s', async (_, files, where, words) => {
    const repository = Object.fromEntries(
      Object.entries({ ...company, ...files }).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      ),
    );
    expect(
      refusalOf(
        await planSealed(changeOf('r-1'), repository, { ...target, ...where }),
      ),
    ).toMatch(words);
  });

  it('is refused when another request has made one of that name', async () => {
    const merged = merge(company, await planSealed(changeOf('r-1'), company));
    expect(refusalOf(await planSealed(changeOf('r-9'), merged))).toMatch(
      /^declared-otherwise: There is an access invoices-writer/,
    );
  });

  it('leaves the Secret of the workload to another repository', async () => {
    const result = await planSealed(changeOf('r-1'), company, {
      ...target,
      consumers: 'elsewhere',
    });
    expect(JSON.stringify(pathsOf(result))).not.toContain('consumers');
  });
});

describe('the end of an access', () => {
  it('rewrites the secret, denies everything, and takes the rest away', async () => {
    const merged = merge(company, await planSealed(changeOf('r-1'), company));
    const needs = plan(revoke, snapshotOf(merged), target, { writer });
    expect(needs.outcome === 'secrets' && needs.needs).toMatchObject([
      { holds: 'discarded', access: { accessKeyId: access.accessKeyId } },
    ]);
    const result = await planSealed(revoke, merged);
    expect(pathsOf(result)).toEqual([
      ['update', 'accesses/apps/invoices-writer.yaml'],
      ['delete', 'consumers/checkout/invoices-s3.sops.yaml'],
      ['update', 'kustomization.yaml'],
      ['delete', 'policies/apps/apps-access-invoices-writer-policy.yaml'],
      ['create', 'policies/apps/apps-rustfs-portal-denied.yaml'],
      ['update', 'secrets/apps-access-invoices-writer.sops.yaml'],
      ['update', 'tenant.yaml'],
    ]);
    const after = merge(merged, result);
    const { spec } = parse(after['clusters/atlas/tenant.yaml']);
    expect(spec.users).toEqual([
      {
        name: 'access-invoices-writer',
        credsSecret: { name: 'apps-access-invoices-writer' },
        policies: ['rustfs-portal-denied'],
      },
    ]);
    expect(spec.policies.map(({ name }: { name: string }) => name)).toEqual([
      'rustfs-portal-denied',
      'viewer',
    ]);
    expect(
      parse(after['clusters/atlas/accesses/apps/invoices-writer.yaml']).data,
    ).toMatchObject({ state: 'revoked', accessKeyId: access.accessKeyId });
    expect(
      after['clusters/atlas/secrets/apps-access-invoices-writer.sops.yaml'],
    ).not.toBe(
      merged['clusters/atlas/secrets/apps-access-invoices-writer.sops.yaml'],
    );
    // Once is enough.
    expect((await planSealed(revoke, after)).outcome).toBe('unchanged');
  });

  it('shares one denying policy among all', async () => {
    const second = {
      ...access,
      name: 'invoices-reader',
      consumer: { ...access.consumer, secret: 'invoices-reader' },
    };
    const one = merge(company, await planSealed(changeOf('r-1'), company));
    const two = merge(
      one,
      await planSealed(changeOf('r-3', { declare: () => [second] }), one),
    );
    const ended = merge(two, await planSealed(revoke, two));
    const revokeSecond = changeOf('r-4', {
      edits: 'existing',
      declare: ({ accesses }) =>
        accesses
          .filter(({ name }) => name === second.name)
          .map(before => ({ ...before, state: 'revoked' as const })),
    });
    const all = merge(ended, await planSealed(revokeSecond, ended));
    const { spec } = parse(all['clusters/atlas/tenant.yaml']);
    expect(spec.policies).toHaveLength(2);
    expect(
      spec.users.map(({ policies }: { policies: string[] }) => policies),
    ).toEqual([['rustfs-portal-denied'], ['rustfs-portal-denied']]);
  });

  it('is refused when the denying policy is another one by now', async () => {
    const merged = merge(company, await planSealed(changeOf('r-1'), company));
    const first = merge(merged, await planSealed(revoke, merged));
    const path = 'clusters/atlas/policies/apps/apps-rustfs-portal-denied.yaml';
    expect(first[path]).toContain('Deny');
    // The access is in effect again, and what would end it is not what it says.
    const active = {
      ...merged,
      ...Object.fromEntries(
        Object.entries(first).filter(
          ([file]) => file === path || file.endsWith('kustomization.yaml'),
        ),
      ),
    };
    const withEntry = (map: string) => ({
      ...active,
      'clusters/atlas/tenant.yaml': merged[
        'clusters/atlas/tenant.yaml'
      ].replace(
        /^( *)policies:\n/m,
        `$1policies:\n$1  - name: rustfs-portal-denied\n$1    document:\n$1      configMapKeyRef: { name: ${map}, key: policy.json }\n`,
      ),
    });
    const refused =
      /^declared-otherwise: .* is not the one that the portal wrote/;
    expect(
      refusalOf(await planSealed(revoke, withEntry('company-policy'))),
    ).toMatch(refused);
    expect(
      refusalOf(
        await planSealed(revoke, {
          ...withEntry('apps-rustfs-portal-denied'),
          [path]: first[path].replace('Deny', 'Allow'),
        }),
      ),
    ).toMatch(refused);
    expect(
      (await planSealed(revoke, withEntry('apps-rustfs-portal-denied')))
        .outcome,
    ).toBe('change');
  });

  it('is refused when its user is not where the portal left him', async () => {
    const merged = merge(company, await planSealed(changeOf('r-1'), company));
    const broken = {
      ...merged,
      'clusters/atlas/tenant.yaml': TENANT,
    };
    expect(refusalOf(await planSealed(revoke, broken))).toMatch(
      /^unsupported: The user of access invoices-writer cannot be ended: .* has no entry/,
    );
  });

  it('is refused when Git has no such access any more', async () => {
    expect(refusalOf(await planSealed(revoke, company))).toMatch(
      /^declared-otherwise: Git does not declare it any more/,
    );
  });
});

describe('the Secret of a workload in another repository', () => {
  const borealis: Record<string, string> = {
    '.sops.yaml': company['.sops.yaml'],
    'apps/kustomization.yaml': '# All apps\nresources:\n  - web.yaml\n',
    'apps/web.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\n  namespace: checkout\n',
  };
  const elsewhere: DeclarationTarget = {
    ...target,
    layout: 'consumer-secret',
    folder: './apps',
    consumer: { folder: 'apps/checkout/secrets' },
  };
  const create = changeOf('r-1', { stage: 2 });
  const end: StorageChange = { ...revoke, stage: 2 };
  const ended: DeclarationTarget = {
    ...elsewhere,
    consumer: { ...elsewhere.consumer!, access },
  };

  it('is one file with its place, on a branch of its own, and goes again when the access ends', async () => {
    const result = await planSealed(create, borealis, elsewhere);
    expect(result).toMatchObject({ changeSet: { branch: 'rustfs/r-1-2' } });
    expect(pathsOf(result)).toEqual([
      ['create', 'apps/checkout/secrets/invoices-s3.sops.yaml'],
      ['update', 'apps/kustomization.yaml'],
    ]);
    const merged = merge(borealis, result);
    expect(
      parse(merged['apps/checkout/secrets/invoices-s3.sops.yaml']).metadata,
    ).toMatchObject({ name: 'invoices-s3', namespace: 'checkout' });
    // Everything else stays byte for byte.
    expect(
      merge(merged, plan(end, snapshotOf(merged), ended, { writer })),
    ).toEqual(borealis);
    expect(plan(end, snapshotOf(borealis), ended, { writer })).toMatchObject({
      outcome: 'unchanged',
      branch: 'rustfs/r-2-2',
    });
  });

  it.each([
    ['a Secret', 'v1', 'Secret', ''],
    [
      'an ExternalSecret',
      'external-secrets.io/v1',
      'ExternalSecret',
      'spec:\n  target:\n    name: invoices-s3\n',
    ],
  ])(
    'is refused where %s of the company makes it',
    async (_, api, kind, spec) => {
      const name = spec ? 'invoices' : 'invoices-s3';
      const files = {
        ...borealis,
        'apps/web.yaml': `apiVersion: ${api}\nkind: ${kind}\nmetadata:\n  name: ${name}\n  namespace: checkout\n${spec}`,
      };
      expect(refusalOf(await planSealed(create, files, elsewhere))).toMatch(
        /^declared-otherwise: apps\/web\.yaml:1 declares Secret checkout\/invoices-s3 already/,
      );
    },
  );

  it('is left to somebody else who has the name by now', async () => {
    const merged = merge(
      borealis,
      await planSealed(create, borealis, elsewhere),
    );
    const path = 'apps/checkout/secrets/invoices-s3.sops.yaml';
    const theirs = {
      ...merged,
      [path]: merged[path].replace('rustfs-portal', 'somebody-else'),
    };
    expect(plan(end, snapshotOf(theirs), ended, { writer }).outcome).toBe(
      'unchanged',
    );
  });

  it('goes also where others put their labels on everything, and nothing is decrypted any more', async () => {
    const merged = merge(
      borealis,
      await planSealed(create, borealis, elsewhere),
    );
    const kustomization = 'apps/kustomization.yaml';
    const labelled = {
      ...merged,
      [kustomization]: `${merged[kustomization]}commonLabels:\n  app.kubernetes.io/managed-by: flux\n`,
    };
    const result = plan(
      end,
      snapshotOf(labelled),
      { ...ended, build: { decrypts: false } },
      { writer },
    );
    expect(pathsOf(result)).toContainEqual([
      'delete',
      'apps/checkout/secrets/invoices-s3.sops.yaml',
    ]);
  });

  it('is there already once its pull request is merged', async () => {
    const files = snapshotOf(borealis);
    const asked = plan(create, files, elsewhere, { writer });
    const sealed =
      asked.outcome === 'secrets' ? await seal(asked.needs, borealis) : [];
    const change = { ...create, sealed };
    const merged = merge(borealis, plan(change, files, elsewhere, { writer }));
    expect(
      plan(change, snapshotOf(merged), elsewhere, { writer }).outcome,
    ).toBe('unchanged');
  });

  it('asks for new ciphertext when other keys are to read it', () => {
    const asked = plan(create, snapshotOf(borealis), elsewhere, { writer });
    if (asked.outcome !== 'secrets') {
      throw new Error(asked.outcome);
    }
    const [{ slot, plan: how }] = asked.needs;
    const sealed = [
      { ...slot, ...how, writer: writer.id, content: 'kind: Secret\n' },
    ];
    const others = {
      ...borealis,
      '.sops.yaml': borealis['.sops.yaml'].replace(RECIPIENT, OTHER),
    };
    expect(
      plan({ ...create, sealed }, snapshotOf(others), elsewhere, { writer }),
    ).toMatchObject({ outcome: 'secrets' });
  });

  it('keeps its ciphertext when the rule names the same keys in another order', async () => {
    const several = (keys: string[]) => ({
      ...borealis,
      '.sops.yaml': borealis['.sops.yaml'].replace(RECIPIENT, keys.join(',')),
    });
    const files = several([RECIPIENT, OTHER]);
    const asked = plan(create, snapshotOf(files), elsewhere, { writer });
    const sealed =
      asked.outcome === 'secrets' ? await seal(asked.needs, files) : [];
    expect(sealed).not.toEqual([]);
    const reordered = snapshotOf(several([OTHER, RECIPIENT]));
    expect(
      plan({ ...create, sealed }, reordered, elsewhere, { writer }).outcome,
    ).toBe('change');
  });

  it.each<[string, Partial<DeclarationTarget>, Record<string, string>, RegExp]>(
    [
      [
        'a Kustomization that does not decrypt',
        { build: { decrypts: false } },
        {},
        /^secret: The Kustomization that applies \.\/apps does not decrypt/,
      ],
      [
        'a folder that nothing applies',
        { consumer: { folder: 'other/checkout' } },
        {},
        /^unsupported: The folder other\/checkout .* is not in apps/,
      ],
      [
        'a Kustomization that moves it to another namespace',
        { build: { decrypts: true, targetNamespace: 'apps' } },
        {},
        /^unsupported: Secret checkout\/invoices-s3 cannot be declared .* it would be called apps\/invoices-s3/,
      ],
      [
        'no rule for secrets',
        {},
        { '.sops.yaml': 'creation_rules: []\n' },
        /^secret: /,
      ],
    ],
  )('is refused with %s', async (_, where, files, words) => {
    expect(
      refusalOf(
        await planSealed(
          create,
          { ...borealis, ...files },
          { ...elsewhere, ...where },
        ),
      ),
    ).toMatch(words);
  });

  it('is refused where another request has put one of that name', async () => {
    const merged = merge(
      borealis,
      await planSealed(create, borealis, elsewhere),
    );
    expect(
      refusalOf(
        await planSealed(changeOf('r-9', { stage: 2 }), merged, elsewhere),
      ),
    ).toMatch(/^declared-otherwise: .* declares Secret checkout\/invoices-s3/);
  });

  it('leaves one of the same name beside the records alone when the access ends', async () => {
    const { consumer } = access;
    const other = {
      ...access,
      consumer: { ...consumer, cluster: 'borealis' },
    };
    const own = merge(
      company,
      await planSealed(changeOf('r-1', { declare: () => [other] }), company),
    );
    const result = await planSealed(revoke, own, {
      ...target,
      consumers: 'elsewhere',
    });
    expect(pathsOf(result)).not.toContainEqual([
      'delete',
      'consumers/checkout/invoices-s3.sops.yaml',
    ]);
  });
});

const hasKustomize = spawnSync('kubectl', ['kustomize', '--help']).status === 0;

(hasKustomize ? describe : describe.skip)('by real kustomize', () => {
  it('what is declared is what reaches the cluster', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'access-'));
    try {
      const merged = merge(company, await planSealed(changeOf('r-1'), company));
      const after = merge(merged, await planSealed(revoke, merged));
      const build = (files: Record<string, string>) => {
        rmSync(join(folder, 'clusters'), { recursive: true, force: true });
        for (const [path, content] of Object.entries(files)) {
          mkdirSync(dirname(join(folder, path)), { recursive: true });
          writeFileSync(join(folder, path), content);
        }
        return parseAllDocuments(
          execFileSync(
            'kubectl',
            ['kustomize', join(folder, 'clusters/atlas')],
            {
              encoding: 'utf8',
            },
          ),
        ).map(document => {
          const { kind, metadata } = document.toJS();
          return `${kind} ${metadata.namespace}/${metadata.name}`;
        });
      };
      expect(build(merged).sort()).toEqual([
        'ConfigMap storage/access.apps.invoices-writer',
        'ConfigMap storage/apps-access-invoices-writer-policy',
        'Secret checkout/invoices-s3',
        'Secret storage/apps-access-invoices-writer',
        'Tenant storage/apps',
      ]);
      expect(build(after).sort()).toEqual([
        'ConfigMap storage/access.apps.invoices-writer',
        'ConfigMap storage/apps-rustfs-portal-denied',
        'Secret storage/apps-access-invoices-writer',
        'Tenant storage/apps',
      ]);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
