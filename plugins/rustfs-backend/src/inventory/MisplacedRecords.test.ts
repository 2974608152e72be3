import { mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AccessView, BucketView } from '@rustfs-portal/plugin-rustfs-common';
import { MisplacedRecords } from './MisplacedRecords';

const seen = { asOf: '2026-01-01T00:00:00.000Z', freshness: 'live' as const };

function bucket(name: string, more: Partial<BucketView> = {}): BucketView {
  const tenant = 'atlas/storage/apps';
  return {
    ...seen,
    id: `${tenant}:${name}`,
    tenant,
    name,
    state: 'ready',
    drift: [],
    entity: 'component:default/invoices',
    ...more,
  };
}

function access(name: string, owner: string): AccessView {
  const tenant = 'atlas/storage/apps';
  return {
    ...seen,
    id: `${tenant}:${name}`,
    tenant,
    name,
    owner,
    entity: 'component:default/invoices',
    purpose: '',
    scope: { type: 'buckets', buckets: ['own'] },
    mode: 'read',
    consumer: {
      cluster: 'atlas',
      namespace: 'invoices',
      secret: 's3',
      form: 'aws',
    },
    state: 'ready',
    createdAt: '2026-01-01T00:00:00.000Z',
    drift: [],
  };
}

const invoices: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices', namespace: 'default' },
  relations: [{ type: 'ownedBy', targetRef: 'group:default/insights' }],
};

const items = [
  bucket('own', { owner: 'group:default/insights' }),
  bucket('of-old-owner', { owner: 'group:default/checkout' }),
  bucket('of-nobody'),
  bucket('without-entity', { entity: undefined }),
  bucket('of-gone', { entity: 'component:default/gone' }),
];

const accesses = [
  access('writer', 'group:default/insights'),
  access('old-reader', 'group:default/checkout'),
];

function setup(catalog = catalogServiceMock({ entities: [invoices] })) {
  const listBuckets = jest.fn(async () => ({ ...seen, items, problems: [] }));
  const listAccesses = async () => ({
    ...seen,
    items: accesses,
    problems: [],
  });
  return {
    catalog,
    listBuckets,
    records: new MisplacedRecords({
      auth: mockServices.auth(),
      catalog,
      inventory: { listAccesses, listBuckets },
      logger: mockServices.logger.mock(),
    }),
  };
}

describe('MisplacedRecords', () => {
  it('names the records whose entity has another owner, and who is who', async () => {
    const { records } = setup();
    expect(await records.find()).toEqual([
      {
        code: 'record-misplaced',
        part: 'atlas/storage/apps',
        message: expect.stringMatching(
          /of-old-owner .*group:default\/checkout.*group:default\/insights/,
        ),
        hint: expect.any(String),
      },
      expect.objectContaining({
        message: expect.stringMatching(/of-nobody .*no owner/),
      }),
      expect.objectContaining({
        message: expect.stringMatching(
          /access .*:old-reader .*group:default\/checkout/,
        ),
      }),
    ]);
  });

  it('asks the catalog once for everyone who looks', async () => {
    const { records, listBuckets } = setup();
    await Promise.all([records.find(), records.find()]);
    await records.find();
    expect(listBuckets).toHaveBeenCalledTimes(1);
  });

  it('says that it cannot tell while the catalog is away', async () => {
    const catalog = catalogServiceMock({ entities: [] });
    jest
      .spyOn(catalog, 'getEntitiesByRefs')
      .mockRejectedValue(new Error('not now'));
    const { records } = setup(catalog);
    expect(await records.find()).toEqual([
      expect.objectContaining({ code: 'catalog-unreadable', part: 'catalog' }),
    ]);
  });
});
