import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { usePermission } from '@backstage/plugin-permission-react';
import {
  accessRequestPermission,
  AccessView,
} from '@rustfs-portal/plugin-rustfs-common';
import { ButtonLink } from '@backstage/ui';
import { hasEnded } from '../../lib/access';
import { TEMPLATES } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { useRequestForm } from './useRequestForm';

/** Opens the form that ends an access, filled in; for those who may ask for that, as long as it has not ended. */
export function RevokeButton(props: { access: AccessView }) {
  const { entity: entityRef, name, tenant } = props.access;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm(TEMPLATES.accessRevoke);
  const { allowed } = usePermission({
    permission: accessRequestPermission,
    resourceRef: entityRef,
  });
  return requestForm && allowed && !hasEnded(props.access) ? (
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
