import {
  AccessDeclared,
  BucketDeclared,
  Declaration,
} from '@rustfs-portal/plugin-rustfs-common';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { readRepository } from '../__testUtils__/readRepository';
import { refusalOf, snapshotOf } from '../__testUtils__/planSealed';
import { recognizeRepository } from '../recognize';
import { DeclarationTarget, StorageChange } from '../types';
import { plan } from './plan';

const FIXTURES = join(__dirname, '../recognize/__fixtures__');

const bucket = (name: string): BucketDeclared => ({
  type: 'bucket',
  name,
  owner: 'group:default/shop',
  entity: 'component:default/shop',
  purpose: '',
  dataClass: 'internal',
  versioning: false,
  objectLock: false,
});

const access: AccessDeclared = {
  type: 'access',
  name: 'shop-data-rw',
  owner: 'group:default/shop',
  entity: 'component:default/shop',
  purpose: '',
  scope: { type: 'buckets', buckets: ['shop-data'] },
  mode: 'read',
  accessKeyId: 'shop-app',
  consumer: { cluster: 'atlas', namespace: 'shop', secret: 's3', form: 'aws' },
  state: 'active',
  createdAt: '2026-11-29T10:00:00.000Z',
};

function changeOf(
  wanted: Declaration[],
  edits: StorageChange['edits'] = 'new',
): StorageChange {
  return {
    requestId: 'r-1',
    createdAt: '2026-11-29T10:00:00.000Z',
    entityRef: 'component:default/shop',
    owner: 'group:default/shop',
    requestedBy: 'user:default/ada',
    words: { title: 'B', summary: 'B.', facts: [], notes: [], ready: 'There' },
    edits,
    declare: () => wanted,
  };
}

/** The place that the portal finds in a repository: the setup folder beside what is installed there. */
function placeIn(texts: Record<string, string>): DeclarationTarget {
  const { installations, madeElsewhere, rendered } = recognizeRepository(texts);
  return {
    tenant: { cluster: 'atlas', namespace: 'storage', name: 'rustfs' },
    layout: 'setup-folder',
    folder: installations[0]?.setupFolder ?? 'apps/storage/rustfs/rustfs-setup',
    baseBranch: 'main',
    setup: { namespace: 'storage-rustfs-setup' },
    madeElsewhere,
    rendered,
  };
}

const IDS = readdirSync(FIXTURES).filter(id => id !== '18-already-there');

describe('a bucket for a server that somebody else has installed', () => {
  it.each(IDS)('is one file in the setup folder beside %s', id => {
    const texts = readRepository(join(FIXTURES, id));
    const place = placeIn(texts);
    const planned = plan(
      changeOf([bucket('shop-data')]),
      snapshotOf(texts),
      place,
    );
    expect(
      planned.outcome === 'change'
        ? planned.changeSet.files.map(({ operation, path }) => [
            operation,
            path,
          ])
        : refusalOf(planned),
    ).toEqual([['create', `${place.folder}/buckets/shop-data.yaml`]]);
  });

  it.each<[string, string, RegExp]>([
    [
      '18-already-there',
      'shop-data',
      /^made-elsewhere: Bucket shop-data is made by the list setup\.buckets of the CloudPirates chart .* too\. .*passwords.* \(apps\/rustfs\/values\.yaml, line 19\)/,
    ],
    [
      '11-minio-tenant',
      'thanos',
      /^made-elsewhere: .*apps\/minio\/tenant\.yaml, lines 25 to 26\), and ask again once that is applied$/,
    ],
    [
      '15-templated-setup-job',
      'backups',
      /^made-elsewhere: .*templates\/config\/apps\/storage\/rustfs\/setup\/job\.yaml\.j2, which is rendered to apps\/storage\/rustfs\/setup\/job\.yaml, line 21\)/,
    ],
  ])(
    'is refused in %s when it makes %s too, with the lines to take out',
    (id, name, words) => {
      const texts = readRepository(join(FIXTURES, id));
      expect(
        refusalOf(
          plan(changeOf([bucket(name)]), snapshotOf(texts), placeIn(texts)),
        ),
      ).toMatch(words);
    },
  );

  it('keeps an access away while a chart makes its user, and lets it be ended', () => {
    const texts = readRepository(join(FIXTURES, '18-already-there'));
    const place = placeIn(texts);
    expect(
      refusalOf(plan(changeOf([access]), snapshotOf(texts), place)),
    ).toMatch(
      /^made-elsewhere: The user shop-app is made by the list setup\.users .*lines 14 to 17\)/,
    );
    expect(
      refusalOf(
        plan(
          changeOf([{ ...access, state: 'revoked' }], 'existing'),
          snapshotOf(texts),
          place,
        ),
      ),
    ).toMatch(/^declared-otherwise: There is no access/);
  });
});

