import {
  ColumnConfig,
  SearchField,
  SortDescriptor,
  Table,
  Text,
  useTable,
} from '@backstage/ui';
import { ReactNode } from 'react';
import { TableFrame } from '../TableFrame';
import styles from './SearchTable.module.css';

/** What every table with a search has; the parent searches, so that it can count and export what is found. */
export interface SearchTableProps<T> {
  onOpen: (row: T) => void;
  /** How many there are without the search. */
  total: number;
  search: string;
  onSearch: (text: string) => void;
  /** What an empty table says when it is not the search that emptied it. */
  emptyState: ReactNode;
  /** More controls beside the search field. */
  controls?: ReactNode;
  pageSize?: number;
}

/** A table whose columns sort, by name at first, below a search field. */
export function SearchTable<T extends { id: string }>(
  props: SearchTableProps<T> & {
    /** Those that are searched for; undefined while the first answer is waited for. */
    rows: T[] | undefined;
    columns: ColumnConfig<T>[];
    sort: (rows: T[], by: SortDescriptor) => T[];
    /** What the table holds, what the search field finds, and what is said where it finds nothing. */
    words: { label: string; search: string; noMatch: string };
  },
) {
  const { rows, columns, sort, words, total, onOpen, emptyState } = props;
  const { search, onSearch, controls, pageSize = 50 } = props;
  const isPaged = (rows?.length ?? 0) > pageSize;
  const { tableProps } = useTable<T>({
    mode: 'complete',
    data: rows,
    sortFn: sort,
    initialSort: { column: 'name', direction: 'ascending' },
    paginationOptions: { pageSize },
  });
  return (
    <div className={styles.root}>
      {/* A handful needs no search. */}
      {(controls || search || total > 5) && (
        <div className={styles.controls}>
          <SearchField
            className={styles.search}
            aria-label={words.search}
            placeholder={words.search}
            size="small"
            value={search}
            onChange={onSearch}
          />
          {controls}
        </div>
      )}
      <TableFrame label={words.label}>
        <Table<T>
          {...tableProps}
          pagination={isPaged ? tableProps.pagination : { type: 'none' }}
          isPending={!rows}
          columnConfig={columns}
          rowConfig={{ onClick: onOpen }}
          emptyState={search ? <Text>{words.noMatch}</Text> : emptyState}
        />
      </TableFrame>
    </div>
  );
}
