export * from './TenantObstacle';
