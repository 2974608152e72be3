/**
 * For tests that run on the sandbox.
 *
 * @packageDocumentation
 */
export * from './SecretHunter';
