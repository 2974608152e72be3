import { SourceObstacle } from '@rustfs-portal/plugin-rustfs-common';
import { describeObstacle } from './describeObstacle';

const kustomization = {
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'storage',
};
const source = {
  kind: 'GitRepository',
  namespace: 'flux-system',
  name: 'atlas',
};

describe('describeObstacle', () => {
  it.each<[SourceObstacle, string[]]>([
    [{ code: 'tenant-missing' }, ['no Tenant of that name', 'operator']],
    [{ code: 'declared-twice' }, ['Two places', 'platform team']],
    [{ code: 'not-tracked' }, ['not declared in Git', 'Kustomization']],
    [
      {
        code: 'engine-unsupported',
        appliedBy: {
          kind: 'HelmRelease',
          namespace: 'flux-system',
          name: 'apps',
        },
      },
      ['HelmRelease flux-system/apps', 'Flux Kustomization'],
    ],
    [
      {
        code: 'engine-unsupported',
        appliedBy: { kind: 'Application', name: 'storage' },
      },
      ['Argo CD Application storage'],
    ],
    [
      {
        code: 'version-unsupported',
        object: kustomization,
        neededVersion: 'v1',
        servedVersions: ['v1beta2'],
      },
      [
        'labels name Kustomization flux-system/storage',
        'serves no v1',
        'v1beta2',
        'Flux 2.0 or newer is needed',
      ],
    ],
    [
      {
        code: 'version-unsupported',
        object: kustomization,
        neededVersion: 'v1',
        servedVersions: [],
      },
      ['Kustomization flux-system/storage', 'does not know that kind'],
    ],
    [
      { code: 'object-missing', object: kustomization },
      ['Kustomization flux-system/storage, which is not in the cluster'],
    ],
    [
      { code: 'object-unreadable', object: source },
      ['GitRepository flux-system/atlas, which cannot be read'],
    ],
    [
      {
        code: 'source-unsupported',
        appliedBy: kustomization,
        source: { ...source, kind: 'OCIRepository' },
      },
      [
        'Kustomization flux-system/storage',
        'OCIRepository flux-system/atlas',
        'GitRepository',
      ],
    ],
    [
      {
        code: 'reference-fixed',
        source,
        reference: { kind: 'tag', tag: 'v1.2.0' },
      },
      ['pinned to tag v1.2.0', 'follow a branch'],
    ],
    [
      {
        code: 'reference-fixed',
        source,
        reference: { kind: 'semver', range: '>=1.0.0' },
      },
      ['follows released versions (>=1.0.0)'],
    ],
    [
      {
        code: 'reference-fixed',
        source,
        reference: { kind: 'commit', commit: 'a'.repeat(40) },
      },
      [`pinned to commit ${'a'.repeat(40)}`],
    ],
    [
      {
        code: 'reference-fixed',
        source,
        reference: { kind: 'other', name: 'refs/pull/7/head' },
      },
      ['follows refs/pull/7/head'],
    ],
    [
      {
        code: 'folder-included',
        source,
        included: { ...source, name: 'shared' },
        folder: 'shared/storage',
      },
      ['shared/storage comes from GitRepository flux-system/shared'],
    ],
    [
      {
        code: 'folder-outside',
        appliedBy: kustomization,
        path: '../storage',
      },
      ['../storage of Kustomization flux-system/storage'],
    ],
    [
      { code: 'forge-unknown', repository: 'https://github.com/acme/atlas' },
      [
        'No forge is configured for https://github.com/acme/atlas',
        'rustfs.forges',
      ],
    ],
  ])('says what %j is about', (obstacle, parts) => {
    for (const part of parts) {
      expect(describeObstacle(obstacle)).toContain(part);
    }
  });
});
