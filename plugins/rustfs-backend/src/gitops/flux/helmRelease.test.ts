import { InstalledBy } from '@rustfs-portal/plugin-rustfs-common';
import recordings from './__fixtures__/helmReleases.json';
import { findInstalledBy, helmReleaseSchema } from './helmRelease';
import { withoutSecrets } from '../withoutSecrets';

const labels = {
  'helm.toolkit.fluxcd.io/name': 'rustfs',
  'helm.toolkit.fluxcd.io/namespace': 'storage',
  'helm.sh/chart': 'rustfs-0.10.6',
};
const workload = { name: 'rustfs', namespace: 'storage', labels };

function recorded(key: string) {
  return helmReleaseSchema.parse((recordings as Record<string, unknown>)[key]);
}

/** What is said of a workload that a recorded release has installed. */
function look(key: string) {
  const { metadata, ...release } = recorded(key);
  return findInstalledBy(workload, {
    items: [
      {
        ...release,
        metadata: { ...metadata, name: 'rustfs', namespace: 'storage' },
      },
    ],
    unreadable: [],
  });
}

describe('a HelmRelease', () => {
  it.each<[string, InstalledBy['state'], RegExp]>([
    ['install@1.63', 'releasing', /^(Fulfilling|Flux has not|Running)/],
    ['install@4.62', 'ready', /Helm install succeeded/],
    // Its status still says that it is ready, of the version before.
    ['upgrade-failed-render@4.32', 'releasing', /./],
    ['upgrade-failed-render@7.68', 'failing', /every bucket needs a name/],
    ['upgrade-failed-hook@13.27', 'failing', /post-upgrade hooks failed/],
    ['upgrade-timeout-rollback@18.37', 'releasing', /Running 'upgrade'/],
    // The reason, and not that it was rolled back, which the state says.
    ['upgrade-timeout-rollback@41.13', 'rolled-back', /timeout waiting for/],
    ['upgrade-timeout-rollback@85.03', 'rolled-back', /timeout waiting for/],
    ['upgrade-timeout-rollback@97.06', 'ready', /./],
    ['install-failed-uninstall@30.23', 'remediated', /Helm install failed/],
    ['values-missing@12.24', 'failing', /configmaps "\S+" not found/],
    ['chart-missing@13.08', 'failing', /is not ready/],
    // `observedGeneration` moves without a release.
    ['suspended@11.32', 'suspended', /./],
  ])('%s is %s', (key, state, words) => {
    expect(look(key)).toMatchObject({
      kind: 'HelmRelease',
      namespace: 'storage',
      name: 'rustfs',
      state,
      words: expect.stringMatching(words),
    });
  });

  it('names chart and version as they were installed, else as the labels say', () => {
    expect(look('install@4.62')).toMatchObject({
      chart: 'store',
      version: '0.1.0',
    });
    expect(look('values-missing@12.24')).toMatchObject({ version: '0.10.6' });
  });

  it.each<[string, Parameters<typeof findInstalledBy>[1], RegExp | undefined]>([
    ['is not there', { items: [], unreadable: [] }, /not in the cluster/],
    [
      'cannot be read',
      {
        items: [],
        unreadable: [{ name: 'rustfs', namespace: 'storage' }],
      },
      /not as Flux declares it/,
    ],
    ['is of no known kind', { servedVersions: [] }, /does not know that kind/],
    ['is served otherwise', { servedVersions: ['v2beta1'] }, /v2beta1 only/],
    ['may not be seen, which a problem says', undefined, undefined],
  ])('that %s is unknown', (_, releases, words) => {
    const found = findInstalledBy(workload, releases);
    expect(found).toMatchObject({ state: 'unknown', chart: 'rustfs' });
    expect(found?.words ?? '').toMatch(words ?? /^$/);
  });

  it('is none where Helm alone has installed it, and none at all elsewhere', () => {
    const bare = { name: 'rustfs', namespace: 'storage' };
    expect(
      findInstalledBy(
        {
          ...bare,
          annotations: {
            'meta.helm.sh/release-name': 'objects',
            'meta.helm.sh/release-namespace': 'storage',
          },
          labels: { 'helm.sh/chart': 'app-template-3.7.1' },
        },
        undefined,
      ),
    ).toEqual({
      kind: 'Helm release',
      namespace: 'storage',
      name: 'objects',
      chart: 'app-template',
      version: '3.7.1',
      state: 'unknown',
    });
    expect(findInstalledBy(bare, undefined)).toBeUndefined();
  });

  it.each([
    [
      'Helm install failed: Secret in version "v1" cannot be handled as a Secret: illegal base64 data, error found in #10 byte of ...|"hunter2"}|...',
      'Helm install failed: Secret in version "v1" cannot be handled as a Secret (what',
    ],
    [
      "values don't meet the specifications of the schema(s) in the following chart(s):\nrustfs:\n- secret.key: Does not match pattern: hunter2",
      "values don't meet the specifications of the schema(s) in the following chart(s) (which",
    ],
  ])('leaves out what may quote a secret: %s', (message, told) => {
    const words = withoutSecrets(message);
    expect(words).toContain(told);
    expect(words).not.toContain('hunter2');
  });

  it('says nothing of what the API server quotes of a Secret', () => {
    const release = recorded('upgrade-failed-hook@13.27');
    const found = findInstalledBy(workload, {
      items: [
        {
          ...release,
          metadata: { ...workload, generation: 2 },
          status: {
            ...release.status,
            conditions: [
              {
                type: 'Ready',
                status: 'False',
                reason: 'UpgradeFailed',
                message:
                  'Helm upgrade failed: server-side apply failed for object storage/root /v1, Kind=Secret: Secret "root" is invalid: data[x]: "hunter2"',
              },
            ],
          },
        },
      ],
      unreadable: [],
    });
    expect(found?.words).toMatch(/Kind=Secret \(what the API server says/);
    expect(JSON.stringify(found)).not.toContain('hunter2');
  });
});
