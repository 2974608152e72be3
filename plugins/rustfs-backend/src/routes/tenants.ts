import { NotFoundError } from '@backstage/errors';
import {
  tenantReadPermission,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { RequestTargets } from '../requests';
import { parseTenantPath } from './parse';

/** `/tenants`: the platform team's view. */
export function createTenantRoutes(options: {
  access: Access;
  inventory: Inventory;
  targets: Pick<RequestTargets, 'obstacleOf'>;
}): Router {
  const { access, inventory, targets } = options;
  const router = PromiseRouter();
  const withObstacle = (tenant: TenantView): TenantView => ({
    ...tenant,
    obstacle: targets.obstacleOf(tenant),
  });

  router.get('/', async (req, res) => {
    await access.basic(req, tenantReadPermission);
    const { items, ...list } = await inventory.listTenants();
    res.json({ ...list, items: items.map(withObstacle) });
  });

  router.get('/:cluster/:namespace/:name', async (req, res) => {
    await access.basic(req, tenantReadPermission);
    const ref = parseTenantPath(req.params);
    const tenant = await inventory.getTenant(ref);
    if (!tenant) {
      throw new NotFoundError(`There is no tenant ${ref}`);
    }
    res.json(withObstacle(tenant));
  });

  return router;
}
