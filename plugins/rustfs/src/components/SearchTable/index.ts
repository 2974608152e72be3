export { SearchTable } from './SearchTable';
export type { SearchTableProps } from './SearchTable';
