import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { accessNameSchema } from '@rustfs-portal/plugin-rustfs-common';
import { TextField } from '@backstage/ui';
import { useId, useRef, useState } from 'react';
import { useFillIn } from '../../hooks/useFillIn';
import { useTenantStorage } from '../../hooks/useTenantStorage';
import { suggestAccessName } from '../../lib/accessNames';
import { readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';
import { validateAccessName } from './validateAccessName';

/** Takes the name of a new access; begins with one that is free, and says when one is taken. */
export function RustfsAccessName(props: FieldExtensionComponentProps<string>) {
  const { formData, onChange, formContext, schema, required, rawErrors } =
    props;
  const { entityRef, tenant } = readForm(formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const storage = useTenantStorage({ entityRef, tenant });
  const taken = storage.value?.accesses.map(({ name }) => name);
  const verdictId = useId();
  const isTaken = Boolean(formData && taken?.includes(formData));
  const issue = formData
    ? accessNameSchema.safeParse(formData).error?.issues[0].message
    : undefined;

  const suggestion =
    entityRef && (storage.value || storage.error)
      ? suggestAccessName(entityRef, taken ?? [])
      : undefined;
  // What was filled in for another entity goes with it; what a person wrote, or the address has, stays.
  const filledIn = useRef<string>();
  const [isTouched, setIsTouched] = useState(Boolean(formData));
  const isOpen = !isTouched && (!formData || formData === filledIn.current);
  if (isOpen && suggestion) {
    filledIn.current = suggestion;
  }
  useFillIn(isOpen ? suggestion : undefined, formData, onChange);

  return (
    <FieldFrame>
      <TextField
        label={schema.title ?? t('form.accessLabel')}
        description={t('form.accessRule')}
        isRequired={required}
        validationBehavior="aria"
        isInvalid={isTaken || Boolean(issue || rawErrors?.length)}
        aria-describedby={verdictId}
        autoComplete="off"
        spellCheck="false"
        value={formData ?? ''}
        onChange={name => {
          setIsTouched(true);
          onChange(name);
        }}
      />
      <div id={verdictId} role="status">
        {issue && !rawErrors?.includes(issue) && (
          <FieldNote tone="bad">{issue}</FieldNote>
        )}
        {isTaken && (
          <FieldNote tone="bad">
            {t('form.accessTaken', { name: formData! })}
          </FieldNote>
        )}
      </div>
    </FieldFrame>
  );
}

/** The form field `RustfsAccessName`. */
export const rustfsAccessName = {
  name: 'RustfsAccessName',
  component: RustfsAccessName,
  validation: validateAccessName,
  schema: makeFieldSchema({ output: z => z.string() }),
};
