import { BucketDefinition, WorldDefinition } from './definition';

const KIB = 1024;
const GIB = 2 ** 30;

const CHECKOUT = 'group:default/checkout';
const INSIGHTS = 'group:default/insights';
const MEDIA = 'group:default/media';
const PLATFORM = 'group:default/platform';

function bucketsOf(
  owner: string,
  entity: string | undefined,
  buckets: BucketDefinition[],
): BucketDefinition[] {
  return buckets.map(bucket => ({
    owner,
    ...(entity && { entity: `component:default/${entity}` }),
    dataClass: 'internal',
    ...bucket,
  }));
}

function files(key: string, count: number, kib: number) {
  return { key, count, bytes: Math.round(kib * KIB) };
}

/** Buckets of the shared tools that the platform team runs. */
const platformBuckets: BucketDefinition[] = [
  ...bucketsOf(PLATFORM, 'loki', [
    {
      name: 'loki-admin',
      purpose: 'Loki tenants and limits',
      objects: files('admin/%.json', 2, 1),
    },
    {
      name: 'loki-chunks',
      purpose: 'Log chunks, 30 days',
      quota: '200Mi',
      growing: true,
      objects: files('acme/chunk-%', 40, 48),
    },
    {
      name: 'loki-index',
      purpose: 'Index of log chunks',
      quota: '64Mi',
      objects: files('index/%.tsdb.gz', 12, 20),
    },
    {
      name: 'loki-ruler',
      purpose: 'Recording and alerting rules',
      versioning: true,
      objects: files('rules/acme/%.yaml', 6, 2),
    },
  ]),
  ...bucketsOf(PLATFORM, 'tempo', [
    {
      name: 'tempo-traces',
      purpose: 'Trace blocks, 14 days',
      quota: '100Mi',
      growing: true,
      objects: files('acme/block-%/data.parquet', 24, 64),
    },
  ]),
  ...bucketsOf(PLATFORM, 'velero', [
    {
      name: 'velero-atlas',
      purpose: 'Cluster backups of atlas',
      dataClass: 'confidential',
      quota: '64Mi',
      versioning: true,
      objects: files('backups/daily-%/velero-backup.json', 7, 24),
    },
    {
      name: 'velero-borealis',
      purpose: 'Cluster backups of borealis',
      dataClass: 'confidential',
      quota: '64Mi',
      versioning: true,
      objects: files('backups/daily-%/velero-backup.json', 7, 16),
    },
  ]),
  ...bucketsOf(PLATFORM, 'harbor', [
    {
      name: 'harbor-registry',
      purpose: 'Container image layers',
      quota: '1Gi',
      growing: true,
      objects: files('docker/registry/v2/blobs/sha256/%/data', 30, 96),
    },
    {
      name: 'harbor-charts',
      purpose: 'Helm charts',
      versioning: true,
      objects: files('charts/app-%.tgz', 12, 7),
    },
    {
      name: 'harbor-trivy',
      purpose: 'Vulnerability reports',
      objects: files('reports/%.json', 10, 8),
    },
  ]),
  // Shared things without a component in the catalog: a record with an owner only.
  ...bucketsOf(PLATFORM, undefined, [
    {
      name: 'etcd-snapshots',
      purpose: 'etcd snapshots, every 6 hours',
      dataClass: 'confidential',
      versioning: true,
      objects: files('atlas/snapshot-%.db', 8, 40),
    },
    {
      name: 'mimir-blocks',
      purpose: 'Metrics, 90 days',
      quota: '200Mi',
      growing: true,
      objects: files('acme/%/chunks/000001', 20, 64),
    },
    {
      name: 'mimir-ruler',
      purpose: 'Recording rules of metrics',
      objects: files('rules/acme/%.yaml', 4, 2),
    },
    {
      name: 'renovate-cache',
      purpose: 'Cache of dependency updates',
      objects: files('cache/%.json', 6, 4),
    },
    {
      name: 'runner-cache',
      purpose: 'Build cache of CI jobs',
      quota: '128Mi',
      objects: files('project-%/cache.zip', 9, 80),
    },
    {
      name: 'talos-backup',
      purpose: 'Machine configuration and etcd of Talos nodes',
      dataClass: 'confidential',
      objectLock: true,
      versioning: true,
      objects: files('nodes/cp-%.yaml.age', 6, 6),
    },
    {
      name: 'terraform-state',
      purpose: 'State of the cloud accounts',
      dataClass: 'confidential',
      versioning: true,
      objects: files('accounts/%/terraform.tfstate', 8, 12),
    },
  ]),
  {
    name: 'grafana-images',
    record: false,
    objects: files('alerts/%.png', 5, 10),
  },
];

