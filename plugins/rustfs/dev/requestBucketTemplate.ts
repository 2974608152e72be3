/** The form of a bucket request, as the software template has it. */
export const requestBucketTemplate = {
  apiVersion: 'scaffolder.backstage.io/v1beta3',
  kind: 'Template',
  metadata: {
    name: 'request-bucket',
    namespace: 'default',
    title: 'Request a bucket',
    description: 'Asks for a bucket for a service.',
  },
  spec: {
    type: 'service',
    owner: 'platform',
    steps: [],
    parameters: [
      {
        title: 'What for',
        required: ['entityRef', 'purpose', 'dataClass'],
        properties: {
          entityRef: { type: 'string', title: 'Entity' },
          purpose: { type: 'string', title: 'Purpose' },
          dataClass: {
            type: 'string',
            title: 'Data class',
            enum: ['public', 'internal', 'confidential'],
            default: 'internal',
          },
        },
      },
      {
        title: 'What',
        required: ['tenant', 'bucket'],
        properties: {
          tenant: { type: 'string', 'ui:field': 'RustfsTenantPicker' },
          bucket: { type: 'string', 'ui:field': 'RustfsBucketName' },
          quota: { type: 'string', 'ui:field': 'RustfsQuota' },
          versioning: {
            type: 'boolean',
            title: 'Keep old versions',
            default: false,
          },
        },
      },
      {
        title: 'Pull request',
        properties: {
          preview: { type: 'string', 'ui:field': 'RustfsRequestPreview' },
        },
      },
    ],
  },
};
