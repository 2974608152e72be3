import { types } from 'node:util';
import { translatePortalError } from './translatePortalError';
import { withinLimit } from './withinLimit';

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