/** Buckets of the services of the product teams. */
const appBuckets: BucketDefinition[] = [
  ...bucketsOf(CHECKOUT, 'checkout-api', [
    {
      name: 'checkout-carts',
      purpose: 'Carts that were left, for seven days',
      quota: '32Mi',
      growing: true,
      objects: files('carts/%.json', 30, 2),
    },
    {
      name: 'checkout-fraud-cases',
      purpose: 'Evidence for fraud cases',
      dataClass: 'confidential',
      quota: '64Mi',
      versioning: true,
      objects: files('cases/%/evidence.zip', 9, 40),
    },
    {
      name: 'checkout-payment-logs',
      purpose: 'Answers of payment providers',
      dataClass: 'confidential',
      quota: '64Mi',
      objectLock: true,
      versioning: true,
      objects: files('psp/%.ndjson', 12, 16),
    },
    {
      name: 'checkout-price-feeds',
      purpose: 'Price lists of suppliers',
      objects: files('suppliers/%.csv', 8, 20),
    },
    {
      name: 'checkout-sessions',
      purpose: 'Session recordings for support',
      quota: '16Mi',
      objects: files('sessions/%.json', 10, 6),
    },
  ]),
  ...bucketsOf(CHECKOUT, 'invoices', [
    {
      name: 'checkout-dunning',
      purpose: 'Reminders that were sent',
      quota: '16Mi',
      objects: files('%/reminder.pdf', 8, 12),
    },
    // Fills up: the one that a team has to look at.
    {
      name: 'checkout-exports',
      purpose: 'Exports for accounting',
      dataClass: 'confidential',
      quota: '4Mi',
      objects: files('accounting/%.csv.gz', 14, 256),
    },
    {
      name: 'checkout-invoices',
      purpose: 'Invoices as PDF',
      dataClass: 'confidential',
      quota: '100Mi',
      versioning: true,
      growing: true,
      objects: files('invoice-%.pdf', 40, 28),
    },
    {
      name: 'checkout-receipts',
      purpose: 'Receipts as PDF',
      dataClass: 'confidential',
      quota: '50Mi',
      versioning: true,
      growing: true,
      objects: files('receipt-%.pdf', 36, 14),
    },
    {
      name: 'checkout-tax-reports',
      purpose: 'Monthly tax reports',
      dataClass: 'confidential',
      quota: '20Mi',
      versioning: true,
      objectLock: true,
      objects: files('report-%.xml', 10, 18),
    },
  ]),
  ...bucketsOf(INSIGHTS, 'reports', [
    {
      name: 'insights-dashboards',
      purpose: 'Rendered dashboards',
      quota: '32Mi',
      objects: files('dash-%.png', 12, 30),
    },
    {
      name: 'insights-event-lake',
      purpose: 'Product events by day',
      quota: '256Mi',
      growing: true,
      objects: files('events/part-%.parquet', 24, 72),
    },
    {
      name: 'insights-exports',
      purpose: 'Exports that people asked for',
      dataClass: 'confidential',
      quota: '64Mi',
      objects: files('exports/%.csv', 9, 44),
    },
    {
      name: 'insights-query-cache',
      purpose: 'Results of slow queries',
      objects: files('results/%.arrow', 14, 16),
    },
    {
      name: 'insights-reports',
      purpose: 'Weekly reports',
      quota: '64Mi',
      versioning: true,
      objects: files('report-%.pdf', 16, 36),
    },
    {
      name: 'insights-segments',
      purpose: 'Customer segments',
      dataClass: 'confidential',
      quota: '32Mi',
      versioning: true,
      objects: files('segment-%.csv', 10, 22),
    },
    {
      name: 'insights-staging',
      purpose: 'Uploads before they are checked',
      quota: '32Mi',
      objects: files('incoming/%.json', 6, 8),
    },
  ]),
  ...bucketsOf(MEDIA, 'media-library', [
    {
      name: 'media-avatars',
      purpose: 'Pictures of customers',
      dataClass: 'confidential',
      quota: '64Mi',
      objects: files('%.webp', 24, 6),
    },
    {
      name: 'media-previews',
      purpose: 'Previews of films',
      quota: '128Mi',
      objects: files('%.webm', 10, 90),
    },
    {
      name: 'media-press',
      purpose: 'Press kits',
      dataClass: 'internal',
      quota: '64Mi',
      objects: files('kit-%.zip', 6, 60),
    },
    {
      name: 'media-public-assets',
      purpose: 'Pictures and scripts of the shop',
      dataClass: 'public',
      public: true,
      quota: '128Mi',
      objects: files('assets/%.svg', 20, 4),
    },
    {
      name: 'media-subtitles',
      purpose: 'Subtitles in all languages',
      quota: '16Mi',
      versioning: true,
      objects: files('film-%.vtt', 20, 3),
    },
    {
      name: 'media-thumbnails',
      purpose: 'Thumbnails in three sizes',
      quota: '64Mi',
      growing: true,
      objects: files('thumb-%.webp', 40, 5),
    },
    {
      name: 'media-uploads',
      purpose: 'Originals as they come in',
      quota: '256Mi',
      growing: true,
      objects: files('upload-%.mov', 10, 160),
    },
  ]),
  // Declared before records were kept: in the Tenant, without an owner.
  {
    name: 'newsletter-archive',
    record: false,
    objects: files('issue-%.html', 9, 10),
  },
  // Left behind by hand after a migration: only on the server.
  {
    name: 'tmp-migration-2025',
    declared: false,
    objects: files('dump-%.sql.gz', 4, 120),
  },
];

