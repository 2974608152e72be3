export * from './ClusterError';
export * from './KubernetesTenantSource';
