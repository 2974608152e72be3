import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityStorage } from '@rustfs-portal/plugin-rustfs-common';
import {
  RiAlertLine,
  RiCheckboxCircleLine,
  RiErrorWarningLine,
} from '@remixicon/react';
import { Finding, worstFinding } from '../../lib/buckets';
import { rustfsTranslationRef } from '../../translation';
import { formatPercent } from '../QuotaBar';
import styles from './StorageCard.module.css';

/** What a person should look at first, in one line. */
export function FindingLine(props: { storage: EntityStorage }) {
  const { storage } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const finding = worstFinding(storage);
  const words = useFindingWords(finding);
  if (!finding) {
    // "Nothing to mend" must not be said of what could not be looked at.
    return storage.problems.length || !storage.buckets.length ? null : (
      <div className={styles.finding} data-level="fine">
        <RiCheckboxCircleLine size={16} aria-hidden />
        {t('finding.none')}
      </div>
    );
  }
  const isBad = finding.kind !== 'full' && finding.kind !== 'drift';
  return (
    <div className={styles.finding} data-level={isBad ? 'bad' : 'warning'}>
      {isBad ? (
        <RiErrorWarningLine size={16} aria-hidden />
      ) : (
        <RiAlertLine size={16} aria-hidden />
      )}
      {words}
    </div>
  );
}

function useFindingWords(finding: Finding | undefined): string | undefined {
  const { t } = useTranslationRef(rustfsTranslationRef);
  switch (finding?.kind) {
    case 'missing':
      return t('finding.missing', { bucket: finding.bucket.name });
    case 'failed':
      return t('finding.failed', {
        bucket: finding.bucket.name,
        reason:
          finding.bucket.message ??
          finding.bucket.reason ??
          t('bucketStateHelp.failed'),
      });
    case 'unreachable':
      return t('finding.unreachable', { tenant: finding.tenant.ref });
    case 'full':
      return t('finding.full', {
        bucket: finding.bucket.name,
        percent: formatPercent(finding.use),
      });
    case 'drift':
      if (!finding.bucket.drift.length) {
        return finding.bucket.message;
      }
      return t('finding.drift', {
        bucket: finding.bucket.name,
        fields: finding.bucket.drift
          .map(({ field }) => t(`driftField.${field}`))
          .join(', '),
      });
    default:
      return undefined;
  }
}
