import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { accessNameSchema } from '@rustfs-portal/plugin-rustfs-common';
import { TextField } from '@backstage/ui';
import { useEffect, useId, useRef } from 'react';
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
  const filledIn = useRef<string>();
  useEffect(() => {
    // What was filled in for another entity goes with it; what a person wrote stays.
    if (suggestion && (!formData || formData === filledIn.current)) {
      filledIn.current = suggestion;
      if (suggestion !== formData) {
        onChange(suggestion);
      }
    }
    // Only another suggestion is a reason to fill in: an emptied field is left to the person.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [suggestion]);

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
        onChange={onChange}
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
