export * from './objects';
export * from './TenantSource';
export * from './tenantSourcesExtensionPoint';
