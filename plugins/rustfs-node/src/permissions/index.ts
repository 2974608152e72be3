export * from './accessRules';
export * from './bucketRules';
export * from './requestRules';
