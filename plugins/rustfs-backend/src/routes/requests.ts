import {
  AuditorService,
  PermissionsRegistryService,
} from '@backstage/backend-plugin-api';
import { assertError } from '@backstage/errors';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import {
  bucketRequestPermission,
  bucketRequestSchema,
  requestReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { requestResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod';
import { Access } from '../access';
import { createNotFoundError, RequestService } from '../requests';
import { parseIdempotencyKey, parseInput } from './parse';

const STATES = [
  'submitting',
  'proposed',
  'merged',
  'applied',
  'ready',
  'failed',
  'closed',
] as const;

const { entityRef, tenant } = bucketRequestSchema.shape;

const nameCheckSchema = z.strictObject({
  entityRef,
  tenant,
  // Any text: to say what is wrong with a name is what the check is for.
  bucket: z.string().max(200, 'Use at most 63 characters'),
});

const listSchema = z.strictObject({
  entityRef: entityRef
    .transform(ref => ref.toLocaleLowerCase('en-US'))
    .optional(),
  state: z
    .preprocess(
      value => (typeof value === 'string' ? [value] : value),
      z.array(
        z.enum(STATES, { error: `Expected one of ${STATES.join(', ')}` }),
      ),
    )
    .optional(),
  mine: z
    .enum(['true', 'false'], { error: 'Expected true or false' })
    .transform(value => value === 'true')
    .default(false),
  limit: z.coerce
    .number({ error: 'Expected a number from 1 to 200' })
    .int('Expected a number from 1 to 200')
    .min(1, 'Expected a number from 1 to 200')
    .max(200, 'Expected a number from 1 to 200')
    .default(50),
  cursor: z.string().optional(),
});

/** `/requests`: asking for storage, and what became of it. */
export function createRequestRoutes(options: {
  access: Access;
  auditor: AuditorService;
  permissionsRegistry: PermissionsRegistryService;
  requests: RequestService;
}): Router {
  const { access, auditor, permissionsRegistry, requests } = options;
  const ruleset = permissionsRegistry.getPermissionRuleset(requestResourceRef);
  const toQuery = createConditionTransformer(ruleset);
  const isVisible = createConditionAuthorizer(ruleset);
  const router = PromiseRouter();

  router.post('/check-name', async (req, res) => {
    await access.user(req);
    const query = parseInput(nameCheckSchema, req.body);
    const entity = await access.entity(
      req,
      query.entityRef,
      bucketRequestPermission,
    );
    res.json(await requests.checkName(entity, query));
  });

  router.post('/preview', async (req, res) => {
    const requestedBy = await access.user(req);
    const input = parseInput(bucketRequestSchema, req.body);
    const entity = await access.entity(
      req,
      input.entityRef,
      bucketRequestPermission,
    );
    res.json(await requests.preview(entity, input, requestedBy));
  });

  router.post('/', async (req, res) => {
    const requestedBy = await access.user(req);
    const input = parseInput(bucketRequestSchema, req.body);
    const key = parseIdempotencyKey(req.header('Idempotency-Key'));
    const event = await auditor.createEvent({
      eventId: 'bucket-request',
      severityLevel: 'medium',
      request: req,
      meta: {
        entityRef: input.entityRef,
        tenant: input.tenant,
        bucket: input.bucket,
      },
    });
    try {
      const entity = await access.entity(
        req,
        input.entityRef,
        bucketRequestPermission,
      );
      const request = await requests.submit(entity, input, {
        key,
        requestedBy,
      });
      await event.success({ meta: { id: request.id, state: request.state } });
      res.status(201).json(request);
    } catch (error) {
      assertError(error);
      await event.fail({ error });
      throw error;
    }
  });

  router.get('/', async (req, res) => {
    const decision = await access.list(req, requestReadPermission, {
      allow: ['user', 'service'],
    });
    const { mine, state, ...query } = parseInput(listSchema, req.query);
    res.json(
      await requests.list({
        ...query,
        states: state,
        ...(mine && { requestedBy: await access.user(req) }),
        ...(decision.result === AuthorizeResult.CONDITIONAL && {
          conditions: toQuery(decision.conditions),
        }),
      }),
    );
  });

  router.get('/:id', async (req, res) => {
    const decision = await access.list(req, requestReadPermission, {
      allow: ['user', 'service'],
    });
    const request = await requests.get(req.params.id);
    if (!isVisible(decision, request)) {
      throw createNotFoundError(req.params.id);
    }
    res.json(request);
  });

  return router;
}
