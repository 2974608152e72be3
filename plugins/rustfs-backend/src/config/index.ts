export * from './access';
export * from './connections';
export * from './consumers';
export * from './forges';
export * from './guardrails';
export * from './parseSection';
export * from './requests';
export * from './transports';
