export * from './describeDelivery';
export { fluxObjectsOf } from './FluxObjects';
export * from './locate';
export * from './readFlux';
export * from './readGitReference';
