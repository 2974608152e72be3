import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  FieldExtensionComponentProps,
  makeFieldSchema,
} from '@backstage/plugin-scaffolder-react';
import { rustfsApiRef } from '../../api';
import { useLoaded } from '../../hooks/useLoaded';
import { rustfsTranslationRef } from '../../translation';
import { OwnPicker } from '../OwnPicker';

/** Chooses a tenant without operator that has no setup folder yet. */
export function RustfsSetupTenant(props: FieldExtensionComponentProps<string>) {
  const rustfsApi = useApi(rustfsApiRef);
  const { t } = useTranslationRef(rustfsTranslationRef);
  const tenants = useLoaded('tenants', signal =>
    rustfsApi.listTenants({ signal }),
  );
  return (
    <OwnPicker
      {...props}
      label={t('form.tenantLabel')}
      storage={tenants}
      names={tenants.value?.items
        .filter(({ mayEnable }) => mayEnable)
        .map(({ ref }) => ref)}
      none={t('form.noSetupTenants')}
    />
  );
}

/** The form field `RustfsSetupTenant`. */
export const rustfsSetupTenant = {
  name: 'RustfsSetupTenant',
  component: RustfsSetupTenant,
  schema: makeFieldSchema({ output: z => z.string() }),
};
