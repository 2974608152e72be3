import { createBackendModule } from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { Layout } from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  layoutsExtensionPoint,
  StorageLayout,
} from '@rustfs-portal/plugin-rustfs-node';
import rustfsPlugin from '..';
import { createInventory } from '../inventory';
import { requireLayout } from './requireLayout';
import { StorageLayouts } from './StorageLayouts';

function layout(id: string, more: Partial<StorageLayout> = {}): StorageLayout {
  const git: Layout = {
    id,
    read: () => ({ buckets: [], accesses: [] }),
    express: () => true,
    limits: () => ({}),
    examine: () => [],
    plan: () => ({ files: [] }),
  };
  const provisioner = { title: 'the thing operator', read: async () => [] };
  return { id, git, provisioner, ...more };
}

async function start(layouts: StorageLayout[]) {
  await startTestBackend({
    features: [
      rustfsPlugin,
      createBackendModule({
        pluginId: 'rustfs',
        moduleId: 'things',
        register(reg) {
          reg.registerInit({
            deps: { registry: layoutsExtensionPoint },
            async init({ registry }) {
              layouts.forEach(one => registry.addLayout(one));
            },
          });
        },
      }),
      catalogServiceMock.factory(),
      // A start that fails leaves nothing that listens or waits.
      mockServices.rootHttpRouter.mock().factory,
    ],
  });
}

const ofTenant = (id: string) => ({
  clusters: [{ name: 'atlas', url: 'http://127.0.0.1:1', token: 't' }],
  tenants: [
    {
      ref: 'atlas/storage/apps',
      endpoint: 'http://127.0.0.1:1',
      layout: id,
      accessKeyId: 'a',
      secretAccessKey: 's',
    },
  ],
});

describe('layouts that modules add', () => {
  it('have ids of their own, which the start checks', async () => {
    await expect(start([layout('things'), layout('things')])).rejects.toThrow(
      /A layout things was added twice/,
    );
    await expect(start([layout('setup-folder')])).rejects.toThrow(
      /A layout setup-folder was added twice/,
    );
  });

  it('are what the configuration may give to a tenant', () => {
    const inventoryOf = (id: string, added: StorageLayout[]) =>
      createInventory({
        config: mockServices.rootConfig({ data: { rustfs: ofTenant(id) } }),
        logger: mockServices.logger.mock(),
        layouts: new StorageLayouts(added),
      });
    expect(() => inventoryOf('things', [layout('things')])).not.toThrow();
    expect(() => inventoryOf('thinsg', [layout('things')])).toThrow(
      'Configuration is wrong at rustfs.tenants[0].layout: expected the id of a layout that a module of the backend adds, which are things',
    );
    expect(() =>
      new StorageLayouts([layout('things')]).requireKnown(
        [{ ref: 'borealis/storage/apps', layout: 'things' }],
        { clusters: ['atlas'] },
      ),
    ).toThrow(/tenants\[0\]\.layout: expected none, as borealis/);
    expect(() => inventoryOf('things', [])).toThrow(
      /tenants\[0\]\.layout: .* and none adds any/,
    );
  });

  it.each<[string, StorageLayout, RegExp]>([
    [
      'halves do not belong together',
      layout('things', { id: 'others' }),
      /Layout others has things as the id of what it is in Git/,
    ],
    [
      'files cannot be planned',
      layout('things', { git: { id: 'things' } as StorageLayout['git'] }),
      /Layout things cannot be planned: expected a Layout of .* with read, express/,
    ],
    [
      'provisioner is missing',
      layout('things', { provisioner: {} as StorageLayout['provisioner'] }),
      /Layout things has no provisioner/,
    ],
  ])('are refused where their %s', (_, added, message) => {
    expect(() => requireLayout(added)).toThrow(message);
  });

  it('are beside those of the portal', () => {
    expect(new StorageLayouts([layout('things')]).git.ids).toEqual([
      ...new StorageLayouts().git.ids,
      'things',
    ]);
  });
});
