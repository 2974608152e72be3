import { createApiRef } from '@backstage/frontend-plugin-api';
import { RustfsApi } from '@rustfs-portal/plugin-rustfs-common';

/**
 * The client of the RustFS backend.
 *
 * @public
 */
export const rustfsApiRef = createApiRef<RustfsApi>().with({
  id: 'plugin.rustfs.client',
  pluginId: 'rustfs',
});
