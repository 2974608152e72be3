import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  BucketAccess,
  BucketView,
  formatBytes,
} from '@rustfs-portal/plugin-rustfs-common';
import { Cell, CellText, ColumnConfig, Text } from '@backstage/ui';
import { useMemo, useState } from 'react';
import { useIsNarrow } from '../../hooks/useIsNarrow';
import { modeTitle } from '../../kinds';
import {
  isAbsent,
  isDrifted,
  isNearQuota,
  sortBuckets,
  tenantName,
} from '../../lib/buckets';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { EntityName } from '../EntityName';
import { NameCell } from '../NameCell';
import { QuotaBar } from '../QuotaBar';
import { SearchTable, SearchTableProps } from '../SearchTable';
import { BucketStateBadge, StateBadge } from '../StateBadge';
import { RaiseQuotaButton, RaiseQuotaDialog } from '../RaiseQuota';
import styles from './BucketTable.module.css';

/** More than these make a row too high; the dialog of an access has the rest. */
const SHOWN_ACCESSES = 3;

/** @internal */
export interface BucketTableProps extends SearchTableProps<BucketView> {
  /** Those that are searched for; undefined while the first answer is waited for. */
  buckets: BucketView[] | undefined;
  /** Shows whose each bucket is; of use where buckets of several owners are listed. */
  showOwner?: boolean;
}

/** Buckets with usage against quota; every column sorts, the search field finds by name, tenant and owner. */
export function BucketTable(props: BucketTableProps) {
  const { buckets, showOwner, ...table } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  // One tenant is named above the table; a column of it would say nothing.
  const showTenant = useMemo(
    () => new Set(buckets?.map(bucket => bucket.tenant)).size > 1,
    [buckets],
  );
  const showAccess = buckets?.some(({ access }) => access) ?? false;
  const [raised, setRaised] = useState<BucketView>();
  const columns = useBucketColumns({
    showOwner,
    showTenant,
    showAccess,
    onRaise: setRaised,
  });
  return (
    <>
      <SearchTable
        {...table}
        rows={buckets}
        columns={columns}
        sort={sortBuckets}
        words={{
          label: t('storage.bucketsTitle'),
          search: t('bucket.search'),
          noMatch: t('bucket.noMatch'),
        }}
      />
      <RaiseQuotaDialog bucket={raised} onClose={() => setRaised(undefined)} />
    </>
  );
}

function useBucketColumns(options: {
  showOwner?: boolean;
  showTenant: boolean;
  showAccess: boolean;
  onRaise: (bucket: BucketView) => void;
}): ColumnConfig<BucketView>[] {
  const { showOwner, showTenant, showAccess, onRaise } = options;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const isNarrow = useIsNarrow();
  return useMemo(() => {
    const nothing = (bucket: BucketView) =>
      isAbsent(bucket) ? '–' : t('common.unknown');
    return [
      {
        id: 'name',
        label: t('bucket.name'),
        width: '1fr',
        minWidth: isNarrow ? 125 : 180,
        isRowHeader: true,
        isSortable: true,
        cell: ({ name, tenant, owner }) => (
          <NameCell
            name={name}
            // Where there is no room for columns of their own.
            place={
              isNarrow &&
              (showTenant || showOwner) && (
                <>
                  {showTenant && tenantName(tenant)}
                  {showTenant && showOwner && ' · '}
                  {showOwner && <OwnerName owner={owner} />}
                </>
              )
            }
          />
        ),
      },
      {
        id: 'size',
        label: t('bucket.size'),
        width: isNarrow ? 165 : 200,
        isSortable: true,
        cell: bucket => (
          <Cell>
            <div className={styles.usage}>
              <BucketUsage bucket={bucket} />
              {isNearQuota(bucket) && (
                <div className={styles.raise}>
                  <RaiseQuotaButton bucket={bucket} onPress={onRaise} />
                </div>
              )}
            </div>
          </Cell>
        ),
      },
      {
        id: 'state',
        label: t('bucket.state'),
        width: 150,
        isSortable: true,
        cell: bucket => (
          <Cell>
            <div className={styles.state}>
              <BucketStateBadge state={bucket.state} />
              {isDrifted(bucket) && (
                <StateBadge
                  tone="warning"
                  title={
                    bucket.drift.length
                      ? t('detail.driftTitle', { count: bucket.drift.length })
                      : bucket.message
                  }
                >
                  {t('bucket.drifted')}
                </StateBadge>
              )}
            </div>
          </Cell>
        ),
      },
      {
        id: 'tenant',
        isHidden: !showTenant || isNarrow,
        label: t('bucket.tenant'),
        width: 120,
        isSortable: true,
        cell: ({ tenant }) => (
          <CellText
            title={tenantName(tenant)}
            description={tenant.split('/')[0]}
          />
        ),
      },
      {
        id: 'owner',
        label: t('bucket.owner'),
        width: 120,
        isSortable: true,
        isHidden: !showOwner || isNarrow,
        cell: ({ owner }) => (
          <Cell>
            <OwnerName owner={owner} />
          </Cell>
        ),
      },
      {
        id: 'access',
        label: t('bucket.access'),
        width: 190,
        isHidden: !showAccess,
        isSortable: true,
        cell: ({ access }) => (
          <Cell>
            {access ? (
              <BucketAccessList access={access} />
            ) : (
              <Muted>{t('common.unknown')}</Muted>
            )}
          </Cell>
        ),
      },
      {
        id: 'objects',
        label: t('bucket.objects'),
        width: 140,
        isSortable: true,
        cell: bucket => (
          <CellText
            title={bucket.live?.objects?.toLocaleString() ?? nothing(bucket)}
            color={bucket.live?.objects === undefined ? 'secondary' : 'primary'}
            className={styles.number}
          />
        ),
      },
      {
        id: 'versioning',
        label: t('bucket.versioning'),
        width: 140,
        isSortable: true,
        cell: bucket => (
          <CellText
            title={
              bucket.live
                ? t(`versioning.${bucket.live.versioning}`)
                : nothing(bucket)
            }
            color={bucket.live ? 'primary' : 'secondary'}
          />
        ),
      },
      {
        id: 'lock',
        label: t('bucket.lockColumn'),
        width: 95,
        isSortable: true,
        cell: bucket => (
          <CellText
            title={
              bucket.live
                ? t(bucket.live.objectLock ? 'common.yes' : 'common.no')
                : nothing(bucket)
            }
            color={bucket.live ? 'primary' : 'secondary'}
          />
        ),
      },
    ];
  }, [t, showOwner, showTenant, showAccess, onRaise, isNarrow]);
}

