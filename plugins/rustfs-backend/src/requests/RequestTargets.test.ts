import {
  SourceObstacle,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { ForgeDirectory } from '../forges';
import { TenantObservation } from '../inventory';
import { RequestTargets } from './RequestTargets';

const TENANT = 'atlas/storage/apps';
const source = {
  repository: 'ssh://git@git.acme.org/acme/atlas.git',
  branch: 'main',
  path: 'clusters/atlas/storage',
  appliedBy: 'Kustomization flux-system/storage',
};
const view: TenantView = {
  ref: TENANT,
  state: 'ready',
  asOf: '2026-01-01T00:00:00.000Z',
  freshness: 'live',
  problems: [],
};
const obstacle: SourceObstacle = {
  code: 'reference-fixed',
  source: { kind: 'GitRepository', namespace: 'flux-system', name: 'atlas' },
  reference: { kind: 'tag', tag: 'v1.2.0' },
};
const nothing: TenantObservation = { ref: TENANT, records: [], problems: [] };

function setup(options: {
  view?: TenantView;
  seen?: Partial<TenantObservation>;
  baseUrl?: string;
}) {
  const inventory = {
    getTenant: jest.fn(async () => options.view),
    observeTenant: jest.fn(async () => ({ ...nothing, ...options.seen })),
  };
  const targets = new RequestTargets({
    inventory,
    forges: ForgeDirectory.create([
      {
        type: 'gitea',
        baseUrl: options.baseUrl ?? 'https://git.acme.org',
        token: 't',
        gitUrls: [],
        transport: { timeoutMs: 1_000 },
        writeTimeoutMs: 1_000,
      },
    ]),
  });
  return { inventory, targets };
}

describe('RequestTargets', () => {
  it('leads from the tenant to repository, branch and folder', async () => {
    const { inventory, targets } = setup({ view: { ...view, source } });
    await expect(targets.locate(TENANT)).resolves.toMatchObject({
      forgeUrl: 'https://git.acme.org',
      repository: 'acme/atlas',
      target: {
        tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
        folder: 'clusters/atlas/storage',
        baseBranch: 'main',
      },
    });
    expect(inventory.observeTenant).not.toHaveBeenCalled();
  });

  it.each<[string, Parameters<typeof setup>[0], string, RegExp]>([
    [
      'the cluster does not answer',
      {
        seen: {
          problems: [
            {
              code: 'cluster-unreachable',
              part: 'atlas',
              message: 'Cluster atlas does not answer',
            },
          ],
        },
      },
      'ServiceUnavailableError',
      /Cluster atlas does not answer/,
    ],
    [
      'there is no such tenant',
      {
        seen: {
          problems: [
            { code: 'tenant-not-found', part: TENANT, message: 'no tenant' },
          ],
        },
      },
      'InputError',
      /tenant: There is no tenant/,
    ],
    [
      'nothing says where it is declared',
      {
        view,
        seen: {
          tenant: {
            metadata: { name: 'apps', namespace: 'storage' },
            spec: { buckets: [] },
          },
        },
      },
      'InputError',
      /not declared in Git/,
    ],
    [
      'nothing can be merged into what Flux follows',
      { view, seen: { obstacle } },
      'InputError',
      /GitRepository flux-system\/atlas is pinned to tag v1\.2\.0/,
    ],
    [
      'the forge is not known',
      { view: { ...view, source }, baseUrl: 'https://other.acme.org' },
      'InputError',
      /rustfs\.forges/,
    ],
  ])('says so when %s', async (_, options, name, message) => {
    const { targets } = setup(options);
    await expect(targets.locate(TENANT)).rejects.toMatchObject({
      name,
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, Partial<TenantView>, string[], RegExp | undefined]>([
    ['nothing', { source }, [], undefined],
    ['nothing, whatever else is wrong', { source }, ['atlas'], undefined],
    ['what Flux follows', { obstacle }, [], /pinned to tag v1\.2\.0/],
    [
      'what Flux follows, although not all can be read',
      { obstacle },
      ['atlas'],
      /pinned to tag v1\.2\.0/,
    ],
    ['a cluster that does not say', {}, ['atlas'], /cannot be told/],
    ['labels that are missing', {}, ['borealis'], /not declared in Git/],
    [
      'a forge that is not known',
      { source: { ...source, repository: 'https://github.com/acme/atlas' } },
      [],
      /No forge is configured for https:\/\/github\.com\/acme\/atlas/,
    ],
  ])('says before anything is asked for: %s', (_, seen, unread, words) => {
    const { targets } = setup({});
    const why = targets.whyNot(
      { ...view, ...seen },
      unread.map(part => ({ code: 'gitops-unreadable', part, message: '' })),
    );
    if (words) {
      expect(why).toMatch(words);
    } else {
      expect(why).toBeUndefined();
    }
  });
});
