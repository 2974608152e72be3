import { formatBytes } from '@rustfs-portal/plugin-rustfs-common';
import styles from './QuotaBar.module.css';

/** @internal */
export interface QuotaBarProps {
  /** What is measured, for screen readers. */
  label: string;
  usedBytes: number;
  totalBytes: number;
  /** The words beside the bar: `12 GiB of 50 GiB`. */
  text: string;
}

/** How much of an amount is used. Says it in words as well as in length and colour. */
export function QuotaBar(props: QuotaBarProps) {
  const { label, usedBytes, totalBytes, text } = props;
  const use = totalBytes > 0 ? usedBytes / totalBytes : 0;
  const percent = Math.min(100, Math.round(use * 100));
  return (
    <div className={styles.root}>
      <div
        className={styles.track}
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={percent}
        aria-valuetext={`${text} (${formatPercent(use)})`}
        title={`${formatBytes(usedBytes)} / ${formatBytes(totalBytes)}`}
      >
        <div
          className={styles.fill}
          data-level={level(use)}
          style={{ width: `${Math.max(percent, usedBytes > 0 ? 1 : 0)}%` }}
        />
      </div>
      <div className={styles.words}>
        <span>{text}</span>
        <span className={styles.percent}>{formatPercent(use)}</span>
      </div>
    </div>
  );
}

/** Writes a part as per cent; a little is "<1 %", not nothing. */
export function formatPercent(part: number): string {
  if (part > 0 && part < 0.01) {
    return '<1 %';
  }
  // Rounding down near the end: 99.9 % is not full.
  return `${
    part < 1 ? Math.min(99, Math.round(part * 100)) : Math.round(part * 100)
  } %`;
}

function level(use: number) {
  if (use >= 0.95) {
    return 'full';
  }
  return use >= 0.8 ? 'high' : 'fine';
}
