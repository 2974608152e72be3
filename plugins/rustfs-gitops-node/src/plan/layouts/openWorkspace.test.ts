import { Declaration, Declared } from '@rustfs-portal/plugin-rustfs-common';
import { toSnapshot } from '../../__testUtils__/readRepository';
import { toBucketChange } from '../../__testUtils__/bucketChange';
import { DeclarationTarget, FileChange } from '../../types';
import { plan } from '../plan';
import { Layout } from './Layout';
import { Layouts } from './Layouts';
import { openWorkspace } from './openWorkspace';
import { compareWithApplied } from './shared/compareWithApplied';

const API = 'things.acme.org/v1';

/** As somebody else would write one: a bucket is an object in a file of its own. */
const things: Layout = {
  id: 'things',
  read: (): Declared => ({ buckets: [], accesses: [] }),
  express: declaration =>
    declaration.type === 'bucket' && declaration.quota === undefined
      ? true
      : {
          because: 'A Thing has no quota',
          instead: 'leave it out',
          field: 'quota',
        },
  notes: () => ['Things are made by the thing operator.'],
  limits: () => ({}),
  examine: () => [],
  plan({ change, snapshot, target }) {
    const open = (files: typeof snapshot) =>
      openWorkspace(files, target, text => text.includes(API));
    const workspace = open(snapshot);
    compareWithApplied(target, {
      what: 'buckets',
      read: files => ({ place: 'things', names: open(files).objects }),
    });
    for (const declaration of change.declare({ buckets: [], accesses: [] })) {
      if (
        declaration.type === 'bucket' &&
        !workspace.objects.some(({ fits }) => fits(declaration.name))
      ) {
        const { name } = declaration;
        workspace.add({
          path: `${workspace.folder}/things/${name}.yaml`,
          content: manifest(name),
          what: 'Thing of this bucket',
          kind: 'Thing',
          name,
          namespace: 'storage',
          field: 'bucket',
        });
      }
    }
    return { files: workspace.toFiles() };
  },
};

function manifest(name: string): string {
  return `apiVersion: ${API}\nkind: Thing\nmetadata:\n  name: ${name}\n  namespace: storage\n`;
}

const target: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'objects' },
  layout: 'things',
  folder: './clusters/atlas',
  baseBranch: 'main',
  build: {},
};

const ACCESS: Declaration = {
  type: 'access',
  name: 'invoices',
  owner: 'group:default/checkout',
  entity: 'component:default/invoices',
  purpose: 'Invoices',
  mode: 'read',
  scope: { type: 'buckets', buckets: ['invoices'] },
  accessKeyId: 'access-invoices',
  consumer: {
    cluster: 'atlas',
    namespace: 'checkout',
    secret: 'invoices-s3',
    form: 'env',
  },
  state: 'active',
  createdAt: '2026-11-01T00:00:00.000Z',
};

const snapshotOf = (files: Record<string, string>) => toSnapshot(files, '');

function planThing(
  files: Record<string, string>,
  more: Partial<DeclarationTarget> = {},
  options: { quota?: string; layouts?: Layouts; type?: string } = {},
) {
  const { layouts = new Layouts([things]), quota, type } = options;
  const change = toBucketChange({
    requestId: '7d1c',
    createdAt: '2026-11-01T00:00:00.000Z',
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    bucket: 'invoices',
    purpose: 'Invoices',
    dataClass: 'internal',
    versioning: false,
    objectLock: false,
    quota,
  });
  return plan(
    {
      ...change,
      ...(type === 'access' && { declare: () => [ACCESS] }),
      ...(type === 'vanished' && {
        edits: 'existing' as const,
        declare: () => [],
      }),
    },
    snapshotOf(files),
    { ...target, ...more },
    { layouts },
  );
}

const KUSTOMIZATION = 'clusters/atlas/kustomization.yaml';

