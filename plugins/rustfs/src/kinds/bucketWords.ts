import {
  AccessRequest,
  BucketView,
  EntityStorage,
  RequestSubject,
} from '@rustfs-portal/plugin-rustfs-common';
import { Fact } from '../components/FactList';
import { formatQuantity } from '../lib/form';
import { EndLink, Translate } from './KindView';

/** The settings of a bucket that is asked for, alone or together with an access. */
export function bucketFacts(
  t: Translate,
  input: Omit<AccessRequest['newBuckets'][number], 'bucket'>,
): Fact[] {
  return [
    [
      t('bucket.quota'),
      input.quota ? formatQuantity(input.quota) : t('bucket.noQuota'),
    ],
    [
      t('bucket.versioning'),
      t(
        input.versioning || input.objectLock
          ? 'versioning.enabled'
          : 'versioning.off',
      ),
    ],
    [t('bucket.lock'), t(input.objectLock ? 'common.yes' : 'common.no')],
    [t('bucket.dataClass'), input.dataClass],
  ];
}

/** The same, for the last step of the form. */
export function bucketSummary(
  t: Translate,
  {
    quota,
    versioning,
    objectLock,
  }: Pick<
    AccessRequest['newBuckets'][number],
    'quota' | 'versioning' | 'objectLock'
  >,
): Record<string, string> {
  return {
    quota: quota ? formatQuantity(quota) : t('bucket.noQuota'),
    versioning:
      objectLock && !versioning
        ? t('form.lockNeedsVersioning')
        : t(versioning ? 'versioning.enabled' : 'versioning.off'),
    objectLock: t(objectLock ? 'versioning.enabled' : 'versioning.off'),
  };
}

/** Opens the bucket that a request is about. */
export function bucketEnd(subject: RequestSubject, label: string): EndLink {
  return {
    label,
    page: 'buckets',
    parameter: 'bucket',
    id: `${subject.tenant}:${subject.name}`,
  };
}

/** The bucket of that name, where an answer has it. */
export function findBucket(
  { buckets }: EntityStorage,
  { tenant, name }: { tenant: string; name: string },
): BucketView | undefined {
  return buckets.find(
    bucket => bucket.tenant === tenant && bucket.name === name,
  );
}
