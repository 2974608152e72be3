import { Refusal } from '../types';

/** Ends planning with a reason; never leaves the functions that answer with reasons. */
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
