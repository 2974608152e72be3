export { companyWorld } from './company';
export { emptyWorld, smallWorld } from './small';
export type {
  BucketDefinition,
  ClusterDefinition,
  GuardrailDefinition,
  PersonDefinition,
  ServiceUserDefinition,
  TenantDefinition,
  WorldDefinition,
} from './definition';
export { tenantRefOf } from './definition';
