/**
 * Helpers for tests of packages that use `@rustfs-portal/plugin-rustfs-node`.
 *
 * @packageDocumentation
 */
export * from './FakeRustfsClient';
// What the fake is made of, so that a test needs this entry point only.
export type * from '../client';
