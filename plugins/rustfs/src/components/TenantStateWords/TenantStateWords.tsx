import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { TenantView } from '@rustfs-portal/plugin-rustfs-common';
import { isBlockedByOneItem } from '../../lib/nextSteps';
import { rustfsTranslationRef } from '../../translation';

/** What the state of a tenant means for those who use it. */
export function TenantStateWords(props: {
  tenant: TenantView;
  /** The reason is said elsewhere, with what to do about it. */
  isBrief?: boolean;
}) {
  const { tenant, isBrief } = props;
  const { state, reason } = tenant;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const words = isBlockedByOneItem(tenant)
    ? t('tenantStateHelp.oneItemFailed')
    : t(`tenantStateHelp.${state}`);
  return (
    <>
      {words}
      {!isBrief && state !== 'ready' && reason && ` (${reason})`}
    </>
  );
}
