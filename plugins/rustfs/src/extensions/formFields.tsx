import {
  createFormField,
  FormFieldBlueprint,
} from '@backstage/plugin-scaffolder-react/alpha';

const tenantPicker = FormFieldBlueprint.make({
  name: 'tenant-picker',
  params: {
    field: () =>
      import('../components/RustfsTenantPicker').then(m =>
        createFormField(m.rustfsTenantPicker),
      ),
  },
});

const bucketName = FormFieldBlueprint.make({
  name: 'bucket-name',
  params: {
    field: () =>
      import('../components/RustfsBucketName').then(m =>
        createFormField(m.rustfsBucketName),
      ),
  },
});

const quota = FormFieldBlueprint.make({
  name: 'quota',
  params: {
    field: () =>
      import('../components/RustfsQuota').then(m =>
        createFormField(m.rustfsQuota),
      ),
  },
});

const requestPreview = FormFieldBlueprint.make({
  name: 'request-preview',
  params: {
    field: () =>
      import('../components/RustfsRequestPreview').then(m =>
        createFormField(m.rustfsRequestPreview),
      ),
  },
});

export const formFieldExtensions = [
  tenantPicker,
  bucketName,
  quota,
  requestPreview,
] as const;
