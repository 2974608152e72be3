import { CopyButton } from '../CopyButton';
import styles from './CodeBlock.module.css';

/** Text to copy. */
export function CodeBlock(props: {
  code: string;
  /** What the text is, for screen readers. */
  label: string;
  copyLabel: string;
}) {
  const { code, label, copyLabel } = props;
  return (
    <div className={styles.root}>
      <pre
        className={styles.code}
        aria-label={label}
        role="region"
        // Long lines scroll, so the block takes the focus of the keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
      >
        <code>{code}</code>
      </pre>
      <div className={styles.copy}>
        <CopyButton text={code} label={copyLabel} />
      </div>
    </div>
  );
}
