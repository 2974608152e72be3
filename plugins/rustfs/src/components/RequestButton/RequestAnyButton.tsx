import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import { RiAddLine } from '@remixicon/react';
import { rustfsTranslationRef } from '../../translation';
import styles from './RequestButton.module.css';
import { useRequestForm } from './useRequestForm';

/** Opens the request form where no entity is chosen yet; nothing where the portal has no form. */
export function RequestAnyButton(props: { tenant?: string }) {
  const { tenant } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm();
  return requestForm ? (
    <ButtonLink
      size="small"
      href={requestForm({ tenant })}
      iconStart={<RiAddLine />}
    >
      <span className={styles.words}>{t('request.button')}</span>
    </ButtonLink>
  ) : null;
}
