import { isError, ResponseError } from '@backstage/errors';
import { readIssues, RequestIssue } from '@rustfs-portal/plugin-rustfs-common';

/** An error as a page tells it. */
export interface ErrorWords {
  kind: 'not-allowed' | 'not-found' | 'offline' | 'failed';
  /** What failed, in the backend's words where it gave some. */
  message: string;
  /** What is wrong with which field of a request, where the backend says so. */
  issues?: RequestIssue[];
  requestId?: string;
}

/** Puts an error into words, with the message of the backend rather than "Request failed with 503". */
export function describeError(error: Error): ErrorWords {
  if (isResponseError(error)) {
    const name = error.cause?.name;
    const issues = readIssues(error);
    const requestId = error.response?.headers?.get('x-request-id');
    return {
      kind:
        (name === 'NotAllowedError' && 'not-allowed') ||
        (name === 'NotFoundError' && 'not-found') ||
        'failed',
      message: error.cause?.message || error.message,
      ...(issues && { issues }),
      ...(requestId && { requestId }),
    };
  }
  // What fetch throws when nothing answers; its message differs between browsers.
  if (error.name === 'TypeError') {
    return { kind: 'offline', message: error.message };
  }
  if (error.name === 'NotAllowedError') {
    return { kind: 'not-allowed', message: error.message };
  }
  return { kind: 'failed', message: error.message };
}

/** Turns what was thrown into an Error. */
export function toError(thrown: unknown): Error {
  return isError(thrown) ? (thrown as Error) : new Error(String(thrown));
}

export function isAbort(error: Error): boolean {
  return error.name === 'AbortError';
}

// By name: two copies of @backstage/errors may be installed.
function isResponseError(error: Error): error is ResponseError {
  return error.name === 'ResponseError';
}
