import { ForgeError } from '../../types';
import { explainMoved } from '../explain';
import { HttpAnswer } from './ForgeHttp';

/** A redirect to a repository by its number. */
export class MovedError extends ForgeError {
  readonly id: string;

  constructor(place: string, id: string) {
    super('moved', explainMoved(place).message);
    this.id = id;
  }
}

/**
 * What a redirect means: a repository that has another name by now, or something that is no API.
 *
 * @param options - `base`: what an address without a host is below, where a forge writes such; `numbered`: finds the number of a
 * repository in a path
 */
export function explainRedirectOf(
  answer: HttpAnswer,
  options: { host: string; place: string; base?: string; numbered: RegExp },
): ForgeError {
  const { base, host, numbered, place } = options;
  const location = answer.headers.get('location') ?? '';
  // A server that has several names may tell another one; the number is looked up where it was asked.
  const url = URL.canParse(location, base)
    ? new URL(location, base)
    : undefined;
  const id = url && numbered.exec(url.pathname)?.[1];
  return id
    ? new MovedError(place, id)
    : new ForgeError(
        'unexpected',
        `${host} redirects to ${
          url ? url.origin : 'nowhere that it says'
        }, which is not a call of its API; let the calls of the portal pass whatever asks people to sign in there, and check baseUrl and apiBaseUrl in rustfs.forges`,
      );
}

/**
 * Does something with a repository: a redirect has its number, and people know it by its name.
 *
 * @param options - `nameOf`: the name of what has a number, undefined where it has none; what it throws counts as none
 */
export async function namingMoved<T>(
  work: () => Promise<T>,
  options: {
    place: string;
    nameOf: (id: string) => Promise<string | undefined>;
  },
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof MovedError)) {
      throw error;
    }
    throw explainMoved(
      options.place,
      await options.nameOf(error.id).catch(() => undefined),
    );
  }
}
