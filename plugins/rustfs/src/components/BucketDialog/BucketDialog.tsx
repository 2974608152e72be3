import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  accessRequestPermission,
  AccessView,
  BucketView,
} from '@rustfs-portal/plugin-rustfs-common';
import { Dialog, DialogBody, DialogHeader, Link } from '@backstage/ui';
import { useState } from 'react';
import { isAbsent, isNearQuota } from '../../lib/buckets';
import { nextStepForBucket } from '../../lib/nextSteps';
import { accessesTo } from '../../lib/snippets';
import { requestRouteRef } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { ConnectPanel } from '../ConnectPanel';
import { EntityLink } from '../EntityLink';
import { FactList } from '../FactList';
import { FieldNote } from '../FieldNote';
import { BucketAccessList, BucketUsage } from '../BucketTable';
import { RaiseQuotaButton, RaiseQuotaDialog } from '../RaiseQuota';
import { RequestAccessButton } from '../RequestButton';
import { BucketStateBadge } from '../StateBadge';
import { StateReason } from '../StateReason';
import { TenantLink } from '../TenantLink';
import { AsOf, TimeText } from '../TimeText';
import { DetailsBody, DetailsRow } from '../DetailsBody';
import { DeclaredBesideLive } from './DeclaredBesideLive';
import { DriftAlert } from './DriftAlert';

/** Everything about one bucket: what Git declares beside what the server has, and how to connect. */
export function BucketDialog(props: {
  bucket: BucketView | undefined;
  /** Those that the reader may know of with their Secrets. */
  accesses?: AccessView[];
  onClose: () => void;
}) {
  const { bucket, accesses, onClose } = props;
  return (
    <Dialog
      isOpen={Boolean(bucket)}
      onOpenChange={isOpen => !isOpen && onClose()}
      width="min(56rem, 94vw)"
    >
      {bucket && (
        <>
          <DialogHeader>{bucket.name}</DialogHeader>
          <DialogBody>
            <BucketDetail bucket={bucket} accesses={accesses} />
          </DialogBody>
        </>
      )}
    </Dialog>
  );
}

function BucketDetail(props: { bucket: BucketView; accesses?: AccessView[] }) {
  const { bucket, accesses } = props;
  const usable = accesses && accessesTo(bucket, accesses);
  const { declared, live } = bucket;
  const [raised, setRaised] = useState<BucketView>();
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestPage = useRouteRef(requestRouteRef);
  const request = declared?.request && requestPage?.({ id: declared.request });
  return (
    <DetailsBody>
      <DetailsRow>
        <BucketStateBadge state={bucket.state} />
        <Muted>
          <TenantLink tenantRef={bucket.tenant} />
        </Muted>
        <AsOf observed={bucket} />
      </DetailsRow>
      {hasReason(bucket) && (
        <StateReason
          status={toneOf(bucket)}
          title={bucket.reason ?? t(`bucketStateHelp.${bucket.state}`)}
          message={bucket.message}
          nextStep={nextStepForBucket(bucket)}
        />
      )}
      <DriftAlert drift={bucket.drift} />
      {isNearQuota(bucket) && (
        <DetailsRow>
          <FieldNote tone="warning">{t('detail.nearlyFull')}</FieldNote>
          <RaiseQuotaButton bucket={bucket} onPress={setRaised} />
          <RaiseQuotaDialog
            bucket={raised}
            onClose={() => setRaised(undefined)}
          />
        </DetailsRow>
      )}
      <section aria-labelledby="rustfs-bucket-about">
        <h3 id="rustfs-bucket-about">{t('detail.about')}</h3>
        <FactList
          facts={[
            [t('bucket.size'), <BucketUsage key="usage" bucket={bucket} />],
            [t('bucket.objects'), live?.objects?.toLocaleString()],
            [
              t('bucket.owner'),
              bucket.owner ? (
                <EntityLink key="owner" entityRef={bucket.owner} />
              ) : (
                <Muted key="owner">{t('bucket.noOwner')}</Muted>
              ),
            ],
            [
              t('bucket.entity'),
              bucket.entity && <EntityLink entityRef={bucket.entity} />,
            ],
            [
              t('bucket.access'),
              bucket.access && <BucketAccessList access={bucket.access} />,
            ],
            [t('bucket.purpose'), declared?.purpose],
            [t('bucket.dataClass'), declared?.dataClass],
            [
              t('bucket.created'),
              live?.createdAt && <TimeText at={live.createdAt} />,
            ],
            [
              t('bucket.request'),
              request && <Link href={request}>{t('bucket.openRequest')}</Link>,
            ],
          ]}
        />
      </section>
      <section aria-labelledby="rustfs-bucket-settings">
        <h3 id="rustfs-bucket-settings">{t('detail.declaredBesideLive')}</h3>
        <DeclaredBesideLive bucket={bucket} />
      </section>
      {/* Programs may be prepared for what is to come, but not for what failed or is gone. */}
      {(!isAbsent(bucket) || bucket.state === 'pending') && (
        <section aria-labelledby="rustfs-bucket-connect">
          <h3 id="rustfs-bucket-connect">{t('detail.connect')}</h3>
          {usable?.length === 0 && <NoAccess bucket={bucket} />}
          <ConnectPanel
            tenant={bucket.tenant}
            bucket={bucket.name}
            endpoint={bucket.endpoint}
            accesses={usable}
          />
        </section>
      )}
    </DetailsBody>
  );
}

/** The reader's service has no key for the bucket, and can ask for one. */
function NoAccess(props: { bucket: BucketView }) {
  const { entity, name, tenant } = props.bucket;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const { allowed } = usePermission({
    permission: accessRequestPermission,
    resourceRef: entity,
  });
  return (
    <DetailsRow>
      <FieldNote tone="plain">{t('connect.noAccess')}</FieldNote>
      {entity && allowed && (
        <RequestAccessButton
          entityRef={entity}
          mayRequest
          filledIn={{ tenant, scope: { type: 'buckets', buckets: [name] } }}
        />
      )}
    </DetailsRow>
  );
}

/** Whether there is something to say beside the state; what differs in numbers is said by those. */
function hasReason({ drift, reason, state }: BucketView): boolean {
  return (
    state !== 'ready' ||
    (reason !== undefined && !(reason === 'Drift' && drift.length > 0))
  );
}

function toneOf({ state }: BucketView): 'danger' | 'info' | 'warning' {
  switch (state) {
    case 'failed':
    case 'missing':
      return 'danger';
    case 'ready':
      return 'warning';
    default:
      return 'info';
  }
}
