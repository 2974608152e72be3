export * from './extensionPoints';
export * from './RequestClaim';
export * from './RequestKind';
