import { ReactNode } from 'react';
import styles from './DetailsBody.module.css';

/** What a dialog tells of one thing: sections below each other. */
export function DetailsBody(props: { children: ReactNode }) {
  return <div className={styles.root}>{props.children}</div>;
}

/** Short things beside each other. */
export function DetailsRow(props: { children: ReactNode }) {
  return <div className={styles.row}>{props.children}</div>;
}

/** Findings below each other. */
export function DetailsList(props: { children: ReactNode }) {
  return <ul className={styles.list}>{props.children}</ul>;
}
