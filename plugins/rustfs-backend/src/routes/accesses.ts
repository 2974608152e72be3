import { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import { accessReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import { accessResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { Router } from 'express';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { createListRoutes } from './createListRoutes';

/** `/access`: who may use which buckets, on all tenants, as far as the caller may see it. */
export function createAccessRoutes(options: {
  access: Access;
  inventory: Inventory;
  permissionsRegistry: PermissionsRegistryService;
}): Router {
  const { access, inventory, permissionsRegistry } = options;
  return createListRoutes({
    access,
    permission: accessReadPermission,
    isAllowed: createConditionAuthorizer(
      permissionsRegistry.getPermissionRuleset(accessResourceRef),
    ),
    list: (...query) => inventory.listAccesses(...query),
  });
}
