export { ALL, FilterSelect } from './FilterSelect';
