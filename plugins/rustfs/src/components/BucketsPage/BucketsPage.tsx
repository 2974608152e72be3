import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { bucketReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import { Alert, Button, Container, Text } from '@backstage/ui';
import { RiDownloadLine } from '@remixicon/react';
import { useEffect, useMemo, useState } from 'react';
import { rustfsApiRef } from '../../api';
import { useLoaded } from '../../hooks/useLoaded';
import { useOpenItem } from '../../hooks/useOpenItem';
import { usePolling } from '../../hooks/usePolling';
import { useSearchParam } from '../../hooks/useSearchParam';
import { ageOfShown, searchBuckets } from '../../lib/buckets';
import { bucketsCsv, downloadText } from '../../lib/csv';
import {
  BUCKET_FILTERS,
  filterBuckets,
  toBucketFilter,
} from '../../lib/filters';
import { SETTLING_MS, SETTLING_POLL_MS } from '../../lib/settling';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { BucketDialog } from '../BucketDialog';
import { BucketTable } from '../BucketTable';
import { EmptyState } from '../EmptyState';
import { ALL, FilterSelect } from '../FilterSelect';
import { LoadedFrame } from '../LoadedFrame';
import { AsOf } from '../TimeText';

const POLL_MS = 5 * 60_000;

/** All buckets that the person may see, of every tenant. */
export function BucketsPage() {
  const rustfsApi = useApi(rustfsApiRef);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const buckets = useLoaded('buckets', signal =>
    rustfsApi.listBuckets({ signal }),
  );
  const items = buckets.value?.items;
  const [tenant, setTenant] = useSearchParam('tenant');
  const [filterText, setFilter] = useSearchParam('show');
  const [search = '', setSearch] = useSearchParam('search');
  const filter = toBucketFilter(filterText);
  const [openId, setOpenId] = useOpenItem('bucket');
  const open = items?.find(bucket => bucket.id === openId);
  const lostId = items && !open ? openId : undefined;
  // One that does not show within this time is not new.
  const isLookedFor = useIsRecent(lostId, SETTLING_MS);
  usePolling(() => !buckets.isLoading && buckets.reload(), {
    isActive: Boolean(buckets.value),
    // A bucket that was made just now shows as soon as the next reading of its server.
    intervalMs: isLookedFor ? SETTLING_POLL_MS : POLL_MS,
  });
  const tenants = useMemo(
    () => [...new Set(items?.map(bucket => bucket.tenant))].sort(),
    [items],
  );
  const shown = useMemo(
    () =>
      items && searchBuckets(filterBuckets(items, { tenant, filter }), search),
    [items, tenant, filter, search],
  );
  return (
    <Container>
      <LoadedFrame
        loaded={buckets}
        permission={bucketReadPermission.name}
        problems={buckets.value?.problems}
        freshness={buckets.value?.freshness}
      >
        {lostId && (
          <Alert
            role="status"
            status="info"
            icon
            title={t('buckets.lost', { bucket: lostId })}
            description={t('buckets.lostHint')}
          />
        )}
        <BucketTable
          buckets={shown}
          total={items?.length ?? 0}
          search={search}
          onSearch={setSearch}
          showOwner
          onOpen={bucket => setOpenId(bucket.id)}
          emptyState={
            items?.length ? (
              <Text>{t('bucket.noMatch')}</Text>
            ) : (
              <EmptyState title={t('buckets.empty')} />
            )
          }
          controls={
            <>
              <FilterSelect
                label={t('filter.tenant')}
                value={tenant}
                onChange={setTenant}
                options={
                  // One from the address is named even where nothing of it can be seen.
                  (tenant && !tenants.includes(tenant)
                    ? [tenant, ...tenants]
                    : tenants
                  ).map(ref => ({ value: ref, label: ref }))
                }
              />
              <FilterSelect
                label={t('filter.state')}
                value={filter}
                onChange={setFilter}
                options={BUCKET_FILTERS.filter(id => id !== ALL).map(id => ({
                  value: id,
                  label: t(`filter.${id}`),
                }))}
              />
              {shown && (
                <Muted role="status">
                  {t('filter.count', { count: shown.length })}
                </Muted>
              )}
              {buckets.value && (
                <AsOf observed={ageOfShown(buckets.value, shown ?? [])} />
              )}
              <Button
                size="small"
                variant="tertiary"
                iconStart={<RiDownloadLine />}
                isDisabled={!shown?.length}
                onPress={() =>
                  downloadText('buckets.csv', bucketsCsv(shown ?? []))
                }
              >
                {t('filter.csv')}
              </Button>
            </>
          }
        />
        <BucketDialog bucket={open} onClose={() => setOpenId(undefined)} />
      </LoadedFrame>
    </Container>
  );
}

/** Whether something is there, and has not been there for long. */
function useIsRecent(id: string | undefined, recentMs: number): boolean {
  const [oldId, setOldId] = useState<string>();
  useEffect(() => {
    setOldId(undefined);
    if (id === undefined) {
      return undefined;
    }
    const timer = setTimeout(() => setOldId(id), recentMs);
    return () => clearTimeout(timer);
  }, [id, recentMs]);
  return id !== undefined && id !== oldId;
}
