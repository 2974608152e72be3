/**
 * Types, refs, permissions, naming rules and the typed client shared by the RustFS plugins.
 *
 * @packageDocumentation
 */
export * from './access';
export * from './accessRequests';
export * from './annotations';
export * from './buildOptions';
export * from './client';
export * from './declarations';
export * from './links';
export * from './naming';
export * from './networkErrors';
export * from './permissions';
export * from './quantity';
export * from './records';
export * from './refs';
export * from './requestIssues';
export * from './requestKinds';
export * from './requests';
export * from './tenants';
export * from './views';
