import {
  accessRequestPermission,
  bucketRequestPermission,
  EntityStorage,
  storageReadPermission,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access } from '../access';
import { Inventory } from '../inventory';
import { RequestService } from '../requests';
import { parseEntityPath } from './parse';

/** `/entities/:kind/:namespace/:name/…`: the storage of one entity. */
export function createEntityRoutes(options: {
  access: Access;
  inventory: Inventory;
  requests: RequestService;
}): Router {
  const { access, inventory, requests } = options;
  const router = PromiseRouter({ mergeParams: true });

  router.get('/:kind/:namespace/:name/storage', async (req, res) => {
    const { entity, ref } = await access.entity(
      req,
      parseEntityPath(req.params),
      storageReadPermission,
    );
    const [seesTenants, mayRequest, mayRequestAccess] = await Promise.all([
      access.isAllowed(req, { permission: tenantReadPermission }),
      access.isAllowed(req, {
        permission: bucketRequestPermission,
        resourceRef: ref,
      }),
      access.isAllowed(req, {
        permission: accessRequestPermission,
        resourceRef: ref,
      }),
    ]);
    const storage = await inventory.describeEntity(
      entity,
      seesTenants ? 'platform' : 'team',
    );
    const answer: EntityStorage = {
      ...storage,
      mayRequest,
      mayRequestAccess,
    };
    res.json(answer);
  });

  router.get('/:kind/:namespace/:name/request-options', async (req, res) => {
    const entityRef = parseEntityPath(req.params);
    // Who may ask for one of both fills in a form, and the form needs this.
    const mayRequestAccess = await access.isAllowed(req, {
      permission: accessRequestPermission,
      resourceRef: entityRef,
    });
    const entity = await access.entity(
      req,
      entityRef,
      mayRequestAccess ? accessRequestPermission : bucketRequestPermission,
    );
    res.json(await requests.options(entity));
  });

  return router;
}
