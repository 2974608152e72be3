import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { findKind } from '../../kinds';
import { kindOfField } from '../../lib/fieldOptions';
import { readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldNote } from '../FieldNote';
import { LoadedRequestPreview } from '../RequestPreview';
import { validatePreview } from './validatePreview';

/**
 * Shows the pull request that the form would open. Its value is what the review step shows, so that it says the same as
 * the pull request and not what was typed.
 */
export function RustfsRequestPreview(
  props: FieldExtensionComponentProps<Record<string, string>>,
) {
  const { t } = useTranslationRef(rustfsTranslationRef);
  const kind = kindOfField(props);
  const content = findKind(kind)?.readForm(
    readForm(props.formContext?.formData),
  );
  return content ? (
    <LoadedRequestPreview
      content={content}
      told={props.formData}
      onSummary={props.onChange}
    />
  ) : (
    <FieldNote tone="plain">{t('form.previewIncomplete')}</FieldNote>
  );
}

/** The form field `RustfsRequestPreview`. */
export const rustfsRequestPreview = {
  name: 'RustfsRequestPreview',
  component: RustfsRequestPreview,
  validation: validatePreview,
  schema: makeFieldSchema({ output: z => z.record(z.string(), z.string()) }),
};
