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

const setupTenant = FormFieldBlueprint.make({
  name: 'setup-tenant',
  params: {
    field: () =>
      import('../components/RustfsSetupTenant').then(m =>
        createFormField(m.rustfsSetupTenant),
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

const accessName = FormFieldBlueprint.make({
  name: 'access-name',
  params: {
    field: () =>
      import('../components/RustfsAccessName').then(m =>
        createFormField(m.rustfsAccessName),
      ),
  },
});

const accessScope = FormFieldBlueprint.make({
  name: 'access-scope',
  params: {
    field: () =>
      import('../components/RustfsAccessScope').then(m =>
        createFormField(m.rustfsAccessScope),
      ),
  },
});

const accessMode = FormFieldBlueprint.make({
  name: 'access-mode',
  params: {
    field: () =>
      import('../components/RustfsAccessMode').then(m =>
        createFormField(m.rustfsAccessMode),
      ),
  },
});

const consumer = FormFieldBlueprint.make({
  name: 'consumer',
  params: {
    field: () =>
      import('../components/RustfsConsumer').then(m =>
        createFormField(m.rustfsConsumer),
      ),
  },
});

const bucketPicker = FormFieldBlueprint.make({
  name: 'bucket-picker',
  params: {
    field: () =>
      import('../components/RustfsBucketPicker').then(m =>
        createFormField(m.rustfsBucketPicker),
      ),
  },
});

const accessPicker = FormFieldBlueprint.make({
  name: 'access-picker',
  params: {
    field: () =>
      import('../components/RustfsAccessPicker').then(m =>
        createFormField(m.rustfsAccessPicker),
      ),
  },
});

export const formFieldExtensions = [
  tenantPicker,
  setupTenant,
  bucketName,
  quota,
  accessName,
  accessScope,
  accessMode,
  consumer,
  bucketPicker,
  accessPicker,
  requestPreview,
] as const;
