import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { scaffolderActionsExtensionPoint } from '@backstage/plugin-scaffolder-node';
import {
  PortalLinks,
  RustfsApiClient,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  createAccessCreateAction,
  createAccessRevokeAction,
  createBucketChangeAction,
  createBucketCreateAction,
  createRequestWaitAction,
  createSetupEnableAction,
} from './actions';

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
        const options = {
          auth,
          links: PortalLinks.fromConfig(config),
          rustfs,
        };
        const bucketCreate = createBucketCreateAction(options);
        actions.addActions(
          createAccessCreateAction(options),
          createAccessRevokeAction(options),
          createBucketChangeAction(options),
          bucketCreate,
          // Templates that were written before there were other kinds of request.
          { ...bucketCreate, id: 'rustfs:bucket:request', examples: [] },
          createRequestWaitAction(options),
          createSetupEnableAction(options),
        );
      },
    });
  },
});
