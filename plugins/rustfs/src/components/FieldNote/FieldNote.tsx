import {
  RiAlertLine,
  RiCheckboxCircleLine,
  RiErrorWarningLine,
  RiLoader4Line,
} from '@remixicon/react';
import { ReactNode } from 'react';
import styles from './FieldNote.module.css';

const ICONS = {
  good: <RiCheckboxCircleLine size={16} aria-hidden />,
  bad: <RiErrorWarningLine size={16} aria-hidden />,
  warning: <RiAlertLine size={16} aria-hidden />,
  busy: <RiLoader4Line size={16} aria-hidden />,
  plain: null,
};

/** A line beside a value, such as that of a form field, that says how it stands. */
export function FieldNote(props: {
  tone: keyof typeof ICONS;
  children: ReactNode;
}) {
  const { tone, children } = props;
  return (
    <div className={styles.root} data-tone={tone}>
      {ICONS[tone]}
      <div>{children}</div>
    </div>
  );
}
