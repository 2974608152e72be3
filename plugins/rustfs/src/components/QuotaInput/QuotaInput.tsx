import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { TenantOffer } from '@rustfs-portal/plugin-rustfs-common';
import { NumberField, Select } from '@backstage/ui';
import { useId, useState } from 'react';
import {
  formatQuantity,
  joinQuota,
  QUOTA_UNITS,
  QuotaParts,
  QuotaUnit,
  quotaIssue,
  splitQuota,
} from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldNote } from '../FieldNote';
import styles from './QuotaInput.module.css';

/** Takes a quota as amount and unit, and says what is allowed on the tenant. */
export function QuotaInput(props: {
  label: string;
  description?: string;
  /** A Kubernetes quantity; empty for none. */
  quota: string | undefined;
  onChange: (quota: string) => void;
  /** Undefined while it is not known. */
  offer: TenantOffer | undefined;
  /** Something is said of it elsewhere. */
  hasErrors?: boolean;
}) {
  const { label, description, quota, onChange, offer, hasErrors } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const { amount, unit: quotaUnit } = splitQuota(quota);
  // Without an amount there is no quota to keep the unit in.
  const [chosenUnit, setChosenUnit] = useState<QuotaUnit>();
  const unit = amount === undefined ? chosenUnit ?? quotaUnit : quotaUnit;
  const wordsId = useId();

  const change = (next: QuotaParts) => {
    setChosenUnit(next.unit);
    // Emptied: as text, not as nothing, so that the form checks it and does not begin with what is usual again.
    onChange(joinQuota(next) ?? '');
  };
  const issue = offer && quotaIssue(quota, offer);
  return (
    <div className={styles.root}>
      <div className={styles.fields}>
        <NumberField
          className={styles.amount}
          label={label}
          size="small"
          isRequired={offer?.quotaRequired}
          validationBehavior="aria"
          aria-describedby={wordsId}
          isInvalid={Boolean(issue || hasErrors)}
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
        {offer && <Allowed offer={offer} description={description} />}
        <div role="status">
          {issue && !hasErrors && (
            <Issue issue={issue} quota={quota} offer={offer} />
          )}
        </div>
      </div>
    </div>
  );
}

function Issue(props: {
  issue: NonNullable<ReturnType<typeof quotaIssue>>;
  quota: string | undefined;
  offer: TenantOffer;
}) {
  const { issue, quota, offer } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  switch (issue) {
    case 'required':
      return <FieldNote tone="bad">{t('form.quotaRequired')}</FieldNote>;
    case 'notPositive':
      return (
        <FieldNote tone="bad">
          {t(
            offer.quotaRequired
              ? 'form.quotaNotPositive'
              : 'form.quotaNotPositiveOptional',
          )}
        </FieldNote>
      );
    default:
      return (
        <FieldNote tone="bad">
          {t('form.quotaTooBig', {
            quota: formatQuantity(quota!),
            max: formatQuantity(offer.maxQuota!),
          })}
        </FieldNote>
      );
  }
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
