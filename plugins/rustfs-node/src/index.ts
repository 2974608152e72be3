/**
 * RustFS client, error translation, the way to upstreams, permission rules and extension points for backend packages.
 *
 * @packageDocumentation
 */
export * from './client';
export * from './permissions';
export * from './requests';
export * from './sources';
export * from './transport';
