import {
  AccessRecord,
  BucketView,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { bareFacts } from '../__testUtils__/facts';
import { createTestContexts } from './__testUtils__/kinds';
import { accessCreate, bucketChange, bucketCreate } from './kinds';

const TENANT = 'atlas/storage/apps';
const CHECKOUT = 'group:default/checkout';
const entityRef = 'component:default/invoices';

describe('RequestContexts', () => {
  const guardrails = [
    {
      owners: [CHECKOUT],
      accessModes: ['read'],
      namespaces: ['checkout'],
      namePattern: {
        regex: 'checkout-.+',
        description: 'begin with checkout-',
        example: 'checkout-invoices',
      },
    },
  ];

  function setup(
    seen: Partial<TenantFacts>,
    buckets: Array<Partial<BucketView>>,
  ) {
    return createTestContexts({
      guardrails,
      inventory: {
        getTenant: async () => undefined,
        listBuckets: async () => ({
          items: buckets as BucketView[],
          problems: [],
          asOf: '2026-01-01T00:00:00.000Z',
          freshness: 'live',
        }),
        observeTenant: async ref => ({
          ref,
          facts: { ...bareFacts(ref), ...seen },
          problems: [],
        }),
      },
    });
  }

  it('takes a bucket without a record for that of whom its name is given to', async () => {
    const contexts = setup({}, [{ name: 'checkout-old' }]);
    const { tenant } = await contexts.of(
      { ref: entityRef, owner: CHECKOUT },
      TENANT,
      { isNew: false },
    );
    expect(tenant.buckets).toMatchObject([
      { name: 'checkout-old', owner: CHECKOUT },
    ]);
  });

  it('knows the Secrets of accesses on all tenants, but for what a request has brought itself', async () => {
    const record = (access: string, secret: string, change = {}) =>
      ({
        access,
        owner: CHECKOUT,
        state: 'active',
        scope: { type: 'buckets', buckets: [] },
        consumer: { cluster: 'atlas', namespace: 'checkout', secret },
        ...change,
      } as unknown as AccessRecord);
    const contexts = createTestContexts({
      guardrails,
      inventory: {
        getTenant: async () => undefined,
        listBuckets: async () => ({
          items: [],
          problems: [],
          asOf: '2026-01-01T00:00:00.000Z',
          freshness: 'live',
        }),
        observeTenant: async ref => ({
          ref,
          facts: { ...bareFacts(ref), accesses: [record('invoices', 'here')] },
          problems: [],
        }),
        listAccessRecords: async () => [
          // Older than what was observed.
          { tenant: TENANT, record: record('gone', 'gone') },
          {
            tenant: 'borealis/storage/archive',
            record: record('invoices', 'there'),
          },
          {
            tenant: 'borealis/storage/archive',
            record: record('ended', 'ended', { state: 'revoked' }),
          },
        ],
      },
    });
    const { secrets } = await contexts.of(
      { ref: entityRef, owner: CHECKOUT },
      TENANT,
      { isNew: false },
    );
    expect(secrets.map(({ secret, tenant }) => [secret, tenant])).toEqual([
      ['here', TENANT],
      ['there', 'borealis/storage/archive'],
    ]);
    const open = await contexts.ofOpen(
      {
        entityRef,
        owner: CHECKOUT,
        subject: { type: 'access', tenant: TENANT, name: 'invoices' },
        input: accessCreate.parse({
          entityRef,
          tenant: TENANT,
          purpose: 'Reports',
          access: 'invoices',
          scope: { type: 'buckets', buckets: ['checkout-old'] },
          mode: 'read',
          consumer: { namespace: 'checkout', secret: 'here' },
        }),
      } as unknown as StorageRequest,
      accessCreate,
    );
    // Another tenant has an access of the same name.
    expect(open.context.secrets.map(({ secret }) => secret)).toEqual(['there']);
  });

  it('gives a bucket to nobody as long as its record cannot be read, whatever its name says', async () => {
    const contexts = setup(
      { unreadRecords: ['checkout-old', 'checkout-never-made'] },
      [{ name: 'checkout-old' }],
    );
    const context = await contexts.of(
      { ref: entityRef, owner: CHECKOUT },
      TENANT,
      { isNew: false },
    );
    expect(context.tenant.buckets.map(({ owner }) => owner)).toEqual([
      undefined,
      undefined,
    ]);

    const about = { entityRef, tenant: TENANT, purpose: 'Reports' };
    const access = accessCreate.parse({
      ...about,
      access: 'invoices',
      scope: { type: 'buckets', buckets: ['checkout-old'] },
      mode: 'read',
      consumer: { namespace: 'checkout', secret: 's3' },
    });
    expect(accessCreate.check(access, context)).toEqual([
      {
        field: 'scope',
        message: expect.stringMatching(
          /Whose checkout-old is cannot be told.*record in Git cannot be read/,
        ),
      },
    ]);
    // Not as part of what it may call its own either.
    expect(
      accessCreate.check(
        { ...access, scope: { type: 'pattern', pattern: 'checkout-*' } },
        context,
      ),
    ).toMatchObject([{ field: 'scope' }]);
    expect(
      bucketChange.check(
        bucketChange.parse({ ...about, bucket: 'checkout-old', quota: '1Gi' }),
        context,
      ),
    ).toMatchObject([{ field: 'bucket' }]);
    // One that is declared and not there yet is there nevertheless.
    expect(
      bucketCreate.check(
        bucketCreate.parse({
          ...about,
          bucket: 'checkout-never-made',
          dataClass: 'internal',
        }),
        context,
      ),
    ).toMatchObject([{ field: 'bucket', isTaken: true }]);
  });
});
