import {
  AccessRecord,
  SECRET_FORMS,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  FieldIssue,
  goTogether,
  KindContext,
  RequestKind,
} from '@rustfs-portal/plugin-rustfs-node';
import { accessCreate } from './accessCreate';
import { ACCESS_MODES } from './accessModes';
import { accessRevoke } from './accessRevoke';
import { bucketChange } from './bucketChange';
import { setupEnable } from './setupEnable';

const checkout = 'group:default/checkout';
const media = 'group:default/media';
const tenant = 'atlas/storage/apps';
const entityRef = 'component:default/invoices';

const access: AccessRecord = {
  access: 'invoices-reader',
  owner: checkout,
  entity: entityRef,
  purpose: 'reports',
  scope: { type: 'buckets', buckets: ['checkout-invoices'] },
  mode: 'read',
  policy: 'access-invoices-reader',
  accessKeyId: 'RFSAAAAAAAAAAAAAAAAA',
  consumer: {
    cluster: 'atlas',
    namespace: 'checkout',
    secret: 'invoices-s3',
    form: 'aws',
  },
  state: 'active',
  createdAt: '2026-11-01T00:00:00.000Z',
};

const context: KindContext = {
  entityRef,
  owner: checkout,
  guardrails: {
    allow: true,
    namePattern: {
      regex: 'checkout-[a-z0-9-]+',
      description: 'begin with checkout-',
      example: 'checkout-invoices',
    },
    maxQuota: '100Gi',
    quotaRequired: true,
    objectLock: true,
    accessModes: ['read', 'read-write'],
    namespaces: ['checkout', 'checkout-*'],
    secretForms: ['aws', 'velero', 'plain'],
  },
  tenant: {
    ref: tenant,
    buckets: [
      { name: 'checkout-invoices', owner: checkout, quotaBytes: 2 ** 30 },
      { name: 'checkout-exports', owner: checkout },
      { name: 'media-raw', owner: media },
      { name: 'legacy' },
    ],
    accesses: [access, { ...access, access: 'media-x', owner: media }],
    requested: { bucket: [], access: [], secret: [], setup: [] },
    users: { declared: 3, limit: 256 },
    policies: { declared: 255, limit: 256 },
  },
  secrets: [
    {
      cluster: 'atlas',
      namespace: 'checkout',
      secret: 'invoices-s3',
      tenant,
      access: 'invoices-reader',
      owner: checkout,
    },
    {
      cluster: 'atlas',
      namespace: 'checkout-prod',
      secret: 'media-s3',
      tenant: 'borealis/storage/archive',
      access: 'media-x',
      owner: media,
    },
  ],
  modes: ACCESS_MODES,
  forms: [...SECRET_FORMS],
  setup: {},
  clusters: ['atlas', 'borealis'],
  takesSecrets: ({ cluster }) => cluster === 'atlas',
  ownsPattern: pattern => pattern === 'checkout-*',
};

function issues<T>(kind: RequestKind<T>, input: object, change: object = {}) {
  return kind.check(kind.parse(input), { ...context, ...change });
}

/** What a person is told. */
function words(found: FieldIssue[]) {
  return found.map(({ field, message }) => ({ field, message }));
}

const wanted = {
  entityRef,
  tenant,
  access: 'invoices-writer',
  scope: { type: 'buckets', buckets: ['checkout-invoices'] },
  mode: 'read-write',
  consumer: { namespace: 'checkout-prod', secret: 'invoices-writer' },
  purpose: 'Invoices as PDF',
};
const newBucket = {
  bucket: 'checkout-drafts',
  quota: '1Gi',
  dataClass: 'internal',
};

