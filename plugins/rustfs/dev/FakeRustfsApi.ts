import {
  AccessView,
  BucketView,
  checkBucketName,
  EntityStorage,
  NameCheck,
  RequestState,
  RustfsApi,
  StorageRequest,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  aBucket,
  aPreview,
  aRequest,
  anAccess,
  aStorage,
  aTenant,
  someOptions,
} from '../src/__testUtils__/fixtures';

const GIB = 2 ** 30;

const ENTITY = 'component:default/invoices';

/** Answers as a portal would, with every state that the pages know. */
export class FakeRustfsApi implements RustfsApi {
  readonly #started = Date.now();

  async getEntityStorage(entityRef: string): Promise<EntityStorage> {
    await wait(600);
    const name = entityRef.split('/')[1];
    const asOf = new Date().toISOString();
    const storage = { ...aStorage({ entityRef }), asOf };
    switch (name) {
      case 'loading':
        return new Promise(() => {});
      case 'empty':
        return { ...storage, buckets: [], accesses: [] };
      case 'checkout-web':
        return {
          ...storage,
          annotated: false,
          tenants: [],
          buckets: [],
          suggestedAnnotations: {
            'rustfs.com/tenant': 'atlas/storage/apps',
            'rustfs.com/buckets': 'checkout-web-assets',
          },
        };
      case 'not-allowed':
        throw refusal('NotAllowedError', 403, 'Not allowed');
      case 'broken':
        throw refusal(
          'ServiceUnavailableError',
          503,
          'The catalog does not answer: connect ECONNREFUSED',
        );
      case 'media-archive':
        return {
          ...storage,
          mayRequest: false,
          mayRequestAccess: false,
          ...archiveIsDown(asOf),
        };
      default:
        return {
          ...storage,
          tenants: [aTenant({ asOf })],
          buckets: [...invoiceBuckets(), ...this.#newBucket()],
          accesses: accesses().filter(access => access.entity === ENTITY),
        };
    }
  }

  async getRequestOptions(entityRef: string) {
    await wait(300);
    return someOptions({ entityRef });
  }

  async checkBucketName(query: { bucket: string }): Promise<NameCheck> {
    await wait(500);
    const { bucket } = query;
    const issues = checkBucketName(bucket);
    if (!bucket.startsWith('checkout-')) {
      issues.push({
        code: 'pattern',
        message:
          'Names here begin with checkout-, for example checkout-invoices.',
      });
    }
    if (bucket === 'checkout-invoices') {
      issues.push({
        code: 'exists',
        message: 'atlas/storage/apps has a bucket checkout-invoices already.',
      });
    }
    return {
      ok: !issues.length,
      issues,
      suggestion: issues.length ? 'checkout-invoices-2' : undefined,
      problems: [],
    };
  }

  async previewRequest() {
    await wait(900);
    return aPreview();
  }

  async createRequest() {
    return aRequest('submitting');
  }

  async listRequests(query: Parameters<RustfsApi['listRequests']>[0] = {}) {
    await wait(300);
    const items = this.#requests().filter(
      request =>
        (!query.entityRef || request.entityRef === query.entityRef) &&
        (!query.state || query.state.includes(request.state)) &&
        (!query.mine || request.requestedBy === 'user:default/ada'),
    );
    return { items: items.slice(0, query.limit), total: items.length };
  }

  async getRequest(id: string) {
    await wait(300);
    const request = this.#requests().find(r => r.id === id);
    if (!request) {
      throw refusal('NotFoundError', 404, `There is no request ${id}`);
    }
    return request;
  }

  async withdrawRequest(id: string) {
    return { ...(await this.getRequest(id)), state: 'withdrawn' as const };
  }

  async reopenRequest(id: string) {
    return { ...(await this.getRequest(id)), state: 'proposed' as const };
  }

  async decideOnCommit(id: string) {
    return { ...(await this.getRequest(id)), foreignCommit: undefined };
  }

  async listTenants() {
    await wait(500);
    return {
      items: tenants(),
      problems: [
        {
          code: 'tenant-unreachable',
          part: 'borealis/storage/archive',
          message: 'Its server did not answer within 3 s.',
          hint: 'Look at its pods, or wait: it is asked again every 30 s.',
        },
      ],
      asOf: new Date().toISOString(),
      freshness: 'live' as const,
    };
  }

