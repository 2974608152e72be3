import {
  ConflictError,
  InputError,
  NotAllowedError,
  NotFoundError,
  ServiceUnavailableError,
  isError,
} from '@backstage/errors';

const ERRORS = {
  InputError,
  ConflictError,
  NotAllowedError,
  NotFoundError,
};

/**
 * Turns the answer of the RustFS backend into an error that says what is wrong in the backend's words. A `ResponseError`
 * itself would show the person an HTTP status first, and carries the response with it.
 */
export function translateError(error: unknown): never {
  if (
    isError(error) &&
    error.name === 'ResponseError' &&
    isError(error.cause)
  ) {
    const { name, message } = error.cause;
    const ErrorClass =
      ERRORS[name as keyof typeof ERRORS] ?? ServiceUnavailableError;
    throw new ErrorClass(message);
  }
  throw error;
}
