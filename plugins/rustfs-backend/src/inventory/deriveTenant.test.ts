import { RustfsError } from '@rustfs-portal/plugin-rustfs-client';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { describeTenant, TenantObject } from '../sources/rustfsOperator';
import { deriveTenant, KnownOfTenant } from './deriveTenant';

const LIVE = '2026-11-21T10:00:00.000Z';
const OLD = '2026-11-21T09:00:00.000Z';

function tenant(status?: Partial<TenantObject['status']>): TenantFacts {
  const object: TenantObject = {
    metadata: { name: 'apps', namespace: 'storage', generation: 3 },
    spec: { buckets: [] },
    status: status && {
      currentState: 'Ready',
      observedGeneration: 3,
      conditions: [
        { type: 'Ready', status: 'True', reason: 'ReconcileSucceeded' },
      ],
      ...status,
    },
  };
  return {
    ref: 'atlas/storage/apps',
    endpoints: {},
    records: [],
    unreadRecords: [],
    accesses: [],
    unreadAccesses: [],
    ...describeTenant(object),
  };
}

function error(reason: RustfsError['reason']) {
  return new RustfsError({
    reason,
    operation: 'list buckets',
    endpoint: 'http://apps.example:9000',
    detail: 'nothing came within 3 s',
    hint: 'See that it runs.',
  });
}

function facts(more: Partial<KnownOfTenant> = {}): KnownOfTenant {
  return {
    ref: 'atlas/storage/apps',
    declared: { value: { facts: tenant({}) }, asOf: LIVE },
    server: {
      endpoint: 'http://apps.example:9000',
      account: {
        value: {
          accountName: 'portal',
          buckets: [{ name: 'a', versioning: 'off', objectLock: false }],
        },
        asOf: LIVE,
      },
      info: {
        value: { mode: 'online', drives: { online: 4, total: 4 } },
        asOf: LIVE,
      },
    },
    problems: [],
    ...more,
  };
}

const declared = (value?: KnownOfTenant['declared']['value']) => ({
  declared: { value, asOf: LIVE },
});

describe('deriveTenant', () => {
  it.each<[string, Partial<KnownOfTenant>, object]>([
    ['ready', {}, { state: 'ready', buckets: 1 }],
    [
      'not looked at yet',
      declared({ facts: tenant() }),
      { state: 'reconciling', reason: 'WaitingForOperator' },
    ],
    [
      'changed since the operator looked',
      declared({ facts: tenant({ observedGeneration: 2 }) }),
      { state: 'reconciling', reason: 'WaitingForOperator' },
    ],
    [
      'blocked, in the words of the operator',
      declared({
        facts: tenant({
          currentState: 'Blocked',
          conditions: [
            {
              type: 'Ready',
              status: 'False',
              reason: 'CredentialSecretNotFound',
              message: "Credential Secret 'root' was not found",
            },
          ],
        }),
      }),
      {
        state: 'blocked',
        reason: 'CredentialSecretNotFound',
        message: "Credential Secret 'root' was not found",
      },
    ],
    [
      'in a state of a later operator',
      declared({ facts: tenant({ currentState: 'Upgrading' }) }),
      { state: 'unknown' },
    ],
    [
      'not in the cluster',
      declared({}),
      {
        state: 'unknown',
        reason: 'TenantNotFound',
        obstacle: { code: 'tenant-missing' },
      },
    ],
    [
      'in a cluster that does not answer',
      declared(undefined),
      { state: 'unknown', reason: 'ClusterUnreachable' },
    ],
    [
      'without access to its server',
      { server: undefined },
      { state: 'ready', endpoint: undefined, buckets: undefined },
    ],
  ])('%s', (_situation, given, expected) => {
    expect(deriveTenant(facts(given))).toMatchObject(expected);
  });

  it.each([
    ['unreachable', 'unreachable'],
    ['starting', 'unreachable'],
    ['credentials', 'ready'],
    ['denied', 'ready'],
  ] as const)('whose server is %s is %s', (reason, state) => {
    const failed = { asOf: LIVE, error: error(reason) };
    const { server } = facts();
    expect(
      deriveTenant(
        facts({ server: { ...server!, account: failed, info: failed } }),
      ),
    ).toMatchObject({
      state,
      buckets: undefined,
      objects: undefined,
      drives: undefined,
      // What was never known is not "last known".
      asOf: LIVE,
      freshness: 'live',
    });
  });

  it.each<[string, Partial<KnownOfTenant>, object]>([
    ['answers', {}, { state: 'ready' }],
    ['is not known', { server: undefined }, { state: 'unknown' }],
    [
      'does not take the key of the portal',
      {
        server: {
          ...facts().server!,
          account: { asOf: LIVE, error: error('credentials') },
        },
      },
      { state: 'unknown', reason: 'ServerRefused' },
    ],
    [
      'is away',
      {
        server: {
          ...facts().server!,
          account: { asOf: LIVE, error: error('unreachable') },
        },
      },
      { state: 'unreachable' },
    ],
  ])('of which only the server tells, that %s', (_, given, expected) => {
    const { condition, ...only } = tenant({});
    expect(
      deriveTenant(facts({ ...declared({ facts: only }), ...given })),
    ).toMatchObject(expected);
  });

  it('is as old as its oldest part', () => {
    const { server } = facts();
    expect(
      deriveTenant(
        facts({
          server: {
            ...server!,
            info: { ...server!.info, asOf: OLD, error: error('busy') },
          },
        }),
      ),
    ).toMatchObject({ state: 'ready', asOf: OLD, freshness: 'stale' });
  });
});
