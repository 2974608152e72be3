export * from './describeDelivery';
export { fluxObjectsOf } from './FluxObjects';
export {
  findInstalledBy,
  isOfHelmRelease,
  locateInstallation,
} from './helmRelease';
export { commitOf, locateFrom, locateObject } from './locate';
export { placeNewFolder } from './placeNewFolder';
export * from './readFlux';
export * from './setupKustomization';
export * from './readGitReference';
