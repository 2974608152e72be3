import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  AccessView,
  RESOURCE_TYPE_RUSTFS_ACCESS,
} from '@rustfs-portal/plugin-rustfs-common';
import { byOwner, byTenant } from './ruleParts';

/**
 * The parts of an access that decisions rest on; without an owner it stands for any access on its tenant.
 *
 * @public
 */
export type AccessResource = Pick<AccessView, 'id' | 'tenant'> &
  Partial<Pick<AccessView, 'owner'>>;

/**
 * A condition on accesses as a filter: keep those whose value is one of the given.
 *
 * @public
 */
export interface AccessFilter {
  key: 'owner' | 'tenant';
  values: string[];
}

/**
 * Accesses in lists; a resource ref is `<tenant ref>:<access>`.
 *
 * @public
 */
export const accessResourceRef = createPermissionResourceRef<
  AccessResource,
  AccessFilter
>().with({ pluginId: 'rustfs', resourceType: RESOURCE_TYPE_RUSTFS_ACCESS });

const isOwnedBy = createPermissionRule({
  ...byOwner,
  description: 'Allow accesses whose record in Git names one of these owners',
  resourceRef: accessResourceRef,
});

const inTenant = createPermissionRule({
  ...byTenant,
  description: 'Allow accesses on one of these tenants',
  resourceRef: accessResourceRef,
});

/**
 * The rules for accesses, for `permissionsRegistry.addResourceType`.
 *
 * @public
 */
export const accessRules = { isOwnedBy, inTenant };

const accessExports = createConditionExports({
  resourceRef: accessResourceRef,
  rules: accessRules,
});

/**
 * Conditions on accesses, for permission policies.
 *
 * @public
 */
export const accessConditions = accessExports.conditions;

/**
 * Makes a conditional decision about accesses, for permission policies.
 *
 * @public
 */
export const createAccessConditionalDecision =
  accessExports.createConditionalDecision;
