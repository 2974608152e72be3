import { renderInTestApp } from '@backstage/frontend-test-utils';
import { SourceObstacle } from '@rustfs-portal/plugin-rustfs-common';
import { screen } from '@testing-library/react';
import { TenantObstacle } from './TenantObstacle';

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

describe('TenantObstacle', () => {
  it.each<[SourceObstacle, string]>([
    [{ code: 'tenant-missing' }, 'no Tenant of that name'],
    [
      { code: 'setup-missing', namespace: 'storage-setup' },
      'no setup folder in namespace storage-setup',
    ],
    [{ code: 'declared-twice' }, 'Two places declare its storage'],
    [{ code: 'not-tracked' }, 'no marks of a Flux Kustomization'],
    [
      {
        code: 'destination-elsewhere',
        object: { kind: 'Application', name: 'storage' },
        destination: 'prod-eu',
      },
      'applies into prod-eu',
    ],
    [
      {
        code: 'render-unsupported',
        appliedBy: { kind: 'Application', name: 'storage' },
        render: 'Helm chart',
      },
      'makes it of a Helm chart',
    ],
    [
      {
        code: 'source-unclear',
        appliedBy: { kind: 'Application', name: 'storage' },
      },
      'has several folders',
    ],
    [
      {
        code: 'engine-unsupported',
        appliedBy: { kind: 'HelmRelease', namespace: 'flux', name: 'apps' },
      },
      'HelmRelease flux/apps',
    ],
    [
      {
        code: 'engine-unsupported',
        appliedBy: { kind: 'Application', name: 'storage' },
      },
      'Argo CD Application storage',
    ],
    [
      {
        code: 'version-unsupported',
        object: kustomization,
        neededVersion: 'v1',
        servedVersions: ['v1beta2'],
      },
      'as v1beta2 only, not as v1',
    ],
    [
      {
        code: 'version-unsupported',
        object: kustomization,
        neededVersion: 'v1',
        servedVersions: [],
      },
      'does not know that kind',
    ],
    [
      { code: 'object-missing', object: kustomization },
      'Kustomization flux-system/storage, which is not in the cluster',
    ],
    [{ code: 'object-unreadable', object: source }, 'which cannot be read'],
    [
      {
        code: 'source-unsupported',
        appliedBy: kustomization,
        source: { ...source, kind: 'OCIRepository' },
      },
      'OCIRepository flux-system/atlas',
    ],
    [
      {
        code: 'reference-fixed',
        source,
        reference: { kind: 'tag', tag: 'v1.2.0' },
      },
      'GitRepository flux-system/atlas is pinned to tag v1.2.0',
    ],
    [
      {
        code: 'reference-fixed',
        source,
        reference: { kind: 'semver', range: '>=1.0.0 <2.0.0' },
      },
      'follows released versions (>=1.0.0 <2.0.0)',
    ],
    [
      {
        code: 'folder-included',
        source,
        included: { ...source, name: 'shared' },
        folder: 'shared/storage',
      },
      'shared/storage comes from GitRepository flux-system/shared',
    ],
    [
      {
        code: 'folder-outside',
        appliedBy: kustomization,
        path: '../storage',
      },
      'The path ../storage',
    ],
    [
      { code: 'forge-unknown', repository: 'https://github.com/acme/atlas' },
      'No forge is configured for https://github.com/acme/atlas',
    ],
  ])('says what stands in the way: %j', async (obstacle, words) => {
    renderInTestApp(<TenantObstacle obstacle={obstacle} />);
    expect(
      await screen.findByText('No buckets can be asked for here'),
    ).toBeVisible();
    expect(screen.getByText(text => text.includes(words))).toBeVisible();
  });
});
