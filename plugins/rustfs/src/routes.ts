import {
  createExternalRouteRef,
  createRouteRef,
  createSubRouteRef,
} from '@backstage/frontend-plugin-api';

/** The "Object storage" page. */
export const rootRouteRef = createRouteRef();

/** One storage request with its trail. */
export const requestRouteRef = createSubRouteRef({
  parent: rootRouteRef,
  path: '/requests/:id',
});

/** The storage tab of an entity page. */
export const storageTabRouteRef = createRouteRef();

/** The software templates behind the forms, in the namespace `default`. */
export const TEMPLATES = {
  bucket: 'request-bucket',
  storage: 'request-storage',
  bucketChange: 'change-bucket',
  access: 'request-access',
  accessRevoke: 'revoke-access',
  setupEnable: 'enable-self-service',
} as const;

/** The form of a software template; bound without app code where the scaffolder is installed. */
export const templateRouteRef = createExternalRouteRef({
  params: ['namespace', 'templateName'],
  defaultTarget: 'scaffolder.selectedTemplate',
});
