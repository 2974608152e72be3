export { buildManifests } from './build';
export { KustomizationController } from './KustomizationController';
export { REQUESTED_AT, SourceController } from './SourceController';
