import {
  AuditorService,
  PermissionsRegistryService,
} from '@backstage/backend-plugin-api';
import { assertError } from '@backstage/errors';
import {
  AuthorizeResult,
  PolicyDecision,
} from '@backstage/plugin-permission-common';
import {
  createConditionAuthorizer,
  createConditionTransformer,
} from '@backstage/plugin-permission-node';
import {
  bucketRequestSchema,
  REQUEST_STATES,
  requestReadPermission,
  RequestPreview,
  StorageRequest,
  StorageRequestPage,
  tenantReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { requestResourceRef } from '@rustfs-portal/plugin-rustfs-node';
import { z } from 'zod';
import { Access, auditedCaller, Caller, RateLimiter } from '../access';
import { parseInput } from '../parseInput';
import {
  createNotFoundError,
  isBypass,
  permissionsOf,
  RequestService,
  withoutBypass,
} from '../requests';

const listSchema = z.strictObject({
  entityRef: bucketRequestSchema.shape.entityRef
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

/**
 * The way to storage requests, for routes and for actions alike: who is it, how often may they, may they, and a note for
 * the auditor. What is behind it authorizes nobody.
 */
export class RequestDoor {
  readonly #access: Access;
  readonly #auditor: AuditorService;
  readonly #limiter: RateLimiter;
  readonly #requests: RequestService;
  readonly #rules: ReturnType<typeof readRules>;

  constructor(options: {
    access: Access;
    auditor: AuditorService;
    limiter: RateLimiter;
    permissionsRegistry: PermissionsRegistryService;
    requests: RequestService;
  }) {
    this.#access = options.access;
    this.#auditor = options.auditor;
    this.#limiter = options.limiter;
    this.#requests = options.requests;
    this.#rules = readRules(options.permissionsRegistry);
  }

  /**
   * The pull request that a request would open.
   *
   * @param body - `kind`, and the input of that kind beside it
   */
  async preview(caller: Caller, body: unknown): Promise<RequestPreview> {
    const requestedBy = await this.#access.user(caller);
    const asked = this.#requests.parse(body);
    await this.#limiter.take('preview', requestedBy);
    const entity = await this.#access.entity(
      caller,
      asked.input.entityRef,
      permissionsOf(asked),
    );
    return this.#requests.preview(entity, asked, requestedBy);
  }

  /**
   * Asks for something.
   *
   * @param body - `kind`, and the input of that kind beside it
   * @param readKey - gives the key of the call, once it is known what is asked for
   */
  async submit(
    caller: Caller,
    body: unknown,
    readKey: () => string,
  ): Promise<StorageRequest> {
    const requestedBy = await this.#access.user(caller);
    const asked = this.#requests.parse(body);
    const { input, kind } = asked;
    const key = readKey();
    const { name, tenant, type } = kind.subject(input);
    const event = await this.#auditor.createEvent({
      eventId: `${type}-request`,
      severityLevel: 'medium',
      ...auditedCaller(caller, {
        kind: kind.id,
        entityRef: input.entityRef,
        tenant,
        [type]: name,
      }),
    });
    try {
      await this.#limiter.take('request', requestedBy);
      const entity = await this.#access.entity(
        caller,
        input.entityRef,
        permissionsOf(asked),
      );
      const request = await this.#requests.submit(entity, asked, {
        key,
        requestedBy,
      });
      await event.success({ meta: { id: request.id, state: request.state } });
      return (await this.#toldTo(caller, [request]))[0];
    } catch (error) {
      assertError(error);
      await event.fail({ error });
      throw error;
    }
  }

  /** Requests that the caller may see. */
  async list(caller: Caller, query: unknown): Promise<StorageRequestPage> {
    const decision = await this.#access.list(caller, requestReadPermission, {
      allow: ['user', 'service'],
    });
    const { mine, state, ...rest } = parseInput(listSchema, query);
    const page = await this.#requests.list({
      ...rest,
      states: state,
      ...(mine && { requestedBy: await this.#access.user(caller) }),
      ...(decision.result === AuthorizeResult.CONDITIONAL && {
        conditions: this.#rules.toQuery(decision.conditions),
      }),
    });
    return { ...page, items: await this.#toldTo(caller, page.items) };
  }

  /**
   * A request that the caller may see.
   *
   * @throws NotFoundError when there is none, or they may not see it
   */
  async get(
    caller: Caller,
    id: string,
    allow: Array<'user' | 'service'> = ['user', 'service'],
  ): Promise<StorageRequest> {
    const decision = await this.#access.list(caller, requestReadPermission, {
      allow,
    });
    const request = await this.#requests.get(id);
    if (!this.isAllowed(decision, request)) {
      throw createNotFoundError(id);
    }
    await this.#requests.markViewed(request);
    return (await this.#toldTo(caller, [request]))[0];
  }

  /** Tells a problem to those who can do something about it: who merges past the approvals is for the platform team. */
  async #toldTo(
    caller: Caller,
    requests: StorageRequest[],
  ): Promise<StorageRequest[]> {
    if (!requests.some(({ problems }) => problems.some(isBypass))) {
      return requests;
    }
    const seesTenants = await this.#access.isAllowed(caller, {
      permission: tenantReadPermission,
    });
    return seesTenants ? requests : requests.map(withoutBypass);
  }

  /** Whether a decision holds for a request. */
  isAllowed(decision: PolicyDecision, request: StorageRequest): boolean {
    return this.#rules.isAllowed(decision, request);
  }
}

function readRules(permissionsRegistry: PermissionsRegistryService) {
  const ruleset = permissionsRegistry.getPermissionRuleset(requestResourceRef);
  return {
    toQuery: createConditionTransformer(ruleset),
    isAllowed: createConditionAuthorizer(ruleset),
  };
}