describe('access-create', () => {
  it.each([
    ['a bucket of its own', {}],
    [
      'a prefix in one bucket',
      {
        scope: {
          type: 'prefix',
          bucket: 'checkout-invoices',
          prefix: '2026/11/',
        },
      },
    ],
    [
      'a bucket that is asked for with it',
      {
        scope: { type: 'buckets', buckets: ['checkout-drafts'] },
        newBuckets: [newBucket],
      },
    ],
    [
      'a bucket of another team',
      { scope: { type: 'buckets', buckets: ['media-raw'] }, mode: 'read' },
    ],
    [
      'other names for the keys of its Secret',
      {
        consumer: {
          ...wanted.consumer,
          form: 'plain',
          names: { bucket: 'BUCKET' },
        },
      },
    ],
  ])('may be asked for: %s', (_, change) => {
    expect(issues(accessCreate, { ...wanted, ...change })).toEqual([]);
  });

  it.each<[string, object, object, string, RegExp]>([
    [
      'an unknown bucket',
      { scope: { type: 'buckets', buckets: ['checkout-nowhere'] } },
      {},
      'scope',
      /no bucket checkout-nowhere on atlas\/storage\/apps; choose/,
    ],
    [
      'a bucket that is nobody’s',
      { scope: { type: 'buckets', buckets: ['legacy'] } },
      {},
      'scope',
      /Nobody is recorded as the owner of legacy/,
    ],
    [
      'a namespace that the guardrails do not give',
      { consumer: { ...wanted.consumer, namespace: 'kube-system' } },
      {},
      'consumer.namespace',
      /may have Secrets in checkout, checkout-\*, not in kube-system/,
    ],
    [
      'a Secret of another access',
      { consumer: { namespace: 'checkout', secret: 'invoices-s3' } },
      {},
      'consumer.secret',
      /that of access invoices-reader on atlas\/storage\/apps/,
    ],
    [
      'a Secret of an access on another tenant, of which nothing is told',
      { consumer: { namespace: 'checkout-prod', secret: 'media-s3' } },
      {},
      'consumer.secret',
      /^There is a Secret media-s3 in checkout-prod already; choose another name$/,
    ],
    [
      'a cluster that is not known',
      { consumer: { ...wanted.consumer, cluster: 'mars' } },
      {},
      'consumer.cluster',
      /choose one of atlas, borealis/,
    ],
    [
      'a cluster for which nobody has named a place',
      { consumer: { ...wanted.consumer, cluster: 'borealis' } },
      {},
      'consumer.cluster',
      /Nobody has said where Secrets .* of borealis .*rustfs\.consumers/,
    ],
    [
      'a form that is not offered',
      { consumer: { ...wanted.consumer, form: 'loki' } },
      {},
      'consumer.form',
      /choose one of aws, velero, plain/,
    ],
    [
      'a name for a key that the form has not',
      { consumer: { ...wanted.consumer, names: { nope: 'X' } } },
      {},
      'consumer.names',
      /has no key nope; it has AWS_ACCESS_KEY_ID/,
    ],
    [
      'two keys of one name',
      {
        consumer: {
          ...wanted.consumer,
          form: 'plain',
          names: { bucket: 'region' },
        },
      },
      {},
      'consumer.names',
      /cannot both be called region/,
    ],
    [
      'an access that exists',
      { access: 'invoices-reader' },
      {},
      'access',
      /already; choose another name/,
    ],
    [
      'a mode that is not offered',
      { mode: 'write' },
      {},
      'mode',
      /choose one of read, read-write/,
    ],
    [
      'a Tenant that is full',
      {},
      {
        tenant: { ...context.tenant, policies: { declared: 256, limit: 256 } },
      },
      'tenant',
      /has 256 policies, and takes at most 256/,
    ],
    [
      'a pattern that others may use',
      { scope: { type: 'pattern', pattern: 'invoices-*' } },
      {},
      'scope',
      /not group:default\/checkout's alone/,
    ],
    [
      'a tenant that is not for the owner',
      {},
      { guardrails: { ...context.guardrails, allow: false } },
      'tenant',
      /may not ask for access/,
    ],
    [
      'a new bucket that breaks the guardrails',
      {
        scope: { type: 'buckets', buckets: ['drafts'] },
        newBuckets: [{ ...newBucket, bucket: 'drafts' }],
      },
      {},
      'newBuckets.0.bucket',
      /begin with checkout-/,
    ],
    [
      'a new bucket that is there',
      {
        newBuckets: [{ ...newBucket, bucket: 'checkout-invoices' }],
      },
      {},
      'newBuckets.0.bucket',
      /already; choose another name/,
    ],
  ])('is refused with %s', (_, change, world, field, message) => {
    expect(
      words(issues(accessCreate, { ...wanted, ...change }, world)),
    ).toEqual([{ field, message: expect.stringMatching(message) }]);
  });

  it('tells a name that is taken from what may not be asked for', () => {
    expect(
      issues(accessCreate, { ...wanted, access: access.access }),
    ).toMatchObject([{ field: 'access', isTaken: true }]);
    expect(
      issues(accessCreate, {
        ...wanted,
        newBuckets: [{ ...newBucket, bucket: 'checkout-invoices' }],
      }),
    ).toMatchObject([{ field: 'newBuckets.0.bucket', isTaken: true }]);
  });

  it.each<[string, object, RegExp]>([
    [
      'a name that Kubernetes refuses',
      { access: 'Invoices' },
      /^Name of the access: Use 3/,
    ],
    [
      'a prefix that leads elsewhere',
      {
        scope: { type: 'prefix', bucket: 'checkout-invoices', prefix: '../b/' },
      },
      /^Buckets: A key prefix/,
    ],
    [
      'a prefix that matches more than it says',
      { scope: { type: 'prefix', bucket: 'checkout-invoices', prefix: 'a*/' } },
      /^Buckets: A key prefix/,
    ],
    [
      'a pattern that is all buckets',
      { scope: { type: 'pattern', pattern: '*' } },
      /^Buckets: A name pattern/,
    ],
    [
      'no bucket',
      { scope: { type: 'buckets', buckets: [] } },
      /Choose at least one/,
    ],
    [
      'a new bucket that it does not reach',
      { newBuckets: [newBucket] },
      /^Bucket name: The access does not reach checkout-drafts/,
    ],
    ['a word too many', { secretKey: 'x' }, /secretKey/],
  ])('cannot be read with %s', (_, change, message) => {
    expect(() => accessCreate.parse({ ...wanted, ...change })).toThrow(message);
  });

  it('names the teams whose buckets it reaches', () => {
    const input = accessCreate.parse({
      ...wanted,
      scope: { type: 'buckets', buckets: ['checkout-invoices', 'media-raw'] },
    });
    expect(accessCreate.foreign!(input, context)).toEqual([
      { owner: media, buckets: ['media-raw'] },
    ]);
  });

  it('shares the buckets that are there and holds new ones for itself', () => {
    const input = accessCreate.parse({
      ...wanted,
      scope: {
        type: 'buckets',
        buckets: ['checkout-invoices', 'checkout-drafts'],
      },
      newBuckets: [newBucket],
    });
    expect(accessCreate.claims(input, context)).toEqual([
      {
        type: 'access',
        name: 'invoices-writer',
        holds: 'existence',
        field: 'access',
      },
      {
        type: 'secret',
        name: 'atlas/checkout-prod/invoices-writer',
        holds: 'existence',
        field: 'consumer.secret',
      },
      {
        type: 'bucket',
        name: 'checkout-drafts',
        holds: 'existence',
        field: 'newBuckets.0.bucket',
      },
      {
        type: 'bucket',
        name: 'checkout-invoices',
        holds: 'use',
        field: 'scope',
      },
    ]);
  });

  it('holds new buckets under a pattern too, which names none', () => {
    const input = accessCreate.parse({
      ...wanted,
      scope: { type: 'pattern', pattern: 'checkout-*' },
      newBuckets: [newBucket],
    });
    expect(
      accessCreate
        .claims(input, context)
        .filter(({ type }) => type === 'bucket'),
    ).toEqual([
      {
        type: 'bucket',
        name: 'checkout-drafts',
        holds: 'existence',
        field: 'newBuckets.0.bucket',
      },
    ]);
  });

  it('declares bucket and access, with one user however often it is planned', () => {
    const request = {
      id: 'r-1',
      input: accessCreate.parse({
        ...wanted,
        scope: { type: 'buckets', buckets: ['checkout-drafts'] },
        newBuckets: [newBucket],
      }),
      entityRef,
      owner: checkout,
      requestedBy: 'user:default/ada',
      createdAt: '2026-11-29T10:00:00.000Z',
    };
    const declare = () =>
      accessCreate.declarations(
        request,
        { buckets: [], accesses: [] },
        context,
      );
    expect(declare()).toMatchObject([
      { type: 'bucket', name: 'checkout-drafts', quota: '1Gi' },
      {
        type: 'access',
        name: 'invoices-writer',
        accessKeyId: expect.stringMatching(/^RFS[A-Z2-7]{17}$/),
        consumer: { cluster: 'atlas', namespace: 'checkout-prod' },
        state: 'active',
      },
    ]);
    expect(declare()).toEqual(declare());
  });
});