describe('a layout from elsewhere', () => {
  it('adds a file, lists it where a kustomization decides, and tells who makes it', () => {
    const result = planThing({
      [KUSTOMIZATION]: 'resources:\n  - namespace.yaml\n',
      'clusters/atlas/namespace.yaml':
        'apiVersion: v1\nkind: Namespace\nmetadata:\n  name: storage\n',
    });
    expect(result).toMatchObject({
      outcome: 'change',
      changeSet: {
        body: expect.stringContaining(
          '- Things are made by the thing operator.',
        ),
        files: [
          {
            path: KUSTOMIZATION,
            after: 'resources:\n  - namespace.yaml\n  - things/invoices.yaml\n',
          },
          { path: 'clusters/atlas/things/invoices.yaml', operation: 'create' },
        ],
      },
    });
  });

  it('finds what is declared already, under the name that the cluster has', () => {
    const declared = (name: string, more?: Partial<DeclarationTarget>) =>
      planThing({ 'clusters/atlas/a.yaml': manifest(name) }, more);
    expect(declared('invoices')).toMatchObject({ outcome: 'unchanged' });
    expect(
      declared('${team}', {
        build: { postBuild: { substitute: { team: 'invoices' } } },
      }),
    ).toMatchObject({ outcome: 'unchanged' });
    expect(declared('voices', { build: { namePrefix: 'in' } })).toMatchObject({
      outcome: 'unchanged',
    });
  });

  it('is not planned with what it cannot express', () => {
    expect(planThing({}, {}, { quota: '1Gi' })).toMatchObject({
      outcome: 'refused',
      reasons: [
        {
          code: 'unsupported',
          field: 'quota',
          message: 'A Thing has no quota: leave it out',
        },
      ],
    });
  });

  it.each<[string, Record<string, string>, Partial<DeclarationTarget>, RegExp]>(
    [
      [
        'would be called otherwise in the cluster',
        {},
        { build: { namePrefix: 'dev-' } },
        /would be called storage\/dev-invoices/,
      ],
      [
        'would be applied by somebody else as well',
        {},
        {
          others: [
            {
              by: 'Kustomization flux-system/all',
              folder: 'clusters',
              build: {},
              snapshot: { ...snapshotOf({}), whole: true },
            },
          ],
        },
        /Kustomization flux-system\/all applies clusters\/atlas\/things too/,
      ],
      [
        'would lie where the source leaves files out',
        { '.sourceignore': 'things/\n' },
        {},
        /left out by \.sourceignore/,
      ],
      [
        'is rendered from a template',
        {},
        {
          rendered: {
            'clusters/atlas/things/invoices.yaml': 'templates/x.j2',
          },
        },
        /is rendered from templates\/x\.j2/,
      ],
      [
        'is not what the cluster has',
        {},
        {
          applied: {
            live: { buckets: ['loki'] },
            snapshots: [snapshotOf({})],
          },
        },
        /other buckets in the cluster than things declares.*In the cluster: loki/,
      ],
    ],
  )('is refused where its file %s', (_, files, more, words) => {
    const result = planThing(files, more);
    expect(
      result.outcome === 'refused' ? result.reasons[0].message : result.outcome,
    ).toMatch(words);
  });

  it('is not asked to change what Git does not declare any more', () => {
    expect(planThing({}, {}, { type: 'vanished' })).toMatchObject({
      outcome: 'refused',
      reasons: [
        {
          code: 'declared-otherwise',
          message:
            'Git does not declare it any more, so there is nothing to change (Add bucket invoices to atlas/storage/apps)',
        },
      ],
    });
  });

  it('is refused what stands in the way there, by what that blocks', () => {
    const blockedBy = (blocks: 'everything' | 'accesses', type = 'bucket') =>
      planThing(
        {},
        {},
        {
          type,
          layouts: new Layouts([
            {
              ...things,
              express: () => true,
              examine: () => [
                {
                  code: 'unsupported',
                  message: 'The thing operator is at rest',
                  places: ['operator.yaml:1'],
                  blocks,
                },
              ],
            },
          ]),
        },
      );
    const refused = {
      outcome: 'refused',
      reasons: [
        {
          code: 'unsupported',
          message: 'The thing operator is at rest',
          places: ['operator.yaml:1'],
        },
      ],
    };
    expect(blockedBy('everything')).toMatchObject(refused);
    expect(blockedBy('accesses', 'access')).toMatchObject(refused);
    expect(blockedBy('accesses')).toMatchObject({ outcome: 'change' });
  });

  describe('that answers what nobody may propose', () => {
    const answering = (
      files: FileChange[],
      more: Partial<DeclarationTarget> = {},
      asks = true,
    ) =>
      planThing({}, more, {
        layouts: new Layouts([
          {
            ...things,
            plan({ change }) {
              if (asks) {
                change.declare({ buckets: [], accesses: [] });
              }
              return { files };
            },
          },
        ]),
      });
    const file = (path: string): FileChange => ({
      path,
      operation: 'create',
      after: 'a: b\n',
      diff: '+a: b',
    });

    it('is stopped where it has not asked what is wanted', () => {
      expect(() =>
        answering([file('things/invoices.yaml')], {}, false),
      ).toThrow(
        'Layout things has planned without asking change.declare what is wanted',
      );
      expect(() => answering([], {}, false)).toThrow(/without asking/);
    });

    it.each([
      ['/etc/passwd', 'is no path from the root of the repository'],
      ['../other/a.yaml', 'is no path from the root of the repository'],
      ['things/../../a.yaml', 'is no path from the root of the repository'],
      ['./a.yaml', 'is no path from the root of the repository'],
      ['things\\a.yaml', 'is no path from the root of the repository'],
      ['', 'is no path from the root of the repository'],
      ['.git/hooks/post-checkout', 'belongs to Git or to the forge'],
      ['things/.git/config', 'belongs to Git or to the forge'],
      ['.gitea/workflows/a.yaml', 'belongs to Git or to the forge'],
      ['.GitHub/workflows/a.yaml', 'belongs to Git or to the forge'],
      ['.forgejo/workflows/a.yaml', 'belongs to Git or to the forge'],
      ['.gitlab/agents/a/config.yaml', 'belongs to Git or to the forge'],
      ['.gitlab-ci.yml', 'belongs to Git or to the forge'],
      ['.gitmodules', 'belongs to Git or to the forge'],
      ['things/rendered.yaml', 'is rendered from templates/x.j2'],
    ])('is stopped where it would change %j', (path, why) => {
      expect(() =>
        answering([file('things/a.yaml'), file(path)], {
          rendered: { 'things/rendered.yaml': 'templates/x.j2' },
        }),
      ).toThrow(
        `Layout things would change ${JSON.stringify(path)}, which ${why}`,
      );
    });

    it('may change files whose names only look like those', () => {
      expect(
        answering([file('things/.github/..a.yaml'), file('.gitops/a.yaml')]),
      ).toMatchObject({ outcome: 'change' });
    });
  });

  it('has an id of its own, and one that is known', () => {
    expect(() => new Layouts([things, things])).toThrow(
      'There are two layouts with the id things',
    );
    expect(() => new Layouts([{ ...things, id: 'setup-folder' }])).toThrow(
      'There are two layouts with the id setup-folder',
    );
    expect(() => planThing({}, {}, { layouts: new Layouts() })).toThrow(
      'There is no layout with the id things; there are blueprint',
    );
  });
});
