export { entityName } from '../../lib/entityRefs';
export { EntityLink } from './EntityLink';
