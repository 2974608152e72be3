export * from './change';
export * from './forge';
export * from './ForgeError';
export * from './Lock';
