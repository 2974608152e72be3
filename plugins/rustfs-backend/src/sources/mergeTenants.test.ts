import { FoundTenant } from './ClusterTenantSource';
import { mergeTenants } from './mergeTenants';

const REF = 'atlas/storage/apps';
const operator: FoundTenant = {
  declaredIn: { namespace: 'storage', tenant: 'apps' },
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
        declaredIn: { namespace: 'apps-setup', tenant: 'apps' },
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

  it('is said to have another workload, and the first counts', () => {
    const { problems, tenants } = merge(operator, {
      facts: {
        ref: REF,
        endpoints: {},
        workload: { kind: 'Deployment', namespace: 'storage', name: 'apps' },
      },
    });
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'tenant-conflict',
        part: REF,
        message: expect.stringMatching(
          /with Tenant storage\/apps and Deployment storage\/apps: what the RustFS operator says counts/,
        ),
      }),
    ]);
    expect(tenants[0].facts).toMatchObject({ ...operator.facts, records: [] });
  });

  it('has nothing declared where both declare it: the first may be forged', () => {
    const { problems, tenants } = merge(
      {
        ...operator,
        facts: {
          ...operator.facts,
          place: { said: {} } as never,
          records: [{ bucket: 'forged' }] as never,
        },
      },
      {
        declaredIn: { namespace: 'apps-setup', tenant: 'apps' },
        facts: {
          ref: REF,
          endpoints: {},
          layout: 'setup-folder',
          setup: { namespace: 'apps-setup', records: [] },
          records: [{ bucket: 'smuggled' }] as never,
        },
      },
    );
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'tenant-conflict',
        part: REF,
        message: expect.stringMatching(
          /two places where storage is declared: nothing that they declare counts/,
        ),
      }),
    ]);
    expect(tenants[0].facts).toEqual({
      ref: REF,
      workload: operator.facts.workload,
      condition: operator.facts.condition,
      endpoints: operator.facts.endpoints,
      obstacle: { code: 'declared-twice' },
      unlisted: expect.objectContaining({ reason: 'DeclaredTwice' }),
      items: [],
      records: [],
      unreadRecords: [],
      accesses: [],
      unreadAccesses: [],
    });
  });

  it('does not share its records with a tenant of that name elsewhere', () => {
    const other: FoundTenant = {
      declaredIn: { namespace: 'storage', tenant: 'apps' },
      facts: {
        ref: 'atlas/elsewhere/apps',
        layout: 'setup-folder',
        records: [{ bucket: 'harbor' }] as never,
      },
    };
    const { problems, tenants } = merge(operator, other);
    expect(problems.map(({ part }) => part)).toEqual([
      REF,
      'atlas/elsewhere/apps',
    ]);
    for (const { facts } of tenants) {
      expect(facts).toMatchObject({
        records: [],
        items: [],
        obstacle: { code: 'declared-twice' },
      });
      expect(facts.layout).toBeUndefined();
    }
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