describe('a repository of several clusters', () => {
  const release = (namespace: string) => `apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: rustfs, namespace: ${namespace}}
spec:
  chart: {spec: {chart: rustfs, sourceRef: {kind: HelmRepository, name: x}}}
  values: {setup: {buckets: [{name: shop-data}]}}
`;
  const job = (namespace: string) =>
    `apiVersion: batch/v1\nkind: Job\nmetadata: {name: x, namespace: ${namespace}}\nspec: {args: [mc mb s/shop-data]}\n`;
  const server =
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: rustfs, namespace: storage}\nspec: {template: {spec: {containers: [{image: rustfs/rustfs}]}}}\n';

  const planned = (
    files: Record<string, string>,
    rest: Partial<DeclarationTarget> = {},
  ) =>
    plan(
      changeOf([bucket('shop-data')]),
      snapshotOf({ 'atlas/storage/server.yaml': server, ...files }),
      {
        ...placeIn(files),
        folder: 'atlas/setup',
        installed: { folder: 'atlas/storage', holdsServer: true },
        others: [
          { by: 'K', folder: 'atlas/apps', snapshot: snapshotOf(files) },
        ],
        ...rest,
      },
    );

  it.each<[string, Record<string, string>, Partial<DeclarationTarget>]>([
    [
      'the server itself',
      { 'atlas/storage/release.yaml': release('elsewhere') },
      {},
    ],
    [
      'another folder of its cluster',
      { 'atlas/apps/job.yaml': job('storage') },
      {},
    ],
    [
      'a base, where nothing in its folder installs it',
      { 'base/release.yaml': release('storage') },
      { installed: { folder: 'atlas/storage', holdsServer: false } },
    ],
    [
      'its namespace, where its folder is not known',
      { 'base/release.yaml': release('storage') },
      { installed: undefined },
    ],
  ])('keeps a bucket away that is made by %s', (_, files, rest) => {
    expect(refusalOf(planned(files, rest))).toMatch(/^made-elsewhere: /);
  });

  it.each<[string, Record<string, string>, Partial<DeclarationTarget>]>([
    ['another cluster', { 'borealis/release.yaml': release('storage') }, {}],
    ['another namespace', { 'atlas/apps/job.yaml': job('shop') }, {}],
    [
      'another namespace, where its folder is not known',
      { 'atlas/release.yaml': release('other') },
      { installed: undefined },
    ],
  ])('gives a bucket, and says so, that is made in %s', (_, files, rest) => {
    expect(planned(files, rest)).toMatchObject({
      outcome: 'change',
      changeSet: {
        body: expect.stringMatching(
          /Bucket shop-data is made by .* too .*, as it seems for another server/,
        ),
      },
      findings: [{ code: 'made-elsewhere' }],
    });
  });

  it('says what could not be looked at', () => {
    const texts = readRepository(join(FIXTURES, '14-setup-existing-secret'));
    expect(
      plan(changeOf([bucket('shop-data')]), snapshotOf(texts), {
        ...placeIn(texts),
        hidden: recognizeRepository(texts).hidden,
        unseen: 'The repository is too large',
      }),
    ).toMatchObject({
      findings: [
        {
          code: 'not-seen',
          message: expect.stringContaining('kept in Secret rustfs-setup'),
        },
        { code: 'not-seen', message: 'The repository is too large' },
      ],
    });
  });
});

describe('what is rendered from a template', () => {
  it('is searched for scripts, and the template is what has to be changed', () => {
    const files = {
      'templates/config/apps/storage/job.yaml.j2': '',
      'apps/storage/job.yaml':
        'kind: Job\napiVersion: batch/v1\nargs:\n- mc mb s/shop-data\n',
    };
    expect(
      plan(changeOf([bucket('shop-data')]), snapshotOf(files), placeIn(files)),
    ).toMatchObject({
      reasons: [
        {
          code: 'made-elsewhere',
          places: ['templates/config/apps/storage/job.yaml.j2'],
          message: expect.stringContaining(
            '(templates/config/apps/storage/job.yaml.j2, which is rendered to apps/storage/job.yaml, line 4)',
          ),
        },
      ],
    });
  });

  const tenant = `apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  buckets:
    - name: basket
`;
  const texts = {
    'templates/config/kubernetes/storage/tenant.yaml.j2': tenant,
    'templates/config/kubernetes/storage/kustomization.yaml.j2':
      'resources:\n  - tenant.yaml\n',
    'kubernetes/storage/tenant.yaml': tenant,
    'kubernetes/storage/kustomization.yaml': 'resources:\n  - tenant.yaml\n',
  };
  const operator: DeclarationTarget = {
    tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
    layout: 'operator-tenant',
    folder: 'kubernetes/storage',
    baseBranch: 'main',
    rendered: recognizeRepository(texts).rendered,
  };

  it('is never edited: the lines for the template are said', () => {
    expect(
      refusalOf(
        plan(changeOf([bucket('shop-data')]), snapshotOf(texts), operator),
      ),
    ).toBe(
      `rendered: kubernetes/storage/tenant.yaml is rendered from templates/config/kubernetes/storage/tenant.yaml.j2, and the next rendering would undo what is changed in it. Put this into templates/config/kubernetes/storage/tenant.yaml.j2, render, and ask again:
   buckets:
     - name: basket
+    - name: shop-data`,
    );
  });

  it('keeps a kustomization.yaml as it is, too', () => {
    const setup: DeclarationTarget = {
      ...operator,
      layout: 'setup-folder',
      setup: { namespace: 'storage' },
    };
    expect(
      refusalOf(
        plan(changeOf([bucket('shop-data')]), snapshotOf(texts), setup),
      ),
    ).toMatch(
      /^rendered: kubernetes\/storage\/kustomization\.yaml is rendered from .*\n\+ {2}- buckets\//s,
    );
  });
});
