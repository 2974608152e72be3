import { FoundTenant } from './ClusterTenantSource';
import { mergeTenants } from './mergeTenants';

const REF = 'atlas/storage/apps';
const operator: FoundTenant = {
  facts: {
    ref: REF,
    workload: { kind: 'Tenant', namespace: 'storage', name: 'apps' },
    layout: 'operator-tenant',
    condition: { state: 'ready' },
    endpoints: { inCluster: 'http://apps-io.storage.svc:9000' },
    items: [
      {
        type: 'bucket',
        name: 'harbor',
        listed: true,
        verdict: { state: 'ready' },
      },
    ],
  },
};

function merge(first: FoundTenant, other: FoundTenant) {
  return mergeTenants([
    { title: 'the RustFS operator', found: [first] },
    { title: 'rustfs.tenants', found: [other] },
  ]);
}

describe('a tenant that two sources have', () => {
  it('is one, with the addresses that somebody has written', () => {
    const { problems, tenants } = merge(operator, {
      isAddition: true,
      facts: {
        ref: REF,
        endpoints: { inCluster: undefined, external: 'https://s3.acme.org' },
      },
    });
    expect(problems).toEqual([]);
    expect(tenants).toHaveLength(1);
    expect(tenants[0].facts).toMatchObject({
      ...operator.facts,
      endpoints: {
        inCluster: 'http://apps-io.storage.svc:9000',
        external: 'https://s3.acme.org',
      },
      records: [],
    });
  });

  it('has what is declared from the other where the first declares nothing', () => {
    const { layout, items, ...minio } = operator.facts;
    const { problems, tenants } = merge(
      { facts: minio },
      {
        claimsLayout: true,
        facts: {
          ref: REF,
          endpoints: {},
          layout: 'setup-folder',
          records: [{ bucket: 'logs' }],
        },
      },
    );
    expect(problems).toEqual([]);
    expect(tenants[0].facts).toMatchObject({
      workload: minio.workload,
      layout: 'setup-folder',
      records: [{ bucket: 'logs' }],
    });
  });

  it.each<[string, Partial<FoundTenant>, RegExp]>([
    [
      'another workload',
      {
        facts: {
          ref: REF,
          endpoints: {},
          workload: { kind: 'Deployment', namespace: 'storage', name: 'apps' },
        },
      },
      /with Tenant storage\/apps and Deployment storage\/apps: what the RustFS operator says counts/,
    ],
    [
      'another place where storage is declared',
      {
        claimsLayout: true,
        facts: { ref: REF, endpoints: {}, records: [{ bucket: 'smuggled' }] },
      },
      /two places where storage is declared/,
    ],
  ])('is said to have %s, and the first counts', (_, other, words) => {
    const { problems, tenants } = merge(operator, {
      facts: { ref: REF },
      ...other,
    });
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'tenant-conflict',
        part: REF,
        message: expect.stringMatching(words),
      }),
    ]);
    expect(tenants[0].facts).toMatchObject({ ...operator.facts, records: [] });
  });

  it('is none where one only adds to what nobody has found', () => {
    expect(
      mergeTenants([
        {
          title: 'rustfs.tenants',
          found: [{ isAddition: true, facts: { ref: REF } }],
        },
      ]).tenants,
    ).toEqual([]);
  });
});
