export * from './openSecretClusters';
export * from './registry';
export * from './SecretVerdicts';
export * from './SecretWriters';
