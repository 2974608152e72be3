import {
  AuthenticationError,
  InputError,
  isError,
  NotAllowedError,
} from '@backstage/errors';
import { explainNetworkError } from '@rustfs-portal/plugin-rustfs-common';
import { createUnavailableError, isNetworkError } from '../errors';

/** When a part does not say itself when to come again. */
const RETRY_AFTER_SECONDS = 5;
const LONGEST_RETRY_AFTER_SECONDS = 300;

/**
 * What the failure of a call to another part of the portal means to the one who called this part. Errors that were made
 * in this process, for example by the auth service, stay as they are.
 */
export function translatePortalError(
  error: unknown,
  options: { part: string; timeoutMs: number },
): unknown {
  const { part, timeoutMs } = options;
  const Part = part.charAt(0).toLocaleUpperCase('en-US') + part.slice(1);
  if (isError(error) && error.name === 'ResponseError') {
    return withCause(translateStatus(error, Part), error);
  }
  if (isUnreadable(error)) {
    return withCause(
      createUnavailableError(
        `${Part} answers what the portal does not understand: try again in a moment, and if that does not help, tell whoever runs the portal`,
        RETRY_AFTER_SECONDS,
      ),
      error,
    );
  }
  if (isNetworkError(error)) {
    return withCause(
      createUnavailableError(
        `${Part} does not answer: ${explainNetworkError(
          error,
          timeoutMs,
        )}. Try again in a moment`,
        RETRY_AFTER_SECONDS,
      ),
      error,
    );
  }
  return error;
}

/** Of the answer only status and `Retry-After` are read: body and status text are the other side's words. */
function translateStatus(error: Error, Part: string): Error {
  const response: unknown = Reflect.get(error, 'response');
  const { status, headers } = response as Response;
  switch (status) {
    case 400:
      return new InputError(
        `${Part} does not take what was asked for: entities are named kind:namespace/name, for example component:default/invoices`,
      );
    case 401:
      return new AuthenticationError(
        `${Part} does not accept your sign-in: sign in again`,
      );
    case 403:
      return new NotAllowedError(
        `${Part} does not let you do this: ask whoever keeps the permission policy of this portal`,
      );
    default:
      return createUnavailableError(
        status === 429 || status >= 500
          ? `${Part} cannot answer at present (HTTP ${status}): try again in a moment`
          : `${Part} refuses what this plugin asks of it (HTTP ${status}): tell whoever runs the portal`,
        readRetryAfter(headers) ?? RETRY_AFTER_SECONDS,
      );
  }
}

function readRetryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after') ?? '';
  return /^[1-9]\d{0,8}$/.test(text)
    ? Math.min(Number(text), LONGEST_RETRY_AFTER_SECONDS)
    : undefined;
}

/** It answered, and not what belongs to the call: a page of a proxy for example. */
function isUnreadable(error: unknown): boolean {
  return (
    isError(error) &&
    (error.name === 'SyntaxError' ||
      error.name === 'ZodError' ||
      // What node-fetch says of a body that is not JSON.
      Reflect.get(error, 'type') === 'invalid-json')
  );
}

/** Not enumerable, and not given to the constructor, which would put its message into ours. */
function withCause(error: Error, cause: unknown): Error {
  return Object.defineProperty(error, 'cause', { value: cause });
}
