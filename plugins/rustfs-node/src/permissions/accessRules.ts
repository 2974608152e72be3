import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  AccessView,
  RESOURCE_TYPE_RUSTFS_ACCESS,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';

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
  name: 'IS_OWNED_BY',
  description: 'Allow accesses whose record in Git names one of these owners',
  resourceRef: accessResourceRef,
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
  description: 'Allow accesses on one of these tenants',
  resourceRef: accessResourceRef,
  paramsSchema: z.object({
    tenants: z
      .array(z.string())
      .describe('Tenant refs, for example prod/storage/media'),
  }),
  apply: ({ tenant }, { tenants }) => tenants.includes(tenant),
  toQuery: ({ tenants }) => ({ key: 'tenant', values: tenants }),
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

function lower(refs: string[]) {
  return refs.map(ref => ref.toLowerCase());
}