describe('access-revoke', () => {
  const input = { entityRef, tenant, access: 'invoices-reader', purpose: 'x' };

  it('ends an access of the owner', () => {
    expect(issues(accessRevoke, input)).toEqual([]);
  });

  it.each([
    ['one of another team', { access: 'media-x' }],
    ['one that is not there', { access: 'nothing-here' }],
  ])('says the same of %s', (_, change) => {
    const [{ message }] = issues(accessRevoke, { ...input, ...change });
    expect(message).toBe(
      `${checkout} has no access ${change.access} on ${tenant}; choose one of its own`,
    );
  });

  it('holds the Secret until it ends, and its name for nobody else', () => {
    const revoked = accessRevoke.claims(input, context);
    expect(revoked).toEqual([
      {
        type: 'access',
        name: 'invoices-reader',
        holds: 'existence',
        field: 'access',
      },
      {
        type: 'secret',
        name: 'atlas/checkout/invoices-s3',
        holds: 'use',
        field: 'access',
      },
    ]);
    const again = accessCreate.claims(
      accessCreate.parse({
        ...wanted,
        access: 'another',
        consumer: { namespace: 'checkout', secret: 'invoices-s3' },
      }),
      context,
    );
    expect(
      again.filter(({ holds, name, type }) =>
        revoked.some(
          one =>
            one.type === type &&
            one.name === name &&
            !goTogether(one.holds, holds),
        ),
      ),
    ).toMatchObject([{ field: 'consumer.secret' }]);
  });

  it('does not end what has ended', () => {
    const tenantFacts = {
      ...context.tenant,
      accesses: [{ ...access, state: 'revoked' as const }],
    };
    expect(issues(accessRevoke, input, { tenant: tenantFacts })).toEqual([
      {
        field: 'access',
        message: expect.stringMatching(/has ended already/),
        isDone: true,
      },
    ]);
  });
});

