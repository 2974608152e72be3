/**
 * An embedded world for trying out and testing the plugins: Kubernetes APIs, RustFS servers, a Git forge and a
 * reconciler on loopback, each speaking the protocol of the real thing.
 *
 * @packageDocumentation
 */
export * from './faults';
export * from './forge';
export * from './kubernetes';
export * from './reconciler';
export * from './rustfs';
export * from './sandbox';
export * from './world';
