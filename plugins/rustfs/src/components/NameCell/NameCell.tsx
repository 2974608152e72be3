import { Cell, Text } from '@backstage/ui';
import { Muted } from '../Muted';
import styles from './NameCell.module.css';

/** The name in a table row. It wraps: names of buckets differ at their end, which must not be cut off. */
export function NameCell(props: { name: string; place?: string }) {
  const { name, place } = props;
  return (
    <Cell>
      <div className={styles.root}>
        <Text>{name}</Text>
        {place && <Muted>{place}</Muted>}
      </div>
    </Cell>
  );
}
