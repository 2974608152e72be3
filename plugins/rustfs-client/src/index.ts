/**
 * The client of one RustFS server, error translation, and the way to upstreams. Knows no Backstage and no Kubernetes.
 *
 * @packageDocumentation
 */
export * from './client';
export * from './settle';
export * from './transport';
