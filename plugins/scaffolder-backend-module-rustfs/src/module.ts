import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import {
  PortalLinks,
  RustfsApiClient,
} from '@rustfs-portal/plugin-rustfs-common';
import { createBucketRequestAction } from './actions';

/**
 * Adds the actions of the RustFS plugins to the scaffolder.
 *
 * @public
 */
export const scaffolderModuleRustfs = createBackendModule({
  pluginId: 'scaffolder',
  moduleId: 'rustfs',
  register(reg) {
    reg.registerInit({
      deps: {
        actions: scaffolderActionsExtensionPoint,
        auth: coreServices.auth,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
      },
      async init({ actions, auth, config, discovery }) {
        const rustfs = new RustfsApiClient({
          discoveryApi: discovery,
          fetchApi: { fetch },
        });
        actions.addActions(
          createBucketRequestAction({
            auth,
            links: PortalLinks.fromConfig(config),
            rustfs,
          }),
        );
      },
    });
  },
});
