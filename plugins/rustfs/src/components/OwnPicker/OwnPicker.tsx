import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { FieldExtensionComponentProps } from '@backstage/plugin-scaffolder-react';
import { Button, Select } from '@backstage/ui';
import { ReactNode } from 'react';
import { useFillIn } from '../../hooks/useFillIn';
import { Loaded } from '../../hooks/useLoaded';
import { describeError } from '../../lib/errors';
import { rustfsTranslationRef } from '../../translation';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';
import { Placeholder } from '../Placeholder';

/** Chooses something that the entity has on the tenant of the form, by name. */
export function OwnPicker(
  props: Pick<
    FieldExtensionComponentProps<string>,
    'formData' | 'onChange' | 'schema' | 'required' | 'rawErrors'
  > & {
    label: string;
    storage: Loaded<unknown>;
    names: string[] | undefined;
    /** Said where there is nothing to choose. */
    none: string;
    /** What is known of the chosen one. */
    children?: ReactNode;
  },
) {
  const { formData, onChange, schema, required, rawErrors } = props;
  const { label, storage, names, none, children } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const only = names?.length === 1 ? names[0] : undefined;
  useFillIn(formData ? undefined : only, formData, onChange);

  if (storage.isPending) {
    return <Placeholder height={64} />;
  }
  if (!names) {
    return storage.error ? (
      <FieldFrame>
        <FieldNote tone="bad">{describeError(storage.error).message}</FieldNote>
        <Button
          size="small"
          variant="secondary"
          onPress={storage.reload}
          isPending={storage.isLoading}
        >
          {t('common.retry')}
        </Button>
      </FieldFrame>
    ) : (
      <FieldNote tone="plain">{t('form.needsTenant')}</FieldNote>
    );
  }
  // One from the address stays, so that the backend can say what is wrong with it.
  const shown =
    formData && !names.includes(formData) ? [formData, ...names] : names;
  if (!shown.length) {
    return <FieldNote tone="bad">{none}</FieldNote>;
  }
  return (
    <FieldFrame>
      <Select
        label={schema.title ?? label}
        isRequired={required}
        validationBehavior="aria"
        isInvalid={Boolean(rawErrors?.length)}
        placeholder={t('form.scopeChoose')}
        value={formData || null}
        onChange={key => onChange(String(key))}
        options={shown.map(name => ({ value: name, label: name }))}
      />
      {children}
    </FieldFrame>
  );
}
