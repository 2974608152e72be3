import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { AccessView } from '@rustfs-portal/plugin-rustfs-common';
import { ButtonLink } from '@backstage/ui';
import { TEMPLATES } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { useRequestForm } from './useRequestForm';

/** Opens the form that ends an access, filled in; for those who may ask for that. */
export function RevokeButton(props: { access: AccessView }) {
  const { entity: entityRef, name, tenant } = props.access;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm(TEMPLATES.accessRevoke);
  return requestForm ? (
    <ButtonLink
      size="small"
      variant="secondary"
      aria-label={t('access.revokeLabel', { name })}
      href={requestForm({ entityRef, tenant, access: name })}
    >
      {t('access.revoke')}
    </ButtonLink>
  ) : null;
}
