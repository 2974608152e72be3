export * from './TenantTable';
