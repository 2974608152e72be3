export { TenantLink } from './TenantLink';
