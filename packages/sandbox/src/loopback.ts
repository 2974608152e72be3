/**
 * Where every part listens, and nowhere else: passwords and keys of the sandbox are no secret, so nobody on another
 * machine may reach it.
 */
export const LOOPBACK = '127.0.0.1';
