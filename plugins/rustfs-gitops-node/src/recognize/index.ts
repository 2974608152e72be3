export { findRendered } from './rendered';
export { recognizeRepository } from './recognizeRepository';
export * from './types';
