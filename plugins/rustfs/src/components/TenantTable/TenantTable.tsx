import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  formatBytes,
  parseTenantRef,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  Cell,
  CellText,
  ColumnConfig,
  SearchField,
  SortDescriptor,
  Table,
  Text,
  useTable,
} from '@backstage/ui';
import { useMemo } from 'react';
import { useIsNarrow } from '../../hooks/useIsNarrow';
import { useSearchParam } from '../../hooks/useSearchParam';
import { repositoryName, sortBy, tenantName } from '../../lib/buckets';
import { formatTime } from '../../lib/time';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { EmptyState } from '../EmptyState';
import { NameCell } from '../NameCell';
import { QuotaBar } from '../QuotaBar';
import { TenantStateBadge } from '../StateBadge';
import { TableFrame } from '../TableFrame';
import styles from './TenantTable.module.css';

type TenantRow = TenantView & { id: string };

/** All tenants; a row opens what is known about its tenant. */
export function TenantTable(props: {
  tenants: TenantView[] | undefined;
  onOpen: (tenant: TenantView) => void;
}) {
  const { tenants, onOpen } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const columns = useTenantColumns();
  const rows = useMemo(
    () => tenants?.map(tenant => ({ ...tenant, id: tenant.ref })),
    [tenants],
  );
  const [search = '', setSearch] = useSearchParam('search');
  const { tableProps } = useTable<TenantRow>({
    mode: 'complete',
    data: rows,
    search,
    onSearchChange: setSearch,
    searchFn: searchTenants,
    sortFn: sortTenants,
    // What needs a look comes first.
    initialSort: { column: 'state', direction: 'ascending' },
    paginationOptions: { type: 'none' },
  });
  return (
    <div className={styles.root}>
      {(search || (tenants?.length ?? 0) > 5) && (
        <SearchField
          className={styles.search}
          aria-label={t('tenant.search')}
          placeholder={t('tenant.search')}
          size="small"
          value={search}
          onChange={setSearch}
        />
      )}
      <TableFrame label={t('tenant.title')}>
        <Table<TenantRow>
          {...tableProps}
          isPending={!tenants}
          columnConfig={columns}
          rowConfig={{ onClick: onOpen }}
          emptyState={
            search ? (
              <Text>{t('tenant.noMatch')}</Text>
            ) : (
              <EmptyState title={t('tenant.empty')} />
            )
          }
        />
      </TableFrame>
    </div>
  );
}

function useTenantColumns(): ColumnConfig<TenantRow>[] {
  const { t } = useTranslationRef(rustfsTranslationRef);
  const isNarrow = useIsNarrow();
  return useMemo(
    () => [
      {
        id: 'name',
        label: t('tenant.name'),
        minWidth: isNarrow ? 125 : 150,
        isRowHeader: true,
        isSortable: true,
        cell: ({ ref }) => (
          <NameCell name={tenantName(ref)} place={placeOf(ref)} />
        ),
      },
      {
        id: 'state',
        label: t('tenant.state'),
        minWidth: 140,
        isSortable: true,
        cell: tenant => (
          <Cell>
            <div className={styles.state}>
              <TenantStateBadge tenant={tenant} />
              {tenant.state !== 'ready' && tenant.reason && (
                <Muted variant="body-small">{tenant.reason}</Muted>
              )}
            </div>
          </Cell>
        ),
      },
      {
        id: 'capacity',
        label: t('tenant.capacity'),
        width: '1.5fr',
        minWidth: isNarrow ? 165 : 190,
        isSortable: true,
        cell: tenant => (
          <Cell>
            <TenantCapacity tenant={tenant} />
          </Cell>
        ),
      },
      {
        id: 'drives',
        label: t('tenant.drives'),
        minWidth: 90,
        isSortable: true,
        cell: ({ drives }) => (
          <CellText
            title={
              drives
                ? t('tenant.drivesOnline', {
                    online: String(drives.online),
                    total: String(drives.total),
                  })
                : t('common.unknown')
            }
            color={drives ? 'primary' : 'secondary'}
          />
        ),
      },
      {
        id: 'buckets',
        label: t('tenant.buckets'),
        minWidth: 155,
        isSortable: true,
        cell: ({ buckets, objects }) => (
          <CellText
            title={buckets?.toLocaleString() ?? t('common.unknown')}
            description={
              objects === undefined
                ? undefined
                : `${objects.toLocaleString()} ${t(
                    'tenant.objects',
                  ).toLowerCase()}`
            }
            color={buckets === undefined ? 'secondary' : 'primary'}
          />
        ),
      },
      {
        id: 'version',
        label: t('tenant.version'),
        minWidth: 100,
        isSortable: true,
        cell: ({ version, installedBy, workload }) => (
          <CellText
            title={version ?? t('common.unknown')}
            description={
              installedBy && !['ready', 'unknown'].includes(installedBy.state)
                ? `${installedBy.kind}: ${t(
                    `tenant.release.${installedBy.state}`,
                  )}`
                : workload?.kind
            }
            color={version ? 'primary' : 'secondary'}
          />
        ),
      },
      {
        id: 'source',
        label: t('tenant.source'),
        minWidth: 150,
        isSortable: true,
        cell: ({ source, obstacle }) => (
          <CellText
            title={source ? repositoryName(source.repository) : '–'}
            description={obstacle ? t('obstacle.brief') : source?.path}
          />
        ),
      },
      {
        id: 'observed',
        label: t('tenant.observed'),
        minWidth: 110,
        isSortable: true,
        cell: ({ asOf, freshness }) => (
          <CellText
            title={formatTime(asOf)}
            description={freshness === 'stale' ? t('tenant.stale') : undefined}
            color="secondary"
          />
        ),
      },
    ],
    [t, isNarrow],
  );
}

/** What a tenant holds of what its drives can hold. */
export function TenantCapacity(props: { tenant: TenantView }) {
  const { ref, capacity } = props.tenant;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!capacity) {
    return <Muted>{t('common.unknown')}</Muted>;
  }
  const { usedBytes, totalBytes } = capacity;
  return (
    <QuotaBar
      label={t('tenant.capacityLabel', { name: tenantName(ref) })}
      usedBytes={usedBytes}
      totalBytes={totalBytes}
      text={t('tenant.ofCapacity', {
        used: formatBytes(usedBytes),
        total: formatBytes(totalBytes),
      })}
    />
  );
}

function placeOf(ref: string): string {
  const { cluster, namespace } = parseTenantRef(ref);
  return `${cluster}/${namespace}`;
}

function searchTenants(tenants: TenantRow[], query: string): TenantRow[] {
  const text = query.trim().toLowerCase();
  return tenants.filter(({ ref }) => ref.includes(text));
}

const STATE_ORDER: TenantView['state'][] = [
  'unreachable',
  'blocked',
  'degraded',
  'reconciling',
  'unknown',
  'ready',
];

const SORT_KEYS: Record<
  string,
  (tenant: TenantRow) => string | number | undefined
> = {
  name: t => t.ref,
  state: t => STATE_ORDER.indexOf(t.state),
  capacity: t => t.capacity && t.capacity.usedBytes / t.capacity.totalBytes,
  drives: t => t.drives && t.drives.online / t.drives.total,
  buckets: t => t.buckets,
  version: t => t.version,
  source: t => t.source?.repository,
  observed: t => Date.parse(t.asOf),
};

function sortTenants(tenants: TenantRow[], sort: SortDescriptor): TenantRow[] {
  const key = SORT_KEYS[String(sort.column)] ?? SORT_KEYS.name;
  return sortBy(tenants, key, sort.direction);
}
