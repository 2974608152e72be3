import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { TenantOffer } from '@rustfs-portal/plugin-rustfs-common';
import { useEffect, useRef } from 'react';
import { useTenantOffer } from '../../hooks/useRequestOptions';
import { readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';
import { QuotaInput } from '../QuotaInput';
import { validateQuota } from './validateQuota';

/** Takes a quota as amount and unit; begins with what is usual on the tenant and says what is allowed. */
export function RustfsQuota(props: FieldExtensionComponentProps<string>) {
  const { formData, onChange, formContext, schema, rawErrors } = props;
  const { entityRef, tenant } = readForm(formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const offer = useTenantOffer({ entityRef, tenant });
  useUsualQuota({ offer, quota: formData, onChange });
  return tenant ? (
    <FieldFrame>
      <QuotaInput
        label={schema.title ?? t('form.quotaLabel')}
        description={schema.description}
        quota={formData}
        onChange={onChange}
        offer={offer}
        hasErrors={Boolean(rawErrors?.length)}
      />
    </FieldFrame>
  ) : (
    <FieldNote tone="plain">{t('form.needsTenant')}</FieldNote>
  );
}

/** Fills in what is usual on a tenant, and replaces it when another tenant is chosen; never what a person left. */
function useUsualQuota(options: {
  offer: TenantOffer | undefined;
  quota: string | undefined;
  onChange: (quota: string | undefined) => void;
}) {
  const { offer, quota, onChange } = options;
  const filledIn = useRef<{ tenant: string; quota: string | undefined }>();
  useEffect(() => {
    if (!offer || filledIn.current?.tenant === offer.ref) {
      return;
    }
    const last = filledIn.current;
    const isUntouched = last
      ? quota === last.quota
      : quota === undefined || (!quota && offer.quotaRequired);
    const usual =
      offer.defaultQuota ?? (offer.quotaRequired ? offer.maxQuota : undefined);
    filledIn.current = {
      tenant: offer.ref,
      quota: isUntouched ? usual : last?.quota,
    };
    if (isUntouched && usual !== quota) {
      onChange(usual);
    }
    // Only another offer is a reason to fill in; the form hands in a new `onChange` with every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [offer]);
}

/** The form field `RustfsQuota`. */
export const rustfsQuota = {
  name: 'RustfsQuota',
  component: RustfsQuota,
  validation: validateQuota,
  schema: makeFieldSchema({ output: z => z.string() }),
};
