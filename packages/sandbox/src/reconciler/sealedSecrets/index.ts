export * from './SealedSecretController';
