export * from './TenantDialog';
