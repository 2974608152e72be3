/**
 * Why a call to a RustFS server failed.
 *
 * `unreachable`: no answer in time; `starting`: it answers, but is not ready; `busy`: it asks to try again later;
 * `credentials`: it does not accept the portal's access key or secret; `denied`: the portal's user lacks a right;
 * `not-found`: what the call names does not exist; `unsupported`: this version has no such call; `refused`: the call is
 * wrong in its eyes; `unexpected`: it failed itself, or gave an answer that cannot be read.
 *
 * @public
 */
export type RustfsErrorReason =
  | 'unreachable'
  | 'starting'
  | 'busy'
  | 'credentials'
  | 'denied'
  | 'not-found'
  | 'unsupported'
  | 'refused'
  | 'unexpected';

/** The portal is the client of the server, so a refusal of its own credentials is not the reader's 401 or 403. */
const STATUS: Record<RustfsErrorReason, number> = {
  unreachable: 503,
  starting: 503,
  busy: 503,
  credentials: 502,
  denied: 502,
  'not-found': 404,
  unsupported: 502,
  refused: 502,
  unexpected: 502,
};

/**
 * A call to a RustFS server that failed: what was tried, where, and what to do. Holds no secret and no SDK error.
 *
 * @public
 */
export class RustfsError extends Error {
  readonly name = 'RustfsError' as const;
  readonly reason: RustfsErrorReason;
  /** What was tried: `list buckets and their usage`. */
  readonly operation: string;
  readonly endpoint: string;
  /** The message without the hint. */
  readonly summary: string;
  /** What the reader can do. */
  readonly hint: string;
  /** The server's own code, for example `AccessDenied`. */
  readonly code?: string;
  /** For an HTTP answer of the portal. */
  readonly statusCode: number;

  constructor(options: {
    reason: RustfsErrorReason;
    operation: string;
    endpoint: string;
    /** What went wrong, a clause: `nothing came within 3 s`. */
    detail: string;
    hint: string;
    code?: string;
  }) {
    const summary = `Could not ${options.operation} on ${options.endpoint}: ${options.detail}`;
    super(`${summary}. ${options.hint}`);
    this.summary = summary;
    this.reason = options.reason;
    this.operation = options.operation;
    this.endpoint = options.endpoint;
    this.hint = options.hint;
    this.code = options.code;
    this.statusCode = STATUS[options.reason];
  }
}

/**
 * Whether an error is a {@link RustfsError}, optionally of one reason.
 *
 * @public
 */
export function isRustfsError(
  error: unknown,
  ...reasons: RustfsErrorReason[]
): error is RustfsError {
  return (
    error instanceof RustfsError &&
    (reasons.length === 0 || reasons.includes(error.reason))
  );
}
