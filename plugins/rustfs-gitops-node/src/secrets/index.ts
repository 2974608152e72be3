export * from './sealed-secrets';
export * from './SecretWriter';
export * from './sops';
