export * from './SecretWriter';
export * from './sops';
