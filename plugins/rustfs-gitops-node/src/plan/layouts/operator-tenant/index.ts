export { operatorTenant } from './operatorTenant';
