export * from './TenantsPage';
