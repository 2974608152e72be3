import { ServerUser } from '@rustfs-portal/plugin-rustfs-client';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { AccessRecord, AccessView } from '@rustfs-portal/plugin-rustfs-common';
import {
  describeTenant,
  ProvisioningItem,
  TenantObject,
} from '../sources/rustfsOperator';
import { AccessFacts, deriveAccesses } from './deriveAccesses';

const AS_OF = '2026-11-21T10:00:00.500Z';
const SERVER_AWAY = { reason: 'ServerUnreachable', message: 'no answer' };
const DENIED = 'rustfs-portal-denied';

/** What was changed on the server so that its lists do not show it. */
const drifted = {
  state: 'drift',
  reason: 'SecretDiffers',
  message: 'The server has another secret',
  at: '2026-11-21T10:00:00Z',
} as const;

const record: AccessRecord = {
  access: 'invoices',
  owner: 'group:default/checkout',
  entity: 'component:default/invoices',
  purpose: 'Invoices as PDF',
  scope: { type: 'buckets', buckets: ['checkout-invoices'] },
  mode: 'read-write',
  policy: 'access-invoices',
  accessKeyId: 'invoices-key',
  consumer: {
    cluster: 'atlas',
    namespace: 'checkout',
    secret: 'invoices-s3',
    form: 'aws',
  },
  state: 'active',
  createdAt: '2026-11-20T10:00:00.000Z',
  request: 'r1',
};

interface Given {
  record?: Partial<AccessRecord>;
  /** Policies of the user's entry in the Tenant; false: there is none. */
  entry?: string[] | false;
  /** Names of the policies that the Tenant lists. */
  policies?: string[];
  user?: Partial<ProvisioningItem> | false;
  policy?: Partial<ProvisioningItem> | false;
  /** The user on the server; false: it has none of that name. */
  live?: Partial<ServerUser> | false;
  ready?: { status: string; reason?: string; message?: string };
  readyAt?: string;
  observedGeneration?: number;
  status?: false;
  /** Of the bucket that it reaches. */
  dataClass?: string;
  endpoints?: TenantFacts['endpoints'];
  facts?: Partial<AccessFacts>;
}

/** One access `invoices` that was asked for, made and is as it should be, unless told otherwise. */
function derive(given: Given = {}): AccessView {
  const isRevoked = given.record?.state === 'revoked';
  const policyName = isRevoked ? DENIED : 'access-invoices';
  const item = (name: string, change?: Partial<ProvisioningItem> | false) =>
    change === false
      ? []
      : [
          {
            name,
            state: 'Ready',
            lastTransitionTime: '2026-11-20T10:00:00Z',
            ...change,
          },
        ];
  const tenant: TenantObject = {
    metadata: { name: 'apps', namespace: 'storage', generation: 2 },
    spec: {
      buckets: [],
      policies: (given.policies ?? [policyName]).map(name => ({ name })),
      users:
        given.entry === false
          ? []
          : [
              {
                name: 'access-invoices',
                policies: given.entry ?? [policyName],
              },
            ],
    },
    status:
      given.status === false
        ? undefined
        : {
            observedGeneration: given.observedGeneration ?? 2,
            conditions: [
              {
                type: 'Ready',
                status: 'True',
                lastTransitionTime: given.readyAt ?? '2026-11-20T10:00:00Z',
                ...given.ready,
              },
            ],
            provisioning: {
              buckets: [],
              policies: item(policyName, given.policy),
              users: item('access-invoices', given.user),
            },
          },
  };
  const [view, ...others] = deriveAccesses({
    tenant: 'atlas/storage/apps',
    endpoint: 'http://apps:9000',
    declared: {
      ...describeTenant(tenant),
      endpoints: given.endpoints ?? {},
      records: [
        { bucket: 'checkout-invoices', dataClass: given.dataClass },
        { bucket: 'checkout-other', dataClass: 'public' },
      ],
      accesses: [{ ...record, ...given.record }],
    },
    live: {
      asOf: AS_OF,
      users:
        given.live === false
          ? []
          : [
              {
                name: 'invoices-key',
                enabled: true,
                policies: [policyName],
                groups: [],
                ...given.live,
              },
            ],
    },
    asOf: AS_OF,
    freshness: 'live',
    ...given.facts,
  });
  expect(others).toEqual([]);
  return view;
}