/** Who uses a bucket, and how; the names of the accesses on hover. */
export function BucketAccessList(props: { access: BucketAccess[] }) {
  const { access } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!access.length) {
    return <Muted>{t('bucket.noAccess')}</Muted>;
  }
  const shown = access.slice(0, SHOWN_ACCESSES);
  const hidden = access.length - shown.length;
  return (
    <ul className={styles.access}>
      {shown.map(({ access: name, entity, mode, prefix }) => (
        <li key={name} title={name}>
          <EntityName entityRef={entity} />{' '}
          <Muted as="span" variant="body-small">
            {modeTitle(t, mode)}
            {prefix && ` · ${prefix}`}
          </Muted>
        </li>
      ))}
      {hidden > 0 && (
        <li>
          <Muted as="span" variant="body-small">
            {t('bucket.moreAccesses', { count: hidden })}
          </Muted>
        </li>
      )}
    </ul>
  );
}

function OwnerName(props: { owner: string | undefined }) {
  const { owner } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return owner ? (
    <EntityName entityRef={owner} />
  ) : (
    <Muted as="span">{t('bucket.noOwner')}</Muted>
  );
}

/** What a bucket holds against its quota, or as much of that as is known. */
export function BucketUsage(props: { bucket: BucketView }) {
  const { name, live } = props.bucket;
  const { t } = useTranslationRef(rustfsTranslationRef);
  if (!live) {
    return (
      <Muted variant="body-medium">
        {isAbsent(props.bucket) ? '–' : t('common.unknown')}
      </Muted>
    );
  }
  const { sizeBytes, quotaBytes } = live;
  const quota = quotaBytes
    ? formatBytes(quotaBytes)
    : t('bucket.noQuota').toString();
  if (sizeBytes === undefined) {
    return (
      <div className={styles.usage}>
        <Muted>{t('bucket.notMeasured')}</Muted>
        <Muted variant="body-small">{quota}</Muted>
      </div>
    );
  }
  if (!quotaBytes) {
    return (
      <div className={styles.usage}>
        <Text>{formatBytes(sizeBytes)}</Text>
        <Muted variant="body-small">{quota}</Muted>
      </div>
    );
  }
  return (
    <QuotaBar
      label={t('bucket.usageLabel', { name })}
      usedBytes={sizeBytes}
      totalBytes={quotaBytes}
      text={t('bucket.ofQuota', { used: formatBytes(sizeBytes), quota })}
    />
  );
}
