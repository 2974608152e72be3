import { Forge } from '../types';

/**
 * What a call to a forge is made with.
 *
 * @public
 */
export interface ForgeCredentials {
  /** Value of the header `Authorization`. */
  authorization: string;
  /** The secret in it, which is taken out of whatever a forge says. */
  secret: string;
}

/**
 * The way to a forge.
 *
 * @public
 */
export interface ForgeConnection {
  /** Address of the forge without its API: `https://git.acme.org`, with the path that it is served below, if any. */
  baseUrl: string;
  /** Address of its API, where that does not follow from `baseUrl`. */
  apiBaseUrl?: string;
  /**
   * What a repository is called with; asked before every call, so that it may expire.
   *
   * @throws ForgeError when there is none
   */
  credentials: (repository: string) => Promise<ForgeCredentials>;
  /** For one answer, in milliseconds. Default 10 seconds to read, 30 to write. */
  timeoutMs?: { read: number; write: number };
  /** What calls are made with: it knows proxy and certificates. Default: that of Node. */
  fetch?: typeof fetch;
}

/**
 * A kind of forge: the registry and the configuration know it by its id, and nothing else asks which one it is.
 *
 * @public
 */
export interface ForgeFactory {
  /** As it stands in the configuration: `gitea`. */
  id: string;
  /** For sentences: `Gitea`. */
  title: string;
  /** Its address where the configuration does not say one; undefined: it has to. */
  defaultBaseUrl?: string;
  /** What an access token is sent as. */
  toCredentials(token: string): ForgeCredentials;
  /**
   * The repository that an address names, as the forge's own methods take it; nobody else looks into it.
   *
   * @param path - segments below the address of the forge, without `.git`
   * @returns undefined when a repository cannot be there
   */
  toRepository(path: string[]): string | undefined;
  /**
   * Opens the way to one forge of the kind. Nothing is called yet.
   *
   * @throws InputError when the address cannot be one
   */
  create(connection: ForgeConnection): Forge;
}

/**
 * Repositories with an owner and a name, and nothing above.
 *
 * @public
 */
export function toOwnerAndName(path: string[]): string | undefined {
  return path.length === 2 ? path.join('/') : undefined;
}
