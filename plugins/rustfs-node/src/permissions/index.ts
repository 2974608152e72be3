export * from './bucketRules';
export * from './requestRules';
