export * from './createTakenError';
export * from './DatabaseHookStore';
export * from './DatabaseLocks';
export * from './DatabaseRequestStore';
export * from './DatabaseRounds';
export * from './DatabaseSecretStore';
export * from './migrations';
export * from './RequestStore';
