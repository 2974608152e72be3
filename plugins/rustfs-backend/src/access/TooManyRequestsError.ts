import { CustomErrorBase } from '@backstage/errors';

/** Somebody asks more often than one person may. */
export class TooManyRequestsError extends CustomErrorBase {
  name = 'TooManyRequestsError' as const;
  /** Read by the error handler of the backend, which does not know this error by name. */
  readonly statusCode = 429;
  /** Whole seconds after which it may be tried again, as `Retry-After` has them. */
  readonly retryAfter: number;

  constructor(message: string, options: { retryAfter: number }) {
    super(message);
    this.retryAfter = options.retryAfter;
  }
}
