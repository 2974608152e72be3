import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { VisuallyHidden } from '@backstage/ui';
import { rustfsTranslationRef } from '../../translation';
import { Placeholder } from '../Placeholder';
import styles from './StorageTab.module.css';

/** The shape of what comes: headline, table rows, requests. */
export function StorageTabSkeleton() {
  const { t } = useTranslationRef(rustfsTranslationRef);
  return (
    <div className={styles.root} role="status">
      <VisuallyHidden>{t('common.loading')}</VisuallyHidden>
      <div className={styles.headline}>
        <Placeholder width="18rem" height={24} />
        <Placeholder width="9rem" height={32} />
      </div>
      <Placeholder height={36} />
      <Placeholder height={52} />
      <Placeholder height={52} />
      <Placeholder height={52} />
      <Placeholder width="6rem" height={24} />
      <Placeholder height={48} />
    </div>
  );
}
