import {
  AccessView,
  BucketView,
  EntityStorage,
  MODE_ACTIONS,
  RequestEvent,
  RequestOptions,
  RequestPreview,
  RequestState,
  SECRET_FORMS,
  StorageRequest,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';

const GIB = 2 ** 30;

/** The modes of access that a portal has by itself, as its backend says them. */
const ACCESS_MODES = [
  {
    id: 'read',
    title: 'Read',
    description: 'read and list objects',
    actions: MODE_ACTIONS.read,
  },
  {
    id: 'write',
    title: 'Write',
    description: 'write and delete objects, and neither read nor list them',
    actions: MODE_ACTIONS.write,
  },
  {
    id: 'read-write',
    title: 'Read and write',
    description: 'read, list, write and delete objects',
    actions: MODE_ACTIONS['read-write'],
  },
];

/** The time at which everything here was true. */
export const AS_OF = '2026-03-02T12:04:00.000Z';

export function aTenant(overrides: Partial<TenantView> = {}): TenantView {
  return {
    ref: 'atlas/storage/apps',
    state: 'ready',
    endpoint: 'http://apps-io.storage.svc:9000',
    version: '1.0.1',
    capacity: { usedBytes: 412 * GIB, totalBytes: 2048 * GIB },
    drives: { online: 4, total: 4 },
    buckets: 23,
    objects: 184_220,
    source: {
      repository: 'https://forge.example/acme/atlas.git',
      branch: 'main',
      path: 'clusters/atlas/storage',
      appliedBy: 'Kustomization flux-system/storage',
      revision: 'main@sha1:8f3c2d1',
    },
    asOf: AS_OF,
    freshness: 'live',
    problems: [],
    ...overrides,
  };
}

export function aBucket(overrides: Partial<BucketView> = {}): BucketView {
  const name = overrides.name ?? 'checkout-invoices';
  const tenant = overrides.tenant ?? 'atlas/storage/apps';
  return {
    id: `${tenant}:${name}`,
    tenant,
    name,
    endpoint: 'http://apps-io.storage.svc:9000',
    state: 'ready',
    owner: 'group:default/checkout',
    entity: 'component:default/invoices',
    declared: {
      objectLock: false,
      owner: 'group:default/checkout',
      entity: 'component:default/invoices',
      purpose: 'Invoices as PDF',
      dataClass: 'confidential',
      quotaBytes: 50 * GIB,
      versioning: true,
    },
    live: {
      createdAt: '2025-11-20T08:15:00.000Z',
      sizeBytes: 12.5 * GIB,
      objects: 48_211,
      quotaBytes: 50 * GIB,
      versioning: 'enabled',
      objectLock: false,
    },
    drift: [],
    asOf: AS_OF,
    freshness: 'live',
    ...overrides,
  };
}

export function anAccess(overrides: Partial<AccessView> = {}): AccessView {
  const name = overrides.name ?? 'invoices';
  const tenant = overrides.tenant ?? 'atlas/storage/apps';
  return {
    id: `${tenant}:${name}`,
    tenant,
    name,
    endpoint: 'http://apps-io.storage.svc:9000',
    owner: 'group:default/checkout',
    entity: 'component:default/invoices',
    purpose: 'Write invoices as PDF',
    scope: { type: 'buckets', buckets: ['checkout-invoices'] },
    mode: 'read-write',
    consumer: {
      cluster: 'atlas',
      namespace: 'checkout',
      secret: 'invoices-s3',
      form: 'aws',
    },
    state: 'ready',
    createdAt: '2026-10-02T09:30:00.000Z',
    drift: [],
    asOf: AS_OF,
    freshness: 'live',
    ...overrides,
  };
}

export function aStorage(
  overrides: Partial<EntityStorage> = {},
): EntityStorage {
  return {
    entityRef: 'component:default/invoices',
    annotated: true,
    tenants: [aTenant()],
    buckets: [aBucket()],
    accesses: [anAccess()],
    mayRequest: true,
    mayRequestAccess: true,
    problems: [],
    asOf: AS_OF,
    freshness: 'live',
    ...overrides,
  };
}

const EVENTS: Record<RequestState, Omit<RequestEvent, 'state' | 'at'>> = {
  submitting: { source: 'portal', message: 'Asked for by ada.' },
  proposed: { source: 'forge', message: 'Pull request #12 was opened.' },
  merged: {
    source: 'forge',
    message: 'Merged by carla.',
    link: {
      title: '4be1f09',
      url: 'https://forge.example/acme/atlas/commit/4be1f09',
    },
  },
  applied: {
    source: 'flux',
    message: 'Kustomization flux-system/storage applied it.',
    link: { title: 'main@sha1:4be1f09' },
  },
  ready: {
    source: 'server',
    message: 'The operator is done and the server has the bucket.',
  },
  failed: { source: 'operator', message: 'The operator refused the bucket.' },
  closed: { source: 'forge', message: 'Pull request #12 was closed.' },
  withdrawn: {
    source: 'portal',
    message: 'Withdrawn by the one who asked',
    actor: 'user:default/ada',
  },
};

const WAY: RequestState[] = [
  'submitting',
  'proposed',
  'merged',
  'applied',
  'ready',
];

const WAY_TO: Partial<Record<RequestState, RequestState[]>> = {
  failed: [...WAY.slice(0, 4), 'failed'],
  closed: [...WAY.slice(0, 2), 'closed'],
  withdrawn: [...WAY.slice(0, 2), 'withdrawn'],
};

const WAITING_FOR: Partial<Record<RequestState, string>> = {
  submitting: 'The pull request is being opened',
  proposed: 'A review by carla',
  merged: 'Flux has not fetched commit 4be1f09 yet',
  applied: 'The operator is at work: ProvisioningInProgress',
};

/** A request that has come as far as a state, by the usual way. */
export function aRequest(
  state: RequestState,
  overrides: Partial<StorageRequest> = {},
): StorageRequest {
  const way = WAY_TO[state] ?? WAY.slice(0, WAY.indexOf(state) + 1);
  const isProposed = state !== 'submitting';
  return {
    id: 'r-7k2m9',
    kind: 'bucket-create',
    subject: {
      type: 'bucket',
      tenant: 'atlas/storage/apps',
      // What a request is about has the name that was asked for.
      name: String(overrides.input?.bucket ?? 'checkout-receipts'),
    },
    stage: 1,
    stages: 1,
    input: {
      entityRef: 'component:default/invoices',
      tenant: 'atlas/storage/apps',
      bucket: 'checkout-receipts',
      quota: '10Gi',
      versioning: true,
      objectLock: false,
      purpose: 'Receipts as PDF',
      dataClass: 'confidential',
    },
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    createdAt: '2026-03-02T11:50:00.000Z',
    updatedAt: '2026-03-02T12:03:00.000Z',
    state,
    waitingFor: WAITING_FOR[state],
    ...(isProposed && {
      pullRequest: {
        number: 12,
        url: 'https://forge.example/acme/atlas/pulls/12',
        state:
          (state === 'proposed' && 'open') ||
          ((state === 'closed' || state === 'withdrawn') && 'closed') ||
          'merged',
        reviewers: ['carla'],
      },
    }),
    ...(state === 'failed' && {
      failure: {
        source: 'operator',
        reason: 'BucketProvisioningFailed',
        message:
          'bucket "checkout-receipts": object lock cannot be enabled on an existing bucket',
        hint: 'Ask for a bucket with another name and object lock, or without object lock.',
      },
    }),
    trail: way.map((step, index) => ({
      state: step,
      at: `2026-03-02T11:5${index}:00.000Z`,
      ...EVENTS[step],
    })),
    problems: [],
    ...overrides,
  };
}

export function someOptions(
  overrides: Partial<RequestOptions> = {},
): RequestOptions {
  return {
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    tenants: [
      {
        ref: 'atlas/storage/apps',
        title: 'Applications',
        namePattern: {
          regex: '^checkout-[a-z0-9-]+$',
          description: 'begin with checkout-',
          example: 'checkout-invoices',
        },
        maxQuota: '100Gi',
        defaultQuota: '10Gi',
        quotaRequired: true,
        objectLock: true,
        accessModes: ['read', 'write', 'read-write'],
        namespaces: ['checkout', 'checkout-jobs'],
      },
      {
        ref: 'borealis/storage/archive',
        title: 'Archive',
        quotaRequired: false,
        objectLock: true,
        accessModes: ['read'],
        namespaces: ['checkout'],
        unavailable: 'its server does not answer',
      },
    ],
    dataClasses: ['public', 'internal', 'confidential'],
    accessModes: ACCESS_MODES,
    secretForms: [...SECRET_FORMS],
    suggestedName: 'checkout-invoices-2',
    problems: [],
    ...overrides,
  };
}

export function aPreview(
  overrides: Partial<RequestPreview> = {},
): RequestPreview {
  return {
    repository: 'acme/atlas',
    branch: 'rustfs/r-7k2m9',
    baseBranch: 'main',
    title: 'Add bucket checkout-receipts to atlas/storage/apps',
    body: 'Asked for by ada.',
    reviewers: ['carla'],
    approvers: [],
    guardrails: [
      'The name begins with checkout-.',
      'The quota of 10 GiB is not more than 100 GiB.',
      'Team checkout may ask for buckets on Applications.',
    ],
    files: [
      {
        path: 'clusters/atlas/storage/apps.yaml',
        operation: 'update',
        diff: `--- a/clusters/atlas/storage/apps.yaml
+++ b/clusters/atlas/storage/apps.yaml
@@ -41,6 +41,8 @@ spec:
   buckets:
     - name: checkout-invoices
       # kept for ten years
       objectLock: true
+    - name: checkout-receipts
+      objectLock: false
     - name: media-thumbnails
       objectLock: false
`,
      },
      {
        path: 'clusters/atlas/storage/buckets/apps/checkout-receipts.yaml',
        operation: 'create',
        diff: `--- /dev/null
+++ b/clusters/atlas/storage/buckets/apps/checkout-receipts.yaml
@@ -0,0 +1,9 @@
+apiVersion: v1
+kind: ConfigMap
+metadata:
+  name: bucket.apps.checkout-receipts
+  namespace: storage
+data:
+  bucket: checkout-receipts
+  owner: group:default/checkout
+  quota: 10Gi
`,
      },
      {
        path: 'clusters/atlas/storage/kustomization.yaml',
        operation: 'update',
        diff: `--- a/clusters/atlas/storage/kustomization.yaml
+++ b/clusters/atlas/storage/kustomization.yaml
@@ -5,4 +5,5 @@ resources:
   - apps.yaml
   - buckets/apps/checkout-invoices.yaml
+  - buckets/apps/checkout-receipts.yaml
   - buckets/apps/media-thumbnails.yaml
   - platform.yaml
`,
      },
    ],
    ...overrides,
  };
}
