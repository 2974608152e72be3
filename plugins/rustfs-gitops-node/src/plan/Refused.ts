import { Refusal } from '../types';

/** Ends planning with a reason; never leaves `plan`. */
export class Refused extends Error {
  readonly refusal: Refusal;

  constructor(
    code: Refusal['code'],
    message: string,
    field?: Refusal['field'],
  ) {
    super(message);
    this.refusal = { code, message, ...(field && { field }) };
  }
}
