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
  commitDecisionSchema,
  REQUEST_STATES,
  requestReadPermission,
  requestUpdatePermission,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { requestResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { Request, Router } from 'express';
import PromiseRouter from 'express-promise-router';
import { z } from 'zod';
import { Access, RateLimiter } from '../access';
import { parseInput } from '../parseInput';
import {
  createNotFoundError,
  RequestDecisions,
  RequestService,
} from '../requests';
import { parseIdempotencyKey } from './parse';

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
        z.enum(REQUEST_STATES, {
          error: `Expected one of ${REQUEST_STATES.join(', ')}`,
        }),
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
  decisions: RequestDecisions;
  limiter: RateLimiter;
  permissionsRegistry: PermissionsRegistryService;
  requests: RequestService;
}): Router {
  const { access, auditor, decisions, limiter, permissionsRegistry, requests } =
    options;
  const ruleset = permissionsRegistry.getPermissionRuleset(requestResourceRef);
  const toQuery = createConditionTransformer(ruleset);
  const isVisible = createConditionAuthorizer(ruleset);
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
    const requestedBy = await access.user(req);
    const asked = requests.parse(req.body);
    await limiter.take('preview', requestedBy);
    const entity = await access.entity(
      req,
      asked.input.entityRef,
      asked.kind.permission,
    );
    res.json(await requests.preview(entity, asked, requestedBy));
  });

  router.post('/', async (req, res) => {
    const requestedBy = await access.user(req);
    const asked = requests.parse(req.body);
    const { input, kind } = asked;
    const key = parseIdempotencyKey(req.header('Idempotency-Key'));
    const { name, tenant: tenantRef, type } = kind.subject(input);
    const event = await auditor.createEvent({
      eventId: `${type}-request`,
      severityLevel: 'medium',
      request: req,
      meta: {
        kind: kind.id,
        entityRef: input.entityRef,
        tenant: tenantRef,
        [type]: name,
      },
    });
    try {
      await limiter.take('request', requestedBy);
      const entity = await access.entity(req, input.entityRef, kind.permission);
      const request = await requests.submit(entity, asked, {
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

  /** A request that the caller may see. */
  async function readVisible(
    req: Request,
    allow: Array<'user' | 'service'>,
  ): Promise<StorageRequest> {
    const { id } = req.params;
    const decision = await access.list(req, requestReadPermission, { allow });
    const request = await requests.get(id);
    if (!isVisible(decision, request)) {
      throw createNotFoundError(id);
    }
    return request;
  }

  router.get('/:id', async (req, res) => {
    res.json(await readVisible(req, ['user', 'service']));
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
        const request = await readVisible(req, ['user']);
        if (!isVisible(decision, request)) {
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
      requests.permissionOf(request),
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
