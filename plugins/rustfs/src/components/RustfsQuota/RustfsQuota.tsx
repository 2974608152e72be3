import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { TenantOffer } from '@rustfs-portal/plugin-rustfs-common';
import { NumberField, Select } from '@backstage/ui';
import { useEffect, useId, useRef, useState } from 'react';
import { useTenantOffer } from '../../hooks/useRequestOptions';
import {
  formatQuantity,
  joinQuota,
  QUOTA_UNITS,
  QuotaParts,
  QuotaUnit,
  quotaIssue,
  readForm,
  splitQuota,
} from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';
import styles from './RustfsQuota.module.css';
import { validateQuota } from './validateQuota';

/** Takes a quota as amount and unit; begins with what is usual on the tenant and says what is allowed. */
export function RustfsQuota(props: FieldExtensionComponentProps<string>) {
  const { formData, onChange, formContext, schema, rawErrors } = props;
  const { entityRef, tenant } = readForm(formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const offer = useTenantOffer({ entityRef, tenant });
  const { amount, unit: quotaUnit } = splitQuota(formData);
  // Without an amount there is no quota to keep the unit in.
  const [chosenUnit, setChosenUnit] = useState<QuotaUnit>();
  const unit = amount === undefined ? chosenUnit ?? quotaUnit : quotaUnit;
  const wordsId = useId();
  useUsualQuota({ offer, quota: formData, onChange });

  const change = (next: QuotaParts) => {
    setChosenUnit(next.unit);
    // Emptied: as text, not as nothing, so that the form checks it and does not begin with what is usual again.
    onChange(joinQuota(next) ?? '');
  };

  if (!tenant) {
    return <FieldNote tone="plain">{t('form.needsTenant')}</FieldNote>;
  }
  const issue = offer && quotaIssue(formData, offer);
  return (
    <FieldFrame>
      <div className={styles.fields}>
        <NumberField
          className={styles.amount}
          label={schema.title ?? t('form.quotaLabel')}
          size="small"
          isRequired={offer?.quotaRequired}
          validationBehavior="aria"
          aria-describedby={wordsId}
          isInvalid={Boolean(issue || rawErrors?.length)}
          formatOptions={{ maximumFractionDigits: 2, useGrouping: false }}
          value={amount ?? NaN}
          onChange={value =>
            change({ amount: Number.isNaN(value) ? undefined : value, unit })
          }
        />
        <Select
          className={styles.unit}
          aria-label={t('form.quotaUnit')}
          size="small"
          value={unit}
          onChange={key => change({ amount, unit: key as QuotaUnit })}
          options={QUOTA_UNITS.map(value => ({ value, label: `${value}B` }))}
        />
      </div>
      <div id={wordsId}>
        {offer && <Allowed offer={offer} description={schema.description} />}
        <div role="status">
          {issue === 'required' && !rawErrors?.length && (
            <FieldNote tone="bad">{t('form.quotaRequired')}</FieldNote>
          )}
          {issue === 'notPositive' && !rawErrors?.length && (
            <FieldNote tone="bad">
              {t(
                offer!.quotaRequired
                  ? 'form.quotaNotPositive'
                  : 'form.quotaNotPositiveOptional',
              )}
            </FieldNote>
          )}
          {issue === 'tooBig' && !rawErrors?.length && (
            <FieldNote tone="bad">
              {t('form.quotaTooBig', {
                quota: formatQuantity(formData!),
                max: formatQuantity(offer!.maxQuota!),
              })}
            </FieldNote>
          )}
        </div>
      </div>
    </FieldFrame>
  );
}

function Allowed(props: { offer: TenantOffer; description?: string }) {
  const { maxQuota, defaultQuota, quotaRequired } = props.offer;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const words = [
    props.description,
    defaultQuota &&
      t('form.quotaDefault', { default: formatQuantity(defaultQuota) }),
    maxQuota && t('form.quotaMax', { max: formatQuantity(maxQuota) }),
    !quotaRequired && t('form.quotaOptional'),
  ].filter(Boolean);
  return words.length ? (
    <FieldNote tone="plain">{words.join(' ')}</FieldNote>
  ) : null;
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
