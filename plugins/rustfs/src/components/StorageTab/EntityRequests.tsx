import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  requestReadPermission,
  StorageRequestPage,
} from '@rustfs-portal/plugin-rustfs-common';
import { Text } from '@backstage/ui';
import { Loaded } from '../../hooks/useLoaded';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { Placeholder } from '../Placeholder';
import { ErrorPanel } from '../ErrorPanel';
import { RequestList } from '../RequestList';
import { ShowMore } from '../ShowMore';
import styles from './StorageTab.module.css';

/** The requests of an entity with their trails. */
export function EntityRequests(props: {
  requests: Loaded<StorageRequestPage>;
  onShowMore: () => void;
}) {
  const { requests, onShowMore } = props;
  const { value, error } = requests;
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <section aria-labelledby="rustfs-requests" className={styles.requests}>
      <Text
        as="h2"
        id="rustfs-requests"
        variant="title-x-small"
        className={styles.heading}
      >
        {t('storage.requestsTitle')}
      </Text>
      {error && (
        <ErrorPanel
          error={error}
          onRetry={requests.reload}
          isRetrying={requests.isLoading}
          permission={requestReadPermission.name}
          isStale={Boolean(value)}
        />
      )}
      {requests.isPending && <Placeholder height={48} />}
      {value && value.items.length === 0 && (
        <Muted>{t('requests.empty')}</Muted>
      )}
      {value && (
        <RequestList requests={value.items} onChanged={requests.reload} />
      )}
      {value && (
        <ShowMore
          shown={value.items.length}
          total={value.total}
          onPress={onShowMore}
          isPending={requests.isLoading}
        />
      )}
    </section>
  );
}
