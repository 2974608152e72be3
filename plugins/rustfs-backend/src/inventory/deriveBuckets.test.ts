import { AccountBucket } from '@rustfs-portal/plugin-rustfs-client';
import {
  AccessRecord,
  BucketRecord,
  BucketView,
  SettledItem,
} from '@rustfs-portal/plugin-rustfs-common';
import { recordVersion } from '../settings';
import {
  describeTenant,
  ProvisioningItem,
  TenantObject,
} from '../sources/rustfsOperator';
import { BucketFacts, deriveBuckets } from './deriveBuckets';

const GI = 2 ** 30;
const SERVER_AWAY = { reason: 'ServerUnreachable', message: 'no answer' };

interface Given {
  entry?: { objectLock?: boolean; versioning?: boolean } | false;
  record?: Partial<BucketRecord>;
  item?: Partial<ProvisioningItem>;
  live?: Partial<AccountBucket>;
  status?: TenantObject['status'] | false;
  observedGeneration?: number;
  facts?: Partial<BucketFacts>;
}

/** One bucket `invoices`, declared and provisioned unless told otherwise. */
function derive(given: Given): BucketView {
  const tenant: TenantObject = {
    metadata: { name: 'apps', namespace: 'storage', generation: 2 },
    spec: {
      buckets:
        given.entry === false
          ? []
          : [{ name: 'invoices', objectLock: false, ...given.entry }],
    },
    status:
      given.status === false
        ? undefined
        : given.status ?? {
            observedGeneration: given.observedGeneration ?? 2,
            conditions: [{ type: 'Ready', status: 'True' }],
            provisioning: {
              observedGeneration: 2,
              buckets: given.item
                ? [{ name: 'invoices', state: 'Ready', ...given.item }]
                : [],
            },
          },
  };
  const [view, ...others] = deriveBuckets({
    tenant: 'atlas/storage/apps',
    declared: {
      ...describeTenant(tenant),
      accesses: [],
      records: given.record ? [{ bucket: 'invoices', ...given.record }] : [],
    },
    live: {
      asOf: '2026-11-21T10:00:00.500Z',
      buckets: given.live
        ? [
            {
              name: 'invoices',
              versioning: 'off',
              objectLock: false,
              ...given.live,
            },
          ]
        : [],
    },
    asOf: '2026-11-21T10:00:00.500Z',
    freshness: 'live',
    ...given.facts,
  });
  expect(others).toEqual([]);
  return view;
}

describe('a bucket that the settings task has looked at', () => {
  const record = { bucket: 'invoices', quotaBytes: 10 * GI };
  const drift = {
    uid: 'invoices',
    resourceVersion: recordVersion(record),
    result: 'drift' as const,
    reason: 'Drift',
    message: 'Bucket invoices is not as the record says: quota',
    at: '2026-11-21T10:00:00.000Z',
    checkedAt: '2026-11-21T10:00:00.000Z',
  };
  const deriveWith = (
    item: SettledItem,
    facts: Partial<BucketFacts> = {},
    given: Given = {},
  ) =>
    derive({
      item: {},
      record,
      live: { quotaBytes: GI },
      facts: { settled: { 'bucket.invoices': item }, ...facts },
      ...given,
    });

  it('says how it differs in the words of the task, and can be used', () => {
    const { message, reason } = drift;
    expect(deriveWith(drift)).toMatchObject({
      state: 'ready',
      reason,
      message,
      drift: [{ field: 'quota', declared: '10Gi', live: '1Gi' }],
    });
  });

  it('says nothing of it when the record has changed since', () => {
    const { message, reason } = deriveWith(
      drift,
      {},
      {
        record: { ...record, quotaBytes: 20 * GI },
      },
    );
    expect([reason, message]).toEqual([undefined, undefined]);
  });

  it('leaves the first word to the operator', () => {
    expect(
      deriveWith(drift, {}, { item: { state: 'Pending', reason: 'Queued' } }),
    ).toMatchObject({ state: 'pending', reason: 'Queued' });
  });

  it('tells causes to the platform team, and others only that there is one', () => {
    const denied = {
      ...drift,
      result: 'failed' as const,
      reason: 'Denied',
      message: 'Could not set the quota on http://10.0.0.1: denied',
    };
    expect(deriveWith(denied, { audience: 'platform' }).message).toContain(
      '10.0.0.1',
    );
    const forTeam = deriveWith(denied);
    expect(forTeam).toMatchObject({ state: 'ready', reason: 'Denied' });
    expect(forTeam.message).toContain('the platform team sees why');
    expect(JSON.stringify(forTeam)).not.toContain('10.0.0.1');
  });
});

