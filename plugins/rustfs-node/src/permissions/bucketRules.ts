import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  BucketView,
  RESOURCE_TYPE_RUSTFS_BUCKET,
} from '@rustfs-portal/plugin-rustfs-common';
import { byOwner, byTenant } from './ruleParts';

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
  ...byOwner,
  description: 'Allow buckets whose record in Git names one of these owners',
  resourceRef: bucketResourceRef,
});

const inTenant = createPermissionRule({
  ...byTenant,
  description: 'Allow buckets on one of these tenants',
  resourceRef: bucketResourceRef,
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
