export { EntityName, useEntityName } from './EntityName';
