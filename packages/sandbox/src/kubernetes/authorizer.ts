import { rulesIn } from './roles';
import { ServiceAccountTokens } from './ServiceAccountTokens';
import { unauthorized } from './status';
import { ObjectStore } from './store';
import { Rule, TokenGrant, User } from './types';

/** What is asked for, in the terms of RBAC. */
export interface Attributes {
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}

const ANONYMOUS: User = {
  name: 'system:anonymous',
  groups: ['system:unauthenticated'],
  rules: [],
};

/** Members of this group may do everything, as on every cluster. */
const ADMINISTRATORS = 'system:masters';

/** Paths that a real server shows to everyone, and those for which a known user is enough. */
const PUBLIC_PATHS = /^\/(healthz|livez|readyz|version)(\/|$)/;
const DISCOVERY_PATHS = /^\/($|api(\/|$)|apis(\/|$)|openapi(\/|$))/;

function includes(list: string[], value: string): boolean {
  return list.includes('*') || list.includes(value);
}

function allows(rule: Rule, asked: Attributes): boolean {
  const resource = asked.subresource
    ? `${asked.resource}/${asked.subresource}`
    : asked.resource;
  const named =
    !rule.resourceNames?.length ||
    (asked.name !== undefined && rule.resourceNames.includes(asked.name));
  const placed =
    !rule.namespaces ||
    (asked.namespace !== undefined &&
      rule.namespaces.includes(asked.namespace));
  return (
    named &&
    placed &&
    includes(rule.verbs, asked.verb) &&
    includes(rule.apiGroups, asked.group) &&
    (includes(rule.resources, resource) ||
      (asked.subresource !== undefined &&
        rule.resources.includes(`*/${asked.subresource}`)))
  );
}

/** Who holds which token, and what they may do. */
export class Authorizer {
  private readonly users = new Map<string, User>();

  constructor(
    grants: TokenGrant[],
    private readonly store: ObjectStore,
    private readonly accounts: ServiceAccountTokens,
  ) {
    for (const { token, user, groups = [], rules } of grants) {
      this.users.set(token, {
        name: user,
        groups: [...groups, 'system:authenticated'],
        rules,
      });
    }
  }

  /**
   * The user of an Authorization header; without one it is the anonymous user.
   *
   * @throws ApiError 401 for a token that is not known
   */
  authenticate(header: string | undefined): User {
    if (!header) {
      return ANONYMOUS;
    }
    const token = header.match(/^Bearer +(\S+)$/i)?.[1] ?? '';
    const user = this.users.get(token) ?? this.accounts.userOf(token);
    if (!user) {
      throw unauthorized();
    }
    return user;
  }

  allows(user: User, asked: Attributes): boolean {
    return (
      user.groups.includes(ADMINISTRATORS) ||
      user.rules.some(rule => allows(rule, asked)) ||
      (asked.namespace !== undefined &&
        rulesIn(this.store, asked.namespace, user).some(rule =>
          allows(rule, asked),
        ))
    );
  }

  allowsPath(user: User, path: string): boolean {
    return (
      user.groups.includes(ADMINISTRATORS) ||
      PUBLIC_PATHS.test(path) ||
      (user !== ANONYMOUS && DISCOVERY_PATHS.test(path))
    );
  }
}
