import { TemplateExample } from '@backstage/plugin-scaffolder-node';
import { stringify } from 'yaml';

export const examples: TemplateExample[] = [
  {
    description: 'A bucket with a quota',
    example: stringify({
      steps: [
        {
          id: 'bucket',
          action: 'rustfs:bucket:request',
          name: 'Request bucket',
          input: {
            entityRef: 'component:default/invoices',
            tenant: 'atlas/storage/apps',
            bucket: 'checkout-invoices',
            quota: '50Gi',
            purpose: 'Invoices as PDF',
            dataClass: 'confidential',
          },
        },
      ],
    }),
  },
  {
    description: 'A bucket whose objects can be locked',
    example: stringify({
      steps: [
        {
          id: 'bucket',
          action: 'rustfs:bucket:request',
          name: 'Request bucket',
          input: {
            entityRef: 'component:default/ledger',
            tenant: 'atlas/storage/apps',
            bucket: 'checkout-ledger',
            objectLock: true,
            purpose: 'Closed books, kept for ten years',
            dataClass: 'internal',
          },
        },
      ],
    }),
  },
];
