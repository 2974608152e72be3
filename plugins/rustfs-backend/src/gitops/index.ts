export * from './ClusterEngines';
export * from './commitOf';
export * from './Delivery';
export * from './describeReference';
export * from './GitOpsEngines';
export * from './openEngineCluster';
export * from './setupApplierName';
