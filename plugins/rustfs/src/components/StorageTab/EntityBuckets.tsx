import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  bucketRequestPermission,
  EntityStorage,
} from '@rustfs-portal/plugin-rustfs-common';
import { RiArchiveDrawerLine } from '@remixicon/react';
import { useOpenItem } from '../../hooks/useOpenItem';
import { rustfsTranslationRef } from '../../translation';
import { BucketDialog } from '../BucketDialog';
import { BucketTable } from '../BucketTable';
import { EmptyState } from '../EmptyState';

/** The buckets of an entity; a row opens what is known about its bucket. */
export function EntityBuckets(props: { storage: EntityStorage }) {
  const { buckets, mayRequest } = props.storage;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [openId, setOpenId] = useOpenItem('bucket');
  const open = buckets.find(bucket => bucket.id === openId);
  if (!buckets.length) {
    return (
      <EmptyState
        icon={<RiArchiveDrawerLine size={32} />}
        title={t('storage.empty')}
        hint={
          mayRequest
            ? t('storage.emptyHint')
            : t('storage.emptyNotAllowed', {
                permission: bucketRequestPermission.name,
              })
        }
      />
    );
  }
  return (
    <>
      <BucketTable
        buckets={buckets}
        onOpen={bucket => setOpenId(bucket.id)}
        emptyState={t('storage.empty')}
      />
      <BucketDialog bucket={open} onClose={() => setOpenId(undefined)} />
    </>
  );
}
