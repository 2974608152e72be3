/**
 * The RustFS plugin for apps of the legacy frontend system.
 *
 * @packageDocumentation
 */
import { Entity } from '@backstage/catalog-model';
import {
  compatWrapper,
  convertLegacyRouteRef,
} from '@backstage/core-compat-api';
import {
  createApiFactory,
  createComponentExtension,
  createPlugin,
  createRoutableExtension,
  discoveryApiRef,
  fetchApiRef,
} from '@backstage/core-plugin-api';
import { createScaffolderFieldExtension } from '@backstage/plugin-scaffolder-react';
import {
  ANNOTATION_BUCKETS,
  ANNOTATION_TENANT,
  RustfsApiClient,
} from '@rustfs-portal/plugin-rustfs-common';
import { rustfsApiRef } from './api';
import { rustfsBucketName } from './components/RustfsBucketName';
import { rustfsAccessName } from './components/RustfsAccessName';
import { rustfsAccessScope } from './components/RustfsAccessScope';
import { rustfsAccessMode } from './components/RustfsAccessMode';
import { rustfsConsumer } from './components/RustfsConsumer';
import { rustfsBucketPicker } from './components/RustfsBucketPicker';
import { rustfsAccessPicker } from './components/RustfsAccessPicker';
import { rustfsQuota } from './components/RustfsQuota';
import { rustfsRequestPreview } from './components/RustfsRequestPreview';
import { rustfsSetupTenant } from './components/RustfsSetupTenant';
import { rustfsTenantPicker } from './components/RustfsTenantPicker';
import { rootRouteRef, storageTabRouteRef, templateRouteRef } from './routes';

export { rustfsApiRef } from './api';
export { rustfsTranslationRef } from './translation';

const legacyRootRouteRef = convertLegacyRouteRef(rootRouteRef);
const legacyStorageTabRouteRef = convertLegacyRouteRef(storageTabRouteRef);

/**
 * The plugin.
 *
 * @public
 */
export const rustfsPlugin = createPlugin({
  id: 'rustfs',
  routes: { root: legacyRootRouteRef, storageTab: legacyStorageTabRouteRef },
  externalRoutes: { template: convertLegacyRouteRef(templateRouteRef) },
  apis: [
    createApiFactory({
      api: rustfsApiRef,
      deps: { discoveryApi: discoveryApiRef, fetchApi: fetchApiRef },
      factory: deps => new RustfsApiClient(deps),
    }),
  ],
});

/**
 * The "Object storage" page with its tabs.
 *
 * @public
 */
export const RustfsPage = rustfsPlugin.provide(
  createRoutableExtension({
    name: 'RustfsPage',
    component: () =>
      import('./components/LegacyPage').then(
        m => () => compatWrapper(<m.LegacyPage />),
      ),
    mountPoint: legacyRootRouteRef,
  }),
);

/**
 * The storage tab of an entity page.
 *
 * @public
 */
export const EntityRustfsContent = rustfsPlugin.provide(
  createRoutableExtension({
    name: 'EntityRustfsContent',
    component: () =>
      import('./components/StorageTab').then(
        m => () => compatWrapper(<m.StorageTab />),
      ),
    mountPoint: legacyStorageTabRouteRef,
  }),
);

/**
 * The storage card of an entity page.
 *
 * @public
 */
export const EntityRustfsCard = rustfsPlugin.provide(
  createComponentExtension({
    name: 'EntityRustfsCard',
    component: {
      lazy: () =>
        import('./components/StorageCard').then(
          m => () => compatWrapper(<m.StorageCard />),
        ),
    },
  }),
);

/**
 * Whether an entity says in an annotation where its storage is: for the `if` of an `EntitySwitch.Case` or an
 * `EntityLayout.Route`. A bucket that was asked for through the portal is shown without annotation, too.
 *
 * @public
 */
export function isRustfsAvailable(entity: Entity): boolean {
  const annotations = entity.metadata.annotations ?? {};
  return Boolean(
    annotations[ANNOTATION_TENANT] || annotations[ANNOTATION_BUCKETS],
  );
}

/**
 * Form field that chooses a tenant.
 *
 * @public
 */
export const RustfsTenantPickerFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsTenantPicker,
    schema: rustfsTenantPicker.schema.schema,
  }),
);

/**
 * Form field that chooses a tenant for which self-service can be enabled.
 *
 * @public
 */
export const RustfsSetupTenantFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsSetupTenant,
    schema: rustfsSetupTenant.schema.schema,
  }),
);

/**
 * Form field that takes and checks a bucket name.
 *
 * @public
 */
export const RustfsBucketNameFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsBucketName,
    schema: rustfsBucketName.schema.schema,
  }),
);

/**
 * Form field that takes a quota.
 *
 * @public
 */
export const RustfsQuotaFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsQuota,
    schema: rustfsQuota.schema.schema,
  }),
);

/**
 * Form field that shows the pull request of a request.
 *
 * @public
 */
export const RustfsRequestPreviewFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsRequestPreview,
    schema: rustfsRequestPreview.schema.schema,
  }),
);

/**
 * Form field that takes the name of an access.
 *
 * @public
 */
export const RustfsAccessNameFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsAccessName,
    schema: rustfsAccessName.schema.schema,
  }),
);

/**
 * Form field that chooses the buckets of an access.
 *
 * @public
 */
export const RustfsAccessScopeFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsAccessScope,
    schema: rustfsAccessScope.schema.schema,
  }),
);

/**
 * Form field that chooses what an access may do.
 *
 * @public
 */
export const RustfsAccessModeFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsAccessMode,
    schema: rustfsAccessMode.schema.schema,
  }),
);

/**
 * Form field that takes where the Secret of an access is to be.
 *
 * @public
 */
export const RustfsConsumerFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsConsumer,
    schema: rustfsConsumer.schema.schema,
  }),
);

/**
 * Form field that chooses a bucket of the entity.
 *
 * @public
 */
export const RustfsBucketPickerFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsBucketPicker,
    schema: rustfsBucketPicker.schema.schema,
  }),
);

/**
 * Form field that chooses an access of the entity.
 *
 * @public
 */
export const RustfsAccessPickerFieldExtension = rustfsPlugin.provide(
  createScaffolderFieldExtension({
    ...rustfsAccessPicker,
    schema: rustfsAccessPicker.schema.schema,
  }),
);
