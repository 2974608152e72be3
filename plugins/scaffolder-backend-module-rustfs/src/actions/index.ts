export { createAccessCreateAction } from './accessCreate';
export { createAccessRevokeAction } from './accessRevoke';
export { createBucketChangeAction } from './bucketChange';
export { createBucketCreateAction } from './bucketCreate';
export type { RequestActionOptions } from './requestStep';
export { createRequestWaitAction } from './requestWait';
export { createSetupEnableAction } from './setupEnable';
