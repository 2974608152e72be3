import { useRouteRef, useTranslationRef } from '@backstage/frontend-plugin-api';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Link,
} from '@backstage/ui';
import { kindOf } from '../../kinds';
import { requestRouteRef } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { entityName } from '../EntityLink';
import { Muted } from '../Muted';
import { ProblemList } from '../ProblemList';
import { RequestActions } from '../RequestActions';
import { RequestTrail } from '../RequestTrail';
import { StageNote } from '../StageNote';
import { RequestStateBadge } from '../StateBadge';
import { TimeText } from '../TimeText';
import styles from './RequestCard.module.css';

/** One request with its trail. */
export function RequestCard(props: {
  request: StorageRequest;
  isOpen: boolean;
  onChanged?: () => void;
}) {
  const { request, isOpen, onChanged } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestPage = useRouteRef(requestRouteRef);
  const href = requestPage?.({ id: request.id });
  return (
    <Accordion defaultExpanded={isOpen}>
      <AccordionTrigger>
        <span className={styles.headline}>
          <span className={styles.bucket}>{request.subject.name}</span>
          <Muted as="span" variant="body-small">
            {kindOf(request).title(t)}
          </Muted>
          <RequestStateBadge
            state={request.state}
            isStalled={Boolean(request.stalled)}
          />
          <StageNote request={request} />
          <span className={styles.asked}>
            {entityName(request.requestedBy)},{' '}
            <TimeText at={request.createdAt} format="ago" />
          </span>
        </span>
      </AccordionTrigger>
      <AccordionPanel>
        <div className={styles.body}>
          <ProblemList problems={request.problems} />
          <RequestTrail request={request} opensHere />
          <RequestActions request={request} onChanged={onChanged} />
          {href && (
            <Link href={href}>
              {t('requests.open', { name: request.subject.name })}
            </Link>
          )}
        </div>
      </AccordionPanel>
    </Accordion>
  );
}
