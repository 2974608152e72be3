import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { TenantView } from '@rustfs-portal/plugin-rustfs-common';
import { ButtonLink } from '@backstage/ui';
import { RiToggleLine } from '@remixicon/react';
import { TEMPLATES } from '../../routes';
import { rustfsTranslationRef } from '../../translation';
import { useRequestForm } from './useRequestForm';

/** Opens the form that enables self-service for a tenant, for those who may ask for that, where it is all that is missing. */
export function EnableButton(props: { tenant: TenantView }) {
  const { mayEnable, ref } = props.tenant;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const requestForm = useRequestForm(TEMPLATES.setupEnable);
  return requestForm && mayEnable ? (
    <ButtonLink
      size="small"
      variant="secondary"
      iconStart={<RiToggleLine />}
      href={requestForm({ tenant: ref })}
    >
      {t('tenant.enable')}
    </ButtonLink>
  ) : null;
}
