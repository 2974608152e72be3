import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { AccessView, scopeNames } from '@rustfs-portal/plugin-rustfs-common';
import { Alert, Dialog, DialogBody, DialogHeader, Link } from '@backstage/ui';
import { modeTitle } from '../../kinds';
import { hasEnded, scopeWords, secretPlace } from '../../lib/access';
import { nextStepForAccess } from '../../lib/nextSteps';
import { requestRouteRef } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { ConnectPanel } from '../ConnectPanel';
import { EntityLink } from '../EntityLink';
import { FactList } from '../FactList';
import { Muted } from '../Muted';
import { RevokeButton } from '../RequestButton';
import { AccessStateBadge } from '../StateBadge';
import { StateReason } from '../StateReason';
import { TenantLink } from '../TenantLink';
import { AsOf, TimeText } from '../TimeText';
import { DetailsBody, DetailsList, DetailsRow } from '../DetailsBody';

/** Everything about one access: who may do what, how it stands, and how to connect with its Secret. */
export function AccessDialog(props: {
  access: AccessView | undefined;
  onClose: () => void;
}) {
  const { access, onClose } = props;
  return (
    <Dialog
      isOpen={Boolean(access)}
      onOpenChange={isOpen => !isOpen && onClose()}
      width="min(56rem, 94vw)"
    >
      {access && (
        <>
          <DialogHeader>{access.name}</DialogHeader>
          <DialogBody>
            <AccessDetail access={access} />
          </DialogBody>
        </>
      )}
    </Dialog>
  );
}

function AccessDetail(props: { access: AccessView }) {
  const { access } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestPage = useRouteRef(requestRouteRef);
  const request = access.request && requestPage?.({ id: access.request });
  const isOver = hasEnded(access);
  const { consumer, revokedAt, scope, state, stillOpenThrough } = access;
  return (
    <DetailsBody>
      <DetailsRow>
        <AccessStateBadge access={access} />
        <Muted>
          <TenantLink tenantRef={access.tenant} />
        </Muted>
        <AsOf observed={access} />
        <RevokeButton access={access} />
      </DetailsRow>
      {(state !== 'ready' || access.message) && state !== 'revoked' && (
        <StateReason
          status={state === 'failed' || state === 'missing' ? 'danger' : 'info'}
          title={access.reason ?? t(`accessStateHelp.${state}`)}
          message={access.message}
          nextStep={nextStepForAccess(access)}
        />
      )}
      {Boolean(stillOpenThrough?.length) && (
        <Alert
          status="warning"
          icon
          title={t('access.stillOpen')}
          description={t('access.stillOpenHint', {
            buckets: stillOpenThrough!.join(', '),
          })}
        />
      )}
      {access.drift.length > 0 && (
        <Alert
          status="warning"
          icon
          title={t('access.driftTitle', { count: access.drift.length })}
          description={
            <DetailsList>
              {access.drift.map(({ field, declared, live }) => (
                <li key={field}>
                  {t('access.drift', {
                    field: t(`accessDrift.${field}`),
                    declared,
                    live,
                  })}
                </li>
              ))}
            </DetailsList>
          }
        />
      )}
      <section aria-labelledby="rustfs-access-about">
        <h3 id="rustfs-access-about">{t('detail.about')}</h3>
        <FactList
          facts={[
            [
              t('access.entity'),
              <EntityLink key="e" entityRef={access.entity} />,
            ],
            [
              t('bucket.owner'),
              <EntityLink key="o" entityRef={access.owner} />,
            ],
            [t('access.buckets'), scopeWords(scope)],
            [t('access.mode'), modeTitle(t, access.mode)],
            [t('access.secret'), secretPlace(consumer)],
            [t('bucket.purpose'), access.purpose],
            [t('access.since'), <TimeText key="since" at={access.createdAt} />],
            [
              t('access.ended'),
              revokedAt && <TimeText key="until" at={revokedAt} />,
            ],
            [
              t('bucket.request'),
              request && <Link href={request}>{t('bucket.openRequest')}</Link>,
            ],
          ]}
        />
      </section>
      {!isOver && (
        <section aria-labelledby="rustfs-access-connect">
          <h3 id="rustfs-access-connect">{t('detail.connect')}</h3>
          <ConnectPanel
            tenant={access.tenant}
            bucket={scope.type === 'pattern' ? 'BUCKET' : scopeNames(scope)[0]}
            endpoint={access.endpoint}
            accesses={[access]}
          />
        </section>
      )}
    </DetailsBody>
  );
}
