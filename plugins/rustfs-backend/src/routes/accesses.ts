import { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import {
  accessReadPermission,
  SecretForm,
} from '@rustfs-portal/plugin-rustfs-common';
import { accessResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { Router } from 'express';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { withSecretForms } from '../withSecretForms';
import { createListRoutes } from './createListRoutes';

/** `/access`: who may use which buckets, on all tenants, as far as the caller may see it. */
export function createAccessRoutes(options: {
  access: Access;
  /** All forms of Secrets that there are. */
  forms: SecretForm[];
  inventory: Inventory;
  permissionsRegistry: PermissionsRegistryService;
}): Router {
  const { access, forms, inventory, permissionsRegistry } = options;
  return createListRoutes({
    access,
    permission: accessReadPermission,
    isAllowed: createConditionAuthorizer(
      permissionsRegistry.getPermissionRuleset(accessResourceRef),
    ),
    list: async (...query) => {
      const { items, ...list } = await inventory.listAccesses(...query);
      return { ...list, items: withSecretForms(items, forms) };
    },
  });
}
