import { Skeleton } from '@backstage/ui';
import styles from './Placeholder.module.css';

/** Holds the place of what is still loading. */
export function Placeholder(props: {
  width?: number | string;
  height: number | string;
}) {
  const { width = '100%', height } = props;
  return <Skeleton className={styles.root} width={width} height={height} />;
}
