import { Text, TextVariants } from '@backstage/ui';
import { ReactNode } from 'react';
import styles from './Muted.module.css';

/** Text of less weight that can still be read on a card in the dark theme, where the secondary colour is too pale. */
export function Muted(props: {
  as?: 'p' | 'span';
  variant?: TextVariants;
  id?: string;
  role?: 'status';
  title?: string;
  className?: string;
  children: ReactNode;
}) {
  const { className = styles.root, ...rest } = props;
  return <Text {...rest} className={className} />;
}
