/**
 * What is set for the way to an upstream cannot be used: an address, a proxy or a certificate. The message says what is
 * expected and never what was given, which may hold a password.
 *
 * @public
 */
export class ConnectionOptionError extends Error {
  readonly name = 'ConnectionOptionError';
}
