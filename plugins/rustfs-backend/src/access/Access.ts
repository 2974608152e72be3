import {
  AuditorService,
  BackstageCredentials,
  BackstageUserPrincipal,
  HttpAuthService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  Entity,
  parseEntityRef,
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { NotAllowedError, NotFoundError } from '@backstage/errors';
import { CatalogService } from '@backstage/plugin-catalog-node';
import {
  AuthorizePermissionRequest,
  AuthorizeResult,
  BasicPermission,
  DefinitivePolicyDecision,
  PolicyDecision,
  ResourcePermission,
} from '@backstage/plugin-permission-common';
import { JsonObject } from '@backstage/types';
import { Request } from 'express';
import { createInputError } from '../errors';

/** An entity that the caller may read, with what the portal needs of it. */
export interface EntityContext {
  entity: Entity;
  ref: string;
  /** Entity ref of the owner; undefined for an entity that nobody owns. */
  owner?: string;
}

type EntityPermission = ResourcePermission<'catalog-entity'>;

/** Somebody who calls: over HTTP, or through an action, which has their credentials and no request. */
export type Caller = Request | BackstageCredentials;

/**
 * Answers "who is this, and may they?" for routes and actions. Whoever passes has been authorized; whoever does not gets an error
 * before anything upstream is called, and leaves an audit event.
 */
export class Access {
  readonly #auditor: AuditorService;
  readonly #catalog: CatalogService;
  readonly #httpAuth: HttpAuthService;
  readonly #permissions: PermissionsService;

  constructor(options: {
    auditor: AuditorService;
    catalog: CatalogService;
    httpAuth: HttpAuthService;
    permissions: PermissionsService;
  }) {
    this.#auditor = options.auditor;
    this.#catalog = options.catalog;
    this.#httpAuth = options.httpAuth;
    this.#permissions = options.permissions;
  }

  /**
   * Entity ref of the person who calls, written as the catalog writes refs, whatever the token says; a plugin that calls
   * in its own name is refused.
   */
  async user(caller: Caller): Promise<string> {
    const { principal } = await this.#user(caller);
    return principal.userEntityRef.toLocaleLowerCase('en-US');
  }

  /**
   * An entity that the caller may read and has a permission on, or all of several.
   *
   * @throws NotFoundError when the caller cannot read the entity, or there is none
   * @throws NotAllowedError when a permission is refused
   */
  async entity(
    caller: Caller,
    entityRef: string,
    needed: EntityPermission | EntityPermission[],
  ): Promise<EntityContext> {
    const credentials = await this.#user(caller);
    const context = await this.#readEntity(entityRef, credentials);
    const permissions = [needed].flat();
    const decisions = await this.#permissions.authorize(
      permissions.map(permission => ({ permission, resourceRef: context.ref })),
      { credentials },
    );
    for (const [index, { name }] of permissions.entries()) {
      await this.#refuse(caller, decisions[index], {
        permission: name,
        resource: context.ref,
        advice:
          'ask the owner of the entity, or whoever keeps the permission policy of this portal',
      });
    }
    return context;
  }

  /** Whether the caller has a permission; on an entity, after that was read for them. */
  async isAllowed(
    caller: Caller,
    asked: AuthorizePermissionRequest,
  ): Promise<boolean> {
    const credentials = await this.#credentials(caller, ['user', 'service']);
    const [decision] = await this.#permissions.authorize([asked], {
      credentials,
    });
    return decision.result === AuthorizeResult.ALLOW;
  }

  /** Whether there may be an entity on which the caller has a permission; which, is told when they ask. */
  async mayBeAllowed(
    caller: Caller,
    permission: EntityPermission,
  ): Promise<boolean> {
    const credentials = await this.#credentials(caller, ['user', 'service']);
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    return decision.result !== AuthorizeResult.DENY;
  }

  /**
   * Lets people and plugins with a permission pass.
   *
   * @throws NotAllowedError when the permission is refused
   */
  async basic(caller: Caller, permission: BasicPermission): Promise<void> {
    const credentials = await this.#credentials(caller, ['user', 'service']);
    const [decision] = await this.#permissions.authorize([{ permission }], {
      credentials,
    });
    await this.#refuse(caller, decision, { permission: permission.name });
  }

  /**
   * The decision on a list: everything, or what meets the conditions.
   *
   * @throws NotAllowedError when nothing may be seen
   */
  async list(
    caller: Caller,
    permission: ResourcePermission,
    options: { allow: Array<'user' | 'service'> },
  ): Promise<PolicyDecision> {
    const credentials = await this.#credentials(caller, options.allow);
    const [decision] = await this.#permissions.authorizeConditional(
      [{ permission }],
      { credentials },
    );
    await this.#refuse(caller, decision, { permission: permission.name });
    return decision;
  }

  /**
   * Refuses what the conditions of a decision do not allow.
   *
   * @throws NotAllowedError always
   */
  async refuse(
    caller: Caller,
    about: { permission: string; resource: string },
  ): Promise<never> {
    await this.#refuse(caller, { result: AuthorizeResult.DENY }, about);
    throw new NotAllowedError();
  }

  async #user(
    caller: Caller,
  ): Promise<BackstageCredentials<BackstageUserPrincipal>> {
    if (!isCredentials(caller)) {
      return this.#httpAuth.credentials(caller, { allow: ['user'] });
    }
    if (!isOfUser(caller)) {
      throw new NotAllowedError(
        'This is for people: call it with the credentials of a signed-in user',
      );
    }
    return caller;
  }

  async #credentials(
    caller: Caller,
    allow: Array<'user' | 'service'>,
  ): Promise<BackstageCredentials> {
    if (!allow.includes('service')) {
      return this.#user(caller);
    }
    // The registry of actions has refused who is nobody.
    return isCredentials(caller)
      ? caller
      : this.#httpAuth.credentials(caller, { allow });
  }

  async #readEntity(
    entityRef: string,
    credentials: BackstageCredentials,
  ): Promise<EntityContext> {
    const parsed = parseRef(entityRef);
    const entity = await this.#catalog.getEntityByRef(parsed, { credentials });
    if (!entity) {
      throw new NotFoundError(
        `No entity ${stringifyEntityRef(
          parsed,
        )}: it is not in the catalog, or you cannot read it`,
      );
    }
    return { entity, ref: stringifyEntityRef(entity), owner: ownerOf(entity) };
  }

  async #refuse(
    caller: Caller,
    decision: DefinitivePolicyDecision | PolicyDecision,
    about: { permission: string; resource?: string; advice?: string },
  ): Promise<void> {
    if (decision.result !== AuthorizeResult.DENY) {
      return;
    }
    const { permission, resource } = about;
    const error = new NotAllowedError(
      `You need the permission ${permission}${
        resource ? ` on ${resource}` : ''
      }: ${
        about.advice ?? 'ask whoever keeps the permission policy of this portal'
      }`,
    );
    const event = await this.#auditor.createEvent({
      eventId: 'access-denied',
      severityLevel: 'medium',
      ...auditedCaller(caller, { permission, ...(resource && { resource }) }),
    });
    await event.fail({ error });
    throw error;
  }
}

