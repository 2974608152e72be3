export * from './RequestTrail';
