import { ServiceUnavailableError } from '@backstage/errors';

/**
 * Why a forge did not do what was asked.
 *
 * `unreachable`: no answer, or an error of its own, worth another try later; `limited`: it wants no calls until a time;
 * `unauthenticated`, `denied`, `not-found`, `archived`, `moved`, `unsupported`: somebody has to change something first;
 * `stale`, `lost-race`: render again; `unexpected`: an answer that is not understood.
 *
 * @public
 */
export type ForgeErrorReason =
  | 'unreachable'
  | 'limited'
  | 'unauthenticated'
  | 'denied'
  | 'not-found'
  | 'archived'
  | 'moved'
  | 'unsupported'
  | 'stale'
  | 'lost-race'
  | 'unexpected';

/**
 * A forge did not do what was asked; the message says where, why and what to do, and holds no secret.
 *
 * It is the portal's connection that fails, not the person's right, so to callers of the portal it is a service that is
 * not available.
 *
 * @public
 */
export class ForgeError extends ServiceUnavailableError {
  readonly reason: ForgeErrorReason;
  /** Of `limited`: when it may be called again. */
  readonly until?: Date;

  constructor(
    reason: ForgeErrorReason,
    message: string,
    options: { until?: Date } = {},
  ) {
    super(message);
    this.reason = reason;
    this.until = options.until;
  }
}
