import { NotFoundError } from '@backstage/errors';
import {
  tenantReadPermission,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access } from '../access';
import { Inventory, MisplacedRecords } from '../inventory';
import { RequestTargets } from '../requests';
import { parseTenantPath } from './parse';

/** `/tenants`: the platform team's view. */
export function createTenantRoutes(options: {
  access: Access;
  inventory: Inventory;
  misplacedRecords: MisplacedRecords;
  targets: Pick<RequestTargets, 'obstacleOf'>;
}): Router {
  const { access, inventory, misplacedRecords, targets } = options;
  const router = PromiseRouter();
  const withObstacle = (tenant: TenantView): TenantView => ({
    ...tenant,
    obstacle: targets.obstacleOf(tenant),
  });

  router.get('/', async (req, res) => {
    await access.basic(req, tenantReadPermission);
    const [{ items, problems, ...list }, misplaced] = await Promise.all([
      inventory.listTenants(),
      misplacedRecords.find(),
    ]);
    res.json({
      ...list,
      items: items.map(withObstacle),
      problems: [...problems, ...misplaced],
    });
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
