import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { RiArrowLeftRightLine } from '@remixicon/react';
import { ReactNode, useEffect, useRef, useState } from 'react';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import styles from './TableFrame.module.css';

/** Names a table for screen readers, and says when there is more of it than fits. */
export function TableFrame(props: { label: string; children: ReactNode }) {
  const { label, children } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const frame = useRef<HTMLDivElement>(null);
  const [isCut, setIsCut] = useState(false);

  useEffect(() => {
    // The table of Backstage UI takes no name and calls itself "Data table".
    frame.current?.querySelector('table')?.setAttribute('aria-label', label);
  });

  useEffect(() => {
    const table = frame.current?.querySelector('table');
    const view = table?.parentElement;
    if (!table || !view || typeof ResizeObserver === 'undefined') {
      return undefined;
    }
    const observer = new ResizeObserver(() =>
      setIsCut(table.offsetWidth > view.clientWidth + 1),
    );
    observer.observe(table);
    observer.observe(view);
    return () => observer.disconnect();
  }, []);

  return (
    <div ref={frame} className={styles.root} data-cut={isCut}>
      {isCut && (
        <Muted as="p" variant="body-small" className={styles.hint}>
          <RiArrowLeftRightLine size={14} aria-hidden />
          {t('common.scrollTable')}
        </Muted>
      )}
      {children}
    </div>
  );
}
