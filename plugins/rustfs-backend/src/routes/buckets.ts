import { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import { bucketReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import { bucketResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { Router } from 'express';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { createListRoutes } from './createListRoutes';

/** `/buckets`: the buckets of all tenants, as far as the caller may see them. */
export function createBucketRoutes(options: {
  access: Access;
  inventory: Inventory;
  permissionsRegistry: PermissionsRegistryService;
}): Router {
  const { access, inventory, permissionsRegistry } = options;
  return createListRoutes({
    access,
    permission: bucketReadPermission,
    isAllowed: createConditionAuthorizer(
      permissionsRegistry.getPermissionRuleset(bucketResourceRef),
    ),
    list: (...query) => inventory.listBuckets(...query),
  });
}
