export * from './SecretWriterKind';
export * from './secretWritersExtensionPoint';
