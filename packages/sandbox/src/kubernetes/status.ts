import { JsonObject } from './types';

/** One entry of `details.causes` of a Status. */
export interface Cause {
  reason?: string;
  message: string;
  field?: string;
}

/** What messages and details need to know about a resource. */
export interface ResourceName {
  group: string;
  plural: string;
  kind: string;
}

interface StatusDetails {
  name?: string;
  group?: string;
  kind?: string;
  causes?: Cause[];
  retryAfterSeconds?: number;
}

/** A refusal in the form the API server gives it: a `Status` of kind Failure. */
export class ApiError extends Error {
  constructor(
    readonly code: number,
    readonly reason: string | undefined,
    message: string,
    readonly details?: StatusDetails,
  ) {
    super(message);
  }

  toStatus(): JsonObject {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: this.message,
      ...(this.reason && { reason: this.reason }),
      ...(this.details && { details: this.details }),
      code: this.code,
    };
  }
}

function qualified(name: string, group: string): string {
  return group ? `${name}.${group}` : name;
}

function detailsOf(resource: ResourceName, name: string): StatusDetails {
  return {
    ...(name && { name }),
    ...(resource.group && { group: resource.group }),
    kind: resource.plural,
  };
}

export function notFound(resource: ResourceName, name: string): ApiError {
  return new ApiError(
    404,
    'NotFound',
    `${qualified(resource.plural, resource.group)} "${name}" not found`,
    detailsOf(resource, name),
  );
}

export function alreadyExists(resource: ResourceName, name: string): ApiError {
  return new ApiError(
    409,
    'AlreadyExists',
    `${qualified(resource.plural, resource.group)} "${name}" already exists`,
    detailsOf(resource, name),
  );
}

export function conflict(
  resource: ResourceName,
  name: string,
  why: string,
): ApiError {
  return new ApiError(
    409,
    'Conflict',
    `Operation cannot be fulfilled on ${qualified(
      resource.plural,
      resource.group,
    )} "${name}": ${why}`,
    detailsOf(resource, name),
  );
}

/** 422 with one cause per violation; the message repeats all of them. */
export function invalid(
  resource: Pick<ResourceName, 'group' | 'kind'>,
  name: string,
  causes: Cause[],
): ApiError {
  const texts = causes.map(cause => `${cause.field}: ${cause.message}`);
  const text = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`;
  return new ApiError(
    422,
    'Invalid',
    `${qualified(resource.kind, resource.group)} "${name}" is invalid: ${text}`,
    {
      ...(name && { name }),
      ...(resource.group && { group: resource.group }),
      kind: resource.kind,
      causes,
    },
  );
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message);
}

export function unauthorized(): ApiError {
  return new ApiError(401, 'Unauthorized', 'Unauthorized');
}

export function forbidden(options: {
  user: string;
  verb: string;
  group: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name?: string;
}): ApiError {
  const { user, verb, group, resource, subresource, namespace, name } = options;
  const what = qualified(resource, group) + (name ? ` "${name}"` : '');
  const target = subresource ? `${resource}/${subresource}` : resource;
  const where = namespace
    ? `in the namespace "${namespace}"`
    : 'at the cluster scope';
  return new ApiError(
    403,
    'Forbidden',
    `${what} is forbidden: User "${user}" cannot ${verb} resource "${target}" in API group "${group}" ${where}`,
    { ...(name && { name }), ...(group && { group }), kind: resource },
  );
}

export function forbiddenPath(options: {
  user: string;
  verb: string;
  path: string;
}): ApiError {
  const { user, verb, path } = options;
  return new ApiError(
    403,
    'Forbidden',
    `forbidden: User "${user}" cannot ${verb} path "${path}"`,
    {},
  );
}

export function unsupportedMediaType(accepted: string[]): ApiError {
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted.join(
      ', ',
    )}`,
  );
}

export function methodNotAllowed(): ApiError {
  return new ApiError(
    405,
    'MethodNotAllowed',
    'the server does not allow this method on the requested resource',
    {},
  );
}

export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message);
}

/** The answer to a completed delete. */
export function deleted(
  resource: ResourceName,
  name: string,
  uid: string | undefined,
): JsonObject {
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: { ...detailsOf(resource, name), ...(uid && { uid }) },
  };
}
