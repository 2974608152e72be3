/**
 * Permission rules, extension points and interfaces of the seams, for backend packages.
 *
 * @packageDocumentation
 */
export * from './engines';
export * from './forges';
export * from './layouts';
export * from './permissions';
export * from './requests';
export * from './secrets';
export * from './sources';
