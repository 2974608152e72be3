import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Alert, Button } from '@backstage/ui';
import { describeError } from '../../lib/errors';
import { rustfsTranslationRef } from '../../translation';
import styles from './ErrorPanel.module.css';

/** What failed to load, why, and what to do. */
export function ErrorPanel(props: {
  error: Error;
  onRetry: () => void;
  isRetrying?: boolean;
  /** The permission that this needs, named when it is the lack of it that failed. */
  permission?: string;
  entityRef?: string;
  /** There is an older answer on the page. */
  isStale?: boolean;
}) {
  const { error, onRetry, isRetrying, permission, entityRef, isStale } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const { kind, message, requestId } = describeError(error);

  if (kind === 'not-allowed' && permission) {
    return (
      <Alert
        role="status"
        status="info"
        icon
        title={t('error.notAllowedTitle')}
        description={
          entityRef
            ? t('error.notAllowedOn', { permission, entityRef })
            : t('error.notAllowed', { permission })
        }
      />
    );
  }
  return (
    <Alert
      role="alert"
      status={isStale ? 'warning' : 'danger'}
      icon
      title={errorTitle()}
      description={
        <div className={styles.words}>
          <span>{kind === 'offline' ? t('error.offline') : message}</span>
          {requestId && (
            <span className={styles.id}>
              {t('error.requestId', { id: requestId })}
            </span>
          )}
        </div>
      }
      customActions={
        <Button
          size="small"
          variant="secondary"
          onPress={onRetry}
          isPending={isRetrying}
        >
          {t('common.retry')}
        </Button>
      }
    />
  );

  function errorTitle() {
    if (isStale) {
      return t('error.stale');
    }
    return kind === 'not-found' ? t('error.notFound') : t('error.title');
  }
}
