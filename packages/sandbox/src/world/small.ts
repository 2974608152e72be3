import { WorldDefinition } from './definition';

const people = [
  { name: 'ada', fullName: 'Ada Laurent', repositories: 'read' as const },
  {
    name: 'carla',
    fullName: 'Carla Moreno',
    repositories: 'admin' as const,
  },
  { name: 'dario', fullName: 'Dario Novak' },
  {
    name: 'portal',
    fullName: 'Developer portal',
    repositories: 'write' as const,
  },
];

/**
 * The least that a test needs: one cluster, one tenant with three buckets, one repository.
 *
 * @public
 */
export const smallWorld: WorldDefinition = {
  people,
  reviewers: ['carla'],
  clusters: [
    {
      name: 'atlas',
      style: 'indented',
      workloadNamespaces: ['checkout'],
      tenants: [
        {
          name: 'apps',
          title: 'Applications',
          comment: 'Buckets of the services.',
          servers: 4,
          volumesPerServer: 1,
          driveCapacityBytes: 2 ** 32,
          users: [],
          buckets: [
            {
              name: 'checkout-exports',
              owner: 'group:default/checkout',
              entity: 'component:default/invoices',
              purpose: 'Exports for accounting',
              dataClass: 'confidential',
              quota: '1Mi',
              objects: { key: 'accounting/%.csv.gz', count: 2, bytes: 64_000 },
            },
            {
              name: 'checkout-invoices',
              owner: 'group:default/checkout',
              entity: 'component:default/invoices',
              purpose: 'Invoices as PDF',
              dataClass: 'confidential',
              quota: '10Mi',
              versioning: true,
              objects: { key: '2026/invoice-%.pdf', count: 3, bytes: 8_000 },
            },
            { name: 'newsletter-archive', record: false },
          ],
        },
      ],
    },
  ],
  guardrails: [
    {
      tenants: ['atlas/storage/apps'],
      owners: ['group:default/checkout'],
      allow: true,
      namePattern: {
        regex: '^checkout-[a-z0-9-]+$',
        description: 'begin with checkout-',
        example: 'checkout-invoices',
      },
      accessModes: ['read', 'write', 'read-write'],
      namespaces: ['checkout', 'checkout-*'],
    },
    {
      tenants: ['atlas/storage/apps'],
      maxQuota: '100Gi',
      defaultQuota: '10Gi',
      quotaRequired: true,
      reviewers: ['carla'],
    },
    { owners: ['*'], allow: false },
  ],
};

/**
 * One cluster with nothing in it.
 *
 * @public
 */
export const emptyWorld: WorldDefinition = {
  people,
  reviewers: ['carla'],
  clusters: [{ name: 'atlas', style: 'indented', tenants: [] }],
  guardrails: [],
};
