import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { VisuallyHidden } from '@backstage/ui';
import { useRequestNews } from '../../hooks/useRequestNews';
import { isFinal } from '../../lib/trail';
import { rustfsTranslationRef } from '../../translation';
import { RequestCard } from '../RequestCard';
import styles from './RequestList.module.css';

/** Requests with their trails, newest first. */
export function RequestList(props: {
  requests: StorageRequest[];
  onChanged?: () => void;
}) {
  const { requests, onChanged } = props;
  const open = findOpen(requests);
  return (
    <>
      <RequestNews requests={requests} />
      <div className={styles.root}>
        {requests.map(request => (
          <RequestCard
            key={request.id}
            request={request}
            isOpen={request === open}
            onChanged={onChanged}
          />
        ))}
      </div>
    </>
  );
}

/** The one to look at: where somebody has to act, else the newest that moves. All open at once are a very long page. */
function findOpen(requests: StorageRequest[]): StorageRequest | undefined {
  return (
    requests.find(
      ({ foreignCommit, pullRequest, state }) =>
        !isFinal(state) &&
        (pullRequest?.turn === 'author' ||
          (foreignCommit && !foreignCommit.isKept)),
    ) ?? requests.find(({ state }) => !isFinal(state) || state === 'failed')
  );
}

/** Says aloud, once, that a request has moved. */
export function RequestNews(props: { requests: StorageRequest[] | undefined }) {
  const { t } = useTranslationRef(rustfsTranslationRef);
  const news = useRequestNews(props.requests);
  return (
    <VisuallyHidden role="status">
      {news &&
        t('requests.updated', {
          name: news.subject.name,
          state: t(`requestState.${news.state}`),
        })}
    </VisuallyHidden>
  );
}
