import {
  ConflictError,
  InputError,
  isError,
  ServiceUnavailableError,
} from '@backstage/errors';
import {
  describeIssues,
  RequestIssue,
} from '@rustfs-portal/plugin-rustfs-common';

/**
 * An InputError that says what is wrong with which field, under the title that the forms give it. The issues are part of the
 * answer, for forms and programs, which know the field by its name.
 */
export function createInputError(issues: RequestIssue[]): InputError {
  return withIssues(new InputError(describeIssues(issues)), issues);
}

/** As {@link createInputError}, for what is right by itself, and taken or there already. */
export function createConflictError(issues: RequestIssue[]): ConflictError {
  return withIssues(new ConflictError(describeIssues(issues)), issues);
}

function withIssues<T extends Error>(error: T, issues: RequestIssue[]): T {
  return Object.assign(error, {
    issues: issues.map(({ field, message }) => ({ field, message })),
  });
}

/** A ServiceUnavailableError that says after how many seconds to ask again, for `Retry-After`. */
export function createUnavailableError(
  message: string,
  retryAfter: number,
): ServiceUnavailableError {
  return Object.assign(new ServiceUnavailableError(message), {
    retryAfter,
  });
}

/** Codes of Node and undici for a connection that did not come about or did not last. */
const NETWORK_CODE =
  /^(E(CONN|HOST|NET|ADDR|PIPE|PROTO|TIMEDOUT|SOCKETTIMEDOUT|MFILE|NFILE|NOTFOUND|AI_)|UND_ERR_|HPE_|ERR_(SSL|TLS)_|CERT_)/;

/** Whether a call failed on its way over the network, or ran out of time. */
export function isNetworkError(error: unknown): boolean {
  for (
    let link = error, depth = 0;
    isError(link) && depth < 5;
    link = link.cause, depth += 1
  ) {
    if (
      // What node-fetch, a signal and the pool of the database throw.
      ['FetchError', 'AbortError', 'TimeoutError', 'KnexTimeoutError'].includes(
        link.name,
      ) ||
      NETWORK_CODE.test(String(link.code))
    ) {
      return true;
    }
  }
  return false;
}
