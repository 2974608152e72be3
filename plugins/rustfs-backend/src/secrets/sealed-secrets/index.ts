export * from './sealedSecretsKind';