describe('deriveBuckets', () => {
  it.each<[string, Given, Partial<BucketView>]>([
    ['made and there', { item: {}, live: {} }, { state: 'ready' }],
    [
      'made earlier, while the operator has yet to see a change of the Tenant',
      { item: {}, live: {}, observedGeneration: 1 },
      { state: 'ready' },
    ],
    [
      'declared, the operator has not begun',
      { status: false },
      { state: 'pending', reason: 'WaitingForOperator' },
    ],
    [
      'declared, the operator has not seen it',
      { observedGeneration: 1 },
      { state: 'pending', message: expect.stringContaining('this version') },
    ],
    [
      'declared, the Tenant is blocked',
      {
        status: {
          observedGeneration: 2,
          conditions: [
            {
              type: 'Ready',
              status: 'False',
              reason: 'CredentialSecretNotFound',
              message: "Credential Secret 'root' was not found",
            },
          ],
        },
      },
      {
        state: 'pending',
        reason: 'CredentialSecretNotFound',
        message: "Credential Secret 'root' was not found",
      },
    ],
    [
      'refused by the operator',
      {
        item: {
          state: 'Failed',
          reason: 'BucketObjectLockConflict',
          message: 'Bucket was created but object lock is not enabled',
        },
        live: {},
      },
      { state: 'failed', reason: 'BucketObjectLockConflict' },
    ],
    [
      'failed for the operator because the server is away',
      {
        item: { state: 'Failed', reason: 'BucketCreateFailed' },
        facts: { live: undefined, serverProblem: SERVER_AWAY },
      },
      { state: 'unknown', ...SERVER_AWAY },
    ],
    [
      'made, and gone from the server',
      { item: { lastTransitionTime: '2026-11-21T09:00:00Z' } },
      {
        state: 'missing',
        drift: [{ field: 'existence', declared: 'present', live: 'absent' }],
      },
    ],
    [
      'made after the server was asked',
      { item: { lastTransitionTime: '2026-11-21T10:00:01Z' } },
      { state: 'pending', reason: 'JustReady', drift: [] },
    ],
    [
      'made, the server never answered',
      {
        item: {},
        facts: { live: undefined, serverProblem: SERVER_AWAY },
      },
      { state: 'unknown', live: undefined, drift: [] },
    ],
    [
      'made, the server does not answer any more',
      {
        item: {},
        live: { sizeBytes: 5 },
        record: { quotaBytes: GI },
        facts: { serverProblem: SERVER_AWAY, freshness: 'stale' },
      },
      {
        state: 'unknown',
        freshness: 'stale',
        live: expect.objectContaining({ sizeBytes: 5 }),
        drift: [],
      },
    ],
    [
      'only on the server',
      { entry: false, live: {} },
      { state: 'undeclared', declared: undefined },
    ],
    [
      'taken out of the Tenant',
      {
        entry: false,
        live: {},
        item: {
          state: 'Retained',
          reason: 'ProvisioningConfigured',
          message: 'Item was removed from spec and retained in RustFS',
        },
      },
      {
        state: 'undeclared',
        message: 'Item was removed from spec and retained in RustFS',
      },
    ],
    [
      'recorded without being in the Tenant',
      { entry: false, record: { owner: 'group:default/checkout' } },
      {
        state: 'pending',
        reason: 'TenantEntryAbsent',
        owner: 'group:default/checkout',
      },
    ],
    [
      'on the server, the cluster unknown',
      { live: {}, facts: { declared: undefined } },
      { state: 'unknown', reason: 'ClusterUnknown' },
    ],
  ])('%s', (_situation, given, expected) => {
    expect(derive(given)).toMatchObject(expected);
  });

  it('does not turn what was not measured into zero', () => {
    const { live } = derive({ item: {}, live: {} });
    expect(live).toEqual({ versioning: 'off', objectLock: false });
  });

  it.each<[string, Given, BucketView['drift']]>([
    [
      'equal values',
      {
        record: { quotaBytes: 10 * GI, versioning: true },
        live: { quotaBytes: 10 * GI, versioning: 'enabled' },
      },
      [],
    ],
    [
      'a quota that was changed by hand',
      { record: { quotaBytes: 10 * GI }, live: { quotaBytes: 20 * GI } },
      [{ field: 'quota', declared: '10Gi', live: '20Gi' }],
    ],
    [
      'a quota that is not set',
      { record: { quotaBytes: 10 * GI }, live: {} },
      [{ field: 'quota', declared: '10Gi', live: 'none' }],
    ],
    [
      'a quota that nobody declared',
      { record: {}, live: { quotaBytes: GI } },
      [{ field: 'quota', declared: 'none', live: '1Gi' }],
    ],
    ['a quota of a bucket without a record', { live: { quotaBytes: GI } }, []],
    [
      'versioning that was suspended',
      { record: { versioning: true }, live: { versioning: 'suspended' } },
      [{ field: 'versioning', declared: 'enabled', live: 'suspended' }],
    ],
    [
      'versioning that the entry of the Tenant says, and no record',
      { entry: { versioning: true }, record: {}, live: { versioning: 'off' } },
      [{ field: 'versioning', declared: 'enabled', live: 'off' }],
    ],
    [
      'versioning that was never on and is suspended',
      { record: { versioning: false }, live: { versioning: 'suspended' } },
      [],
    ],
    [
      'versioning that came with object lock',
      {
        entry: { objectLock: true },
        record: { versioning: false },
        live: { versioning: 'enabled', objectLock: true },
      },
      [],
    ],
    [
      'object lock that is not there',
      { entry: { objectLock: true }, live: {} },
      [{ field: 'objectLock', declared: 'on', live: 'off' }],
    ],
  ])('compares %s', (_situation, given, drift) => {
    expect(derive({ item: {}, ...given }).drift).toEqual(drift);
  });

  it('names the accesses that reach it and have not ended', () => {
    const access = (
      name: string,
      scope: AccessRecord['scope'],
      state: AccessRecord['state'] = 'active',
    ): AccessRecord => ({
      access: name,
      owner: 'group:default/checkout',
      entity: `component:default/${name}`,
      purpose: '',
      scope,
      mode: 'read',
      policy: `access-${name}`,
      accessKeyId: `key-of-${name}`,
      consumer: {
        cluster: 'atlas',
        namespace: 'checkout',
        secret: 's3',
        form: 'aws',
      },
      state,
      createdAt: '2026-11-20T10:00:00.000Z',
    });
    const view = derive({
      item: {},
      live: {},
      facts: {
        declared: {
          items: [],
          unlisted: { reason: 'TenantEntryAbsent', message: '' },
          records: [{ bucket: 'invoices' }],
          accesses: [
            access('pattern', { type: 'pattern', pattern: 'inv*' }),
            access('named', { type: 'buckets', buckets: ['x', 'invoices'] }),
            access('part', {
              type: 'prefix',
              bucket: 'invoices',
              prefix: 'team-a/',
            }),
            access('other', { type: 'buckets', buckets: ['invoices-old'] }),
            access(
              'ended',
              { type: 'buckets', buckets: ['invoices'] },
              'revoked',
            ),
          ],
        },
      },
    });
    expect(view.access).toEqual([
      { access: 'named', entity: 'component:default/named', mode: 'read' },
      {
        access: 'part',
        entity: 'component:default/part',
        mode: 'read',
        prefix: 'team-a/',
      },
      { access: 'pattern', entity: 'component:default/pattern', mode: 'read' },
    ]);
    expect(derive({ facts: { declared: undefined }, live: {} }).access).toBe(
      undefined,
    );
  });

  it('lists every bucket once, by name', () => {
    const views = deriveBuckets({
      tenant: 'atlas/storage/apps',
      declared: {
        ...describeTenant({
          metadata: { name: 'apps', namespace: 'storage' },
          spec: { buckets: [{ name: 'b', objectLock: false }] },
        }),
        accesses: [],
        records: [{ bucket: 'b' }, { bucket: 'c' }],
      },
      live: {
        asOf: '2026-11-21T10:00:00Z',
        buckets: ['c', 'a', 'b'].map(name => ({
          name,
          versioning: 'off' as const,
          objectLock: false,
        })),
      },
      asOf: '2026-11-21T10:00:00Z',
      freshness: 'live',
    });
    expect(views.map(({ id }) => id)).toEqual([
      'atlas/storage/apps:a',
      'atlas/storage/apps:b',
      'atlas/storage/apps:c',
    ]);
  });
});

describe('a bucket that the setup program finds changed', () => {
  const look = (buckets: AccountBucket[]) =>
    deriveBuckets({
      tenant: 'atlas/storage/apps',
      declared: {
        accesses: [],
        items: [
          {
            type: 'bucket',
            name: 'invoices',
            listed: true,
            verdict: {
              state: 'drift',
              reason: 'Differs',
              message: 'Its lifecycle is not as the record says',
              at: '2026-11-21T10:00:00Z',
            },
          },
        ],
        records: [{ bucket: 'invoices' }],
        unlisted: { reason: 'RecordAbsent', message: 'no record' },
      },
      live: { asOf: '2026-11-21T10:00:00.500Z', buckets },
      asOf: '2026-11-21T10:00:00.500Z',
      freshness: 'live',
    })[0];

  it('is of use, with what differs in the words of the program', () => {
    expect(
      look([
        {
          name: 'invoices',
          sizeBytes: 0,
          objects: 0,
          versioning: 'off',
          objectLock: false,
        } as AccountBucket,
      ]),
    ).toMatchObject({
      state: 'ready',
      reason: 'Differs',
      message: 'Its lifecycle is not as the record says',
    });
    expect(look([])).toMatchObject({ state: 'missing' });
  });
});
