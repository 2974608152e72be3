import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  BucketDrift,
  BucketView,
  formatBytes,
} from '@rustfs-portal/plugin-rustfs-common';
import { isAbsent } from '../../lib/buckets';
import { rustfsTranslationRef } from '../../translation';
import { StateBadge } from '../StateBadge';
import styles from './DeclaredBesideLive.module.css';

interface Setting {
  field: BucketDrift['field'];
  label: string;
  declared?: string;
  live?: string;
}

/** One line per setting: what Git declares, what the server has. */
export function DeclaredBesideLive(props: { bucket: BucketView }) {
  const { bucket } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const settings = useSettings(bucket);
  return (
    <table className={styles.settings}>
      <thead>
        <tr>
          <th scope="col">{t('detail.setting')}</th>
          <th scope="col">{t('detail.declared')}</th>
          <th scope="col">{t('detail.live')}</th>
        </tr>
      </thead>
      <tbody>
        {settings.map(({ field, label, declared, live }) => {
          const differs = bucket.drift.some(drift => drift.field === field);
          return (
            <tr key={field} data-differs={differs}>
              <th scope="row">{label}</th>
              <td>{declared ?? t('detail.notDeclared')}</td>
              <td>
                {live ?? (isAbsent(bucket) ? '–' : t('common.unknown'))}
                {differs && (
                  <StateBadge tone="warning">{t('bucket.drifted')}</StateBadge>
                )}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

function useSettings(bucket: BucketView): Setting[] {
  const { declared, live } = bucket;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const yesNo = (value: boolean) => t(value ? 'common.yes' : 'common.no');
  const onOff = (value: boolean) =>
    t(value ? 'versioning.enabled' : 'versioning.off');
  return [
    {
      field: 'existence',
      label: t('bucket.exists'),
      declared: declared && t('common.yes'),
      live:
        (live && t('common.yes')) ??
        (isAbsent(bucket) ? t('common.no') : undefined),
    },
    {
      field: 'quota',
      label: t('bucket.quota'),
      declared:
        declared &&
        (declared.quotaBytes ? formatBytes(declared.quotaBytes) : undefined),
      live:
        live &&
        (live.quotaBytes ? formatBytes(live.quotaBytes) : t('common.none')),
    },
    {
      field: 'versioning',
      label: t('bucket.versioning'),
      declared:
        declared?.versioning === undefined
          ? undefined
          : onOff(declared.versioning),
      live: live && t(`versioning.${live.versioning}`),
    },
    {
      field: 'objectLock',
      label: t('bucket.lock'),
      declared: declared && yesNo(declared.objectLock),
      live: live && yesNo(live.objectLock),
    },
  ];
}
