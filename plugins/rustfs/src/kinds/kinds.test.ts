import { mockTranslation } from '../__testUtils__/mockTranslation';
import {
  aBucket,
  anAccess,
  aRequest,
  aStorage,
} from '../__testUtils__/fixtures';
import { readForm } from '../lib/form';
import { findKind, kindOf } from './kinds';

const t = mockTranslation;

const BUCKET_FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  bucket: 'checkout-receipts',
  quota: '',
  versioning: true,
  objectLock: false,
  purpose: 'Receipts as PDF',
  dataClass: 'internal',
};

const ACCESS_FORM = {
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  access: 'invoices-reader',
  mode: 'read',
  purpose: 'Read receipts',
  consumer: { namespace: 'checkout', secret: 'invoices-s3', form: 'aws' },
};

function requestOf(kind: string, form: object) {
  return findKind(kind)?.readForm(readForm(form))?.request;
}

const CHANGE = aRequest('ready', {
  kind: 'bucket-change',
  subject: {
    type: 'bucket',
    tenant: 'atlas/storage/apps',
    name: 'checkout-invoices',
  },
  input: {
    entityRef: 'component:default/invoices',
    tenant: 'atlas/storage/apps',
    bucket: 'checkout-invoices',
    quota: '100Gi',
    purpose: 'Nearly full',
  },
});

describe('forms of kinds', () => {
  it('make no request before they are filled in', () => {
    for (const kind of [
      'bucket-create',
      'bucket-change',
      'access-create',
      'access-revoke',
      'setup-enable',
    ]) {
      expect(
        requestOf(kind, { entityRef: 'component:default/a' }),
      ).toBeUndefined();
    }
  });

  it('send their kind, and nothing that another form left behind', () => {
    const { quota, ...asked } = BUCKET_FORM;
    expect(
      requestOf('bucket-create', { ...ACCESS_FORM, ...BUCKET_FORM }),
    ).toEqual({ kind: 'bucket-create', ...asked });
    expect(
      requestOf('access-revoke', { ...BUCKET_FORM, ...ACCESS_FORM }),
    ).toEqual({
      kind: 'access-revoke',
      entityRef: ACCESS_FORM.entityRef,
      tenant: ACCESS_FORM.tenant,
      access: ACCESS_FORM.access,
      purpose: ACCESS_FORM.purpose,
    });
  });

  it('ask for self-service with what was left empty left out', () => {
    const { entityRef, purpose, tenant } = BUCKET_FORM;
    expect(
      requestOf('setup-enable', {
        ...BUCKET_FORM,
        key: { secret: 'rustfs-setup-key', accessKey: '' },
        folder: '',
        endpoint: 'http://rustfs-svc.storage.svc:9000',
      }),
    ).toEqual({
      kind: 'setup-enable',
      entityRef,
      purpose,
      tenant,
      endpoint: 'http://rustfs-svc.storage.svc:9000',
      key: {
        secret: 'rustfs-setup-key',
        accessKey: 'accesskey',
        secretKey: 'secretkey',
      },
      network: 'none',
    });
  });

  it('ask for no quota when the field of a change is emptied', () => {
    expect(requestOf('bucket-change', BUCKET_FORM)).toMatchObject({
      kind: 'bucket-change',
      bucket: 'checkout-receipts',
      quota: 'none',
    });
  });

  it('ask for access to the buckets that are chosen', () => {
    expect(
      requestOf('access-create', {
        ...ACCESS_FORM,
        scope: {
          type: 'prefix',
          // Of a choice before.
          buckets: ['checkout-invoices'],
          bucket: 'media',
          prefix: 'team-a/',
        },
      }),
    ).toEqual({
      kind: 'access-create',
      ...ACCESS_FORM,
      scope: { type: 'prefix', bucket: 'media', prefix: 'team-a/' },
      newBuckets: [],
    });
  });

  it('ask for a new bucket together with the access to it', () => {
    expect(
      requestOf('access-create', {
        ...ACCESS_FORM,
        ...BUCKET_FORM,
        quota: '10Gi',
      }),
    ).toMatchObject({
      kind: 'access-create',
      scope: { type: 'buckets', buckets: ['checkout-receipts'] },
      newBuckets: [
        {
          bucket: 'checkout-receipts',
          quota: '10Gi',
          versioning: true,
          objectLock: false,
          dataClass: 'internal',
        },
      ],
    });
  });
});

describe('kindOf', () => {
  it('fills the form in again, without the name where that is taken', () => {
    const { form } = kindOf(aRequest('failed'));
    expect(form?.template).toBe('request-bucket');
    expect(form?.fillIn({ needsOtherName: false })).toMatchObject({
      bucket: 'checkout-receipts',
      quota: '10Gi',
    });
    expect(form?.fillIn({ needsOtherName: true }).bucket).toBeUndefined();
  });

  it('asks again for a bucket with access in the form that has both', () => {
    const { form } = kindOf(
      aRequest('closed', {
        kind: 'access-create',
        input: {
          ...ACCESS_FORM,
          scope: { type: 'buckets', buckets: ['checkout-receipts'] },
          newBuckets: [
            {
              bucket: 'checkout-receipts',
              versioning: false,
              objectLock: false,
              dataClass: 'internal',
            },
          ],
        },
      }),
    );
    expect(form?.template).toBe('request-storage');
    const filledIn = form!.fillIn({ needsOtherName: false });
    expect(filledIn).toMatchObject({ bucket: 'checkout-receipts', quota: '' });
    expect(requestOf('access-create', filledIn)).toMatchObject({
      access: ACCESS_FORM.access,
      newBuckets: [{ bucket: 'checkout-receipts' }],
    });
  });

  it('knows when an answer shows what was made', () => {
    const GIB = 2 ** 30;
    const withQuota = (quotaBytes: number) =>
      aStorage({
        buckets: [aBucket({ live: { ...aBucket().live!, quotaBytes } })],
      });
    expect(kindOf(CHANGE).isShown(withQuota(50 * GIB))).toBe(false);
    expect(kindOf(CHANGE).isShown(withQuota(100 * GIB))).toBe(true);
    const revoked = aRequest('ready', {
      kind: 'access-revoke',
      subject: {
        type: 'access',
        tenant: 'atlas/storage/apps',
        name: 'invoices',
      },
      input: ACCESS_FORM,
    });
    expect(kindOf(revoked).isShown(aStorage())).toBe(false);
    expect(
      kindOf(revoked).isShown(
        aStorage({ accesses: [anAccess({ state: 'revoked' })] }),
      ),
    ).toBe(true);
  });

  it('says of a kind that another package adds what can be said of any', () => {
    const kind = kindOf(
      aRequest('ready', {
        kind: 'tenant-create',
        input: {
          entityRef: 'component:default/invoices',
          tenant: 'atlas/storage/apps',
          purpose: 'A tenant of our own',
          drives: 4,
          pools: [{ servers: 4 }],
        },
      }),
    );
    expect(kind.title(t)).toBe('tenant-create');
    expect(kind.facts(t)).toEqual([['drives', '4']]);
    expect(kind.form).toBeUndefined();
    expect(kind.end).toBeUndefined();
    expect(kind.isShown(aStorage())).toBe(true);
  });
});
