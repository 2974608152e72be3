export * from './SourcedPlace';
export * from './TenantFacts';
export * from './TenantSource';
export * from './tenantSourcesExtensionPoint';
