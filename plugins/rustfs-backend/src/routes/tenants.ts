import { NotFoundError } from '@backstage/errors';
import { tenantReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { parseTenantPath } from './parse';

/** `/tenants`: the platform team's view. */
export function createTenantRoutes(options: {
  access: Access;
  inventory: Inventory;
}): Router {
  const { access, inventory } = options;
  const router = PromiseRouter();

  router.get('/', async (req, res) => {
    await access.basic(req, tenantReadPermission);
    res.json(await inventory.listTenants());
  });

  router.get('/:cluster/:namespace/:name', async (req, res) => {
    await access.basic(req, tenantReadPermission);
    const ref = parseTenantPath(req.params);
    const tenant = await inventory.getTenant(ref);
    if (!tenant) {
      throw new NotFoundError(`There is no tenant ${ref}`);
    }
    res.json(tenant);
  });

  return router;
}
