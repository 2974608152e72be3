export * from './extensionPoints';
export * from './RequestKind';
