export * from './DatabaseLocks';
export * from './DatabaseRequestStore';
export * from './migrations';
export * from './RequestStore';
