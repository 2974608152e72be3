import '@backstage/cli/asset-types';
import { Entity } from '@backstage/catalog-model';
import { createDevApp } from '@backstage/frontend-dev-utils';
import {
  ApiBlueprint,
  createFrontendModule,
} from '@backstage/frontend-plugin-api';
import catalogPlugin from '@backstage/plugin-catalog/alpha';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { catalogApiMock } from '@backstage/plugin-catalog-react/testUtils';
import scaffolderPlugin from '@backstage/plugin-scaffolder/alpha';
import {
  ScaffolderApi,
  scaffolderApiRef,
} from '@backstage/plugin-scaffolder-react';
import {
  ANNOTATION_BUCKETS,
  ANNOTATION_TENANT,
} from '@rustfs-portal/plugin-rustfs-common';
import rustfsPlugin, { rustfsApiRef } from '../src';
import { FakeRustfsApi } from './FakeRustfsApi';
import { requestBucketTemplate } from './requestBucketTemplate';

// One service per state that the card and the tab can be in.
const SERVICES = {
  invoices: 'atlas/storage/apps',
  empty: 'atlas/storage/apps',
  loading: 'atlas/storage/apps',
  'not-allowed': 'atlas/storage/apps',
  broken: 'atlas/storage/apps',
  'media-archive': 'borealis/storage/archive',
  'checkout-web': undefined,
};

const entities: Entity[] = Object.entries(SERVICES).map(([name, tenant]) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: {
    name,
    namespace: 'default',
    uid: name,
    etag: name,
    description: `A service whose storage is "${name}".`,
    annotations: tenant
      ? {
          [ANNOTATION_TENANT]: tenant,
          [ANNOTATION_BUCKETS]: 'checkout-invoices',
        }
      : undefined,
  },
  spec: { type: 'service', lifecycle: 'production', owner: 'checkout' },
  relations: [],
}));

const fakeRustfsApi = ApiBlueprint.make({
  params: defineParams =>
    defineParams({
      api: rustfsApiRef,
      deps: {},
      factory: () => new FakeRustfsApi(),
    }),
});

const fakeCatalog = createFrontendModule({
  pluginId: 'catalog',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({
          api: catalogApiRef,
          deps: {},
          factory: () =>
            catalogApiMock({ entities: [...entities, requestBucketTemplate] }),
        }),
    }),
  ],
});

const fakeScaffolder = createFrontendModule({
  pluginId: 'scaffolder',
  extensions: [
    ApiBlueprint.make({
      params: defineParams =>
        defineParams({
          api: scaffolderApiRef,
          deps: {},
          // The form asks for no more than its schema.
          factory: () =>
            ({
              getTemplateParameterSchema: async () => ({
                title: 'Request a bucket',
                steps: requestBucketTemplate.spec.parameters.map(schema => ({
                  title: schema.title,
                  schema,
                })),
              }),
            } as Partial<ScaffolderApi> as ScaffolderApi),
        }),
    }),
  ],
});

createDevApp({
  features: [
    rustfsPlugin.withOverrides({ extensions: [fakeRustfsApi] }),
    catalogPlugin,
    fakeCatalog,
    scaffolderPlugin,
    fakeScaffolder,
  ],
});
