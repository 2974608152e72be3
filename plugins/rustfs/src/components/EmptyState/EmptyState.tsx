import { Text } from '@backstage/ui';
import { ReactNode } from 'react';
import { Muted } from '../Muted';
import styles from './EmptyState.module.css';

/** Says that there is nothing, and what to do about it. */
export function EmptyState(props: {
  title: string;
  hint?: ReactNode;
  icon?: ReactNode;
  action?: ReactNode;
}) {
  const { title, hint, icon, action } = props;
  return (
    <div className={styles.root}>
      {icon && (
        <div className={styles.icon} aria-hidden>
          {icon}
        </div>
      )}
      <Text as="p" variant="body-large" weight="bold">
        {title}
      </Text>
      {hint && <Muted as="p">{hint}</Muted>}
      {action}
    </div>
  );
}
