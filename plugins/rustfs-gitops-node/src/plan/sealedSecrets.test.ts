import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceUnavailableError } from '@backstage/errors';
import {
  AccessDeclared,
  buildAccessPolicy,
  MODE_ACTIONS,
} from '@rustfs-portal/plugin-rustfs-common';
import { loadCertificate } from '@rustfs-portal/sandbox/testUtils';
import { parse } from 'yaml';
import {
  merge,
  planSealed,
  refusalOf,
  snapshotOf,
} from '../__testUtils__/planSealed';
import { SealedSecretsWriter, SopsWriter } from '../secrets';
import { DeclarationTarget, PlanResult, StorageChange } from '../types';
import { plan } from './plan';

const FOLDER = 'clusters/atlas';
const SOPS: Record<string, string> = {
  '.sops.yaml': `creation_rules:
  - encrypted_regex: ^(data|stringData)$
    age: age1wu2hwp5qvcpcghyj2260nthcx46yxcmxlyf7s389cprheerpyecqp9htv9
`,
};

const place: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
  layout: 'operator-tenant',
  folder: FOLDER,
  baseBranch: 'main',
  // Nothing decrypts.
  build: {},
};

/** Each way to declare an access, with the least that has to be there before. */
const PLACES: Array<[string, DeclarationTarget, Record<string, string>]> = [
  [
    'operator-tenant',
    place,
    {
      [`${FOLDER}/kustomization.yaml`]: 'resources:\n  - tenant.yaml\n',
      [`${FOLDER}/tenant.yaml`]: `apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata: {name: apps, namespace: storage}
spec:
  buckets:
    - name: invoices
`,
    },
  ],
  [
    'setup-folder',
    {
      ...place,
      layout: 'setup-folder',
      setup: { namespace: 'storage-apps-setup' },
    },
    {},
  ],
];

const scope = { type: 'buckets' as const, buckets: ['invoices'] };

const access: AccessDeclared = {
  type: 'access',
  name: 'writer',
  owner: 'group:default/checkout',
  entity: 'component:default/invoices',
  purpose: 'Invoices',
  scope,
  mode: 'read-write',
  policy: buildAccessPolicy(scope, MODE_ACTIONS['read-write']),
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
  change: Partial<StorageChange>,
): StorageChange {
  return {
    requestId,
    createdAt: '2026-11-29T10:00:00.000Z',
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    words: { title: 'A', summary: 'A.', facts: [], notes: [], ready: 'There' },
    edits: 'new',
    declare: () => [access],
    ...change,
  };
}

const create = changeOf('r-1', {});

const revoke = changeOf('r-2', {
  edits: 'existing',
  declare: ({ accesses }) =>
    accesses.map(before => ({ ...before, state: 'revoked' as const })),
});

