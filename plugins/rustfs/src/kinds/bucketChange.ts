import {
  bucketChangeSchema,
  bucketRequestPermission,
  NO_QUOTA,
  parseBytes,
} from '@rustfs-portal/plugin-rustfs-common';
import { formatQuantity } from '../lib/form';
import { TEMPLATES } from '../routes';
import { bucketEnd, findBucket } from './bucketWords';
import { defineKind } from './KindView';

/** Another quota for a bucket that is there. */
export const bucketChange = defineKind('bucket-change', {
  title: t => t('kind.bucketChange.title'),
  ready: t => t('kind.bucketChange.ready'),
  facts: (t, { quota }) => [
    [
      t('kind.bucketChange.quota'),
      quota === NO_QUOTA ? t('bucket.noQuota') : formatQuantity(quota),
    ],
  ],
  form: {
    template: () => TEMPLATES.bucketChange,
    permission: bucketRequestPermission,
    fillIn: input => ({
      ...input,
      quota: input.quota === NO_QUOTA ? '' : input.quota,
    }),
    toInput: ({ entityRef, tenant, bucket, purpose, quota }) =>
      bucketChangeSchema.safeParse({
        entityRef,
        tenant,
        bucket,
        purpose,
        quota: quota || NO_QUOTA,
      }).data,
    summary: (t, { bucket, quota }) => ({
      bucket,
      quota: quota === NO_QUOTA ? t('bucket.noQuota') : formatQuantity(quota),
    }),
  },
  end: (t, { subject }) =>
    bucketEnd(subject, t('trail.openBucket', { name: subject.name })),
  isShown(storage, { subject }, { quota }) {
    const live = findBucket(storage, subject)?.live;
    const declared = quota === NO_QUOTA ? undefined : parseBytes(quota);
    return live !== undefined && live.quotaBytes === declared;
  },
});
