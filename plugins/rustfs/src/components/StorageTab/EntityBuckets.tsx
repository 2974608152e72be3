import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  bucketRequestPermission,
  EntityStorage,
} from '@rustfs-portal/plugin-rustfs-common';
import { RiArchiveDrawerLine } from '@remixicon/react';
import { useMemo } from 'react';
import { useOpenItem } from '../../hooks/useOpenItem';
import { useSearchParam } from '../../hooks/useSearchParam';
import { searchBuckets } from '../../lib/buckets';
import { rustfsTranslationRef } from '../../translation';
import { BucketDialog } from '../BucketDialog';
import { BucketTable } from '../BucketTable';
import { RequestStorageButton } from '../RequestButton';
import { EmptyState } from '../EmptyState';
import { splitProblems } from '../ProblemList';

/** The buckets of an entity; a row opens what is known about its bucket. */
export function EntityBuckets(props: {
  storage: EntityStorage;
  /** The entity is the tenant itself, and the buckets are of many owners. */
  isTenant: boolean;
}) {
  const { storage, isTenant } = props;
  const { buckets, mayRequest, problems } = storage;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [openId, setOpenId] = useOpenItem('bucket');
  const [search = '', setSearch] = useSearchParam('search');
  const open = buckets.find(bucket => bucket.id === openId);
  const found = useMemo(
    () => searchBuckets(buckets, search),
    [buckets, search],
  );
  if (!buckets.length) {
    // What cannot be shown may well be there; the problems above say why it is not.
    const isKnownEmpty = splitProblems(problems).loud.length === 0;
    return (
      <EmptyState
        icon={<RiArchiveDrawerLine size={32} />}
        title={
          isKnownEmpty
            ? t(isTenant ? 'storage.emptyTenant' : 'storage.empty')
            : t('storage.noneShown')
        }
        hint={isKnownEmpty && !isTenant ? hint() : undefined}
        action={
          isKnownEmpty &&
          !isTenant &&
          mayRequest &&
          storage.mayRequestAccess && (
            <RequestStorageButton entityRef={storage.entityRef} />
          )
        }
      />
    );
  }
  return (
    <>
      <BucketTable
        buckets={found}
        total={buckets.length}
        search={search}
        onSearch={setSearch}
        showOwner={isTenant}
        onOpen={bucket => setOpenId(bucket.id)}
        emptyState={t('storage.empty')}
      />
      <BucketDialog
        bucket={open}
        accesses={storage.accesses}
        onClose={() => setOpenId(undefined)}
      />
    </>
  );

  function hint() {
    return mayRequest
      ? t('storage.emptyHint')
      : t('storage.emptyNotAllowed', {
          permission: bucketRequestPermission.name,
        });
  }
}