const revoked = {
  state: 'revoked' as const,
  revokedAt: '2026-11-21T09:00:00.000Z',
};

describe('deriveAccesses', () => {
  it('shows what the record says, and no key', () => {
    const view = derive();
    const { access, accessKeyId, policy, state, ...told } = record;
    expect(view).toEqual({
      ...told,
      id: 'atlas/storage/apps:invoices',
      tenant: 'atlas/storage/apps',
      name: 'invoices',
      endpoint: 'http://apps:9000',
      state: 'ready',
      revokedAt: undefined,
      drift: [],
      asOf: AS_OF,
      freshness: 'live',
    });
    expect(JSON.stringify(view)).not.toContain(accessKeyId);
  });

  it.each<[string, Given, Partial<AccessView>]>([
    [
      'made earlier, while the operator has yet to see a change of the Tenant',
      { observedGeneration: 1 },
      { state: 'ready' },
    ],
    [
      'the operator has not begun',
      { status: false, live: false },
      { state: 'pending', reason: 'WaitingForOperator' },
    ],
    [
      'the operator has not seen it',
      { user: false, policy: false, observedGeneration: 1, live: false },
      { state: 'pending', message: expect.stringContaining('this version') },
    ],
    [
      'the Tenant is blocked before anything is provisioned',
      {
        user: false,
        policy: false,
        live: false,
        ready: {
          status: 'False',
          reason: 'CredentialSecretNotFound',
          message: "Credential Secret 'root' was not found",
        },
      },
      {
        state: 'pending',
        reason: 'CredentialSecretNotFound',
        message: "Credential Secret 'root' was not found",
      },
    ],
    [
      'its policy is refused: the cause, and not what follows from it',
      {
        policy: {
          state: 'Failed',
          reason: 'PolicyApplyFailed',
          message: 'policy document must be valid JSON',
        },
        user: {
          state: 'Failed',
          reason: 'UserPolicySetFailed',
          message: "referenced policy 'access-invoices' is not ready",
        },
        live: false,
      },
      {
        state: 'failed',
        reason: 'PolicyApplyFailed',
        message: 'policy document must be valid JSON',
      },
    ],
    [
      'its Secret is not in the cluster',
      {
        user: {
          state: 'Failed',
          reason: 'UserSecretInvalid',
          message: "user Secret 'apps-access-invoices' was not found",
        },
        live: false,
      },
      { state: 'failed', reason: 'UserSecretInvalid' },
    ],
    [
      'failed for the operator because the server is away',
      {
        user: { state: 'Failed', reason: 'PolicyApplyFailed' },
        facts: { live: undefined, serverProblem: SERVER_AWAY },
      },
      { state: 'unknown', ...SERVER_AWAY },
    ],
    [
      'ready for the operator, the server does not answer',
      { facts: { serverProblem: SERVER_AWAY, freshness: 'stale' } },
      { state: 'unknown', ...SERVER_AWAY, freshness: 'stale', drift: [] },
    ],
    [
      'ready for the operator, where the portal may not see users',
      { facts: { live: undefined } },
      { state: 'ready', reason: 'OperatorAlone', drift: [] },
    ],
    [
      'failed for the operator, where the portal may not see users',
      {
        user: { state: 'Failed', reason: 'UserOwnershipConflict' },
        facts: { live: undefined },
      },
      { state: 'failed', reason: 'UserOwnershipConflict' },
    ],
    [
      'made, and its user is gone from the server',
      { live: false },
      {
        state: 'missing',
        drift: [{ field: 'existence', declared: 'present', live: 'absent' }],
      },
    ],
    [
      'made after the server was asked',
      { live: false, user: { lastTransitionTime: '2026-11-21T10:00:01Z' } },
      { state: 'pending', reason: 'JustReady', drift: [] },
    ],
    [
      'its user is disabled',
      { live: { enabled: false } },
      {
        state: 'failed',
        reason: 'UserDisabled',
        drift: [{ field: 'status', declared: 'enabled', live: 'disabled' }],
      },
    ],
    [
      'its policy was taken away by hand',
      { live: { policies: [] } },
      {
        state: 'failed',
        reason: 'PolicyNotAttached',
        drift: [
          { field: 'policies', declared: 'access-invoices', live: 'none' },
        ],
      },
    ],
    [
      'more was given to it by hand',
      { live: { policies: ['access-invoices', 'readwrite'] } },
      {
        state: 'ready',
        drift: [
          {
            field: 'policies',
            declared: 'access-invoices',
            live: 'access-invoices, readwrite',
          },
        ],
      },
    ],
    [
      'it was put into a group',
      { live: { groups: ['admins'] } },
      {
        state: 'ready',
        drift: [{ field: 'groups', declared: 'none', live: 'admins' }],
      },
    ],
    [
      'with a policy that the Tenant does not list',
      {
        record: { policy: 'readonly' },
        entry: ['readonly'],
        policies: [],
        policy: false,
        live: { policies: ['readonly'] },
      },
      { state: 'ready', drift: [] },
    ],
    [
      'recorded without being in the Tenant',
      { entry: false, user: false, live: false },
      { state: 'pending', reason: 'TenantEntryAbsent' },
    ],
    [
      'taken out of the Tenant, and kept by the server',
      { entry: false, user: { state: 'Retained' } },
      { state: 'failed', message: expect.stringContaining('may still work') },
    ],
    // The end of an access.
    ['revoked', { record: revoked }, { state: 'revoked', drift: [] }],
    [
      'revoked, though it is in a group: a denial wins',
      { record: revoked, live: { groups: ['admins'] } },
      { state: 'revoked' },
    ],
    [
      'revoked, and its user is gone or disabled',
      { record: revoked, live: { enabled: false, policies: ['readwrite'] } },
      { state: 'revoked' },
    ],
    [
      'to be revoked, the operator has not seen it',
      {
        record: revoked,
        observedGeneration: 1,
        live: { policies: ['access-invoices'] },
      },
      { state: 'pending', message: expect.stringContaining('this version') },
    ],
    [
      'to be revoked, and the operator cannot',
      {
        record: revoked,
        live: { policies: ['access-invoices'] },
        user: {
          state: 'Failed',
          reason: 'UserSecretInvalid',
          message: "user Secret 'x' was not found",
        },
      },
      { state: 'failed', message: "user Secret 'x' was not found" },
    ],
    [
      'revoked for the operator after the server was asked',
      {
        record: revoked,
        readyAt: '2026-11-21T10:00:00Z',
        live: { policies: ['access-invoices'] },
      },
      { state: 'pending', reason: 'JustReady' },
    ],
    [
      'revoked, and given rights again by hand',
      { record: revoked, live: { policies: ['readwrite'] } },
      {
        state: 'failed',
        reason: 'NotEnded',
        drift: [{ field: 'policies', declared: DENIED, live: 'readwrite' }],
      },
    ],
    [
      'revoked in its record only',
      {
        record: revoked,
        entry: ['access-invoices'],
        live: { policies: ['access-invoices'] },
      },
      { state: 'failed', reason: 'NotEnded' },
    ],
    [
      'revoked for the operator, where the portal may not see users',
      { record: revoked, facts: { live: undefined } },
      { state: 'revoked', reason: 'OperatorAlone' },
    ],
    [
      'revoked in its record only, where the portal may not see users',
      {
        record: revoked,
        entry: ['access-invoices'],
        facts: { live: undefined },
      },
      { state: 'failed', reason: 'NotEnded' },
    ],
    [
      'revoked, the server does not answer',
      { record: revoked, facts: { serverProblem: SERVER_AWAY } },
      { state: 'unknown', ...SERVER_AWAY },
    ],
  ])('%s', (_situation, given, expected) => {
    expect(derive(given)).toMatchObject(expected);
  });

  it('has the address at which its workload reaches the tenant', () => {
    const addressFor = (cluster: string, endpoints: TenantFacts['endpoints']) =>
      derive({
        endpoints,
        record: { consumer: { ...record.consumer, cluster } },
      }).endpoint;
    const both = {
      inCluster: 'http://apps-io.storage.svc:9000',
      external: 'https://s3.acme.org',
    };
    expect(addressFor('atlas', both)).toBe('http://apps-io.storage.svc:9000');
    expect(addressFor('borealis', both)).toBe('https://s3.acme.org');
    // As the portal reaches it, where nothing else is known.
    expect(addressFor('borealis', { inCluster: 'http://x' })).toBe(
      'http://apps:9000',
    );
  });

  it('names what stays open to everyone after the end, and only then', () => {
    expect(
      derive({ record: revoked, dataClass: 'public' }).stillOpenThrough,
    ).toEqual(['checkout-invoices']);
    expect(derive({ record: revoked })).not.toHaveProperty('stillOpenThrough');
    expect(derive({ dataClass: 'public' })).not.toHaveProperty(
      'stillOpenThrough',
    );
  });

  it('lists accesses by name, whatever else the Tenant and the server have', () => {
    const views = deriveAccesses({
      tenant: 'atlas/storage/apps',
      declared: {
        endpoints: {},
        ...describeTenant({
          metadata: { name: 'apps', namespace: 'storage' },
          spec: { buckets: [], users: [{ name: 'portal', policies: [] }] },
        }),
        records: [],
        accesses: ['b', 'a'].map(access => ({ ...record, access })),
      },
      live: {
        asOf: AS_OF,
        users: [
          { name: 'portal-apps', enabled: true, policies: [], groups: [] },
        ],
      },
      asOf: AS_OF,
      freshness: 'live',
    });
    expect(views.map(({ id }) => id)).toEqual([
      'atlas/storage/apps:a',
      'atlas/storage/apps:b',
    ]);
  });
});

