import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { bucketRequestPermission } from '@rustfs-portal/plugin-rustfs-common';
import { Button, ButtonLink } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { useId } from 'react';
import { rustfsTranslationRef } from '../../translation';
import { Muted } from '../Muted';
import styles from './RequestButton.module.css';
import { useRequestForm } from './useRequestForm';

/** Opens the request form, prefilled for an entity; says why where it cannot. */
export function RequestButton(props: {
  entityRef: string;
  mayRequest: boolean;
}) {
  const { entityRef, mayRequest } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm();
  const reasonId = useId();

  if (mayRequest && requestForm) {
    return (
      <ButtonLink href={requestForm({ entityRef })} iconStart={<RiAddLine />}>
        {t('request.button')}
      </ButtonLink>
    );
  }
  return (
    <div className={styles.disabled}>
      <Button isDisabled aria-describedby={reasonId} iconStart={<RiAddLine />}>
        {t('request.button')}
      </Button>
      <Muted id={reasonId} variant="body-small">
        {mayRequest
          ? t('request.noTemplate')
          : t('request.notAllowed', {
              permission: bucketRequestPermission.name,
            })}
      </Muted>
    </div>
  );
}
