import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  bucketRequestPermission,
  BucketView,
  formatBytes,
  toQuantity,
} from '@rustfs-portal/plugin-rustfs-common';
import { ButtonLink } from '@backstage/ui';
import { TEMPLATES } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { useRequestForm } from './useRequestForm';

/** Opens the form that changes the quota of a bucket, filled in with twice as much and why; for those who may ask. */
export function RaiseQuotaButton(props: { bucket: BucketView }) {
  const { entity, declared, live, name, tenant } = props.bucket;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm(TEMPLATES.bucketChange);
  const { allowed } = usePermission({
    permission: bucketRequestPermission,
    resourceRef: entity,
  });
  // What no record declares is changed by the platform team, and so is what nobody asked a quota for.
  const quota = declared?.quotaBytes;
  if (!requestForm || !entity || !allowed || !quota) {
    return null;
  }
  return (
    <ButtonLink
      size="small"
      variant="secondary"
      href={requestForm({
        entityRef: entity,
        tenant,
        bucket: name,
        quota: toQuantity(2 * quota),
        purpose:
          live?.sizeBytes === undefined
            ? undefined
            : t('bucket.raiseQuotaWhy', {
                used: formatBytes(live.sizeBytes),
                quota: formatBytes(quota),
              }),
      })}
    >
      {t('bucket.raiseQuota')}
    </ButtonLink>
  );
}
