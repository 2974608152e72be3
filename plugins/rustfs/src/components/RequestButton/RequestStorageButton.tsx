import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { ButtonLink } from '@backstage/ui';
import { TEMPLATES } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { useRequestForm } from './useRequestForm';

/** Opens the form for a bucket and the access to it; nothing where the portal has no form. */
export function RequestStorageButton(props: { entityRef: string }) {
  const { entityRef } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm(TEMPLATES.storage);
  return requestForm ? (
    <ButtonLink variant="secondary" href={requestForm({ entityRef })}>
      {t('request.storage')}
    </ButtonLink>
  ) : null;
}
