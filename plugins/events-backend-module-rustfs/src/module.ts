import {
  coreServices,
  createBackendModule,
} from '@backstage/backend-plugin-api';
import { eventsExtensionPoint } from '@backstage/plugin-events-node/alpha';
import { createSignatureValidator } from './createSignatureValidator';
import { readSecrets } from './readSecrets';

/**
 * Receives signed webhooks of Gitea and Forgejo at `/api/events/http/gitea` and publishes them as topic `gitea`, as the modules
 * of Backstage do for GitHub and GitLab. Without a secret there is no such address.
 *
 * @public
 */
export const eventsModuleRustfs = createBackendModule({
  pluginId: 'events',
  moduleId: 'rustfs',
  register(env) {
    env.registerInit({
      deps: {
        config: coreServices.rootConfig,
        events: eventsExtensionPoint,
      },
      async init({ config, events }) {
        const secrets = readSecrets(config);
        if (secrets.length > 0) {
          events.addHttpPostIngress({
            topic: 'gitea',
            validator: createSignatureValidator(secrets),
          });
        }
      },
    });
  },
});