const secretsOf = (result: PlanResult) =>
  result.outcome === 'change'
    ? result.changeSet.files
        .filter(({ path }) => /secrets\/|consumers\//.test(path))
        .map(({ operation, path }) => [
          operation,
          path.replace(`${FOLDER}/`, ''),
        ])
    : refusalOf(result);

describe.each(PLACES)('Sealed Secrets in %s', (_, target, files) => {
  const sops = new SopsWriter();
  let dir: string;
  let sealed: SealedSecretsWriter;

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'sealing-'));
    sealed = new SealedSecretsWriter({
      certificate: {
        pem: loadCertificate(dir).certificate,
        from: 'the certificate of it',
      },
    });
  });

  afterAll(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  it('are added, shown without what is sealed, and taken out again', async () => {
    const writer = sealed;
    const added = await planSealed(create, files, target, { writer });
    expect(secretsOf(added)).toEqual([
      ['create', 'consumers/checkout/invoices-s3.sealedsecret.yaml'],
      ['create', 'secrets/apps-access-writer.sealedsecret.yaml'],
    ]);
    if (added.outcome !== 'change') {
      throw new Error(refusalOf(added));
    }
    expect(added.changeSet.body).toContain(
      'encrypted at once for the sealed-secrets controller of the cluster',
    );
    const diffs = added.changeSet.files.map(({ diff }) => diff).join('\n');
    expect(diffs).toContain('secretkey: <redacted>');
    expect(diffs).not.toMatch(/[A-Za-z0-9+/]{60}/);

    const merged = merge(files, added);
    const path = `${FOLDER}/secrets/apps-access-writer.sealedsecret.yaml`;
    const before = parse(merged[path]);
    expect(before.spec.template.metadata).toEqual(before.metadata);
    const taken = await planSealed(revoke, merged, target, { writer });
    expect(secretsOf(taken)).toEqual([
      ['delete', 'consumers/checkout/invoices-s3.sealedsecret.yaml'],
      ['update', 'secrets/apps-access-writer.sealedsecret.yaml'],
    ]);
    const after = parse(merge(merged, taken)[path]);
    expect(after.metadata).toEqual(before.metadata);
    expect(after.spec.encryptedData).not.toEqual(before.spec.encryptedData);
  });

  it('are rewritten as what they are, whatever the place has come to use', async () => {
    const decrypting = { ...target, build: { decrypts: true } };
    const repository = { ...files, ...SOPS };
    for (const [first, now, extension] of [
      [sealed, sops, 'sealedsecret'],
      [sops, sealed, 'sops'],
    ] as const) {
      const merged = merge(
        repository,
        await planSealed(create, repository, decrypting, { writer: first }),
      );
      expect(
        secretsOf(
          await planSealed(revoke, merged, decrypting, {
            writer: now,
            otherWriters: [first],
          }),
        ),
      ).toEqual([
        ['delete', `consumers/checkout/invoices-s3.${extension}.yaml`],
        ['update', `secrets/apps-access-writer.${extension}.yaml`],
      ]);
      expect(
        refusalOf(
          plan(revoke, snapshotOf(merged), decrypting, { writer: now }),
        ),
      ).toMatch(/^secret: .* holds a (SealedS|S)ecret, and nothing writes one/);
    }
  });

  it('are asked for anew when the certificate is another, and not while it is the same', async () => {
    const asked = plan(create, snapshotOf(files), target, { writer: sealed });
    if (asked.outcome !== 'secrets') {
      throw new Error(refusalOf(asked));
    }
    const kept = asked.needs.map(({ plan: { recipients }, slot }) => ({
      id: slot.id,
      writer: sealed.id,
      path: slot.path,
      recipients,
      content: sealed.preview(slot),
    }));
    const again = (writer: SealedSecretsWriter) =>
      plan({ ...create, sealed: kept }, snapshotOf(files), target, { writer })
        .outcome;
    expect(again(sealed)).toBe('change');
    const { certificate: pem } = loadCertificate(mkdtempSync(join(dir, 'x-')));
    const renewed = new SealedSecretsWriter({
      certificate: { pem, from: 'the certificate of it' },
    });
    expect(again(renewed)).toBe('secrets');
    const none = new SealedSecretsWriter({
      certificate: { missing: 'No controller answers' },
    });
    const refused = plan(create, snapshotOf(files), target, { writer: none });
    expect(refusalOf(refused)).toBe('secret: No controller answers');
    // It is mended elsewhere, and the same request goes on then; one that is sealed goes on now.
    expect(refused).toMatchObject({ reasons: [{ waits: true }] });
    expect(again(none)).toBe('change');
    // Once its key is merged there is no other.
    const merged = plan(
      { ...create, sealed: kept, hasMergedKey: true },
      snapshotOf(files),
      target,
      { writer: renewed },
    );
    if (merged.outcome !== 'change') {
      throw new Error(refusalOf(merged));
    }
    expect(merged.changeSet.body).toMatch(
      /with a certificate that is not its present one: sha256 [0-9A-F:]{95}/,
    );
  });

  it('end also while nothing can be sealed that somebody could read', async () => {
    const merged = merge(
      files,
      await planSealed(create, files, target, { writer: sealed }),
    );
    const pem = loadCertificate(dir).certificate;
    const expired = new SealedSecretsWriter({
      certificate: { pem, from: 'the certificate of it' },
      now: () => new Date(Date.now() + 11 * 365 * 86_400_000),
    });
    expect(
      secretsOf(await planSealed(revoke, merged, target, { writer: expired })),
    ).toEqual([
      ['delete', 'consumers/checkout/invoices-s3.sealedsecret.yaml'],
      ['update', 'secrets/apps-access-writer.sealedsecret.yaml'],
    ]);
    const none = new SealedSecretsWriter({
      certificate: { missing: 'No controller answers' },
    });
    const away = Object.assign(
      new SealedSecretsWriter({ certificate: { missing: '' } }),
      {
        fits: () => {
          throw new ServiceUnavailableError('The cluster is away');
        },
      },
    );
    const end = (writer: SealedSecretsWriter) => {
      try {
        const ended = plan(revoke, snapshotOf(merged), target, { writer });
        return ended.outcome === 'change'
          ? {
              secrets: secretsOf(ended),
              said: /in its place now \((.*?)\)/.exec(
                ended.changeSet.body,
              )?.[1],
              isEnded: ended.changeSet.files.some(({ after }) =>
                after?.includes('state: revoked'),
              ),
            }
          : ended;
      } catch (error) {
        return error;
      }
    };
    // The setup program disables the user by the record alone; an operator reads the Secret.
    const byRecord = (said: string) => ({
      secrets: [['delete', 'consumers/checkout/invoices-s3.sealedsecret.yaml']],
      said,
      isEnded: true,
    });
    const isSetup = target.layout === 'setup-folder';
    expect(end(none)).toMatchObject(
      isSetup
        ? byRecord('No controller answers')
        : { reasons: [{ message: 'No controller answers', waits: true }] },
    );
    expect(end(away)).toMatchObject(
      isSetup
        ? byRecord('The cluster is away')
        : { name: 'ServiceUnavailableError' },
    );
  });

  it.each([
    ['secrets', 'namePrefix: x-', 'x-apps-access-writer'],
    ['secrets', 'namespace: elsewhere', 'elsewhere/apps-access-writer'],
    ['consumers/checkout', 'nameSuffix: -x', 'checkout/invoices-s3-x'],
  ])(
    'are not for a folder that moves them: %s with %s',
    async (folder, line, called) => {
      // Only there: the rest of the place is as it should be.
      const moving = {
        ...files,
        [`${FOLDER}/${folder}/kustomization.yaml`]: `${line}\nresources: []\n`,
        ...(target.layout === 'operator-tenant' && {
          [`${FOLDER}/kustomization.yaml`]: `resources:\n  - tenant.yaml\n  - ${folder}\n`,
        }),
      };
      expect(
        refusalOf(await planSealed(create, moving, target, { writer: sealed })),
      ).toMatch(
        new RegExp(
          // In a setup folder the keys of all accesses are looked at before.
          `^unsupported: .*(would be called .*${called} |would be renamed .* to x-|/secrets/kustomization.yaml:1 has namespace elsewhere)`,
        ),
      );
    },
  );
});
