/** What the program ends with; the numbers are for a `podFailurePolicy`, which can tell them apart. */
export const EXIT = {
  /** All is done or waits. */
  done: 0,
  /** What nobody has foreseen, or a wrong environment. */
  unexpected: 1,
  /** A record is wrong or has failed. */
  failed: 2,
  /** The server or the API server is not reached. */
  unreachable: 3,
  /** A key or a right is refused. */
  refused: 4,
} as const;

/** Ends the run. The message is for people and holds nothing secret. */
export class SetupError extends Error {
  readonly name = 'SetupError';

  constructor(readonly exitCode: number, message: string) {
    super(message);
  }
}
