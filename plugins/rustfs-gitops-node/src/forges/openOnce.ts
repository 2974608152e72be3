import { ForgeError, Pull } from '../types';
import { pause } from './http/Clock';

const ATTEMPTS = 3;

/**
 * Opens a pull request, whatever happens on the way: one that was opened without an answer, or before, is found.
 *
 * @param options - `send`: sends the call once; `mayBeOpen`: whether a refusal can mean that there is one; `read`: what a good
 * answer holds, throwing at any other; `find`: the one that there is; `explain`: why another attempt is of no use;
 * `attempts`: how often it is tried, each time after twice as long, 3 by default
 * @throws ForgeError
 */
export async function openOnce<T extends { status: number }>(options: {
  send: () => Promise<T>;
  mayBeOpen: (answer: T) => boolean;
  read: (answer: T) => Pull;
  find: () => Promise<Pull | undefined>;
  explain?: (answer: T) => ForgeError | undefined;
  attempts?: number;
}): Promise<Pull> {
  const { attempts = ATTEMPTS } = options;
  for (let attempt = 1; ; attempt += 1) {
    const answer = await options.send().catch(error => {
      if (error instanceof ForgeError && error.reason === 'unreachable') {
        return error;
      }
      throw error;
    });
    const isUnsure = answer instanceof ForgeError || answer.status >= 500;
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
    if (attempt === attempts) {
      if (answer instanceof ForgeError) {
        throw answer;
      }
      return options.read(answer);
    }
    // A branch that was made just now may not be known everywhere yet.
    await pause(attempt);
  }
}
