export * from './configuredTenants';
