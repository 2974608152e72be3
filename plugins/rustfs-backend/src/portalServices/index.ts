export * from './inOwnWords';
