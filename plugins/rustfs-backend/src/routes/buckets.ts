import { PermissionsRegistryService } from '@backstage/backend-plugin-api';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { createConditionAuthorizer } from '@backstage/plugin-permission-node';
import {
  bucketReadPermission,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { bucketResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { parseInput } from '../parseInput';
import { keepVisible } from './keepVisible';
import { tenantQuerySchema } from './parse';

/** `/buckets`: the buckets of all tenants, as far as the caller may see them. */
export function createBucketRoutes(options: {
  access: Access;
  inventory: Inventory;
  permissionsRegistry: PermissionsRegistryService;
}): Router {
  const { access, inventory, permissionsRegistry } = options;
  const isVisible = createConditionAuthorizer(
    permissionsRegistry.getPermissionRuleset(bucketResourceRef),
  );
  const router = PromiseRouter();

  router.get('/', async (req, res) => {
    const { tenant } = parseInput(tenantQuerySchema, req.query);
    const decision = await access.list(req, bucketReadPermission, {
      allow: ['user', 'service'],
    });
    const isWhole =
      decision.result === AuthorizeResult.ALLOW &&
      (await access.isAllowed(req, { permission: tenantReadPermission }));
    const buckets = await inventory.listBuckets(
      tenant ? [tenant] : undefined,
      isWhole
        ? { audience: 'platform' }
        : { isWanted: item => isVisible(decision, item) },
    );
    res.json(
      isWhole
        ? buckets
        : keepVisible(buckets, bucket => isVisible(decision, bucket)),
    );
  });

  return router;
}
