import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  requestReadPermission,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  Cell,
  CellText,
  ColumnConfig,
  Container,
  Select,
  Switch,
  Table,
  Text,
} from '@backstage/ui';
import { useMemo, useState } from 'react';
import { useRequests } from '../../hooks/useRequests';
import { kindOf, Translate } from '../../kinds';
import { tenantName } from '../../lib/buckets';
import { requestRouteRef } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { EmptyState } from '../EmptyState';
import { entityName } from '../EntityLink';
import { LoadedFrame } from '../LoadedFrame';
import { NameCell } from '../NameCell';
import { RequestNews } from '../RequestList';
import { ShowMore } from '../ShowMore';
import { Muted } from '../Muted';
import { StageNote } from '../StageNote';
import { RequestStateBadge } from '../StateBadge';
import { TableFrame } from '../TableFrame';
import { TimeText } from '../TimeText';
import styles from './RequestsPage.module.css';

const PER_STEP = 25;

const FILTERS = {
  filterAll: undefined,
  filterOpen: ['submitting', 'proposed', 'merged', 'applied'],
  filterFailed: ['failed'],
  filterDone: ['ready', 'closed', 'withdrawn'],
} satisfies Record<string, RequestState[] | undefined>;

type Filter = keyof typeof FILTERS;

/** What is said of requests that wait for nothing any more. */
function endWords(t: Translate, request: StorageRequest): string {
  switch (request.state) {
    case 'ready':
      return kindOf(request).ready(t);
    case 'closed':
    case 'withdrawn':
      return t('requests.isClosed');
    default:
      return '–';
  }
}

/** The requests that the person may see, newest first. */
export function RequestsOverview() {
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestPage = useRouteRef(requestRouteRef);
  const [filter, setFilter] = useState<Filter>('filterAll');
  const [isMine, setIsMine] = useState(false);
  const [limit, setLimit] = useState(PER_STEP);
  const columns = useRequestColumns();
  const requests = useRequests({
    limit,
    state: FILTERS[filter],
    ...(isMine && { mine: true }),
  });
  const { value } = requests;
  return (
    <Container>
      <LoadedFrame loaded={requests} permission={requestReadPermission.name}>
        <RequestNews requests={value?.items} />
        <div className={styles.controls}>
          <Select
            className={styles.select}
            size="small"
            aria-label={t('requests.filter')}
            value={filter}
            onChange={key => setFilter(key as Filter)}
            options={(Object.keys(FILTERS) as Filter[]).map(id => ({
              value: id,
              label:
                id === 'filterAll'
                  ? `${t('requests.filter')}: ${t('requests.filterAll')}`
                  : t(`requests.${id}`),
            }))}
          />
          <Switch
            label={t('requests.mine')}
            isSelected={isMine}
            onChange={setIsMine}
          />
        </div>
        <TableFrame label={t('storage.requestsTitle')}>
          <Table<StorageRequest>
            data={value?.items}
            isPending={requests.isPending}
            columnConfig={columns}
            pagination={{ type: 'none' }}
            rowConfig={{ getHref: ({ id }) => requestPage?.({ id }) }}
            emptyState={
              <EmptyState
                title={t('requests.empty')}
                hint={t('requests.emptyHint')}
              />
            }
          />
        </TableFrame>
        {value && (
          <ShowMore
            shown={value.items.length}
            total={value.total}
            onPress={() => setLimit(last => last + PER_STEP)}
            isPending={requests.isLoading}
          />
        )}
      </LoadedFrame>
    </Container>
  );
}

function useRequestColumns(): ColumnConfig<StorageRequest>[] {
  const { t } = useTranslationRef(rustfsTranslationRef);
  return useMemo(
    () => [
      {
        id: 'what',
        label: t('requests.subject'),
        width: '2fr',
        minWidth: 150,
        isRowHeader: true,
        cell: request => (
          <NameCell
            name={request.subject.name}
            place={`${kindOf(request).title(t)} · ${tenantName(
              request.subject.tenant,
            )}`}
          />
        ),
      },
      {
        id: 'entity',
        label: t('requests.entity'),
        minWidth: 120,
        cell: ({ entityRef, owner }) => (
          <CellText
            title={entityName(entityRef)}
            description={entityName(owner)}
          />
        ),
      },
      {
        id: 'state',
        label: t('requests.state'),
        minWidth: 130,
        cell: request => (
          <Cell>
            <div className={styles.badges}>
              <RequestStateBadge
                state={request.state}
                isStalled={Boolean(request.stalled)}
              />
              <StageNote request={request} />
            </div>
          </Cell>
        ),
      },
      {
        id: 'waitingFor',
        label: t('requests.waitingFor'),
        width: '2fr',
        minWidth: 200,
        cell: request => {
          const { failure, pullRequest, waitingFor } = request;
          return (
            <CellText
              title={failure?.reason ?? waitingFor ?? endWords(t, request)}
              description={
                pullRequest &&
                t('trail.pullRequestNumber', {
                  number: String(pullRequest.number),
                })
              }
              color={failure || waitingFor ? 'primary' : 'secondary'}
            />
          );
        },
      },
      {
        id: 'asked',
        label: t('requests.asked'),
        minWidth: 120,
        cell: ({ createdAt, requestedBy }) => (
          <Cell>
            <div className={styles.asked}>
              <Text>
                <TimeText at={createdAt} format="ago" />
              </Text>
              <Muted>{entityName(requestedBy)}</Muted>
            </div>
          </Cell>
        ),
      },
    ],
    [t],
  );
}
