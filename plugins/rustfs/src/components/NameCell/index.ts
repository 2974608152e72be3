export { NameCell } from './NameCell';
