import { createBackend } from '@backstage/backend-defaults';

const backend = createBackend();

backend.add(import('@backstage/plugin-app-backend'));
backend.add(import('@backstage/plugin-auth-backend'));
backend.add(import('./modules/demoSignIn'));
backend.add(import('@backstage/plugin-catalog-backend'));
backend.add(
  import('@backstage/plugin-catalog-backend-module-scaffolder-entity-model'),
);
backend.add(import('@backstage/plugin-catalog-backend-module-logs'));
backend.add(import('@backstage/plugin-events-backend'));
backend.add(import('@backstage/plugin-notifications-backend'));
backend.add(import('@backstage/plugin-permission-backend'));
backend.add(import('./modules/storagePolicy'));
backend.add(import('@backstage/plugin-scaffolder-backend'));
backend.add(import('@backstage/plugin-search-backend'));
backend.add(import('@backstage/plugin-search-backend-module-catalog'));
backend.add(import('@backstage/plugin-signals-backend'));
backend.add(import('@backstage/plugin-user-settings-backend'));

backend.add(import('@rustfs-portal/plugin-rustfs-backend'));
backend.add(import('@rustfs-portal/plugin-catalog-backend-module-rustfs'));
backend.add(import('@rustfs-portal/plugin-events-backend-module-rustfs'));
backend.add(import('@rustfs-portal/plugin-scaffolder-backend-module-rustfs'));

// A portal that cannot start says why and ends, in development too, where Backstage would let it run and answer 503.
backend.start().catch(error => {
  console.error(error);
  process.exit(1);
});
