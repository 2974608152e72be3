export * from './accessCreate';
export * from './accessModes';
export * from './accessRevoke';
export * from './bucketChange';
export * from './bucketCreate';
export * from './setupEnable';
