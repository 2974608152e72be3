import {
  AuditorService,
  LoggerService,
  PermissionsRegistryService,
} from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { SecretForm } from '@rustfs-portal/plugin-rustfs-common';
import express, { NextFunction, Request, Response, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { Access, RateLimiter } from '../access';
import { Inventory, MisplacedRecords } from '../inventory';
import { RequestDecisions, RequestService, RequestTargets } from '../requests';
import { answerErrors } from './answerErrors';
import { createAccessRoutes } from './accesses';
import { createBucketRoutes } from './buckets';
import { createEntityRoutes } from './entities';
import { createRequestRoutes } from './requests';
import { createTenantRoutes } from './tenants';

/** The HTTP interface of the plugin. */
export function createRouter(options: {
  access: Access;
  auditor: AuditorService;
  decisions: RequestDecisions;
  forms: SecretForm[];
  inventory: Inventory;
  limiter: RateLimiter;
  logger: LoggerService;
  misplacedRecords: MisplacedRecords;
  permissionsRegistry: PermissionsRegistryService;
  requests: RequestService;
  targets: RequestTargets;
}): Router {
  const router = PromiseRouter();
  router.use(express.json({ limit: '50kb' }), refuseUnreadableBody);
  router.use('/entities', createEntityRoutes(options));
  router.use('/requests', createRequestRoutes(options));
  router.use('/tenants', createTenantRoutes(options));
  router.use('/buckets', createBucketRoutes(options));
  router.use('/access', createAccessRoutes(options));
  router.use(answerErrors(options));
  return router;
}

/** The parser's own errors hold the whole body, and would give it back in the answer and write it to the log. */
function refuseUnreadableBody(
  _error: unknown,
  _request: Request,
  _response: Response,
  next: NextFunction,
) {
  next(
    new InputError(
      'The body cannot be read: send JSON of at most 50 kB with Content-Type application/json',
    ),
  );
}
