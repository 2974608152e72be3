import { ReactNode } from 'react';
import styles from './FactList.module.css';

/** A label and what is known under it; facts without a value are left out. */
export type Fact = [label: string, value: ReactNode | undefined];

/** Labelled values in a few columns. */
export function FactList(props: { facts: Fact[] }) {
  return (
    <dl className={styles.root}>
      {props.facts
        .filter(([, value]) => value !== undefined && value !== '')
        .map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}
