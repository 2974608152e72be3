import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import {
  ACCESS_MODES,
  AccessScope,
  buildAccessPolicy,
  RequestOptions,
  stringifyPolicy,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Select,
} from '@backstage/ui';
import { useFillIn } from '../../hooks/useFillIn';
import { useRequestOptions } from '../../hooks/useRequestOptions';
import { scopeWords } from '../../lib/access';
import { chosenScope, readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { CodeBlock } from '../CodeBlock';
import { FieldFrame } from '../FieldFrame';
import { FieldNote } from '../FieldNote';

/** The usual one, where it may be asked for. */
const USUAL_MODE = 'read-write';

/** Chooses what an access may do, in words and as the policy that it makes. */
export function RustfsAccessMode(props: FieldExtensionComponentProps<string>) {
  const { formData, onChange, formContext, schema, rawErrors } = props;
  const form = readForm(formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const options = useRequestOptions(form.entityRef, form.tenant).value;
  const offer = options?.tenants.find(({ ref }) => ref === form.tenant);
  const modes = options?.accessModes.filter(({ id }) =>
    offer?.accessModes.includes(id),
  );
  const isOffered = modes?.some(({ id }) => id === formData);
  const fallback = (modes?.find(({ id }) => id === USUAL_MODE) ?? modes?.[0])
    ?.id;
  // What was chosen on another tenant may not be offered here.
  useFillIn(offer && !isOffered ? fallback : undefined, formData, onChange);

  if (!form.tenant) {
    return <FieldNote tone="plain">{t('form.needsTenant')}</FieldNote>;
  }
  const mode = modes?.find(({ id }) => id === formData);
  const scope = chosenScope(form);
  return (
    <FieldFrame>
      <Select
        label={schema.title ?? t('form.modeLabel')}
        isRequired
        validationBehavior="aria"
        isInvalid={Boolean(rawErrors?.length)}
        value={formData || null}
        onChange={key => onChange(String(key))}
        options={(modes ?? []).map(({ id, title }) => ({
          value: id,
          label: title,
        }))}
      />
      {mode && scope && (
        <>
          <div role="status">
            <FieldNote tone="plain">
              <ModeWords mode={mode} scope={scope} />
            </FieldNote>
          </div>
          <Accordion>
            <AccordionTrigger title={t('form.policy')} />
            <AccordionPanel>
              <CodeBlock
                code={stringifyPolicy(buildAccessPolicy(scope, mode.actions))}
                label={t('form.policy')}
                copyLabel={t('common.copy')}
              />
            </AccordionPanel>
          </Accordion>
        </>
      )}
    </FieldFrame>
  );
}

/** "May read and list checkout-exports; nothing else." */
function ModeWords(props: {
  mode: RequestOptions['accessModes'][number];
  scope: AccessScope;
}) {
  const { mode, scope } = props;
  const { t } = useTranslationRef(rustfsTranslationRef);
  const buckets = scopeWords(scope);
  const known = ACCESS_MODES.find(id => id === mode.id);
  return known
    ? t(`accessModeWords.${known}`, { buckets })
    : t('accessModeWords.own', { description: mode.description, buckets });
}

/** The form field `RustfsAccessMode`. */
export const rustfsAccessMode = {
  name: 'RustfsAccessMode',
  component: RustfsAccessMode,
  schema: makeFieldSchema({ output: z => z.string() }),
};
