import { Request, Response } from 'express';
import { z } from 'zod';
import { accessOf, atLeast } from '../access';
import { Caller } from '../authentication';
import { ForgeStore } from '../ForgeStore';
import { GiteaError } from '../GiteaError';
import { AccessLevel, RepositoryRecord, UserRecord } from '../model';

/** Gitea's limits, as `GET /settings/api` tells them. */
export const LIMITS = {
  max_response_items: 50,
  default_paging_num: 30,
  default_git_trees_per_page: 1000,
  default_max_blob_size: 10_485_760,
  default_max_response_size: 104_857_600,
};

export function callerOf(response: Response): Caller {
  return response.locals.caller;
}

export function repositoryOf(response: Response): RepositoryRecord {
  return response.locals.repository;
}

/** @throws GiteaError 401 when nobody is signed in */
export function requireUser(response: Response): UserRecord {
  const { user } = callerOf(response);
  if (!user) throw new GiteaError(401, 'token is required');
  return user;
}

const REFUSALS: Record<Exclude<AccessLevel, 'none'>, string> = {
  read: 'not found',
  write: 'user should have a permission to write to a repo',
  admin:
    'user should be an owner or a collaborator with admin write of a repository',
};

/** @throws GiteaError 401 or 403 */
export function requireAccess(
  store: ForgeStore,
  response: Response,
  level: 'write' | 'admin',
  refusal = REFUSALS[level],
): UserRecord {
  const user = requireUser(response);
  if (!atLeast(accessOf(store, repositoryOf(response), user), level)) {
    throw new GiteaError(403, refusal);
  }
  return user;
}

export function requireNotArchived(
  repository: RepositoryRecord,
  message = 'repo is archived',
): void {
  if (repository.archived) throw new GiteaError(423, message);
}

// Go reads null as "not given".
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== null)
      .map(([key, item]) => [key, withoutNulls(item)]),
  );
}

function goName(name: string): string {
  if (name === 'sha') return 'SHA';
  if (name === 'new_branch_name') return 'BranchName';
  return name
    .split('_')
    .map(part => part[0].toUpperCase() + part.slice(1))
    .join('');
}

function goType(value: unknown): string {
  return Array.isArray(value) ? 'array' : typeof value;
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key],
    input,
  );
}

/**
 * The body of a request in the shape it must have.
 *
 * @throws GiteaError 422 in the words of Gitea's own reader
 */
export function parseBody<T>(
  request: Request,
  schema: z.ZodType<T>,
  structure = 'Option',
): T {
  const input = withoutNulls(request.body ?? {});
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const value = valueAt(input, issue.path);
  const field = String(issue.path[0] ?? '');
  if (value === undefined || value === '') {
    throw new GiteaError(422, `[${goName(field)}]: Required`);
  }
  if (issue.code === 'invalid_value') {
    throw new GiteaError(422, `[${goName(field)}]: In`);
  }
  const expected =
    issue.code === 'invalid_type'
      ? issue.expected.replace(/^(number|int)$/, 'int64')
      : 'value';
  throw new GiteaError(
    422,
    `[]: json: cannot unmarshal ${goType(
      value,
    )} into Go struct field ${structure}.${field} of type ${expected}`,
  );
}

/** A query parameter that is given once. */
export function queryText(request: Request, name: string): string | undefined {
  const value = request.query[name];
  return typeof value === 'string' ? value : undefined;
}

export function queryFlag(request: Request, name: string): boolean {
  return ['true', '1'].includes(queryText(request, name) ?? '');
}

/** The part of a list that was asked for, with the headers that tell how to get the rest. */
export function paginate<T>(
  request: Request,
  response: Response,
  items: T[],
  url: string,
): T[] {
  const asked = Number(queryText(request, 'limit') ?? 0);
  const limit = Math.min(
    asked > 0 ? asked : LIMITS.default_paging_num,
    LIMITS.max_response_items,
  );
  const page = Math.max(Number(queryText(request, 'page') ?? 1) || 1, 1);
  const last = Math.ceil(items.length / limit);
  const link = (number: number, rel: string) => {
    const query = new URLSearchParams(request.originalUrl.split('?')[1] ?? '');
    query.set('page', String(number));
    query.sort();
    const path = request.originalUrl.split('?')[0];
    return `<${url}${path}?${query}>; rel="${rel}"`;
  };
  const links = [
    ...(page < last ? [link(page + 1, 'next'), link(last, 'last')] : []),
    ...(page > 1 ? [link(1, 'first'), link(page - 1, 'prev')] : []),
  ];
  if (links.length > 0) response.setHeader('Link', links.join(','));
  response.setHeader('X-Total-Count', String(items.length));
  return items.slice((page - 1) * limit, page * limit);
}
