import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { Button, TextField } from '@backstage/ui';
import { useId } from 'react';
import { NameVerdict, useNameCheck } from '../../hooks/useNameCheck';
import { useRequestOptions } from '../../hooks/useRequestOptions';
import { describeError } from '../../lib/errors';
import { readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';
import { validateBucketName } from './validateBucketName';

/** Takes the name of a new bucket and says while it is typed whether it can be had. */
export function RustfsBucketName(props: FieldExtensionComponentProps<string>) {
  const { formData, onChange, formContext, schema, required, rawErrors } =
    props;
  const { entityRef, tenant } = readForm(formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const options = useRequestOptions(entityRef, tenant).value;
  const pattern = options?.tenants.find(o => o.ref === tenant)?.namePattern;
  const verdict = useNameCheck({ entityRef, tenant, bucket: formData });
  const verdictId = useId();
  const suggestion = suggestedName(verdict, options?.suggestedName);
  const isBad = verdict.status === 'checked' && !verdict.check.ok;
  return (
    <FieldFrame>
      <TextField
        label={schema.title ?? t('form.nameLabel')}
        description={
          pattern ? t('form.namePattern', pattern) : t('form.nameRule')
        }
        isRequired={required}
        // The form says what is wrong; the browser would only move the focus.
        validationBehavior="aria"
        isInvalid={isBad || Boolean(rawErrors?.length)}
        aria-describedby={verdictId}
        autoComplete="off"
        spellCheck="false"
        value={formData ?? ''}
        // Emptied: as text, not as nothing, so that the form checks it.
        onChange={onChange}
      />
      <div id={verdictId} role="status">
        <Verdict
          verdict={verdict}
          name={formData ?? ''}
          told={rawErrors ?? []}
        />
      </div>
      {suggestion && suggestion !== formData && (
        <Button
          size="small"
          variant="tertiary"
          onPress={() => onChange(suggestion)}
        >
          {t('form.nameTry', { name: suggestion })}
        </Button>
      )}
    </FieldFrame>
  );
}

function Verdict(props: {
  verdict: NameVerdict;
  name: string;
  /** What the form says of this field already. */
  told: string[];
}) {
  const { verdict, name, told } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const errorWords = (error: Error) => {
    const { kind, message } = describeError(error);
    return kind === 'offline' ? t('error.offline') : message;
  };
  switch (verdict.status) {
    case 'checking':
      return <FieldNote tone="busy">{t('form.nameChecking')}</FieldNote>;
    case 'unchecked':
      return (
        <FieldNote tone="warning">
          {t('form.nameUnchecked', { message: errorWords(verdict.error) })}
        </FieldNote>
      );
    case 'checked': {
      const { ok, issues, problems } = verdict.check;
      return (
        <>
          {issues
            .filter(({ message }) => !told.includes(message))
            .map(({ code, message }) => (
              <FieldNote key={code} tone="bad">
                {message}
              </FieldNote>
            ))}
          {problems.map(({ part, message }) => (
            <FieldNote key={`${part} ${message}`} tone="warning">
              {message}
            </FieldNote>
          ))}
          {/* A name is only free when everything could be asked. */}
          {ok && !problems.length && (
            <FieldNote tone="good">{t('form.nameOk', { name })}</FieldNote>
          )}
        </>
      );
    }
    default:
      return null;
  }
}

function suggestedName(verdict: NameVerdict, initial: string | undefined) {
  if (verdict.status === 'none') {
    return initial;
  }
  return verdict.status === 'checked' && !verdict.check.ok
    ? verdict.check.suggestion
    : undefined;
}

/** The form field `RustfsBucketName`. */
export const rustfsBucketName = {
  name: 'RustfsBucketName',
  component: RustfsBucketName,
  validation: validateBucketName,
  schema: makeFieldSchema({ output: z => z.string() }),
};
