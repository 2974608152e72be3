import { z } from 'zod';

/** A forge that says "slower" and not for how long: what GitHub asks to wait for at least. */
const UNSAID_MS = 60_000;

// Both are sent: the documented one, and that of the gateway before it.
const limitSchema = z.object({ type: z.enum(['RATE_LIMITED', 'RATE_LIMIT']) });

const limitedSchema = z.object({
  errors: z
    .array(z.unknown())
    .refine(errors =>
      errors.some(error => limitSchema.safeParse(error).success),
    ),
});

/** That a forge wants no more calls for a while. */
export interface Limit {
  /** In milliseconds since 1970. */
  until: number;
  /** It is about calls of this kind alone, as GitHub counts REST and GraphQL each by itself, and not about all of them. */
  isOfResource: boolean;
}

/**
 * Until when a forge wants no more calls; undefined when that is not what an answer says.
 *
 * A rate limit comes as 429; at GitHub as 403 too, where only headers and words tell it from a missing right, and by GraphQL as
 * 200 with an error.
 *
 * @see https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api
 */
export function readLimit(
  answer: { status: number; headers: Headers; message: string; body?: unknown },
  now: number,
): Limit | undefined {
  const { body, headers, message, status } = answer;
  const isUsedUp = headers.get('x-ratelimit-remaining') === '0';
  const isSecondary = /secondary rate limit|abuse detection/i.test(message);
  const isLimit =
    status === 429 ||
    (status === 403 && (isUsedUp || isSecondary)) ||
    (status === 200 && limitedSchema.safeParse(body).success);
  if (!isLimit) {
    return undefined;
  }
  return {
    until: readTime(headers, { isUsedUp, now }),
    isOfResource: (isUsedUp || status === 200) && !isSecondary,
  };
}

function readTime(
  headers: Headers,
  { isUsedUp, now }: { isUsedUp: boolean; now: number },
): number {
  const retryAfter = headers.get('retry-after');
  if (retryAfter !== null && /^\d+$/.test(retryAfter)) {
    return now + Number(retryAfter) * 1000;
  }
  if (retryAfter !== null && !Number.isNaN(Date.parse(retryAfter))) {
    return Date.parse(retryAfter);
  }
  const reset = headers.get('x-ratelimit-reset');
  if (isUsedUp && reset !== null && /^\d+$/.test(reset)) {
    return Number(reset) * 1000;
  }
  return now + UNSAID_MS;
}
