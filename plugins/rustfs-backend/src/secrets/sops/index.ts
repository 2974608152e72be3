export * from './sopsKind';
