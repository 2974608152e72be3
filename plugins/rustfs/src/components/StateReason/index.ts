export { StateReason } from './StateReason';
