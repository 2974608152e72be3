import { Refusal } from '../types';

/**
 * Ends planning with a reason; never leaves the functions that answer with reasons. Layouts throw it.
 *
 * @public
 */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(
    code: Refusal['code'],
    message: string,
    details: Omit<Refusal, 'code' | 'message'> = {},
  ) {
    super(message);
    this.refusal = { code, message, ...details };
  }
}

/** What a check refuses, as data. */
export function findRefusals(check: () => void): Refusal[] {
  try {
    check();
    return [];
  } catch (error) {
    if (error instanceof Refused) {
      return [error.refusal];
    }
    throw error;
  }
}
