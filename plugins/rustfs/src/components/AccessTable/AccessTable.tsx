import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { AccessView } from '@rustfs-portal/plugin-rustfs-common';
import { Cell, CellText, ColumnConfig, Text } from '@backstage/ui';
import { useMemo } from 'react';
import { useIsNarrow } from '../../hooks/useIsNarrow';
import { modeTitle } from '../../kinds';
import { scopeWords, sortAccesses } from '../../lib/access';
import { tenantName } from '../../lib/buckets';
import { rustfsTranslationRef } from '../../translation';
import { EntityName } from '../EntityName';
import { Muted } from '../Muted';
import { NameCell } from '../NameCell';
import { RevokeButton } from '../RequestButton';
import { SearchTable, SearchTableProps } from '../SearchTable';
import { AccessStateBadge, StateBadge } from '../StateBadge';
import { TimeText } from '../TimeText';
import styles from './AccessTable.module.css';

/** @internal */
export interface AccessTableProps extends SearchTableProps<AccessView> {
  /** Those that are searched for; undefined while the first answer is waited for. */
  accesses: AccessView[] | undefined;
  /** Shows who uses each; of use where accesses of several entities are listed. */
  showEntity?: boolean;
}

/** Who may use which buckets, how, and where the Secret with the key is. No key is in it. */
export function AccessTable(props: AccessTableProps) {
  const { accesses, showEntity, ...table } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const showTenant = useMemo(
    () => new Set(accesses?.map(({ tenant }) => tenant)).size > 1,
    [accesses],
  );
  return (
    <SearchTable
      {...table}
      rows={accesses}
      columns={useAccessColumns({ showEntity, showTenant })}
      sort={sortAccesses}
      words={{
        label: t('access.title'),
        search: t('access.search'),
        noMatch: t('access.noMatch'),
      }}
    />
  );
}

function useAccessColumns(options: {
  showEntity?: boolean;
  showTenant: boolean;
}): ColumnConfig<AccessView>[] {
  const { showEntity, showTenant } = options;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const isNarrow = useIsNarrow();
  return useMemo(
    () => [
      {
        id: 'name',
        label: t('access.name'),
        width: '1fr',
        minWidth: isNarrow ? 140 : 160,
        isRowHeader: true,
        isSortable: true,
        cell: ({ name, entity, mode, scope, tenant }) => (
          <NameCell
            name={name}
            // Where there is no room for columns of their own.
            place={
              <>
                {showEntity && <EntityName entityRef={entity} />}
                {showEntity && showTenant && ' · '}
                {showTenant && tenantName(tenant)}
                {isNarrow && (
                  <span className={styles.lines}>
                    {modeTitle(t, mode)} · {scopeWords(scope)}
                  </span>
                )}
              </>
            }
          />
        ),
      },
      {
        id: 'buckets',
        label: t('access.buckets'),
        width: '1fr',
        minWidth: 160,
        isSortable: true,
        isHidden: isNarrow,
        cell: ({ scope }) => (
          <Cell>
            <Text className={styles.lines}>{scopeWords(scope)}</Text>
          </Cell>
        ),
      },
      {
        id: 'mode',
        label: t('access.mode'),
        width: 140,
        isSortable: true,
        isHidden: isNarrow,
        cell: ({ mode }) => <CellText title={modeTitle(t, mode)} />,
      },
      {
        id: 'state',
        label: t('bucket.state'),
        width: isNarrow ? 150 : 170,
        isSortable: true,
        cell: access => (
          <Cell>
            <div className={styles.state}>
              <AccessStateBadge access={access} />
              {access.drift.length > 0 && (
                <StateBadge
                  tone="warning"
                  title={t('access.driftTitle', {
                    count: access.drift.length,
                  })}
                >
                  {t('bucket.drifted')}
                </StateBadge>
              )}
              {Boolean(access.stillOpenThrough?.length) && (
                <StateBadge tone="warning" title={t('access.stillOpen')}>
                  {t('access.public')}
                </StateBadge>
              )}
              {access.state !== 'ready' && access.reason && (
                <Muted variant="body-small">{access.reason}</Muted>
              )}
            </div>
          </Cell>
        ),
      },
      {
        id: 'secret',
        label: t('access.secret'),
        width: '1fr',
        minWidth: 150,
        isSortable: true,
        cell: ({ consumer: { cluster, namespace, secret } }) => (
          <Cell>
            <div className={styles.lines}>
              <Text>{secret}</Text>
              <Muted variant="body-small">
                {t('access.place', { cluster, namespace })}
              </Muted>
            </div>
          </Cell>
        ),
      },
      {
        id: 'age',
        label: t('access.age'),
        width: 130,
        isSortable: true,
        cell: ({ createdAt }) => (
          <Cell>
            <Text>
              <TimeText at={createdAt} format="ago" />
            </Text>
          </Cell>
        ),
      },
      {
        id: 'revoke',
        label: t('access.actions'),
        width: 130,
        cell: access => (
          <Cell>
            <RevokeButton access={access} />
          </Cell>
        ),
      },
    ],
    [t, isNarrow, showEntity, showTenant],
  );
}
