import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { usePermission } from '@backstage/plugin-permission-react';
import { bucketRequestPermission } from '@rustfs-portal/plugin-rustfs-common';
import { Button, Select } from '@backstage/ui';
import { useEffect } from 'react';
import { useRequestOptions } from '../../hooks/useRequestOptions';
import { describeError } from '../../lib/errors';
import { findKind, KindDefinition } from '../../kinds';
import { kindsOfField } from '../../lib/fieldOptions';
import { readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { Placeholder } from '../Placeholder';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';
import { ProblemList } from '../ProblemList';
import { validateTenant } from './validateTenant';

/** Chooses the tenant of a new bucket among those on which the entity may have one. */
export function RustfsTenantPicker(
  props: FieldExtensionComponentProps<string>,
) {
  const { formData, onChange, formContext, schema, required, rawErrors } =
    props;
  const { entityRef } = readForm(formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const options = useRequestOptions(entityRef);
  const kinds = kindsOfField(props).map(findKind);
  const offers = options.value?.tenants.map(offer => ({
    ...offer,
    unavailable:
      offer.unavailable ??
      kinds.map(kind => kind?.whyNot(t, offer)).find(Boolean),
  }));

  const isOffered = offers?.some(o => o.ref === formData && !o.unavailable);
  const fallback = offers?.find(o => !o.unavailable)?.ref;
  const first = useKindPermission(kinds[0], entityRef);
  const brought = useKindPermission(kinds[1], entityRef);
  const loading = first.loading || brought.loading;
  const missing = first.missing ?? brought.missing;
  const lacksRight = !loading && missing !== undefined;
  const isRefused =
    lacksRight ||
    (options.error && describeError(options.error).kind === 'not-allowed');
  useEffect(() => {
    // Nothing may be asked for: a tenant that was chosen for another entity must not stay.
    if (isRefused && formData) {
      onChange('');
    }
    // The form hands in a new `onChange` with every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isRefused, formData]);
  useEffect(() => {
    // The usual request takes what is offered; a tenant of an entity chosen before may not be.
    if (
      offers &&
      !isRefused &&
      !isOffered &&
      (fallback ?? '') !== (formData ?? '')
    ) {
      // None: as text, so that the form checks it.
      onChange(fallback ?? '');
    }
    // The form hands in a new `onChange` with every render.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [options.value, isRefused, isOffered, fallback, formData]);

  if (!entityRef) {
    return <FieldNote tone="plain">{t('form.needsEntity')}</FieldNote>;
  }
  if (lacksRight) {
    return (
      <FieldNote tone="bad">
        {t('form.notAllowed', { permission: missing })}
      </FieldNote>
    );
  }
  if (options.isPending || loading) {
    return <Placeholder height={64} />;
  }
  if (!offers) {
    const { kind: failure, message } = describeError(options.error!);
    if (failure === 'not-allowed') {
      return <FieldNote tone="bad">{message}</FieldNote>;
    }
    return (
      <FieldFrame>
        <FieldNote tone="bad">
          {failure === 'offline'
            ? t('error.offline')
            : t('form.loadFailed', { message })}
        </FieldNote>
        <Button
          size="small"
          variant="secondary"
          onPress={options.reload}
          isPending={options.isLoading}
        >
          {t('common.retry')}
        </Button>
      </FieldFrame>
    );
  }
  if (!offers.length) {
    return <FieldNote tone="bad">{t('form.noTenants')}</FieldNote>;
  }
  return (
    <FieldFrame>
      <Select
        label={schema.title ?? t('form.tenantLabel')}
        description={schema.description ?? t('form.tenantDescription')}
        isRequired={required}
        // The browser would hold back a form in which this was wrong once, although it is not any more.
        validationBehavior="aria"
        isInvalid={Boolean(rawErrors?.length)}
        value={formData || null}
        onChange={key => onChange(key === null ? '' : String(key))}
        options={offers.map(({ ref, title, unavailable }) => ({
          value: ref,
          label: title === ref ? ref : `${title} (${ref})`,
          disabled: Boolean(unavailable),
        }))}
      />
      {offers
        .filter(({ unavailable }) => unavailable)
        .map(({ ref, title, unavailable }) => (
          <FieldNote key={ref} tone="warning">
            {t('form.tenantUnavailable', {
              tenant: title,
              reason: unavailable!,
            })}
          </FieldNote>
        ))}
      <ProblemList
        problems={(options.value?.problems ?? []).filter(
          // Said above already, as the reason why a tenant cannot be chosen.
          ({ part }) => !offers.some(o => o.ref === part && o.unavailable),
        )}
      />
    </FieldFrame>
  );
}

/** The permission that the person lacks to ask for things of a kind: told before the form is filled in. */
function useKindPermission(
  kind: KindDefinition | undefined,
  entityRef: string | undefined,
) {
  // Of a kind that another package adds, the backend says.
  const permission = kind?.permission ?? bucketRequestPermission;
  const { allowed, loading } = usePermission({
    permission,
    resourceRef: entityRef,
  });
  const isMissing = kind?.permission && !loading && !allowed;
  return { missing: isMissing ? permission.name : undefined, loading };
}

/** The form field `RustfsTenantPicker`. */
export const rustfsTenantPicker = {
  name: 'RustfsTenantPicker',
  component: RustfsTenantPicker,
  validation: validateTenant,
  schema: makeFieldSchema({ output: z => z.string() }),
};