describe('an access that the setup program finds changed', () => {
  const look = (
    change: Partial<AccessRecord>,
    live: AccessFacts['live'],
    outdated?: { reason: string; message: string },
  ) =>
    deriveAccesses({
      tenant: 'atlas/storage/apps',
      declared: {
        accesses: [{ ...record, ...change }],
        endpoints: {},
        items: [
          {
            type: 'access',
            name: 'invoices',
            listed: true,
            policies: [change.state === 'revoked' ? DENIED : record.policy],
            verdict: drifted,
            outdated,
          },
        ],
        records: [],
        unlisted: { reason: 'RecordAbsent', message: 'no record' },
      },
      live,
      asOf: AS_OF,
      freshness: 'live',
    })[0];
  const users = (policy: string) => ({
    asOf: AS_OF,
    users: [
      { name: 'invoices-key', enabled: true, policies: [policy], groups: [] },
    ],
  });
  const failed = {
    state: 'failed',
    reason: drifted.reason,
    message: drifted.message,
  };

  it('is not ready, though the lists of the server show nothing', () => {
    expect(look({}, users(record.policy))).toMatchObject(failed);
    expect(look({}, undefined)).toMatchObject(failed);
  });

  it('is missing where its user is', () => {
    expect(look({}, { asOf: AS_OF, users: [] })).toMatchObject({
      state: 'missing',
    });
  });

  it('has ended when its user is denied, and waits for the program before', () => {
    const state = 'revoked';
    expect(look({ state }, users(DENIED))).toMatchObject({ state });
    expect(look({ state }, users(record.policy))).toMatchObject(failed);
    expect(
      look({ state }, users(record.policy), { reason: 'W', message: 'soon' }),
    ).toMatchObject({ state: 'pending', message: 'soon' });
  });
});
