import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  accessRequestPermission,
  EntityStorage,
} from '@rustfs-portal/plugin-rustfs-common';
import { Text } from '@backstage/ui';
import { RiKey2Line } from '@remixicon/react';
import { useMemo } from 'react';
import { useOpenItem } from '../../hooks/useOpenItem';
import { useSearchParam } from '../../hooks/useSearchParam';
import { searchAccesses } from '../../lib/access';
import { rustfsTranslationRef } from '../../translation';
import { AccessDialog } from '../AccessDialog';
import { AccessTable } from '../AccessTable';
import { EmptyState } from '../EmptyState';
import styles from './StorageTab.module.css';

/** What the entity may use, and where its Secrets are; a row opens what is known about it. */
export function EntityAccesses(props: { storage: EntityStorage }) {
  const { accesses, mayRequestAccess, problems } = props.storage;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const [openId, setOpenId] = useOpenItem('access');
  const [search = '', setSearch] = useSearchParam('searchAccess');
  const open = accesses.find(({ id }) => id === openId);
  const found = useMemo(
    () => searchAccesses(accesses, search),
    [accesses, search],
  );
  return (
    <section aria-labelledby="rustfs-access" className={styles.requests}>
      <Text
        as="h2"
        id="rustfs-access"
        variant="title-x-small"
        className={styles.heading}
      >
        {t('access.title')}
      </Text>
      {accesses.length ? (
        <AccessTable
          accesses={found}
          total={accesses.length}
          search={search}
          onSearch={setSearch}
          onOpen={({ id }) => setOpenId(id)}
          emptyState={t('access.empty')}
        />
      ) : (
        <EmptyState
          icon={<RiKey2Line size={32} />}
          // What cannot be read may well be there; the problems above say why it is not.
          title={t(problems.length ? 'access.noneShown' : 'access.empty')}
          hint={problems.length ? undefined : hint()}
        />
      )}
      <AccessDialog access={open} onClose={() => setOpenId(undefined)} />
    </section>
  );

  function hint() {
    return mayRequestAccess
      ? t('access.emptyHint')
      : t('access.requestNotAllowed', {
          permission: accessRequestPermission.name,
        });
  }
}
