export * from './ClusterClient';
export * from './Informer';
export * from './KeyedQueue';
export * from './objects';