  async getTenant(ref: string) {
    return tenants().find(tenant => tenant.ref === ref) ?? aTenant({ ref });
  }

  async listBuckets() {
    await wait(500);
    return {
      items: [...invoiceBuckets(), ...manyBuckets()],
      problems: [],
      asOf: new Date().toISOString(),
      freshness: 'live' as const,
    };
  }

  async listAccesses() {
    await wait(500);
    return {
      items: accesses(),
      problems: [],
      asOf: new Date().toISOString(),
      freshness: 'live' as const,
    };
  }

  #moving(): RequestState {
    const way: RequestState[] = [
      'submitting',
      'proposed',
      'merged',
      'applied',
      'ready',
    ];
    const step = Math.floor((Date.now() - this.#started) / 12_000) + 1;
    return way[Math.min(step, way.length - 1)];
  }

  #newBucket(): BucketView[] {
    const state = this.#moving();
    if (state !== 'applied' && state !== 'ready') {
      return [];
    }
    return [
      aBucket({
        name: 'checkout-receipts',
        state: state === 'ready' ? 'ready' : 'pending',
        reason: state === 'ready' ? undefined : 'ProvisioningInProgress',
        live:
          state === 'ready'
            ? { versioning: 'enabled', objectLock: false }
            : undefined,
      }),
    ];
  }

  #requests(): StorageRequest[] {
    const now = Date.now();
    const ago = (minutes: number) =>
      new Date(now - minutes * 60_000).toISOString();
    const moving = { id: 'r-7k2m9', createdAt: ago(2), updatedAt: ago(0) };
    return [
      aRequest(this.#moving(), moving),
      aRequest('proposed', {
        id: 'r-2b8qx',
        createdAt: ago(60 * 26),
        input: { ...aRequest('ready').input, bucket: 'checkout-exports' },
        stalled:
          'Nothing has moved for more than 1 day, which is longer than usual',
      }),
      aRequest('failed', {
        id: 'r-5d1zz',
        createdAt: ago(60 * 50),
        input: { ...aRequest('ready').input, bucket: 'checkout-audit' },
      }),
      aRequest('ready', {
        id: 'r-0p3vn',
        createdAt: ago(60 * 200),
        input: { ...aRequest('ready').input, bucket: 'checkout-invoices' },
      }),
      aRequest('proposed', {
        id: 'r-3c7ya',
        kind: 'access-create',
        subject: {
          type: 'access',
          tenant: 'atlas/storage/apps',
          name: 'invoices-reader',
        },
        createdAt: ago(60 * 60),
        input: {
          entityRef: ENTITY,
          tenant: 'atlas/storage/apps',
          access: 'invoices-reader',
          scope: { type: 'buckets', buckets: ['media-originals'] },
          newBuckets: [],
          mode: 'read',
          consumer: {
            namespace: 'checkout',
            secret: 'invoices-read',
            form: 'aws',
          },
          purpose: 'Pictures on invoices',
        },
      }),
      aRequest('closed', {
        id: 'r-9w4kt',
        createdAt: ago(60 * 300),
        entityRef: 'component:default/feature-store',
        owner: 'group:default/insights',
        requestedBy: 'user:default/bruno',
        input: { ...aRequest('ready').input, bucket: 'feature-scratch' },
      }),
    ];
  }
}

function invoiceBuckets(): BucketView[] {
  const bucket = aBucket();
  return [
    bucket,
    aBucket({
      name: 'checkout-audit-log',
      declared: { ...bucket.declared!, objectLock: true },
      live: {
        ...bucket.live!,
        sizeBytes: 8.4 * GIB,
        quotaBytes: 10 * GIB,
        objectLock: true,
        versioning: 'suspended',
        objects: 1_204_332,
      },
      drift: [
        { field: 'quota', declared: '50 GiB', live: '10 GiB' },
        { field: 'versioning', declared: 'on', live: 'suspended' },
      ],
    }),
    aBucket({
      name: 'checkout-tmp',
      state: 'undeclared',
      declared: undefined,
      live: {
        sizeBytes: 301_220,
        objects: 12,
        versioning: 'off',
        objectLock: false,
      },
    }),
    aBucket({
      name: 'checkout-failed',
      state: 'failed',
      reason: 'BucketProvisioningFailed',
      message: 'bucket "checkout-failed": access denied',
      live: undefined,
    }),
  ];
}

