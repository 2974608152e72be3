export * from './SealedSecretsWriter';
