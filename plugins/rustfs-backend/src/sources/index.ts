export * from './KubernetesTenantSource';
