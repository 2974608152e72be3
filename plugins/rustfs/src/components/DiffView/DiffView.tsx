import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { VisuallyHidden } from '@backstage/ui';
import { useMemo } from 'react';
import { DiffLine, parseDiff } from '../../lib/diff';
import { rustfsTranslationRef } from '../../translation';
import styles from './DiffView.module.css';

const MARKS: Record<DiffLine['kind'], string> = {
  added: '+',
  removed: '-',
  context: ' ',
  hunk: '',
};

/** The changes of one file. Added and removed lines are told by mark and word as well as by colour. */
export function DiffView(props: { path: string; diff: string }) {
  const { path, diff } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const lines = useMemo(() => parseDiff(diff), [diff]);
  return (
    <div
      className={styles.root}
      role="region"
      aria-label={t('form.diffLabel', { path })}
      // Long lines scroll, so the block takes the focus of the keyboard.
      // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      <div className={styles.lines}>
        {lines.map((line, index) => (
          <div key={index} className={styles.line} data-kind={line.kind}>
            {line.kind === 'added' && (
              <VisuallyHidden>{t('form.diffAdded')}</VisuallyHidden>
            )}
            {line.kind === 'removed' && (
              <VisuallyHidden>{t('form.diffRemoved')}</VisuallyHidden>
            )}
            <span className={styles.mark} aria-hidden>
              {MARKS[line.kind]}
            </span>
            <code>{line.text || ' '}</code>
          </div>
        ))}
      </div>
    </div>
  );
}