/** One access in each state. */
function accesses(): AccessView[] {
  const ready = anAccess();
  return [
    ready,
    anAccess({
      name: 'invoices-reader',
      mode: 'read',
      scope: { type: 'prefix', bucket: 'checkout-invoices', prefix: 'paid/' },
      consumer: { ...ready.consumer, secret: 'invoices-read', form: 'plain' },
      state: 'pending',
      reason: 'ProvisioningInProgress',
      message: 'The operator has not seen this version of the Tenant yet',
      createdAt: new Date().toISOString(),
    }),
    anAccess({
      name: 'invoices-disabled',
      state: 'failed',
      reason: 'UserDisabled',
      message: 'Its user is disabled on the server: its key does not work',
      drift: [{ field: 'status', declared: 'enabled', live: 'disabled' }],
    }),
    anAccess({
      name: 'invoices-gone',
      state: 'missing',
      reason: 'UserAbsent',
      message: 'The server does not have its user any more',
    }),
    anAccess({
      name: 'invoices-ending',
      state: 'pending',
      reason: 'ProvisioningInProgress',
      revokedAt: new Date().toISOString(),
    }),
    anAccess({
      name: 'invoices-ended',
      state: 'revoked',
      createdAt: '2024-01-10T09:00:00.000Z',
      revokedAt: '2026-01-10T09:00:00.000Z',
      stillOpenThrough: ['checkout-invoices'],
    }),
    anAccess({
      name: 'loki',
      tenant: 'atlas/storage/platform',
      entity: 'component:default/loki',
      owner: 'group:default/platform',
      scope: { type: 'pattern', pattern: 'loki-*' },
      consumer: {
        cluster: 'atlas',
        namespace: 'loki',
        secret: 'loki-s3',
        form: 'loki',
      },
      createdAt: '2024-06-01T09:00:00.000Z',
    }),
  ];
}

function archiveIsDown(asOf: string): Partial<EntityStorage> {
  const staleSince = new Date(Date.parse(asOf) - 40 * 60_000).toISOString();
  return {
    tenants: [tenants()[3]],
    buckets: [
      aBucket({
        tenant: 'borealis/storage/archive',
        name: 'media-archive',
        state: 'unknown',
        live: undefined,
        freshness: 'stale',
        asOf: staleSince,
      }),
    ],
    problems: [
      {
        code: 'tenant-unreachable',
        part: 'borealis/storage/archive',
        message: 'Its server did not answer within 3 s.',
        hint: 'What Git declares is shown; sizes come back with the server.',
      },
    ],
    freshness: 'stale',
    asOf: staleSince,
  };
}

function tenants(): TenantView[] {
  const asOf = new Date().toISOString();
  return [
    aTenant({ asOf }),
    aTenant({ ref: 'atlas/storage/platform', buckets: 31, asOf }),
    aTenant({
      ref: 'borealis/storage/ml',
      state: 'degraded',
      reason: 'DrivesOffline',
      message: '1 of 4 drives is offline; reads and writes still work.',
      drives: { online: 3, total: 4 },
      capacity: { usedBytes: 1790 * GIB, totalBytes: 2048 * GIB },
      asOf,
    }),
    aTenant({
      ref: 'borealis/storage/archive',
      state: 'unreachable',
      reason: 'NoAnswer',
      message: 'The server did not answer within 3 s.',
      version: undefined,
      capacity: undefined,
      drives: undefined,
      buckets: undefined,
      objects: undefined,
      asOf,
      freshness: 'stale',
    }),
  ];
}

function manyBuckets(): BucketView[] {
  return Array.from({ length: 20_000 }, (_, index) => {
    const bucket = aBucket({
      name: `service-${String(index).padStart(5, '0')}`,
      tenant: tenants()[index % 2].ref,
      owner: index % 7 ? `group:default/team-${index % 40}` : undefined,
    });
    return {
      ...bucket,
      live: { ...bucket.live!, sizeBytes: ((index * 37) % 52) * GIB },
    };
  });
}

function refusal(name: string, statusCode: number, message: string): Error {
  return Object.assign(new Error(`Request failed with ${statusCode}`), {
    name: 'ResponseError',
    statusCode,
    cause: Object.assign(new Error(message), { name }),
    response: { headers: new Headers({ 'x-request-id': '6f1c-02aa' }) },
  });
}

function wait(ms: number): Promise<void> {
  return new Promise(resolve => {
    setTimeout(resolve, ms);
  });
}
