import {
  BreadcrumbEntry,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  requestReadPermission,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  Card,
  CardBody,
  CardHeader,
  Container,
  Link,
  Text,
} from '@backstage/ui';
import { useMemo } from 'react';
import { useParams } from 'react-router-dom';
import { useRequest } from '../../hooks/useRequests';
import { kindOf } from '../../kinds';
import { isFinal } from '../../lib/trail';
import { requestRouteRef } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { Placeholder } from '../Placeholder';
import { EntityLink } from '../EntityLink';
import { FactList } from '../FactList';
import { LoadedFrame } from '../LoadedFrame';
import { RequestNews } from '../RequestList';
import { RequestActions } from '../RequestActions';
import { RequestTrail } from '../RequestTrail';
import { StageNote } from '../StageNote';
import { RequestStateBadge } from '../StateBadge';
import { TenantLink } from '../TenantLink';
import { TimeText } from '../TimeText';
import styles from './RequestsPage.module.css';

/** One request: what was asked for, and how far it is. */
export function RequestDetail() {
  const { id = '' } = useParams();
  const { t } = useTranslationRef(rustfsTranslationRef);
  const request = useRequest(id);
  const address = useRouteRef(requestRouteRef)?.({ id }) ?? id;
  const { value } = request;
  const news = useMemo(() => value && [value], [value]);
  return (
    <Container>
      <div className={styles.back}>
        <Link href="..">
          <span aria-hidden>← </span>
          {t('requests.back')}
        </Link>
      </div>
      <LoadedFrame
        loaded={request}
        permission={requestReadPermission.name}
        problems={value?.problems}
      >
        <RequestNews requests={news} />
        {request.isPending && (
          <>
            <Placeholder width="16rem" height={32} />
            <Placeholder height={240} />
          </>
        )}
        {value && (
          <BreadcrumbEntry entry={{ label: value.subject.name, href: address }}>
            <RequestBody request={value} onChanged={request.reload} />
          </BreadcrumbEntry>
        )}
      </LoadedFrame>
    </Container>
  );
}

function RequestBody(props: {
  request: StorageRequest;
  onChanged: () => void;
}) {
  const { request, onChanged } = props;
  const { input, subject } = request;
  const kind = kindOf(request);
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <>
      <div className={styles.headline}>
        <Text as="h2" variant="title-small" className={styles.title}>
          {subject.name}
        </Text>
        <Muted>{kind.title(t)}</Muted>
        <RequestStateBadge
          state={request.state}
          isStalled={Boolean(request.stalled)}
        />
        <StageNote request={request} />
      </div>
      <div className={styles.columns}>
        <Card>
          <CardHeader>
            <Text as="h3" weight="bold" className={styles.title}>
              {t('requests.trail')}
            </Text>
          </CardHeader>
          <CardBody>
            <RequestTrail request={request} />
            <div className={styles.actions}>
              <RequestActions request={request} onChanged={onChanged} />
            </div>
            {!isFinal(request.state) && (
              <div className={styles.live}>
                <Muted variant="body-small">{t('requests.live')}</Muted>
              </div>
            )}
          </CardBody>
        </Card>
        <Card>
          <CardHeader>
            <Text as="h3" weight="bold" className={styles.title}>
              {t('requests.what')}
            </Text>
          </CardHeader>
          <CardBody>
            <FactList
              facts={[
                [
                  t('requests.entity'),
                  <EntityLink key="e" entityRef={request.entityRef} />,
                ],
                [
                  t('bucket.owner'),
                  <EntityLink key="o" entityRef={request.owner} />,
                ],
                [
                  t('bucket.tenant'),
                  <TenantLink key="t" tenantRef={subject.tenant} />,
                ],
                ...(request.source?.url
                  ? [
                      [
                        t('requests.declaredIn'),
                        <Link
                          key="in"
                          href={request.source.url}
                          target="_blank"
                        >
                          {`${request.source.repository}/${request.source.path}`}
                        </Link>,
                      ] as [string, JSX.Element],
                    ]
                  : []),
                ...kind.facts(t),
                [t('bucket.purpose'), input.purpose],
                [
                  t('requests.askedByLabel'),
                  <EntityLink key="by" entityRef={request.requestedBy} />,
                ],
                [
                  t('requests.askedAt'),
                  <TimeText key="at" at={request.createdAt} />,
                ],
                [t('requests.id'), request.id],
              ]}
            />
          </CardBody>
        </Card>
      </div>
    </>
  );
}
