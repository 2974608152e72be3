import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { useTenantStorage } from '../../hooks/useTenantStorage';
import { modeTitle } from '../../kinds';
import { hasEnded, scopeWords, secretPlace } from '../../lib/access';
import { readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldNote } from '../FieldNote';
import { OwnPicker } from '../OwnPicker';

/** Chooses an access of the entity that has not ended, and says what ends with it. */
export function RustfsAccessPicker(
  props: FieldExtensionComponentProps<string>,
) {
  const { entityRef, tenant } = readForm(props.formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const storage = useTenantStorage({ entityRef, tenant });
  const own = storage.value?.accesses.filter(
    access => access.entity === entityRef && !hasEnded(access),
  );
  const chosen = own?.find(({ name }) => name === props.formData);
  return (
    <OwnPicker
      {...props}
      label={t('access.name')}
      storage={storage}
      names={own?.map(({ name }) => name)}
      none={t('form.noOwnAccesses')}
    >
      {chosen && (
        <FieldNote tone="warning">
          {t('form.revokeHint', {
            mode: modeTitle(t, chosen.mode),
            buckets: scopeWords(chosen.scope),
            secret: secretPlace(chosen.consumer),
          })}
        </FieldNote>
      )}
    </OwnPicker>
  );
}

/** The form field `RustfsAccessPicker`. */
export const rustfsAccessPicker = {
  name: 'RustfsAccessPicker',
  component: RustfsAccessPicker,
  schema: makeFieldSchema({ output: z => z.string() }),
};
