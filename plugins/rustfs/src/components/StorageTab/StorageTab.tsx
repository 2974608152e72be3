import { stringifyEntityRef } from '@backstage/catalog-model';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import {
  EntityStorage,
  getRepresentedTenant,
  storageReadPermission,
} from '@rustfs-portal/plugin-rustfs-common';
import { Card, CardBody } from '@backstage/ui';
import { useState } from 'react';
import { useEntityStorage } from '../../hooks/useEntityStorage';
import { useRequests } from '../../hooks/useRequests';
import { describeError } from '../../lib/errors';
import { RequestForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { ErrorPanel } from '../ErrorPanel';
import { MissingAnnotation } from '../MissingAnnotation';
import { ProblemList, ProblemNotes, splitProblems } from '../ProblemList';
import {
  RequestAccessButton,
  RequestAnyButton,
  RequestButton,
} from '../RequestButton';
import { EntityAccesses } from './EntityAccesses';
import { EntityBuckets } from './EntityBuckets';
import { EntityRequests } from './EntityRequests';
import { StorageHeadline } from './StorageHeadline';
import styles from './StorageTab.module.css';
import { StorageTabSkeleton } from './StorageTabSkeleton';

const REQUESTS_PER_STEP = 10;

/** The storage of the entity of this page: its buckets, and its requests as they move. */
export function StorageTab() {
  const { entity } = useEntity();
  const entityRef = stringifyEntityRef(entity);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [limit, setLimit] = useState(REQUESTS_PER_STEP);
  const requests = useRequests({ entityRef, limit });
  const storage = useEntityStorage(entity, requests.value?.items);
  const { value, error } = storage;

  if (storage.isPending) {
    return <StorageTabSkeleton />;
  }
  // A right that was taken away takes what it showed with it.
  const isRefused = error && describeError(error).kind === 'not-allowed';
  if (!value || isRefused) {
    return (
      <ErrorPanel
        error={error!}
        onRetry={storage.reload}
        isRetrying={storage.isLoading}
        permission={storageReadPermission.name}
        entityRef={entityRef}
      />
    );
  }
  const isUnannotated = !value.annotated && value.buckets.length === 0;
  const { loud, quiet } = splitProblems(value.problems);
  const tenant = getRepresentedTenant(entity);
  // A bucket is for a service, and the form asks for which one.
  const requestButton = tenant ? (
    <RequestAnyButton tenant={tenant} />
  ) : (
    <div className={styles.buttons}>
      <RequestButton entityRef={entityRef} mayRequest={value.mayRequest} />
      <RequestAccessButton
        entityRef={entityRef}
        mayRequest={value.mayRequestAccess}
        filledIn={accessFor(value)}
      />
    </div>
  );
  return (
    <div className={styles.root}>
      {error && (
        <ErrorPanel
          error={error}
          onRetry={storage.reload}
          isRetrying={storage.isLoading}
          isStale
        />
      )}
      <ProblemList problems={loud} freshness={value.freshness} />
      {isUnannotated ? (
        <Card>
          <CardBody>
            <MissingAnnotation
              suggested={value.suggestedAnnotations}
              action={requestButton}
            />
          </CardBody>
        </Card>
      ) : (
        <>
          <StorageHeadline storage={value} action={requestButton} />
          <section aria-label={t('storage.bucketsTitle')}>
            <ProblemNotes problems={quiet} />
            <EntityBuckets storage={value} isTenant={Boolean(tenant)} />
          </section>
          {/* Those of a tenant are of many owners, and on the page of the platform. */}
          {!tenant && <EntityAccesses storage={value} />}
        </>
      )}
      {!tenant && (
        <EntityRequests
          requests={requests}
          onShowMore={() => setLimit(last => last + REQUESTS_PER_STEP)}
        />
      )}
    </div>
  );
}

/** The usual access is to the only bucket that there is. */
function accessFor({ buckets }: EntityStorage): RequestForm | undefined {
  const [only, ...others] = buckets;
  return only && !others.length
    ? {
        tenant: only.tenant,
        scope: { type: 'buckets', buckets: [only.name] },
      }
    : undefined;
}
