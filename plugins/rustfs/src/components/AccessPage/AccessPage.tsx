import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { accessReadPermission } from '@rustfs-portal/plugin-rustfs-common';
import { Alert, Container, Text } from '@backstage/ui';
import { useMemo } from 'react';
import { rustfsApiRef } from '../../api';
import { useLoaded } from '../../hooks/useLoaded';
import { useOpenItem } from '../../hooks/useOpenItem';
import { usePolling } from '../../hooks/usePolling';
import { useSearchParam } from '../../hooks/useSearchParam';
import {
  ACCESS_FILTERS,
  filterAccesses,
  searchAccesses,
  toAccessFilter,
} from '../../lib/access';
import { ageOfShown } from '../../lib/buckets';
import { rustfsTranslationRef } from '../../translation';
import { AccessDialog } from '../AccessDialog';
import { AccessTable } from '../AccessTable';
import { EmptyState } from '../EmptyState';
import { ALL, FilterSelect } from '../FilterSelect';
import { LoadedFrame } from '../LoadedFrame';
import { Muted } from '../Muted';
import { AsOf } from '../TimeText';

const POLL_MS = 60_000;

/** All accesses that the person may see, of every tenant. */
export function AccessPage() {
  const rustfsApi = useApi(rustfsApiRef);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const accesses = useLoaded('accesses', signal =>
    rustfsApi.listAccesses({ signal }),
  );
  const { value } = accesses;
  const items = value?.items;
  const [tenant, setTenant] = useSearchParam('tenant');
  const [filterText, setFilter] = useSearchParam('show');
  const [search = '', setSearch] = useSearchParam('search');
  const [openId, setOpenId] = useOpenItem('access');
  const filter = toAccessFilter(filterText);
  const open = items?.find(({ id }) => id === openId);
  const lostId = items && !open ? openId : undefined;
  usePolling(() => !accesses.isLoading && accesses.reload(), {
    isActive: Boolean(value),
    intervalMs: POLL_MS,
  });
  const tenants = useMemo(
    () => [
      ...new Set([
        ...(tenant ? [tenant] : []),
        ...(items ?? []).map(access => access.tenant).sort(),
      ]),
    ],
    [items, tenant],
  );
  const shown = useMemo(
    () =>
      items &&
      searchAccesses(filterAccesses(items, { tenant, filter }), search),
    [items, tenant, filter, search],
  );
  return (
    <Container>
      <LoadedFrame
        loaded={accesses}
        permission={accessReadPermission.name}
        problems={value?.problems}
        freshness={value?.freshness}
      >
        {lostId && (
          <Alert
            role="status"
            status="info"
            icon
            title={t('access.lost', { access: lostId })}
            description={t('access.lostHint')}
          />
        )}
        <AccessTable
          accesses={shown}
          total={items?.length ?? 0}
          search={search}
          onSearch={setSearch}
          showEntity
          onOpen={({ id }) => setOpenId(id)}
          emptyState={
            items?.length ? (
              <Text>{t('access.noMatch')}</Text>
            ) : (
              <EmptyState
                title={t('access.noneToSee')}
                hint={t('access.noneToSeeHint')}
              />
            )
          }
          controls={
            <>
              <FilterSelect
                label={t('filter.tenant')}
                value={tenant}
                onChange={setTenant}
                options={tenants.map(ref => ({ value: ref, label: ref }))}
              />
              <FilterSelect
                label={t('filter.state')}
                value={filter}
                onChange={setFilter}
                options={ACCESS_FILTERS.filter(id => id !== ALL).map(id => ({
                  value: id,
                  label: t(`accessFilter.${id}`),
                }))}
              />
              {shown && (
                <Muted role="status">
                  {t('access.count', { count: shown.length })}
                </Muted>
              )}
              {value && <AsOf observed={ageOfShown(value, shown ?? [])} />}
            </>
          }
        />
        <AccessDialog access={open} onClose={() => setOpenId(undefined)} />
      </LoadedFrame>
    </Container>
  );
}
