import { Cell } from '@backstage/ui';
import { RiArrowRightSLine } from '@remixicon/react';
import { ReactNode } from 'react';
import { Muted } from '../Muted';
import styles from './NameCell.module.css';

/**
 * The name in a table row, which looks like what it is: something to open. It wraps: names of buckets differ at their end,
 * which must not be cut off.
 */
export function NameCell(props: { name: string; place?: ReactNode }) {
  const { name, place } = props;
  return (
    <Cell>
      <div className={styles.root}>
        <span className={styles.name}>
          {name}
          <RiArrowRightSLine size={16} aria-hidden className={styles.mark} />
        </span>
        {place && <Muted variant="body-small">{place}</Muted>}
      </div>
    </Cell>
  );
}
