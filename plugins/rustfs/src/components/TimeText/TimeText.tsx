import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Observed } from '@rustfs-portal/plugin-rustfs-common';
import { useTick } from '../../hooks/useTick';
import { formatAgo, formatFull, formatTime } from '../../lib/time';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import styles from './TimeText.module.css';

const AGO_TICK_MS = 30_000;

/** A time that tells itself in full on hover and to machines. */
export function TimeText(props: { at: string; format?: 'clock' | 'ago' }) {
  const { at, format = 'clock' } = props;
  return (
    <time dateTime={at} title={formatFull(at)}>
      {format === 'ago' ? <Ago at={at} /> : formatTime(at)}
    </time>
  );
}

function Ago(props: { at: string }) {
  useTick(AGO_TICK_MS);
  return <>{formatAgo(props.at)}</>;
}

/** `As of 12:04`, and a warning colour where it is not true any more. */
export function AsOf(props: { observed: Observed }) {
  const { asOf, freshness } = props.observed;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <Muted
      variant="body-small"
      className={freshness === 'stale' ? styles.stale : undefined}
      title={formatFull(asOf)}
    >
      {t(freshness === 'stale' ? 'common.staleAsOf' : 'common.asOf', {
        time: formatTime(asOf),
      })}
    </Muted>
  );
}
