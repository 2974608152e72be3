import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { useTenantStorage } from '../../hooks/useTenantStorage';
import { readForm } from '../../lib/form';
import { rustfsTranslationRef } from '../../translation';
import { FieldNote } from '../FieldNote';
import { BucketUsage } from '../BucketTable';
import { OwnPicker } from '../OwnPicker';

/** Chooses a bucket of the entity that is there already, and shows how full it is. */
export function RustfsBucketPicker(
  props: FieldExtensionComponentProps<string>,
) {
  const { entityRef, tenant } = readForm(props.formContext?.formData);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const storage = useTenantStorage({ entityRef, tenant });
  const own = storage.value?.buckets.filter(
    ({ declared, entity }) => declared?.owner && entity === entityRef,
  );
  const chosen = own?.find(({ name }) => name === props.formData);
  return (
    <OwnPicker
      {...props}
      label={t('form.bucketLabel')}
      storage={storage}
      names={own?.map(({ name }) => name)}
      none={t('form.noOwnBuckets')}
    >
      {chosen && (
        <FieldNote tone="plain">
          <BucketUsage bucket={chosen} />
        </FieldNote>
      )}
    </OwnPicker>
  );
}

/** The form field `RustfsBucketPicker`. */
export const rustfsBucketPicker = {
  name: 'RustfsBucketPicker',
  component: RustfsBucketPicker,
  schema: makeFieldSchema({ output: z => z.string() }),
};
