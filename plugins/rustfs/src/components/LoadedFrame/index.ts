export * from './LoadedFrame';