describe('bucket-change', () => {
  const input = {
    entityRef,
    tenant,
    bucket: 'checkout-invoices',
    quota: '20Gi',
    purpose: 'It is full',
  };

  it('sets another quota', () => {
    expect(issues(bucketChange, input)).toEqual([]);
  });

  it.each([
    ['the same quota', { quota: '1Gi' }, 'quota', /is 1Gi already/],
    ['too much', { quota: '1Ti' }, 'quota', /At most 100 GiB/],
    ['none where one is needed', { quota: 'none' }, 'quota', /needs a quota/],
    ['a bucket of others', { bucket: 'media-raw' }, 'bucket', /has no bucket/],
    ['an unknown bucket', { bucket: 'nowhere' }, 'bucket', /has no bucket/],
  ])('refuses %s', (_, change, field, message) => {
    expect(words(issues(bucketChange, { ...input, ...change }))).toEqual([
      { field, message: expect.stringMatching(message) },
    ]);
  });

  it('tells what is so already from what may not be asked for', () => {
    expect(issues(bucketChange, { ...input, quota: '1Gi' })).toMatchObject([
      { field: 'quota', isDone: true },
    ]);
  });

  it('keeps everything else as it is declared', () => {
    const before = {
      type: 'bucket' as const,
      name: 'checkout-invoices',
      owner: checkout,
      entity: entityRef,
      purpose: 'Invoices',
      dataClass: 'internal',
      quota: '1Gi',
      versioning: true,
      objectLock: true,
    };
    const request = {
      id: 'r-2',
      input: bucketChange.parse(input),
      entityRef,
      owner: checkout,
      requestedBy: 'user:default/ada',
      createdAt: '2026-11-29T10:00:00.000Z',
    };
    expect(
      bucketChange.declarations(
        request,
        { buckets: [before], accesses: [] },
        context,
      ),
    ).toEqual([{ ...before, quota: '20Gi' }]);
  });
});

