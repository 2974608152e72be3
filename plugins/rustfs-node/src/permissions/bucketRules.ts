import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  BucketView,
  RESOURCE_TYPE_RUSTFS_BUCKET,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';

/**
 * The parts of a bucket that decisions rest on.
 *
 * @public
 */
export type BucketResource = Pick<BucketView, 'id' | 'tenant' | 'owner'>;

/**
 * A condition on buckets as a filter: keep those whose value is one of the given.
 *
 * @public
 */
export interface BucketFilter {
  key: 'owner' | 'tenant';
  values: string[];
}

/**
 * Buckets in lists; a resource ref is `<tenant ref>:<bucket>`.
 *
 * @public
 */
export const bucketResourceRef = createPermissionResourceRef<
  BucketResource,
  BucketFilter
>().with({ pluginId: 'rustfs', resourceType: RESOURCE_TYPE_RUSTFS_BUCKET });

/** A bucket without a known owner is nobody's: only policies that allow by tenant, or everything, show it. */
const isOwnedBy = createPermissionRule({
  name: 'IS_OWNED_BY',
  description: 'Allow buckets whose record in Git names one of these owners',
  resourceRef: bucketResourceRef,
  paramsSchema: z.object({
    owners: z
      .array(z.string())
      .describe('Entity refs, for example group:default/checkout'),
  }),
  apply: ({ owner }, { owners }) =>
    owner !== undefined && lower(owners).includes(owner.toLowerCase()),
  toQuery: ({ owners }) => ({ key: 'owner', values: lower(owners) }),
});

const inTenant = createPermissionRule({
  name: 'IN_TENANT',
  description: 'Allow buckets on one of these tenants',
  resourceRef: bucketResourceRef,
  paramsSchema: z.object({
    tenants: z
      .array(z.string())
      .describe('Tenant refs, for example prod/storage/media'),
  }),
  apply: ({ tenant }, { tenants }) => tenants.includes(tenant),
  toQuery: ({ tenants }) => ({ key: 'tenant', values: tenants }),
});

/**
 * The rules for buckets, for `permissionsRegistry.addResourceType`.
 *
 * @public
 */
export const bucketRules = { isOwnedBy, inTenant };

const bucketExports = createConditionExports({
  resourceRef: bucketResourceRef,
  rules: bucketRules,
});

/**
 * Conditions on buckets, for permission policies.
 *
 * @public
 */
export const bucketConditions = bucketExports.conditions;

/**
 * Makes a conditional decision about buckets, for permission policies.
 *
 * @public
 */
export const createBucketConditionalDecision =
  bucketExports.createConditionalDecision;

function lower(refs: string[]) {
  return refs.map(ref => ref.toLowerCase());
}
