export * from './ClusterConnection';
export * from './ClusterError';
export * from './KubernetesReader';
export * from './objects';
export * from './ServedSchemas';
export * from './withoutNulls';
