import type { Authentication } from '../auth/Authenticator';
import { apiError, ApiError } from '../http/ApiError';
import { send } from '../http/answers';
import type { Exchange } from '../http/Exchange';
import type { RustfsContext } from '../RustfsContext';
import { accountRoutes } from './account';
import { AdminCall } from './AdminCall';
import { clusterRoutes } from './cluster';
import { groupRoutes } from './groups';
import { policyRoutes } from './policies';
import { quotaRoutes } from './quota';
import type { AdminRoute } from './routes';
import { serviceAccountRoutes } from './serviceAccounts';
import { userRoutes } from './users';

const ROUTES: AdminRoute[] = [
  ...accountRoutes,
  ...clusterRoutes,
  ...quotaRoutes,
  ...userRoutes,
  ...groupRoutes,
  ...policyRoutes,
  ...serviceAccountRoutes,
];

/** Calls whose bodies the `/minio` prefix encrypts with the caller's secret, which is not spoken here. */
const ENCRYPTED_ON_ALIAS =
  /^v3\/(add-user|list-users|(add|update|info|list)-service-accounts?|idp\/builtin\/policy.*)$/;

interface Match {
  route: AdminRoute;
  parameters: Record<string, string>;
}

function matchPath(
  pattern: string,
  path: string,
): Record<string, string> | undefined {
  const expected = pattern.split('/');
  const given = path.split('/');
  if (expected.length !== given.length) {
    return undefined;
  }
  const parameters: Record<string, string> = {};
  for (const [index, part] of expected.entries()) {
    if (part.startsWith('{')) {
      parameters[part.slice(1, -1)] = given[index];
    } else if (part !== given[index]) {
      return undefined;
    }
  }
  return parameters;
}

function findRoute(method: string, path: string): Match | undefined {
  for (const route of ROUTES) {
    const parameters =
      route.method === method ? matchPath(route.path, path) : undefined;
    if (parameters) {
      return { route, parameters };
    }
  }
  return undefined;
}

/** The admin API: `/rustfs/admin/v3/…`, and `/minio/admin/v3/…` as far as it is not encrypted. */
export class AdminRouter {
  constructor(private readonly context: RustfsContext) {}

  static isAdminPath(path: string): boolean {
    return /^\/(rustfs|minio)\/admin\/v\d+(\/|$)/.test(path);
  }

  async handle(
    exchange: Exchange,
    authentication: Authentication | undefined,
  ): Promise<void> {
    if (!authentication) {
      throw apiError('AccessDenied', 'Signature is required');
    }
    const [, prefix, path] =
      /^\/(rustfs|minio)\/admin\/(.*)$/.exec(exchange.path) ?? [];
    const match = findRoute(exchange.method, path);
    if (!match) {
      if (path.startsWith('v4')) {
        send(exchange, { status: 426 });
        return;
      }
      throw apiError('NotImplemented');
    }
    if (prefix === 'minio' && ENCRYPTED_ON_ALIAS.test(path)) {
      throw new ApiError(
        'NotImplemented',
        501,
        'bodies of this call are encrypted on /minio/admin, which this server does not do; use /rustfs/admin',
      );
    }
    await match.route.handle(
      new AdminCall(this.context, exchange, authentication, match.parameters),
    );
  }
}
