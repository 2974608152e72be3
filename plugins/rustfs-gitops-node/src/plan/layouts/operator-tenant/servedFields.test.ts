import { BucketDeclared } from '@rustfs-portal/plugin-rustfs-common';
import { parse } from 'yaml';
import {
  merge,
  planSealed,
  refusalOf,
  snapshotOf,
} from '../../../__testUtils__/planSealed';
import { DeclarationTarget, StorageChange } from '../../../types';
import { operatorTenant } from './operatorTenant';

const target: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
  layout: 'operator-tenant',
  folder: 'clusters/atlas',
  baseBranch: 'main',
  build: {},
};

/** A newer CRD, which has a field for it. */
const newer: DeclarationTarget = {
  ...target,
  entryFields: { name: 'string', objectLock: 'boolean', versioning: 'boolean' },
};

const company = {
  'clusters/atlas/kustomization.yaml': 'resources:\n  - tenant.yaml\n',
  'clusters/atlas/tenant.yaml': `apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  buckets:
    - name: basket
`,
};

const bucket: BucketDeclared = {
  type: 'bucket',
  name: 'invoices',
  owner: 'group:default/checkout',
  entity: 'component:default/invoices',
  purpose: 'Invoices as PDF',
  dataClass: 'internal',
  versioning: true,
  objectLock: false,
};

function changeOf(
  requestId: string,
  wanted: BucketDeclared,
  edits: StorageChange['edits'] = 'new',
): StorageChange {
  return {
    requestId,
    createdAt: '2026-11-29T10:00:00.000Z',
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    words: { title: 'B', summary: 'B.', facts: [], notes: [], ready: 'There' },
    edits,
    declare: () => [wanted],
  };
}

const TENANT = 'clusters/atlas/tenant.yaml';
const RECORD = 'clusters/atlas/buckets/apps/invoices.yaml';

const entriesOf = (files: Record<string, string>) =>
  parse(files[TENANT]).spec.buckets;
const recordOf = (files: Record<string, string>) => parse(files[RECORD]).data;

describe('fields of an entry that the served CRD has', () => {
  it('are written into the entry, and the rest into the record', async () => {
    const merged = merge(
      company,
      await planSealed(changeOf('r-1', bucket), company, newer),
    );
    expect(entriesOf(merged)).toEqual([
      { name: 'basket' },
      { name: 'invoices', versioning: true },
    ]);
    expect(recordOf(merged)).not.toHaveProperty('versioning');
    expect(operatorTenant.read(snapshotOf(merged), newer).buckets).toEqual([
      { ...bucket, quota: undefined },
    ]);
    expect(
      (await planSealed(changeOf('r-1', bucket), merged, newer)).outcome,
    ).toBe('unchanged');
  });

  it('change in the entry, as a switch', async () => {
    const merged = merge(
      company,
      await planSealed(changeOf('r-1', bucket), company, newer),
    );
    const off = { ...bucket, versioning: false };
    const after = merge(
      merged,
      await planSealed(changeOf('r-2', off, 'existing'), merged, newer),
    );
    expect(after[TENANT]).toBe(
      merged[TENANT].replace('versioning: true', 'versioning: false'),
    );
    expect(after[RECORD]).toBe(merged[RECORD]);
    expect(
      refusalOf(await planSealed(changeOf('r-3', off), merged, newer)),
    ).toMatch(/^declared-otherwise: .* with other settings: versioning is on$/);
  });

  it('move nothing by themselves when the CRD is upgraded', async () => {
    const merged = merge(
      company,
      await planSealed(changeOf('r-1', bucket), company, target),
    );
    expect(entriesOf(merged)).toEqual([
      { name: 'basket' },
      { name: 'invoices' },
    ]);
    expect(recordOf(merged).versioning).toBe('enabled');
    const after = merge(
      merged,
      await planSealed(
        changeOf('r-2', { ...bucket, versioning: false }, 'existing'),
        merged,
        newer,
      ),
    );
    expect(entriesOf(after)).toEqual(entriesOf(merged));
    expect(recordOf(after).versioning).toBe('off');
  });

  it('are left alone where their type is another', async () => {
    const merged = merge(
      company,
      await planSealed(changeOf('r-1', bucket), company, {
        ...newer,
        entryFields: { versioning: 'string' },
      }),
    );
    expect(entriesOf(merged).at(-1)).toEqual({ name: 'invoices' });
    expect(recordOf(merged).versioning).toBe('enabled');
  });
});

describe('a list whose base lies in another folder', () => {
  const base: Record<string, string> = {
    'base/kustomization.yaml': 'resources:\n  - tenant.yaml\n',
    'base/tenant.yaml': company[TENANT],
    'clusters/atlas/kustomization.yaml': 'resources:\n  - ../../base\n',
  };
  const plan = (
    files: Record<string, string>,
    options: { whole?: boolean; where?: Partial<DeclarationTarget> } = {},
  ) => {
    const snapshot = { ...snapshotOf(files), whole: options.whole };
    return operatorTenant.plan({
      change: changeOf('r-1', bucket),
      snapshot,
      target: { ...target, ...options.where },
      otherWriters: [],
      writerFiles: {},
      addNote: () => {},
    });
  };

  it('is edited there when one overlay uses it, with the record beside it', () => {
    const planned = plan(base, { whole: true });
    expect(
      'files' in planned &&
        planned.files.map(({ operation, path }) => [operation, path]),
    ).toEqual([
      ['create', 'base/buckets/apps/invoices.yaml'],
      ['update', 'base/kustomization.yaml'],
      ['update', 'base/tenant.yaml'],
    ]);
  });

  it.each<[string, Parameters<typeof plan>, RegExp]>([
    [
      'another overlay uses it',
      [
        {
          ...base,
          'clusters/borealis/kustomization.yaml':
            'nameSuffix: -b\nresources: [../../base]\n',
        },
        { whole: true },
      ],
      /^base\/tenant\.yaml:1 declares Tenant atlas\/storage\/apps and is used by clusters\/atlas\/kustomization\.yaml and clusters\/borealis\/kustomization\.yaml, /,
    ],
    [
      'another overlay takes the manifest itself',
      [
        {
          ...base,
          'clusters/borealis/kustomization.yaml':
            'resources: [../../base/tenant.yaml]\n',
        },
        { whole: true },
      ],
      /and clusters\/borealis\/kustomization\.yaml, /,
    ],
    [
      'a Kustomization applies the base as it is',
      [
        base,
        {
          whole: true,
          where: {
            others: [
              {
                by: 'Kustomization flux-system/base',
                folder: './base',
                snapshot: snapshotOf(base),
              },
            ],
          },
        },
      ],
      /is used by clusters\/atlas\/kustomization\.yaml and Kustomization flux-system\/base, /,
    ],
    [
      'nobody has looked at the rest of the repository',
      [base],
      /it cannot be told who else uses it/,
    ],
  ])('is refused when %s', (_, args, words) => {
    expect(() => plan(...args)).toThrow(words);
  });

  it('asks for the whole repository where the base is not among the files', () => {
    const { 'clusters/atlas/kustomization.yaml': own } = base;
    expect(
      operatorTenant.examine(
        snapshotOf({ 'clusters/atlas/kustomization.yaml': own }),
        target,
      )[0],
    ).toMatchObject({ code: 'tenant-elsewhere', wider: true });
  });
});
