import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { VisuallyHidden } from '@backstage/ui';
import { useRequestNews } from '../../hooks/useRequestNews';
import { rustfsTranslationRef } from '../../translation';
import { RequestCard } from '../RequestCard';
import styles from './RequestList.module.css';

/** Requests with their trails, newest first. */
export function RequestList(props: { requests: StorageRequest[] }) {
  const { requests } = props;
  return (
    <>
      <RequestNews requests={requests} />
      <div className={styles.root}>
        {requests.map(request => (
          <RequestCard key={request.id} request={request} />
        ))}
      </div>
    </>
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
          bucket: news.input.bucket,
          state: t(`requestState.${news.state}`),
        })}
    </VisuallyHidden>
  );
}