const mlBuckets: BucketDefinition[] = [
  ...bucketsOf(INSIGHTS, 'feature-store', [
    {
      name: 'feature-store-batch',
      purpose: 'Feature tables by day',
      quota: '256Mi',
      growing: true,
      objects: files('features/part-%.parquet', 18, 64),
    },
    {
      name: 'feature-store-registry',
      purpose: 'Definitions of features',
      versioning: true,
      objects: files('registry-%.db', 3, 24),
    },
    {
      name: 'feature-store-training',
      purpose: 'Training sets by experiment',
      dataClass: 'confidential',
      quota: '512Mi',
      objects: files('experiments/%/train.parquet', 10, 120),
    },
  ]),
  ...bucketsOf(PLATFORM, 'mlflow', [
    {
      name: 'mlflow-artifacts',
      purpose: 'Models and plots of runs',
      quota: '512Mi',
      growing: true,
      objects: files('1/run-%/artifacts/model.pkl', 14, 110),
    },
    {
      name: 'mlflow-datasets',
      purpose: 'Data sets that runs refer to',
      objects: files('datasets/%.parquet', 6, 90),
    },
  ]),
  ...bucketsOf(INSIGHTS, undefined, [
    {
      name: 'churn-experiments',
      purpose: 'Study of customers who leave',
      dataClass: 'confidential',
      quota: '64Mi',
      objects: files('run-%.json', 8, 10),
    },
    {
      name: 'embeddings',
      purpose: 'Vectors for search',
      quota: '128Mi',
      objects: files('shard-%.npy', 8, 100),
    },
    {
      name: 'notebook-scratch',
      purpose: 'Working copies of notebooks',
      objects: files('%/notebook.ipynb', 12, 14),
    },
  ]),
];

const coldBuckets: BucketDefinition[] = [
  ...bucketsOf(MEDIA, 'media-archive', [
    {
      name: 'media-archive-dailies',
      purpose: 'Dailies, kept for two years',
      quota: '1Gi',
      objects: files('reel-%.mxf', 6, 180),
    },
    {
      name: 'media-archive-masters',
      purpose: 'Masters of finished films',
      dataClass: 'confidential',
      quota: '2Gi',
      objectLock: true,
      versioning: true,
      objects: files('film-%.mxf', 5, 220),
    },
    {
      name: 'media-archive-stills',
      purpose: 'Photographs from the sets',
      quota: '256Mi',
      objects: files('set-%.dng', 8, 70),
    },
  ]),
];

/** Made by hand, as nobody has switched anything on there: no record says whose they are. */
const archiveBuckets: BucketDefinition[] = [
  {
    name: 'audit-trail',
    objectLock: true,
    versioning: true,
    objects: files('year/%.ndjson.gz', 8, 30),
  },
  {
    name: 'checkout-ledger-archive',
    versioning: true,
    objects: files('ledger-%.csv.gz', 6, 50),
  },
  {
    name: 'mail-journal',
    objectLock: true,
    versioning: true,
    objects: files('journal-%.mbox', 6, 40),
  },
].map(bucket => ({ ...bucket, declared: false }));

/** Of sites far away, in a cluster that Argo CD applies. */
const edgeBuckets: BucketDefinition[] = bucketsOf(PLATFORM, undefined, [
  {
    name: 'edge-firmware',
    purpose: 'Firmware for the gateways in the shops',
    quota: '64Mi',
    versioning: true,
    objects: files('gateway-%.bin', 5, 60),
  },
  {
    name: 'edge-telemetry',
    purpose: 'What the gateways have measured, 14 days',
    quota: '64Mi',
    objects: files('shop-%/day.ndjson.gz', 8, 12),
  },
]);

