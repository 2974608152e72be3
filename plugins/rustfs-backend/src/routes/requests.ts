import {
  AuditorService,
  PermissionsRegistryService,
} from '@backstage/backend-plugin-api';
import { assertError } from '@backstage/errors';
import {
  bucketRequestPermission,
  bucketRequestSchema,
  commitDecisionSchema,
  requestUpdatePermission,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { Request, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod';
import { Access, RateLimiter } from '../access';
import { RequestDoor } from '../doors';
import { parseInput } from '../parseInput';
import { RequestDecisions, RequestService } from '../requests';
import { parseIdempotencyKey } from './parse';

const { entityRef, tenant } = bucketRequestSchema.shape;

const nameCheckSchema = z.strictObject({
  entityRef,
  tenant,
  // Any text: to say what is wrong with a name is what the check is for.
  bucket: z.string().max(200, 'Use at most 63 characters'),
});

/** `/requests`: asking for storage, and what became of it. */
export function createRequestRoutes(options: {
  access: Access;
  auditor: AuditorService;
  decisions: RequestDecisions;
  limiter: RateLimiter;
  permissionsRegistry: PermissionsRegistryService;
  requests: RequestService;
}): Router {
  const { access, auditor, decisions, limiter, requests } = options;
  const door = new RequestDoor(options);
  const router = PromiseRouter();

  router.post('/check-name', async (req, res) => {
    const person = await access.user(req);
    const query = parseInput(nameCheckSchema, req.body);
    await limiter.take('name-check', person);
    const entity = await access.entity(
      req,
      query.entityRef,
      bucketRequestPermission,
    );
    res.json(await requests.checkName(entity, query));
  });

  router.post('/preview', async (req, res) => {
    res.json(await door.preview(req, req.body));
  });

  router.post('/', async (req, res) => {
    const request = await door.submit(req, req.body, () =>
      parseIdempotencyKey(req.header('Idempotency-Key')),
    );
    res.status(201).json(request);
  });

  router.get('/', async (req, res) => {
    res.json(await door.list(req, req.query));
  });

  router.get('/:id', async (req, res) => {
    res.json(await door.get(req, req.params.id));
  });

  /**
   * A decision of a person about a request that is there: audited, and made only when they may see the request and
   * change it.
   */
  function onDecision(
    name: string,
    decide: (
      req: Request,
      request: StorageRequest,
      actor: string,
    ) => Promise<StorageRequest>,
  ) {
    router.post(`/:id/${name}`, async (req, res) => {
      const actor = await access.user(req);
      const event = await auditor.createEvent({
        eventId: `request-${name}`,
        severityLevel: 'medium',
        request: req,
        meta: { id: req.params.id },
      });
      try {
        const decision = await access.list(req, requestUpdatePermission, {
          allow: ['user'],
        });
        const request = await door.get(req, req.params.id, ['user']);
        if (!door.isAllowed(decision, request)) {
          await access.refuse(req, {
            permission: requestUpdatePermission.name,
            resource: request.id,
          });
        }
        const decided = await decide(req, request, actor);
        await event.success({ meta: { state: decided.state } });
        res.json(decided);
      } catch (error) {
        assertError(error);
        await event.fail({ error });
        throw error;
      }
    });
  }

  onDecision('withdraw', (_, { id }, actor) => decisions.withdraw(id, actor));

  onDecision('reopen', async (req, request, actor) => {
    await limiter.take('request', actor);
    const entity = await access.entity(
      req,
      request.entityRef,
      requests.permissionsOf(request),
    );
    return decisions.reopen(request.id, actor, () =>
      requests.checkAgain(entity, request),
    );
  });

  onDecision('commit', async (req, { id }, actor) => {
    const decision = parseInput(commitDecisionSchema, req.body);
    await limiter.take('request', actor);
    return decisions.decide(id, decision, actor);
  });

  return router;
}
