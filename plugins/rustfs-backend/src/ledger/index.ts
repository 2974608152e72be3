export * from './createTakenError';
export * from './DatabaseLocks';
export * from './DatabaseRequestStore';
export * from './DatabaseSecretStore';
export * from './migrations';
export * from './RequestStore';