/** Names of a team's buckets in the tenant that teams share begin with its name; without this they cannot be told apart in one flat list. */
function prefixRule(team: string, example: string) {
  return {
    tenants: ['atlas/storage/apps'],
    owners: [`group:default/${team}`],
    allow: true,
    namePattern: {
      regex: `^${team}-[a-z0-9-]+$`,
      description: `begin with ${team}-`,
      example,
    },
  };
}

function namespaceRule(team: string, namespaces: string[]) {
  return { owners: [`group:default/${team}`], namespaces };
}

/**
 * The company that the sandbox shows: three clusters, six tenants, about sixty buckets of four teams. The operator runs
 * those of one cluster, one of which is down. In the second it is not: one server comes from a chart, has lost a
 * node, and has a setup folder; one was put there by hand, and its self-service waits to be switched on. The third has one server
 * with a setup folder, and Argo CD in the place of Flux.
 *
 * @public
 */
export const companyWorld: WorldDefinition = {
  people: [
    { name: 'ada', fullName: 'Ada Laurent', repositories: 'read' },
    { name: 'bruno', fullName: 'Bruno Keller', repositories: 'read' },
    { name: 'mina', fullName: 'Mina Sato', repositories: 'read' },
    { name: 'carla', fullName: 'Carla Moreno', repositories: 'admin' },
    { name: 'dario', fullName: 'Dario Novak' },
    { name: 'portal', fullName: 'Developer portal', repositories: 'write' },
  ],
  reviewers: ['carla'],
  clusters: [
    {
      name: 'atlas',
      style: 'indented',
      workloadNamespaces: ['checkout', 'insights', 'loki', 'media'],
      tenants: [
        {
          name: 'platform',
          title: 'Platform',
          comment:
            'Shared tools of the platform team: logs, traces, images, backups.',
          servers: 4,
          volumesPerServer: 2,
          driveCapacityBytes: 128 * GIB,
          users: [
            { name: 'tempo', buckets: ['tempo-traces'] },
            { name: 'velero', buckets: ['velero-*'] },
          ],
          accesses: [
            {
              name: 'loki',
              owner: PLATFORM,
              entity: 'component:default/loki',
              purpose: 'Loki writes and reads chunks, index and rules',
              buckets: ['loki-*'],
              mode: 'read-write',
              consumer: { namespace: 'loki', secret: 'loki-s3', form: 'loki' },
              createdAt: '2026-06-11T08:20:00.000Z',
            },
          ],
          buckets: platformBuckets,
        },
        {
          name: 'apps',
          title: 'Applications',
          comment:
            'Buckets of the services. Ask for one in the developer portal.',
          servers: 4,
          volumesPerServer: 1,
          driveCapacityBytes: 64 * GIB,
          users: [],
          accesses: [
            {
              name: 'invoices',
              owner: CHECKOUT,
              entity: 'component:default/invoices',
              purpose: 'Write invoices and receipts, and send them',
              buckets: ['checkout-invoices', 'checkout-receipts'],
              mode: 'read-write',
              consumer: {
                namespace: 'checkout',
                secret: 'invoices-s3',
                form: 'aws',
              },
              createdAt: '2026-03-02T09:15:00.000Z',
            },
            {
              name: 'media-library',
              owner: MEDIA,
              entity: 'component:default/media-library',
              purpose: 'Take uploads, make previews and thumbnails',
              buckets: ['media-*'],
              mode: 'read-write',
              consumer: {
                namespace: 'media',
                secret: 'media-library-s3',
                form: 'aws',
              },
              createdAt: '2026-04-20T13:40:00.000Z',
            },
            // Does not work: somebody has disabled its user on the server.
            {
              name: 'reports-mailer',
              owner: INSIGHTS,
              entity: 'component:default/reports',
              purpose: 'Send the weekly reports',
              buckets: ['insights-reports'],
              mode: 'read',
              consumer: {
                namespace: 'insights',
                secret: 'reports-mailer-s3',
                form: 'aws',
              },
              createdAt: '2026-05-05T07:05:00.000Z',
              disabled: true,
            },
            {
              name: 'price-import',
              owner: CHECKOUT,
              entity: 'component:default/checkout-api',
              purpose: 'Read price lists, until the suppliers had an API',
              buckets: ['checkout-price-feeds'],
              mode: 'read',
              consumer: {
                namespace: 'checkout',
                secret: 'price-import-s3',
                form: 'aws',
              },
              createdAt: '2026-02-17T10:00:00.000Z',
              revokedAt: '2026-09-30T15:30:00.000Z',
            },
          ],
          buckets: appBuckets,
        },
        {
          name: 'cold',
          title: 'Cold storage',
          comment: 'Films that nobody cuts any more. Slow drives.',
          servers: 2,
          volumesPerServer: 4,
          driveCapacityBytes: 512 * GIB,
          trouble: 'down',
          users: [{ name: 'media-archive', buckets: ['media-archive-*'] }],
          buckets: coldBuckets,
        },
      ],
    },
    {
      name: 'borealis',
      style: 'flush',
      workloadNamespaces: ['checkout-fraud', 'insights', 'media', 'mlflow'],
      tenants: [
        {
          name: 'ml',
          title: 'Machine learning',
          comment: 'Feature store and experiments.',
          servers: 4,
          volumesPerServer: 1,
          driveCapacityBytes: 256 * GIB,
          trouble: 'server-lost',
          installed: 'chart',
          setup: true,
          users: [],
          accesses: [
            {
              name: 'mlflow',
              owner: PLATFORM,
              entity: 'component:default/mlflow',
              purpose: 'MLflow keeps models and reads data sets',
              buckets: ['mlflow-artifacts', 'mlflow-datasets'],
              mode: 'read-write',
              consumer: {
                namespace: 'mlflow',
                secret: 'mlflow-s3',
                form: 'aws',
              },
              createdAt: '2026-07-08T11:25:00.000Z',
            },
          ],
          buckets: mlBuckets,
        },
        {
          name: 'archive',
          title: 'Archive',
          comment: 'Was to be there for a week, in 2024.',
          servers: 1,
          volumesPerServer: 8,
          driveCapacityBytes: 512 * GIB,
          installed: 'bare',
          users: [],
          buckets: archiveBuckets,
        },
      ],
    },
    {
      name: 'polaris',
      style: 'indented',
      engine: 'argocd',
      forge: 'github',
      sealedSecrets: true,
      workloadNamespaces: ['insights'],
      tenants: [
        {
          name: 'edge',
          title: 'Edge',
          comment: 'For what the shops send and fetch.',
          servers: 1,
          volumesPerServer: 4,
          driveCapacityBytes: 64 * GIB,
          installed: 'bare',
          setup: true,
          users: [],
          buckets: edgeBuckets,
        },
      ],
    },
  ],
  guardrails: [
    { owners: ['group:default/contractors'], allow: false },
    { accessModes: ['read', 'write', 'read-write'] },
    namespaceRule('checkout', ['checkout', 'checkout-*']),
    namespaceRule('insights', ['insights', 'mlflow']),
    namespaceRule('media', ['media']),
    namespaceRule('platform', ['loki', 'mlflow']),
    prefixRule('checkout', 'checkout-invoices'),
    prefixRule('insights', 'insights-reports'),
    prefixRule('media', 'media-thumbnails'),
    prefixRule('platform', 'platform-tools'),
    {
      tenants: ['atlas/storage/apps'],
      maxQuota: '100Gi',
      defaultQuota: '10Gi',
      quotaRequired: true,
      reviewers: ['carla'],
    },
    {
      tenants: ['borealis/storage/ml'],
      maxQuota: '500Gi',
      defaultQuota: '50Gi',
      quotaRequired: true,
      reviewers: ['carla'],
    },
    {
      tenants: ['polaris/storage/edge'],
      maxQuota: '20Gi',
      defaultQuota: '1Gi',
      quotaRequired: true,
      reviewers: ['carla'],
    },
    {
      tenants: ['atlas/storage/cold', 'borealis/storage/archive'],
      maxQuota: '1Ti',
      reviewers: ['carla'],
    },
    {
      tenants: ['atlas/storage/platform'],
      owners: ['group:default/platform'],
      allow: true,
      maxQuota: '1Ti',
      reviewers: ['carla'],
    },
    // What holds for everyone else, on every tenant. Where names begin with that of the team, a team without a beginning
    // of its own would be able to take any name; the platform's own tenant is for the platform team.
    {
      tenants: ['atlas/storage/apps', 'atlas/storage/platform'],
      owners: ['*'],
      allow: false,
    },
    { owners: ['*'] },
  ],
  // Workloads that run in another cluster than their storage, with a repository of its own.
  consumers: [
    {
      cluster: 'borealis',
      namespaces: ['checkout-*'],
      kustomization: 'flux-system/storage',
    },
  ],
};
