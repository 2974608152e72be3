import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { bucketReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import { Button, Container, Select, Text } from '@backstage/ui';
import { RiDownloadLine } from '@remixicon/react';
import { useMemo, useState } from 'react';
import { rustfsApiRef } from '../../api';
import { useLoaded } from '../../hooks/useLoaded';
import { useOpenItem } from '../../hooks/useOpenItem';
import { bucketsCsv, downloadText } from '../../lib/csv';
import { BUCKET_FILTERS, BucketFilter, filterBuckets } from '../../lib/filters';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { BucketDialog } from '../BucketDialog';
import { BucketTable } from '../BucketTable';
import { EmptyState } from '../EmptyState';
import { LoadedFrame } from '../LoadedFrame';
import { AsOf } from '../TimeText';
import styles from './BucketsPage.module.css';

const ALL = 'all';

/** All buckets that the person may see, of every tenant. */
export function BucketsPage() {
  const rustfsApi = useApi(rustfsApiRef);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const buckets = useLoaded('buckets', signal =>
    rustfsApi.listBuckets({ signal }),
  );
  const items = buckets.value?.items;
  const [tenant, setTenant] = useState(ALL);
  const [filter, setFilter] = useState<BucketFilter>(ALL);
  const [openId, setOpenId] = useOpenItem('bucket');
  const open = items?.find(bucket => bucket.id === openId);
  const openTenant = useLoaded(open?.tenant, signal =>
    rustfsApi.getTenant(open!.tenant, { signal }),
  );
  const tenants = useMemo(
    () => [...new Set(items?.map(bucket => bucket.tenant))].sort(),
    [items],
  );
  const shown = useMemo(
    () =>
      items &&
      filterBuckets(items, {
        tenant: tenant === ALL ? undefined : tenant,
        filter,
      }),
    [items, tenant, filter],
  );
  return (
    <Container>
      <LoadedFrame
        loaded={buckets}
        permission={bucketReadPermission.name}
        problems={buckets.value?.problems}
      >
        <BucketTable
          buckets={shown}
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
              <Select
                className={styles.select}
                size="small"
                aria-label={t('filter.tenant')}
                value={tenant}
                onChange={key => setTenant(String(key))}
                options={[
                  {
                    value: ALL,
                    label: `${t('filter.tenant')}: ${t('common.all')}`,
                  },
                  ...tenants.map(ref => ({ value: ref, label: ref })),
                ]}
              />
              <Select
                className={styles.select}
                size="small"
                aria-label={t('filter.state')}
                value={filter}
                onChange={key => setFilter(key as BucketFilter)}
                options={BUCKET_FILTERS.map(id => ({
                  value: id,
                  label:
                    id === ALL
                      ? `${t('filter.state')}: ${t('common.all')}`
                      : t(`filter.${id}`),
                }))}
              />
              {shown && (
                <Muted role="status">
                  {t('filter.count', { count: shown.length })}
                </Muted>
              )}
              {buckets.value && <AsOf observed={buckets.value} />}
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
        <BucketDialog
          bucket={open}
          tenant={openTenant.value}
          onClose={() => setOpenId(undefined)}
        />
      </LoadedFrame>
    </Container>
  );
}
