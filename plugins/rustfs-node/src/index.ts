/**
 * RustFS client, error translation, permission rules and extension points for backend packages.
 *
 * @packageDocumentation
 */
export * from './client';
export * from './permissions';
export * from './sources';
