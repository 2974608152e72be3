import {
  getEntityStorageAnnotations,
  getRepresentedTenant,
} from './annotations';

const entity = (annotations?: Record<string, string>) => ({
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', annotations },
});

describe('getEntityStorageAnnotations', () => {
  it('says when there are none', () => {
    expect(getEntityStorageAnnotations(entity())).toEqual({
      annotated: false,
      tenants: [],
      buckets: [],
    });
  });

  it('puts buckets on the tenant that is named', () => {
    expect(
      getEntityStorageAnnotations(
        entity({
          'rustfs.com/tenant': 'atlas/storage/apps',
          'rustfs.com/buckets': 'one, two,one,',
        }),
      ),
    ).toEqual({
      annotated: true,
      tenants: ['atlas/storage/apps'],
      buckets: [
        { tenant: 'atlas/storage/apps', bucket: 'one' },
        { tenant: 'atlas/storage/apps', bucket: 'two' },
      ],
    });
  });

  it('reads an annotation of any length without holding up everybody else', () => {
    const names = Array.from({ length: 100_000 }, (_, n) => `bucket-${n}`);
    const started = performance.now();
    const { buckets } = getEntityStorageAnnotations(
      entity({
        'rustfs.com/tenant': 'atlas/storage/apps',
        'rustfs.com/buckets': names.join(','),
      }),
    );
    expect(buckets).toHaveLength(names.length);
    // Comparing each with all before it takes half a minute.
    expect(performance.now() - started).toBeLessThan(5_000);
  });

  it('reads buckets on several tenants', () => {
    expect(
      getEntityStorageAnnotations(
        entity({
          'rustfs.com/buckets':
            'atlas/storage/apps:one,borealis/storage/ml:one',
        }),
      ).buckets,
    ).toEqual([
      { tenant: 'atlas/storage/apps', bucket: 'one' },
      { tenant: 'borealis/storage/ml', bucket: 'one' },
    ]);
  });

  it.each([
    [{ 'rustfs.com/tenant': 'apps' }, /rustfs.com\/tenant.*cluster\/namespace/],
    [{ 'rustfs.com/buckets': 'one' }, /rustfs.com\/buckets.*without a tenant/],
    [{ 'rustfs.com/buckets': 'x/y:one' }, /rustfs.com\/buckets.*expected/],
  ])('names the annotation that cannot be read: %j', (annotations, message) => {
    expect(() => getEntityStorageAnnotations(entity(annotations))).toThrow(
      message,
    );
  });
});

describe('getRepresentedTenant', () => {
  const resource = (type: string) => ({
    ...entity({ 'rustfs.com/tenant': 'atlas/storage/apps' }),
    kind: 'Resource',
    spec: { type },
  });

  it('tells the tenant itself from what is on it', () => {
    expect(getRepresentedTenant(resource('rustfs-tenant'))).toBe(
      'atlas/storage/apps',
    );
    expect(getRepresentedTenant(resource('s3-bucket'))).toBeUndefined();
    expect(
      getRepresentedTenant({ ...resource('rustfs-tenant'), kind: 'Component' }),
    ).toBeUndefined();
  });
});
