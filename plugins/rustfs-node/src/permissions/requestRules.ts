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
import { byOwner, lower } from './ruleParts';

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
  ...byOwner,
  description: 'Allow requests for entities of one of these owners',
  resourceRef: requestResourceRef,
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
