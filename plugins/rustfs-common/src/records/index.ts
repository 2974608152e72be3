export * from './accessNames';
export * from './accessRecord';
export * from './bucketRecord';
export * from './labels';
export * from './setupStatus';
export { oneLine } from './texts';
