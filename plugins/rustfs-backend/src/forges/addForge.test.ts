import {
  createBackendModule,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  Forge,
  ForgeConnection,
  ForgeFactory,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { forgesExtensionPoint } from '@rustfs-portal/plugin-rustfs-node';
import rustfsPlugin from '..';

/** A forge that another package brings. */
function createAcmeForge() {
  const connections: ForgeConnection[] = [];
  const factory: ForgeFactory = {
    id: 'acme',
    title: 'Acme',
    toCredentials: token => ({
      authorization: `Acme ${token}`,
      secret: token,
    }),
    toRepository: path => path.join('/'),
    create: connection => {
      connections.push(connection);
      return {} as Forge;
    },
  };
  const module = createBackendModule({
    pluginId: 'rustfs',
    moduleId: 'acme-forge',
    register(env) {
      env.registerInit({
        deps: { forges: forgesExtensionPoint },
        async init({ forges }) {
          forges.addForge({ factory });
        },
      });
    },
  });
  return { connections, module };
}

function start(module: ReturnType<typeof createBackendModule>) {
  return startTestBackend({
    features: [
      rustfsPlugin,
      module,
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://localhost:3000' },
          rustfs: {
            forges: [
              {
                type: 'acme',
                baseUrl: 'https://git.acme.org',
                token: 'sesame',
              },
            ],
          },
        },
      }),
      catalogServiceMock.factory(),
      createServiceFactory({
        service: notificationService,
        deps: {},
        factory: () => ({ send: async () => {} }),
      }),
      createServiceFactory({
        service: signalsServiceRef,
        deps: {},
        factory: () => ({ publish: async () => {} }),
      }),
    ],
  });
}

describe('a kind of forge from another package', () => {
  it('is one that the configuration can name, when its module is there', async () => {
    const { connections, module } = createAcmeForge();
    const backend = await start(module);
    await backend.stop();
    expect(connections).toMatchObject([{ baseUrl: 'https://git.acme.org' }]);
    await expect(connections[0].credentials('a/b/c')).resolves.toEqual({
      authorization: 'Acme sesame',
      secret: 'sesame',
    });
  });
});