describe('setup-enable', () => {
  const image = `registry.example.org/rustfs-setup@sha256:${'0a'.repeat(32)}`;
  const known: KindContext['tenant'] = {
    ...context.tenant,
    setup: { namespace: 'storage-apps-setup' },
  };
  const asked = {
    entityRef,
    tenant,
    key: { secret: 'rustfs-setup-key' },
    purpose: 'Teams ask for buckets',
  };

  it('may be asked for where it is all that is missing, whatever guardrails say of buckets', () => {
    expect(
      issues(setupEnable, asked, {
        tenant: known,
        setup: { image },
        guardrails: { ...context.guardrails, allow: false },
      }),
    ).toEqual([]);
  });

  it.each<[string, object, object, Partial<FieldIssue>]>([
    [
      'an operator has the tenant',
      { layout: 'operator-tenant', setup: undefined },
      { image },
      { message: expect.stringContaining('is made already') },
    ],
    ['it is there', { layout: 'setup-folder' }, { image }, { isDone: true }],
    [
      'the tenant is not configured for it',
      { setup: undefined },
      { image },
      { message: expect.stringContaining('rustfs.tenants') },
    ],
    [
      'there is no image',
      {},
      {},
      { message: expect.stringContaining('rustfs.setup.image') },
    ],
  ])('may not when %s', (_, change, setup, issue) => {
    expect(
      issues(setupEnable, asked, { tenant: { ...known, ...change }, setup }),
    ).toEqual([expect.objectContaining({ field: 'tenant', ...issue })]);
  });

  it.each([
    ['a folder above the repository', { folder: 'a/../../b' }, /folder/],
    ['an address that is none', { endpoint: 'ftp://x' }, /endpoint/],
    ['a key by value', { key: { secret: 'x', value: 'hunter2' } }, /key/],
    ['an image of its own', { image }, /image/],
    ['a namespace of its own', { namespace: 'kube-system' }, /namespace/],
  ])('refuses %s', (_, change, reason) => {
    expect(() => setupEnable.parse({ ...asked, ...change })).toThrow(reason);
  });

  it('holds the setup of the tenant, and is the blueprint with the image of the portal', () => {
    const input = setupEnable.parse(asked);
    expect(setupEnable.claims(input, context)).toEqual([
      { type: 'setup', name: 'apps', holds: 'existence', field: 'tenant' },
    ]);
    expect(
      setupEnable.declarations(
        {
          id: 'a1',
          input,
          entityRef,
          owner: checkout,
          requestedBy: 'user:default/ada',
          createdAt: '2026-11-01T00:00:00.000Z',
        },
        { buckets: [], accesses: [] },
        { ...context, setup: { image } },
      ),
    ).toEqual([
      {
        type: 'blueprint',
        blueprint: 'enable-setup',
        input: {
          tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
          folder: undefined,
          endpoint: undefined,
          key: {
            secret: 'rustfs-setup-key',
            accessKey: 'accesskey',
            secretKey: 'secretkey',
          },
          image,
          network: { type: 'none' },
        },
      },
    ]);
  });
});
