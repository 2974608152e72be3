export { companyWorld } from './company';
export { emptyWorld, smallWorld } from './small';
export type {
  AccessDefinition,
  BucketDefinition,
  ClusterDefinition,
  ConsumerDefinition,
  GuardrailDefinition,
  PersonDefinition,
  ServiceUserDefinition,
  TenantDefinition,
  WorldDefinition,
} from './definition';
export { tenantRefOf } from './definition';
export { portalPolicy, provisionerPolicy, readerPolicy } from './policies';
export type { PolicyDocument } from './policies';
