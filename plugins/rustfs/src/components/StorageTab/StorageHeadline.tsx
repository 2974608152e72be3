import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { EntityStorage, TenantView } from '@rustfs-portal/plugin-rustfs-common';
import { Text } from '@backstage/ui';
import { ReactNode } from 'react';
import { ageOfShown } from '../../lib/buckets';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import { TenantStateBadge } from '../StateBadge';
import { TenantLink } from '../TenantLink';
import { TenantStateWords } from '../TenantStateWords';
import { AsOf } from '../TimeText';
import styles from './StorageTab.module.css';

/** On which tenants the storage is, as of when, and what can be asked for. */
export function StorageHeadline(props: {
  storage: EntityStorage;
  action: ReactNode;
}) {
  const { storage, action } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const isToldAsProblem = ({ ref }: TenantView) =>
    storage.problems.some(({ part }) => part === ref);
  return (
    <div className={styles.headline}>
      <div className={styles.tenants}>
        {storage.tenants.length > 0 && (
          <Muted>
            {t('storage.tenants', { count: storage.tenants.length })}
          </Muted>
        )}
        {storage.tenants.map(tenant => (
          <span key={tenant.ref} className={styles.tenant}>
            <Text weight="bold">
              <TenantLink tenantRef={tenant.ref} />
            </Text>
            <TenantStateBadge tenant={tenant} />
            {tenant.state !== 'ready' && !isToldAsProblem(tenant) && (
              <Muted variant="body-small">
                <TenantStateWords tenant={tenant} />
              </Muted>
            )}
          </span>
        ))}
        <AsOf
          observed={ageOfShown(storage, [
            ...storage.tenants,
            ...storage.buckets,
          ])}
        />
      </div>
      {action}
    </div>
  );
}
