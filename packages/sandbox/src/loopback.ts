/**
 * Where every part listens, and nowhere else: passwords and keys of the sandbox are no secret, so nobody on another
 * machine may reach it.
 */
export const LOOPBACK = '127.0.0.1';

/** What a browser or a program on this machine calls a listener here. */
const LOOPBACK_NAMES = ['localhost', LOOPBACK, '[::1]'];

/**
 * Whether a `Host` header names this machine. A page elsewhere can have its own name resolve to loopback, and its requests
 * then look like those of a page from here: all but the name.
 */
export function namesLoopback(host: string | undefined): boolean {
  const name = host?.replace(/:\d+$/, '').toLowerCase();
  return name !== undefined && LOOPBACK_NAMES.includes(name);
}
