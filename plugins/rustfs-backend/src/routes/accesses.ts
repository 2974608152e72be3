import { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import {
  accessReadPermission,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { accessResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { parseInput } from '../parseInput';
import { keepVisible } from './keepVisible';
import { tenantQuerySchema } from './parse';

/** `/access`: who may use which buckets, on all tenants, as far as the caller may see it. */
export function createAccessRoutes(options: {
  access: Access;
  inventory: Inventory;
  permissionsRegistry: PermissionsRegistryService;
}): Router {
  const { access, inventory, permissionsRegistry } = options;
  const isVisible = createConditionAuthorizer(
    permissionsRegistry.getPermissionRuleset(accessResourceRef),
  );
  const router = PromiseRouter();

  router.get('/', async (req, res) => {
    const { tenant } = parseInput(tenantQuerySchema, req.query);
    const decision = await access.list(req, accessReadPermission, {
      allow: ['user', 'service'],
    });
    const isWhole =
      decision.result === AuthorizeResult.ALLOW &&
      (await access.isAllowed(req, { permission: tenantReadPermission }));
    const accesses = await inventory.listAccesses(
      tenant ? [tenant] : undefined,
      isWhole
        ? { audience: 'platform' }
        : { isWanted: item => isVisible(decision, item) },
    );
    res.json(
      isWhole
        ? accesses
        : keepVisible(accesses, resource => isVisible(decision, resource)),
    );
  });

  return router;
}
