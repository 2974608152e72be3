import {
  accessRequestPermission,
  bucketRequestPermission,
  SecretForm,
} from '@rustfs-portal/plugin-rustfs-common';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access } from '../access';
import { readEntityStorage } from '../doors';
import { Inventory } from '../inventory';
import { RequestService } from '../requests';
import { parseEntityPath } from './parse';

/** `/entities/:kind/:namespace/:name/…`: the storage of one entity. */
export function createEntityRoutes(options: {
  access: Access;
  forms: SecretForm[];
  inventory: Inventory;
  requests: RequestService;
}): Router {
  const { access, requests } = options;
  const router = PromiseRouter({ mergeParams: true });

  router.get('/:kind/:namespace/:name/storage', async (req, res) => {
    res.json(
      await readEntityStorage(options, req, parseEntityPath(req.params)),
    );
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
