import {
  ApiBlueprint,
  createFrontendPlugin,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/frontend-plugin-api';
import { RustfsApiClient } from '@rustfs-portal/plugin-rustfs-common';
import { RiArchiveDrawerLine } from '@remixicon/react';
import { rustfsApiRef } from './api';
import { entityExtensions } from './extensions/entity';
import { formFieldExtensions } from './extensions/formFields';
import { pageExtensions } from './extensions/pages';
import {
  requestRouteRef,
  rootRouteRef,
  storageTabRouteRef,
  templateRouteRef,
} from './routes';

const rustfsApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: rustfsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new RustfsApiClient(deps),
    }),
});

/**
 * Object storage of RustFS tenants: the page of the platform team, the storage card and tab of catalog entities, and
 * the fields of the request form.
 *
 * @public
 */
export const rustfsPlugin = createFrontendPlugin({
  pluginId: 'rustfs',
  title: 'Object storage',
  icon: <RiArchiveDrawerLine />,
  info: { packageJson: () => import('../package.json') },
  routes: {
    root: rootRouteRef,
    request: requestRouteRef,
    storageTab: storageTabRouteRef,
  },
  externalRoutes: { template: templateRouteRef },
  extensions: [
    rustfsApi,
    ...pageExtensions,
    ...entityExtensions,
    ...formFieldExtensions,
  ],
});
