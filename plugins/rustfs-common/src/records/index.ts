export * from './accessNames';
export * from './accessRecord';
export * from './labels';
