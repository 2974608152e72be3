import { fluxObjectsOf } from './FluxObjects';
import { fluxEngines } from '../../__testUtils__/facts';
import { commitOf } from '../commitOf';
import { locateObject } from './locate';
import { GitRepositoryObject, KustomizationObject } from './objects';
import { FluxReading } from './readFlux';

const APPLIED = 'a'.repeat(40);
const KUSTOMIZATION = {
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'storage',
};
const SOURCE = {
  kind: 'GitRepository',
  namespace: 'flux-system',
  name: 'gitops',
};

function locate(
  options: {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    gitRepository?: Partial<GitRepositoryObject['spec']>;
    kustomization?: Partial<KustomizationObject['spec']>;
    flux?: Partial<FluxReading>;
  } = {},
) {
  const kustomization: KustomizationObject = {
    metadata: { name: 'storage', namespace: 'flux-system' },
    spec: {
      path: './clusters/atlas/storage',
      sourceRef: { kind: 'GitRepository', name: 'gitops' },
      ...options.kustomization,
    },
    status: { lastAppliedRevision: `main@sha1:${APPLIED}`, conditions: [] },
  };
  const gitRepository: GitRepositoryObject = {
    metadata: { name: 'gitops', namespace: 'flux-system' },
    spec: {
      url: 'https://git.acme.org/acme/atlas.git',
      ref: { branch: 'main' },
      ...options.gitRepository,
    },
  };
  return locateObject(
    {
      labels: options.labels ?? {
        'kustomize.toolkit.fluxcd.io/name': 'storage',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
      annotations: options.annotations,
    },
    {
      kustomizations: { items: [kustomization], unreadable: [] },
      gitRepositories: { items: [gitRepository], unreadable: [] },
      ...options.flux,
    },
  );
}

describe('locateObject', () => {
  it('tells who else applies files of that branch, through whatever GitRepository', () => {
    const source = (name: string, url: string, branch = 'main') => ({
      metadata: { name, namespace: 'flux-system' },
      spec: { url, ref: { branch } },
    });
    const applies = (name: string, path: string) => ({
      metadata: { name: `by-${name}`, namespace: 'flux-system' },
      spec: { path, sourceRef: { kind: 'GitRepository', name } },
    });
    const { place } = locate({
      flux: {
        kustomizations: {
          items: [
            {
              metadata: { name: 'storage', namespace: 'flux-system' },
              spec: {
                path: './storage',
                sourceRef: { kind: 'GitRepository', name: 'gitops' },
              },
            },
            applies('gitops', './one'),
            applies('ssh', './two'),
            applies('branch', './three'),
            applies('other', './four'),
          ],
          unreadable: [],
        },
        gitRepositories: {
          items: [
            source('gitops', 'https://git.acme.org/acme/atlas.git'),
            source('ssh', 'ssh://git@git.acme.org:2222/acme/atlas'),
            source('branch', 'https://git.acme.org/acme/atlas.git', 'next'),
            source('other', 'https://git.acme.org/acme/other.git'),
          ],
          unreadable: [],
        },
      },
    });
    expect(place?.others?.map(({ folder }) => folder)).toEqual(['one', 'two']);
  });

  it('leads to repository, branch and folder', () => {
    const { place, obstacle } = locate();
    expect(fluxObjectsOf(place)).toMatchObject({
      kustomization: { metadata: { name: 'storage' } },
      gitRepository: { metadata: { name: 'gitops' } },
    });
    expect(place?.link).toEqual({
      object: KUSTOMIZATION,
      repository: 'https://git.acme.org/acme/atlas.git',
      branch: 'main',
      folder: 'clusters/atlas/storage',
      revision: APPLIED,
      build: expect.objectContaining({ decrypts: false }),
    });
    expect(obstacle).toBeUndefined();
  });

  it.each<[GitRepositoryObject['spec']['ref'], string]>([
    [{ branch: 'main' }, 'main'],
    [{ name: 'refs/heads/main' }, 'main'],
    [{ name: 'refs/heads/release/1.x' }, 'release/1.x'],
    [
      {
        name: 'refs/heads/main',
        branch: 'other',
        tag: 'v1',
        semver: '>=1.0.0',
      },
      'main',
    ],
    [{ branch: 'main', tag: '', semver: '', name: '', commit: '' }, 'main'],
    // The defaults of Flux.
    [undefined, 'master'],
    [{}, 'master'],
    [{ branch: '' }, 'master'],
  ])('merges what follows %j into branch %s', (ref, branch) => {
    expect(locate({ gitRepository: { ref } }).place?.link).toMatchObject({
      branch,
    });
  });

  it.each<[GitRepositoryObject['spec']['ref'], object]>([
    [{ name: 'refs/tags/v1' }, { kind: 'tag', tag: 'v1' }],
    [{ tag: 'v1.2.0' }, { kind: 'tag', tag: 'v1.2.0' }],
    [
      { branch: 'main', tag: 'v1' },
      { kind: 'tag', tag: 'v1' },
    ],
    [{ semver: '>=1.0.0' }, { kind: 'semver', range: '>=1.0.0' }],
    [
      { tag: 'v1', semver: '1.x' },
      { kind: 'semver', range: '1.x' },
    ],
    [
      { semver: '1.x', name: 'refs/tags/v2', branch: 'main' },
      { kind: 'tag', tag: 'v2' },
    ],
    [
      { commit: APPLIED, name: 'refs/heads/main', branch: 'main' },
      { kind: 'commit', commit: APPLIED },
    ],
    [{ name: 'refs/pull/7/head' }, { kind: 'other', name: 'refs/pull/7/head' }],
    [
      { name: 'refs/merge-requests/7/head', branch: 'main' },
      { kind: 'other', name: 'refs/merge-requests/7/head' },
    ],
    [{ name: 'refs/heads/' }, { kind: 'other', name: 'refs/heads/' }],
  ])('has nothing to merge into where Flux follows %j', (ref, reference) => {
    const { place, obstacle } = locate({ gitRepository: { ref } });
    expect(place?.link).toBeUndefined();
    expect(obstacle).toEqual({
      code: 'reference-fixed',
      source: SOURCE,
      reference,
    });
  });

  it.each([
    ['./clusters//atlas/./storage', 'clusters/atlas/storage'],
    ['/clusters/atlas/storage/', 'clusters/atlas/storage'],
    ['././clusters/.hidden/', 'clusters/.hidden'],
    ['clusters/atlas..storage', 'clusters/atlas..storage'],
    ['./', ''],
    ['.', ''],
    ['', ''],
    [undefined, ''],
  ])('takes the path %s for the folder %j', (path, folder) => {
    expect(locate({ kustomization: { path } }).place?.link).toMatchObject({
      folder,
    });
  });

  it.each(['../storage', 'clusters/../../storage', 'clusters/..'])(
    'takes no path that may leave the repository: %s',
    path => {
      expect(locate({ kustomization: { path } })).toMatchObject({
        obstacle: { code: 'folder-outside', appliedBy: KUSTOMIZATION, path },
      });
    },
  );

  it.each(['OCIRepository', 'Bucket', 'ExternalArtifact'])(
    'names a source of kind %s',
    kind => {
      expect(
        locate({ kustomization: { sourceRef: { kind, name: 'storage' } } }),
      ).toMatchObject({
        obstacle: {
          code: 'source-unsupported',
          appliedBy: KUSTOMIZATION,
          source: { kind, namespace: 'flux-system', name: 'storage' },
        },
      });
    },
  );

  it.each<[object, object, object | undefined]>([
    [
      {
        'helm.toolkit.fluxcd.io/name': 'apps',
        'helm.toolkit.fluxcd.io/namespace': 'flux-system',
      },
      {},
      { kind: 'HelmRelease', namespace: 'flux-system', name: 'apps' },
    ],
    [
      { 'app.kubernetes.io/managed-by': 'Helm' },
      {
        'meta.helm.sh/release-name': 'apps',
        'meta.helm.sh/release-namespace': 'storage',
      },
      { kind: 'Helm release', namespace: 'storage', name: 'apps' },
    ],
    [{}, {}, undefined],
    // Half of what Flux writes.
    [{ 'kustomize.toolkit.fluxcd.io/name': 'storage' }, {}, undefined],
  ])(
    'names what applies a Tenant with %j %j',
    async (labels, annotations, object) => {
      await expect(
        fluxEngines([], []).locate({
          labels: labels as Record<string, string>,
          annotations: annotations as Record<string, string>,
        }),
      ).resolves.toEqual({
        obstacle: object
          ? { code: 'engine-unsupported', appliedBy: object }
          : { code: 'not-tracked' },
      });
    },
  );

  it('names a Kustomization that is not in the cluster', () => {
    expect(
      locate({
        labels: {
          'kustomize.toolkit.fluxcd.io/name': 'elsewhere',
          'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
        },
      }).obstacle,
    ).toEqual({
      code: 'object-missing',
      object: { ...KUSTOMIZATION, name: 'elsewhere' },
    });
  });

  it.each<[string, FluxReading['gitRepositories'], object | undefined]>([
    [
      'is not in the cluster',
      { items: [], unreadable: [] },
      { code: 'object-missing', object: SOURCE },
    ],
    [
      'cannot be read',
      {
        items: [],
        unreadable: [{ name: 'gitops', namespace: 'flux-system' }],
      },
      { code: 'object-unreadable', object: SOURCE },
    ],
    [
      'is served in another version',
      { servedVersions: ['v1beta2'] },
      {
        code: 'version-unsupported',
        object: SOURCE,
        neededVersion: 'v1',
        servedVersions: ['v1beta2'],
      },
    ],
    ['may not be seen, which a problem says', undefined, undefined],
  ])('tells when the GitRepository %s', (_, gitRepositories, obstacle) => {
    const found = locate({ flux: { gitRepositories } });
    expect(found.place?.link).toBeUndefined();
    expect(found.obstacle).toEqual(obstacle);
  });

  it('takes no GitRepository of the same name in another namespace', () => {
    expect(
      locate({
        kustomization: {
          sourceRef: {
            kind: 'GitRepository',
            name: 'gitops',
            namespace: 'team',
          },
        },
      }).obstacle,
    ).toEqual({
      code: 'object-missing',
      object: { ...SOURCE, namespace: 'team' },
    });
  });

  it.each([
    ['./shared', './shared/storage', 'shared/storage'],
    ['./shared//', 'shared', 'shared'],
    [undefined, './shared/storage', 'shared/storage'],
    ['.', './storage', 'storage'],
  ])(
    'names the repository that %s is included from',
    (toPath, path, folder) => {
      expect(
        locate({
          gitRepository: {
            include: [{ repository: { name: 'shared' }, toPath }],
          },
          kustomization: { path },
        }).obstacle,
      ).toEqual({
        code: 'folder-included',
        source: SOURCE,
        included: { ...SOURCE, name: 'shared' },
        folder,
      });
    },
  );

  it('does not mind what is included beside the folder', () => {
    expect(
      locate({
        gitRepository: {
          include: [
            { repository: { name: 'shared' }, toPath: 'clusters/atlas/stor' },
          ],
        },
      }).place?.link,
    ).toMatchObject({ folder: 'clusters/atlas/storage' });
  });
});

describe('commitOf', () => {
  it.each([
    [`main@sha1:${APPLIED}`, APPLIED],
    [`refs/heads/main@sha1:${APPLIED}`, APPLIED],
    [`sha1:${APPLIED}`, APPLIED],
    [`main/${APPLIED}`, APPLIED],
    [`main@sha256:${'b'.repeat(64)}`, 'b'.repeat(64)],
    [`main@sha1:${'b'.repeat(50)}`, undefined],
    ['main', undefined],
    [undefined, undefined],
  ])('of %s is %s', (revision, commit) => {
    expect(commitOf(revision)).toBe(commit);
  });
});
