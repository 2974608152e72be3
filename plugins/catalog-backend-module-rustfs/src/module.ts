import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import {
  catalogProcessingExtensionPoint,
  catalogServiceRef,
} from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { RustfsApiClient } from '@rustfs-portal/plugin-rustfs-common';
import { readProviderConfig } from './config';
import { RustfsEntityProvider } from './RustfsEntityProvider';
import { RustfsResourceProcessor } from './RustfsResourceProcessor';

/**
 * Adds the tenants, and where that is wanted the buckets, that the RustFS backend knows to the catalog.
 *
 * @public
 */
export const catalogModuleRustfs = createBackendModule({
  pluginId: 'catalog',
  moduleId: 'rustfs',
  register(reg) {
    reg.registerInit({
      deps: {
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        logger: coreServices.logger,
        processing: catalogProcessingExtensionPoint,
        scheduler: coreServices.scheduler,
      },
      async init({ config, discovery, processing, scheduler, ...services }) {
        const { schedule, ...settings } = readProviderConfig(config);
        processing.addProcessor(new RustfsResourceProcessor());
        processing.addEntityProvider(
          new RustfsEntityProvider({
            ...services,
            ...settings,
            api: new RustfsApiClient({
              discoveryApi: discovery,
              fetchApi: { fetch },
            }),
            taskRunner: scheduler.createScheduledTaskRunner(schedule),
          }),
        );
      },
    });
  },
});
