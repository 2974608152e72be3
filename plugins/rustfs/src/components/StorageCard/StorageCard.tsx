import { stringifyEntityRef } from '@backstage/catalog-model';
import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityInfoCard, useEntity } from '@backstage/plugin-catalog-react';
import {
  EntityStorage,
  getRepresentedTenant,
  storageReadPermission,
  StorageRequest,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { Link, Text, VisuallyHidden } from '@backstage/ui';
import { useEntityStorage } from '../../hooks/useEntityStorage';
import { useRequests } from '../../hooks/useRequests';
import { ageOfShown, byAttention } from '../../lib/buckets';
import { describeError } from '../../lib/errors';
import { isFinal } from '../../lib/trail';
import { storageTabRouteRef } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { Placeholder } from '../Placeholder';
import { BucketUsage } from '../BucketTable';
import { ErrorPanel } from '../ErrorPanel';
import { ProblemWords, splitProblems } from '../ProblemList';
import { BucketStateBadge, TenantStateBadge } from '../StateBadge';
import { TenantStateWords } from '../TenantStateWords';
import { AsOf } from '../TimeText';
import { FindingLine } from './FindingLine';
import styles from './StorageCard.module.css';

const SHOWN_BUCKETS = 5;

/** The storage of the entity of this page, in short. */
export function StorageCard() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requests = useRequests({ entityRef, limit: 10 });
  const storage = useEntityStorage(entity, requests.value?.items);
  const tab = useRouteRef(storageTabRouteRef)?.();
  const { value, error } = storage;
  const isRefused = error && describeError(error).kind === 'not-allowed';
  return (
    <EntityInfoCard
      title={t('storage.title')}
      footerActions={
        // The tab would only say the same.
        tab && !isRefused && <Link href={tab}>{t('storage.openTab')}</Link>
      }
    >
      {storage.isPending && <StorageCardSkeleton />}
      {error && (!value || isRefused) && (
        <ErrorPanel
          error={error}
          onRetry={storage.reload}
          isRetrying={storage.isLoading}
          permission={storageReadPermission.name}
          entityRef={entityRef}
        />
      )}
      {value && !isRefused && (
        <StorageSummary
          storage={value}
          isTenant={getRepresentedTenant(entity) !== undefined}
          isLastKnown={Boolean(error)}
          requests={requests.value?.items ?? []}
          tab={tab}
        />
      )}
    </EntityInfoCard>
  );
}

function StorageSummary(props: {
  storage: EntityStorage;
  /** The entity is the tenant itself. */
  isTenant: boolean;
  /** There is no newer answer. */
  isLastKnown: boolean;
  requests: StorageRequest[];
  tab: string | undefined;
}) {
  const { storage, isTenant, isLastKnown, requests, tab } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const open = requests.filter(request => !isFinal(request.state)).length;
  const shown = byAttention(storage.buckets).slice(0, SHOWN_BUCKETS);
  const hidden = storage.buckets.length - shown.length;
  return (
    <div className={styles.root}>
      {isTenant && <TenantLines tenants={storage.tenants} />}
      {storage.buckets.length === 0 && <NothingToShow storage={storage} />}
      <FindingLine storage={storage} />
      <ul className={styles.buckets} aria-label={t('storage.bucketsTitle')}>
        {shown.map(bucket => (
          <li key={bucket.id}>
            <div className={styles.name}>
              <Text weight="bold">
                {tab ? (
                  <Link href={`${tab}?bucket=${encodeURIComponent(bucket.id)}`}>
                    {bucket.name}
                  </Link>
                ) : (
                  bucket.name
                )}
              </Text>
              {bucket.state !== 'ready' && (
                <BucketStateBadge state={bucket.state} />
              )}
            </div>
            {/* What is not there, or not known, has no size. */}
            {bucket.live && <BucketUsage bucket={bucket} />}
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <Muted>{t('storage.moreBuckets', { count: hidden })}</Muted>
      )}
      <div className={styles.footer}>
        {open > 0 && (
          <Text>
            {tab ? (
              <Link href={`${tab}#rustfs-requests`}>
                {t('storage.openRequests', { count: open })}
              </Link>
            ) : (
              t('storage.openRequests', { count: open })
            )}
          </Text>
        )}
        <AsOf
          observed={
            isLastKnown
              ? { asOf: storage.asOf, freshness: 'stale' }
              : ageOfShown(storage, [...storage.tenants, ...storage.buckets])
          }
        />
      </div>
    </div>
  );
}

/** Why no bucket is listed: there is none, or what is named cannot be shown. */
function NothingToShow(props: { storage: EntityStorage }) {
  const { loud } = splitProblems(props.storage.problems);
  const { t } = useTranslationRef(rustfsTranslationRef);
  return loud.length ? (
    <div>
      <Text>{t('storage.noneShown')}</Text>
      <ProblemWords problems={loud} />
    </div>
  ) : (
    <Muted>{t('storage.empty')}</Muted>
  );
}

function TenantLines(props: { tenants: TenantView[] }) {
  return (
    <>
      {props.tenants.map(tenant => (
        <div key={tenant.ref} className={styles.name}>
          <TenantStateBadge tenant={tenant} />
          <Muted>
            <TenantStateWords tenant={tenant} />
          </Muted>
        </div>
      ))}
    </>
  );
}

function StorageCardSkeleton() {
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <div className={styles.root} role="status">
      <VisuallyHidden>{t('common.loading')}</VisuallyHidden>
      <Placeholder height={20} width="60%" />
      <Placeholder height={40} />
      <Placeholder height={40} />
    </div>
  );
}
