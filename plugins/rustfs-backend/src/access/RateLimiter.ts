/** What one person may do so and so often only. */
export type LimitedKind = 'name-check' | 'preview' | 'request';

/** How often one person may do something, and within how long. */
export interface Rate {
  count: number;
  windowMs: number;
}

/** Bounds how often one person may ask, so that nobody keeps servers and forge from everybody else. */
export interface RateLimiter {
  /**
   * Counts one call of a person.
   *
   * @param person - entity ref
   * @throws TooManyRequestsError when it is one too many
   */
  take(kind: LimitedKind, person: string): Promise<void>;
}
