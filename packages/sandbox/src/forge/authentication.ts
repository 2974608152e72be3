import { ForgeStore } from './ForgeStore';
import { GiteaError } from './GiteaError';
import { UserRecord } from './model';

/** Who is calling, and with which rights of a token. */
export interface Caller {
  user?: UserRecord;
  /** Absent when the caller is anonymous or has given a password. */
  scopes?: string[];
  withPassword: boolean;
}

const CATEGORIES = [
  'activitypub',
  'admin',
  'issue',
  'misc',
  'notification',
  'organization',
  'package',
  'repository',
  'user',
];

export type ScopeCategory =
  | 'issue'
  | 'organization'
  | 'repository'
  | 'user'
  | 'admin';

export function isKnownScope(scope: string): boolean {
  if (scope === 'all' || scope === 'public-only') return true;
  const [level, category] = scope.split(':');
  return (
    (level === 'read' || level === 'write') && CATEGORIES.includes(category)
  );
}

/** @throws GiteaError 403 with the scope that is missing */
export function requireScope(
  caller: Caller,
  level: 'read' | 'write',
  category: ScopeCategory,
): void {
  const { scopes } = caller;
  if (!scopes || scopes.includes('all')) return;
  if (
    scopes.includes(`write:${category}`) ||
    (level === 'read' && scopes.includes(`read:${category}`))
  ) {
    return;
  }
  throw new GiteaError(
    403,
    `token does not have at least one of required scope(s), required=[${level}:${category}], token scope=${[
      ...scopes,
    ]
      .sort()
      .join(',')}`,
  );
}

const BAD_CREDENTIALS = 'invalid username, password or token';

function byToken(store: ForgeStore, value: string): Caller | undefined {
  const found = store.findToken(value);
  return (
    found && {
      user: found.user,
      scopes: found.token.scopes,
      withPassword: false,
    }
  );
}

function byBasic(store: ForgeStore, encoded: string): Caller | undefined {
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  const name = colon < 0 ? text : text.slice(0, colon);
  const secret = colon < 0 ? '' : text.slice(colon + 1);
  // A token counts in either place, whatever stands in the other.
  const token =
    (secret && byToken(store, secret)) || (name && byToken(store, name));
  if (token) return token;
  const user = store.user(name);
  return user && store.passwordMatches(user, secret)
    ? { user, withPassword: true }
    : undefined;
}

/**
 * Finds out who sent a request. No credentials at all is nobody, wrong ones are refused.
 *
 * @throws GiteaError 401
 */
export function authenticate(
  store: ForgeStore,
  authorization: string | undefined,
): Caller {
  if (!authorization) return { withPassword: false };
  const [scheme, value = ''] = authorization.split(/\s+/);
  let caller: Caller | undefined;
  if (/^basic$/i.test(scheme)) caller = byBasic(store, value);
  else if (/^(token|bearer)$/i.test(scheme)) caller = byToken(store, value);
  if (!caller) throw new GiteaError(401, BAD_CREDENTIALS);
  return caller;
}
