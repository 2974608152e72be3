import { bucketRequestSchema } from './requests';

const request = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  bucket: 'checkout-invoices',
  quota: '10Gi',
  purpose: 'Invoices as PDF',
  dataClass: 'confidential',
};

describe('bucketRequestSchema', () => {
  it('fills in what may be left out', () => {
    expect(bucketRequestSchema.parse(request)).toEqual({
      ...request,
      versioning: false,
      objectLock: false,
    });
  });

  it('takes off blanks, so that everybody compares the same text', () => {
    const { tenant, quota } = bucketRequestSchema.parse({
      ...request,
      tenant: ' atlas/storage/apps ',
      quota: '10Gi\n',
    });
    expect([tenant, quota]).toEqual(['atlas/storage/apps', '10Gi']);
  });

  it.each([
    ['51200Mi', '50Gi'],
    ['1073741824', '1Gi'],
    ['0.5Gi', '512Mi'],
    ['1e9', '1G'],
  ])('writes each quota in one way: %s is %s', (quota, written) => {
    expect(bucketRequestSchema.parse({ ...request, quota }).quota).toBe(
      written,
    );
  });

  it.each(['1GiB', '1 Gi', '-1', '1n', 'much'])(
    'refuses the quota %s with an example',
    quota => {
      const { error } = bucketRequestSchema.safeParse({ ...request, quota });
      expect(error!.issues).toMatchObject([
        { path: ['quota'], message: expect.stringContaining('50Gi') },
      ]);
    },
  );

  it('takes no tenant that the ledger could not keep', () => {
    const tenant = `${'a'.repeat(200)}/storage/apps`;
    const { error } = bucketRequestSchema.safeParse({ ...request, tenant });
    expect(error!.issues).toMatchObject([
      { path: ['tenant'], message: expect.stringContaining('at most 191') },
    ]);
  });

  it('says of each missing field what is expected', () => {
    const { error } = bucketRequestSchema.safeParse({});
    expect(
      error!.issues.map(({ path, message }) => [path[0], message]),
    ).toEqual([
      ['entityRef', expect.stringContaining('component:default/invoices')],
      ['tenant', expect.stringContaining('prod/storage/media')],
      ['bucket', expect.stringContaining('checkout-invoices')],
      ['purpose', expect.stringContaining('invoices as PDF')],
      ['dataClass', expect.stringContaining('internal')],
    ]);
  });

  it.each([
    ['quota', 5, /50Gi/],
    ['versioning', 'yes', /true or false/],
    ['entityRef', 'invoices', /component:default\/invoices/],
    ['tenant', 'apps', /cluster\/namespace\/name/],
    ['bucket', 'Invoices', /lower-case/],
    ['quota', 'much', /50Gi/],
    ['quota', `${'0'.repeat(40)}10Gi`, /30 characters/],
    ['purpose', '  ', /what the bucket is for/],
    ['purpose', 'one\ntwo', /one line/],
    ['dataClass', 'secret', /public, internal, confidential/],
    ['owner', 'group:default/other', /owner/],
  ])(
    'refuses %s = "%s" with the field and a reason',
    (field, value, reason) => {
      const { error } = bucketRequestSchema.safeParse({
        ...request,
        [field]: value,
      });
      const issue = error!.issues[0];
      expect([...issue.path, issue.message].join(' ')).toMatch(reason);
      expect(issue.path[0] ?? field).toBe(field);
    },
  );
});
