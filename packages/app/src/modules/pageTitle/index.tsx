import {
  AppRootElementBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import { PageTitle } from './PageTitle';

export const pageTitleModule = createFrontendModule({
  pluginId: 'app',
  extensions: [
    AppRootElementBlueprint.make({
      name: 'page-title',
      params: { element: <PageTitle /> },
    }),
  ],
});
