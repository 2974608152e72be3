import {
  AuthenticationError,
  ConflictError,
  InputError,
  isError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
} from '@backstage/errors';
import {
  describeIssues,
  explainNetworkError,
  readIssues,
} from '@rustfs-portal/plugin-rustfs-common';

/** Errors whose words the RustFS backend means to be read, and what they are here. */
const ERRORS = new Map<string, new (message: string) => Error>([
  ['InputError', InputError],
  ['AuthenticationError', AuthenticationError],
  ['ConflictError', ConflictError],
  ['NotAllowedError', NotAllowedError],
  ['NotFoundError', NotFoundError],
  ['ServiceUnavailableError', ServiceUnavailableError],
  ['TooManyRequestsError', ServiceUnavailableError],
]);

/**
 * Turns what a call to the RustFS backend ended with into an error that says what is wrong: in the backend's words where it
 * gave some, and never in those of a proxy on the way. A `ResponseError` itself would show the person an HTTP status
 * first, and carries the response with it.
 */
export function translateError(error: unknown, timeoutMs: number): Error {
  if (isError(error) && error.name === 'SyntaxError') {
    return new ServiceUnavailableError(
      'What answers in place of the RustFS backend does not speak its language: see what stands between the scaffolder and it',
    );
  }
  if (!isError(error) || error.name !== 'ResponseError') {
    return new ServiceUnavailableError(
      `The RustFS backend does not answer: ${explainNetworkError(
        error,
        timeoutMs,
      )}. Run the step again in a moment; it leads to the same request`,
    );
  }
  const { cause } = error;
  const ErrorClass = isError(cause) ? ERRORS.get(cause.name) : undefined;
  if (isError(cause) && ErrorClass) {
    const issues = readIssues(error);
    return new ErrorClass(issues ? describeIssues(issues) : cause.message);
  }
  const response: unknown = Reflect.get(error, 'response');
  const { status, headers } = response as Response;
  const id = headers.get('x-request-id');
  return new ServiceUnavailableError(
    `The RustFS backend cannot answer (HTTP ${status})${
      id && /^[\w-]{1,64}$/.test(id)
        ? `: whoever runs the portal finds the cause in its log, under request ${id}`
        : ': run the step again in a moment; it leads to the same request'
    }`,
  );
}
