import {
  createConditionExports,
  createPermissionResourceRef,
  createPermissionRule,
} from '@backstage/plugin-permission-node';
import {
  RESOURCE_TYPE_RUSTFS_REQUEST,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { z } from 'zod';

/**
 * The parts of a request that decisions rest on.
 *
 * @public
 */
export type RequestResource = Pick<
  StorageRequest,
  'id' | 'owner' | 'requestedBy'
>;

/**
 * A condition on requests for the ledger's query: the value of the key is one of the given, in lower case.
 *
 * @public
 */
export interface RequestQuery {
  key: 'owner' | 'requestedBy';
  values: string[];
}

/**
 * Storage requests; a resource ref is the id of the request.
 *
 * @public
 */
export const requestResourceRef = createPermissionResourceRef<
  RequestResource,
  RequestQuery
>().with({ pluginId: 'rustfs', resourceType: RESOURCE_TYPE_RUSTFS_REQUEST });

const isOwnedBy = createPermissionRule({
  name: 'IS_OWNED_BY',
  description: 'Allow requests for entities of one of these owners',
  resourceRef: requestResourceRef,
  paramsSchema: z.object({
    owners: z
      .array(z.string())
      .describe('Entity refs, for example group:default/checkout'),
  }),
  apply: ({ owner }, { owners }) => lower(owners).includes(owner.toLowerCase()),
  toQuery: ({ owners }) => ({ key: 'owner', values: lower(owners) }),
});

const isRequestedBy = createPermissionRule({
  name: 'IS_REQUESTED_BY',
  description: 'Allow requests of one of these people',
  resourceRef: requestResourceRef,
  paramsSchema: z.object({
    users: z
      .array(z.string())
      .describe('Entity refs, for example user:default/ada'),
  }),
  apply: ({ requestedBy }, { users }) =>
    lower(users).includes(requestedBy.toLowerCase()),
  toQuery: ({ users }) => ({ key: 'requestedBy', values: lower(users) }),
});

/**
 * The rules for requests, for `permissionsRegistry.addResourceType`.
 *
 * @public
 */
export const requestRules = { isOwnedBy, isRequestedBy };

const requestExports = createConditionExports({
  resourceRef: requestResourceRef,
  rules: requestRules,
});

/**
 * Conditions on requests, for permission policies.
 *
 * @public
 */
export const requestConditions = requestExports.conditions;

/**
 * Makes a conditional decision about requests, for permission policies.
 *
 * @public
 */
export const createRequestConditionalDecision =
  requestExports.createConditionalDecision;

function lower(refs: string[]) {
  return refs.map(ref => ref.toLowerCase());
}
