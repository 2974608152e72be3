import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { BucketDrift } from '@rustfs-portal/plugin-rustfs-common';
import { Alert } from '@backstage/ui';
import { rustfsTranslationRef } from '../../translation';
import { DetailsList } from '../DetailsBody';

const DRIFT_WORDS = {
  quota: 'detail.driftQuota',
  versioning: 'detail.driftVersioning',
  objectLock: 'detail.driftObjectLock',
  existence: 'detail.driftExistence',
} as const;

/** Names what differs between Git and the server. */
export function DriftAlert(props: { drift: BucketDrift[] }) {
  const { drift } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!drift.length) {
    return null;
  }
  return (
    <Alert
      status="warning"
      icon
      title={t('detail.driftTitle', { count: drift.length })}
      description={
        <>
          <DetailsList>
            {drift.map(({ field, declared, live }) => (
              <li key={field}>{t(DRIFT_WORDS[field], { declared, live })}</li>
            ))}
          </DetailsList>
          {t('detail.driftHint')}
        </>
      }
    />
  );
}
