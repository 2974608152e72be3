/**
 * Helpers for tests of packages that use `@rustfs-portal/plugin-rustfs-node`.
 *
 * @packageDocumentation
 */
export * from './FakeRustfsClient';
