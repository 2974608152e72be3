export { TenantStateWords } from './TenantStateWords';
