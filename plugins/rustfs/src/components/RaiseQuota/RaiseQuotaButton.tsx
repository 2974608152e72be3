import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  bucketRequestPermission,
  BucketView,
} from '@rustfs-portal/plugin-rustfs-common';
import { Button } from '@backstage/ui';
import { rustfsTranslationRef } from '../../translation';

/** Offers a higher quota for a bucket, to those who may ask. */
export function RaiseQuotaButton(props: {
  bucket: BucketView;
  onPress: (bucket: BucketView) => void;
}) {
  const { bucket, onPress } = props;
  const { entity, declared, name } = bucket;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const { allowed } = usePermission({
    permission: bucketRequestPermission,
    resourceRef: entity,
  });
  // What no record declares is changed by the platform team, and so is what nobody asked a quota for.
  return entity && allowed && declared?.quotaBytes ? (
    <Button
      size="small"
      variant="secondary"
      aria-label={t('raise.buttonLabel', { name })}
      onPress={() => onPress(bucket)}
    >
      {t('bucket.raiseQuota')}
    </Button>
  ) : null;
}
