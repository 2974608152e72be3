import { exampleOf } from './requestStep';

const forInvoices = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
};

export const bucketCreateExamples = [
  exampleOf('A bucket with a quota', {
    id: 'bucket',
    action: 'rustfs:bucket:create',
    name: 'Request bucket',
    input: {
      ...forInvoices,
      bucket: 'checkout-invoices',
      quota: '50Gi',
      purpose: 'Invoices as PDF',
      dataClass: 'confidential',
    },
  }),
  exampleOf('A bucket whose objects can be locked', {
    id: 'bucket',
    action: 'rustfs:bucket:create',
    name: 'Request bucket',
    input: {
      entityRef: 'component:default/ledger',
      tenant: 'atlas/storage/apps',
      bucket: 'checkout-ledger',
      objectLock: true,
      purpose: 'Closed books, kept for ten years',
      dataClass: 'internal',
    },
  }),
];

export const bucketChangeExamples = [
  exampleOf('More room', {
    id: 'quota',
    action: 'rustfs:bucket:change',
    name: 'Request a larger quota',
    input: {
      ...forInvoices,
      bucket: 'checkout-invoices',
      quota: '100Gi',
      purpose: 'Invoices of two more countries',
    },
  }),
];

export const accessCreateExamples = [
  exampleOf('A new bucket, and a Secret for the workload that writes to it', {
    id: 'storage',
    action: 'rustfs:access:create',
    name: 'Request storage',
    input: {
      ...forInvoices,
      access: 'invoices-writer',
      scope: { type: 'buckets', buckets: ['checkout-invoices'] },
      newBuckets: [
        { bucket: 'checkout-invoices', quota: '50Gi', dataClass: 'internal' },
      ],
      mode: 'read-write',
      consumer: { namespace: 'checkout', secret: 'invoices-s3' },
      purpose: 'Invoices as PDF',
    },
  }),
  exampleOf('Read one folder of a bucket that is there', {
    id: 'access',
    action: 'rustfs:access:create',
    name: 'Request access',
    input: {
      ...forInvoices,
      access: 'invoices-reports',
      scope: {
        type: 'prefix',
        bucket: 'checkout-exports',
        prefix: 'reports/',
      },
      mode: 'read',
      consumer: {
        namespace: 'checkout',
        secret: 'reports-s3',
        form: 'plain',
        names: { bucket: 'REPORTS_BUCKET' },
      },
      purpose: 'Monthly reports',
    },
  }),
];

export const accessRevokeExamples = [
  exampleOf('End an access', {
    id: 'revoke',
    action: 'rustfs:access:revoke',
    name: 'End the access',
    input: {
      ...forInvoices,
      access: 'invoices-writer',
      purpose: 'The service is gone',
    },
  }),
];

export const setupEnableExamples = [
  exampleOf('Enable self-service for a tenant without operator', {
    id: 'enable',
    action: 'rustfs:setup:enable',
    name: 'Add the setup folder',
    input: {
      entityRef: 'component:default/media',
      tenant: 'prod/storage/media',
      key: { secret: 'rustfs-setup-key' },
      network: 'NetworkPolicy',
      purpose: 'Teams ask for buckets on it',
    },
  }),
];

export const requestWaitExamples = [
  exampleOf('Wait until the bucket of a step before is there', {
    id: 'wait',
    action: 'rustfs:request:wait',
    name: 'Wait for the bucket',
    input: {
      requestId: '${{ steps.bucket.output.requestId }}',
      timeoutMinutes: 45,
    },
  }),
];
