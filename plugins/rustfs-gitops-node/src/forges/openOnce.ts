import { ForgeError, Pull } from '../types';
import { systemClock } from './http/Clock';

/** In milliseconds, between attempts. */
const WAITS = [200, 400];

/**
 * Opens a pull request, whatever happens on the way: one that was opened without an answer, or before, is found. Where there
 * is no answer and none is found, it is not sent again: the forge may be at work on it, and the next run finds what came of it.
 *
 * @param options - `send`: sends the call once; `mayBeOpen`: whether a refusal can mean that there is one; `read`: what a good
 * answer holds, throwing at any other; `find`: the one that there is; `explain`: why another attempt is of no use; `waits`: how
 * long it is waited between attempts, in milliseconds
 * @throws ForgeError
 */
export async function openOnce<T extends { status: number }>(options: {
  send: () => Promise<T>;
  mayBeOpen: (answer: T) => boolean;
  read: (answer: T) => Pull;
  find: () => Promise<Pull | undefined>;
  explain?: (answer: T) => ForgeError | undefined;
  waits?: number[];
}): Promise<Pull> {
  const { waits = WAITS } = options;
  for (let attempt = 0; ; attempt += 1) {
    const answer = await options.send().catch(error => {
      if (error instanceof ForgeError && error.reason === 'unreachable') {
        return error;
      }
      throw error;
    });
    // Whatever was asked may be under way behind it still; two at once would be two pull requests.
    const isNone = answer instanceof ForgeError || answer.status > 500;
    const isUnsure = isNone || answer.status === 500;
    if (!isUnsure && !options.mayBeOpen(answer)) {
      return options.read(answer);
    }
    const made = await options.find();
    if (made?.state === 'open') {
      return made;
    }
    const reason = isUnsure ? undefined : options.explain?.(answer);
    if (reason) {
      throw reason;
    }
    if (answer instanceof ForgeError) {
      throw answer;
    }
    if (isNone || attempt === waits.length) {
      return options.read(answer);
    }
    // A branch that was made just now may not be known everywhere yet.
    await systemClock.sleep(waits[attempt]);
  }
}