/** What an audit event says of a caller: the auditor finds out by itself who sent a request, and nothing else. */
export function auditedCaller(
  caller: Caller,
  meta: JsonObject,
): { request?: Request; meta: JsonObject } {
  if (!isCredentials(caller)) {
    return { request: caller, meta };
  }
  return {
    meta: {
      ...meta,
      through: 'action',
      ...(isOfUser(caller) && { actor: caller.principal.userEntityRef }),
    },
  };
}

function isCredentials(caller: Caller): caller is BackstageCredentials {
  return '$$type' in caller;
}

function isOfUser(
  credentials: BackstageCredentials,
): credentials is BackstageCredentials<BackstageUserPrincipal> {
  const { principal } = credentials;
  return (
    typeof principal === 'object' &&
    principal !== null &&
    'type' in principal &&
    principal.type === 'user'
  );
}

function parseRef(entityRef: string) {
  try {
    // No entity has a control character in its name, and databases fail on some.
    if (!/\p{Cc}/u.test(entityRef)) {
      return parseEntityRef(entityRef);
    }
  } catch {
    // As below.
  }
  throw createInputError([
    {
      field: 'entityRef',
      message:
        'Expected an entity reference, for example component:default/invoices',
    },
  ]);
}

/** The owner as the catalog has resolved it; `spec.owner` alone is what somebody wrote. */
function ownerOf(entity: Entity): string | undefined {
  return entity.relations?.find(({ type }) => type === RELATION_OWNED_BY)
    ?.targetRef;
}
