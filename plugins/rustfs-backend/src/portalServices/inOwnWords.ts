import { types } from 'node:util';
import { translatePortalError } from './translatePortalError';

/** Who reads a page waits for this; calls inside the portal take milliseconds when all is well. */
const TIMEOUT_MS = 10_000;

/**
 * The same service, whose failures say which part of the portal failed, in words that may be shown to anybody, and which
 * is not waited for without end. What the part itself answered, and where it was asked, is left as the `cause`, for the
 * log.
 *
 * @param part - how sentences name the part, for example `the catalog`
 */
export function inOwnWords<T extends object>(
  service: T,
  part: string,
  timeoutMs: number = TIMEOUT_MS,
): T {
  return new Proxy(service, {
    get(target, key) {
      const member = Reflect.get(target, key, target);
      if (typeof member !== 'function') {
        return member;
      }
      return (...args: unknown[]) => {
        const answer = Reflect.apply(member, target, args);
        return types.isPromise(answer)
          ? withinLimit(answer, timeoutMs).catch(error => {
              throw translatePortalError(error, { part, timeoutMs });
            })
          : answer;
      };
    },
  });
}

/** The clients of the portal's parts take no signal: a call that is given up runs on, and nobody looks at its end. */
async function withinLimit<T>(
  answer: Promise<T>,
  timeoutMs: number,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new DOMException('no answer in time', 'TimeoutError'));
    }, timeoutMs);
  });
  try {
    return await Promise.race([answer, limit]);
  } finally {
    clearTimeout(timer);
  }
}
