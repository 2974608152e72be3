export * from './ClusterError';
export * from './KubernetesTenantSource';
export { commitOf } from './locateTenant';
export * from './readGitReference';
