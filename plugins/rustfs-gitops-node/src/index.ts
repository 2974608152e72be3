/**
 * The change engine: plans storage requests as Git change sets and keeps their pull requests.
 *
 * @packageDocumentation
 */
export * from './forges';
export * from './plan';
export * from './recognize';
export * from './secrets';
export * from './submit';
export * from './types';
