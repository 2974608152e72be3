import { randomUUID } from 'node:crypto';
import { LoggerService } from '@backstage/backend-plugin-api';
import { InputError, isError } from '@backstage/errors';
import { ErrorRequestHandler } from 'express';
import { createUnavailableError, isNetworkError } from '../errors';

/** By name, as two copies of @backstage/errors may be installed. */
const STATUS = new Map([
  ['InputError', 400],
  ['AuthenticationError', 401],
  ['NotAllowedError', 403],
  ['NotFoundError', 404],
  ['ConflictError', 409],
  ['TooManyRequestsError', 429],
  ['NotImplementedError', 501],
  ['ServiceUnavailableError', 503],
]);

/** What an answer may tell of an error that was made to be read. */
export interface ReadableError {
  name: string;
  message: string;
  status: number;
  /** Which fields are wrong; forms show them there. */
  issues?: unknown;
  /** Whole seconds after which it makes sense to ask again. */
  retryAfter?: number;
}

/**
 * Answers what a route throws, in Backstage's own shape, before Backstage's middleware does: that one gives away the message
 * and every field of any error, and in development the stack. Here only errors that were made to be read have their
 * message in the answer; for others there is an id, and the log has what it stands for.
 */
export function answerErrors(options: {
  logger: LoggerService;
}): ErrorRequestHandler {
  const { logger } = options;
  return (thrown, req, res, next) => {
    if (res.headersSent) {
      next(thrown);
      return;
    }
    const id = randomUUID();
    const { status, retryAfter, ...error } = readError(thrown) ?? {
      status: 500,
      name: 'Error',
      message: `Something in the portal went wrong. Whoever runs it finds the cause in the log, under request ${id}`,
    };
    if (status === 500) {
      logger.error(
        `${req.method} ${req.originalUrl} failed, request ${id}`,
        isError(thrown) ? thrown : new Error(String(thrown)),
      );
    } else if (status > 500) {
      logger.warn(
        `${req.method} ${
          req.originalUrl
        } was answered with ${status}, request ${id}: ${describe(thrown)}`,
      );
    }
    if (retryAfter !== undefined) {
      res.set('Retry-After', String(retryAfter));
    }
    res
      .status(status)
      .set({ 'Cache-Control': 'no-store', 'X-Request-Id': id })
      .json({
        error,
        request: { method: req.method, url: req.originalUrl },
        response: { statusCode: status },
      });
  };
}

/** What may be told of an error; undefined when it was not made to be read. */
export function readError(thrown: unknown): ReadableError | undefined {
  if (!isError(thrown)) {
    return undefined;
  }
  const { name, message } = thrown;
  const status = STATUS.get(name);
  if (status) {
    const { issues, retryAfter } = thrown as Partial<ReadableError>;
    return { name, message, status, issues, retryAfter };
  }
  // What Express throws at a path like /%E0%A4%A.
  if (name === 'URIError') {
    return readError(
      new InputError(
        'The path cannot be read: a % has to be followed by the two digits of a byte, and the bytes have to be UTF-8',
      ),
    );
  }
  return isNetworkError(thrown)
    ? readError(
        createUnavailableError(
          'The portal is busy, or a part of it does not answer: try again in a moment',
          5,
        ),
      )
    : undefined;
}

/** For the log: an error and what caused it. */
function describe(error: unknown): string {
  return isError(error)
    ? `${error.name}: ${error.message}${
        error.cause ? `; caused by ${describe(error.cause)}` : ''
      }`
    : String(error);
}
