import { Box } from '@backstage/ui';
import { ReactNode } from 'react';
import styles from './FieldFrame.module.css';

/**
 * Gives the controls of a form field a surface to stand out from. The form of the scaffolder is a card of another
 * design system, which they cannot see.
 */
export function FieldFrame(props: { children: ReactNode }) {
  return (
    <Box bg="neutral" className={styles.root}>
      {props.children}
    </Box>
  );
}
