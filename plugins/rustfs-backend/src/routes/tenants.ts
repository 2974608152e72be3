import { NotFoundError } from '@backstage/errors';
import {
  setupRequestPermission,
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
  const withObstacle = (tenant: TenantView, mayEnable: boolean): TenantView => {
    const obstacle = targets.obstacleOf(tenant);
    return {
      ...tenant,
      obstacle,
      ...(mayEnable &&
        obstacle?.code === 'setup-missing' && { mayEnable: true }),
    };
  };

  router.get('/', async (req, res) => {
    await access.basic(req, tenantReadPermission);
    const [{ items, problems, ...list }, misplaced, mayEnable] =
      await Promise.all([
        inventory.listTenants(),
        misplacedRecords.find(),
        access.mayBeAllowed(req, setupRequestPermission),
      ]);
    res.json({
      ...list,
      items: items.map(tenant => withObstacle(tenant, mayEnable)),
      problems: [...problems, ...misplaced],
    });
  });

  router.get('/:cluster/:namespace/:name', async (req, res) => {
    await access.basic(req, tenantReadPermission);
    const ref = parseTenantPath(req.params);
    const [tenant, mayEnable] = await Promise.all([
      inventory.getTenant(ref),
      access.mayBeAllowed(req, setupRequestPermission),
    ]);
    if (!tenant) {
      throw new NotFoundError(`There is no tenant ${ref}`);
    }
    res.json(withObstacle(tenant, mayEnable));
  });

  return router;
}
