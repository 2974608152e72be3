import { mockServices } from '@backstage/backend-test-utils';
import { Entity } from '@backstage/catalog-model';
import { RustfsError } from '@rustfs-portal/plugin-rustfs-client';
import { AccessRecord } from '@rustfs-portal/plugin-rustfs-common';
import {
  TenantFacts,
  TenantSourceReading,
} from '@rustfs-portal/plugin-rustfs-node';
import { FakeRustfsClient } from '@rustfs-portal/plugin-rustfs-node/testUtils';
import { describeTenant } from '../sources/rustfsOperator';
import { SettledItems } from '../settings';
import { LastGoodReading } from './LastGoodReading';
import { LiveInventory } from './LiveInventory';

const APPS = 'atlas/storage/apps';
const ARCHIVE = 'atlas/storage/archive';
const CHECKOUT = 'group:default/checkout';

const invoices: Entity = {
  apiVersion: 'backstage.io/v1alpha1',
  kind: 'Component',
  metadata: { name: 'invoices' },
  spec: { owner: 'checkout' },
};

function record(
  access: string,
  change: Partial<AccessRecord> = {},
): AccessRecord {
  return {
    access,
    owner: CHECKOUT,
    entity: 'component:default/invoices',
    purpose: 'Invoices as PDF',
    scope: { type: 'buckets', buckets: ['checkout-invoices'] },
    mode: 'read-write',
    policy: `access-${access}`,
    accessKeyId: `key-of-${access}`,
    consumer: {
      cluster: 'atlas',
      namespace: 'checkout',
      secret: `${access}-s3`,
      form: 'aws',
    },
    state: 'active',
    createdAt: '2026-11-20T10:00:00.000Z',
    ...change,
  };
}

/** A Tenant whose operator has made everything that its records say. */
function tenant(ref: string, accesses: AccessRecord[]): TenantFacts {
  const [, namespace, name] = ref.split('/');
  const items = accesses.map(({ access }) => ({
    name: `access-${access}`,
    state: 'Ready',
    lastTransitionTime: '2026-11-20T10:00:00Z',
  }));
  return {
    ref,
    endpoints: {},
    records: [],
    unreadRecords: [],
    accesses,
    unreadAccesses: [],
    ...describeTenant({
      metadata: { name, namespace, generation: 1 },
      spec: {
        buckets: [{ name: 'checkout-invoices', objectLock: false }],
        policies: accesses.map(({ policy }) => ({ name: policy })),
        users: accesses.map(({ access, policy }) => ({
          name: `access-${access}`,
          policies: [policy],
        })),
      },
      status: {
        currentState: 'Ready',
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'True' }],
        provisioning: { buckets: [], policies: items, users: items },
      },
    }),
  };
}

function setup(
  tenants: TenantFacts[],
  readSettled: () => Promise<SettledItems> = async () => ({}),
) {
  const logger = mockServices.logger.mock();
  const remember = <T>(key: string, read: () => Promise<T>) =>
    new LastGoodReading({ key, read, logger });
  const read = jest.fn(
    async (): Promise<TenantSourceReading> => ({ tenants, problems: [] }),
  );
  const clients = new Map(
    tenants.map(({ ref, accesses }) => {
      const client = new FakeRustfsClient({
        buckets: [{ name: 'checkout-invoices' }],
      });
      client.users = accesses.map(({ accessKeyId, policy }) => ({
        name: accessKeyId,
        enabled: true,
        policies: [policy],
        groups: [],
      }));
      return [ref, client];
    }),
  );
  const inventory = new LiveInventory({
    guardrails: [],
    sources: new Map([['atlas', remember('cluster:atlas', read)]]),
    servers: new Map(
      [...clients].map(([ref, client]) => [
        ref,
        {
          client,
          account: remember(`account:${ref}`, () => client.accountInfo()),
          info: remember(`info:${ref}`, () => client.serverInfo()),
          users: remember(`users:${ref}`, () => client.listUsers()),
          settled: remember(`settings:${ref}`, readSettled),
        },
      ]),
    ),
  });
  return { inventory, clients, read };
}

function refuseUsers(client: FakeRustfsClient) {
  jest.spyOn(client, 'listUsers').mockRejectedValue(
    new RustfsError({
      reason: 'denied',
      operation: 'list the users of the server',
      endpoint: client.endpoint,
      detail: 'it answers 403 AccessDenied',
      hint: 'Give the user of the portal admin:ListUsers.',
    }),
  );
}

describe('the buckets of an inventory', () => {
  const facts: TenantFacts = {
    ...tenant(APPS, []),
    layout: 'operator-tenant',
    settledBy: 'portal',
    records: [{ bucket: 'checkout-invoices', owner: CHECKOUT }],
  };

  it('say that what the settings task has said of them cannot be read', async () => {
    const { inventory } = setup([facts], async () => {
      throw new Error('The database at 10.0.0.1 is away');
    });
    const list = await inventory.listBuckets();
    expect(list.items).toMatchObject([{ name: 'checkout-invoices' }]);
    expect(list.problems).toEqual([
      expect.objectContaining({ code: 'settings-unreadable', part: APPS }),
    ]);
    expect(JSON.stringify(list)).not.toContain('10.0.0.1');
    expect(await inventory.getTenant(APPS)).toMatchObject({
      state: 'ready',
      problems: [{ code: 'settings-unreadable' }],
    });
  });

  it('are as old as the last that could be read of that', async () => {
    const readSettled = jest.fn(async () => ({}));
    const { inventory } = setup([facts], readSettled);
    expect(await inventory.listBuckets()).toMatchObject({
      freshness: 'live',
      problems: [],
    });
    readSettled.mockRejectedValue(new Error('away'));
    inventory.invalidate(APPS);
    expect(await inventory.listBuckets()).toMatchObject({
      freshness: 'stale',
      items: [{ freshness: 'stale' }],
      problems: [{ code: 'settings-unreadable' }],
    });
  });

  it('need no word of the settings task where the portal sets nothing', async () => {
    const readSettled = jest.fn(async () => ({}));
    const elsewhere = { ...facts, settledBy: 'The setup program' };
    const { inventory } = setup([elsewhere], readSettled);
    await inventory.listBuckets();
    readSettled.mockRejectedValue(new Error('away'));
    inventory.invalidate(APPS);
    expect(await inventory.listBuckets()).toMatchObject({
      freshness: 'live',
      items: [{ freshness: 'live' }],
      problems: [],
    });
  });
});

describe('the accesses of an inventory', () => {
  it('are those of all tenants, or of one, with one question to each server', async () => {
    const { inventory, clients } = setup([
      tenant(APPS, [record('writer'), record('reader')]),
      tenant(ARCHIVE, [record('keeper')]),
    ]);
    const [all, one] = await Promise.all([
      inventory.listAccesses(),
      inventory.listAccesses([ARCHIVE]),
    ]);
    expect(all).toMatchObject({ problems: [], freshness: 'live' });
    expect(all.items.map(({ id, state }) => [id, state])).toEqual([
      [`${APPS}:reader`, 'ready'],
      [`${APPS}:writer`, 'ready'],
      [`${ARCHIVE}:keeper`, 'ready'],
    ]);
    expect(one.items.map(({ id }) => id)).toEqual([`${ARCHIVE}:keeper`]);
    for (const client of clients.values()) {
      expect(client.calls.filter(call => call === 'listUsers')).toHaveLength(1);
    }
  });

  it('cost nothing where there are none', async () => {
    const { inventory, clients } = setup([tenant(APPS, [])]);
    await inventory.listAccesses();
    await inventory.listTenants();
    await inventory.describeEntity(invoices);
    expect(clients.get(APPS)!.calls).not.toContain('listUsers');
  });

  it('ask no server where the reader can see none', async () => {
    const { inventory, clients } = setup([
      tenant(APPS, [record('writer')]),
      tenant(ARCHIVE, [record('keeper', { owner: 'group:default/media' })]),
    ]);
    clients.get(ARCHIVE)!.setDown(true);
    const { items, problems } = await inventory.listAccesses(undefined, {
      isWanted: ({ owner }) => owner === CHECKOUT,
    });
    expect(items.map(({ name }) => name)).toEqual(['writer']);
    expect(problems).toEqual([]);
    expect(clients.get(ARCHIVE)!.calls).toEqual([]);
  });

  it('are what the operator says where the portal may not see users, and one problem names the right', async () => {
    const { inventory, clients } = setup([tenant(APPS, [record('writer')])]);
    refuseUsers(clients.get(APPS)!);
    const { items, problems, freshness } = await inventory.listAccesses(
      undefined,
      { audience: 'platform' },
    );
    expect(items).toMatchObject([{ state: 'ready', reason: 'OperatorAlone' }]);
    expect(freshness).toBe('live');
    expect(problems).toEqual([
      expect.objectContaining({
        code: 'users-unreadable',
        part: APPS,
        hint: expect.stringContaining('admin:ListUsers'),
      }),
    ]);
    // Nothing else is the worse for it.
    expect(await inventory.getTenant(APPS)).toMatchObject({
      state: 'ready',
      problems: [{ code: 'users-unreadable' }],
    });
    const buckets = await inventory.listBuckets();
    expect(buckets).toMatchObject({
      freshness: 'live',
      problems: [],
      items: [{ name: 'checkout-invoices' }],
    });
    // A team hears what it means, and not which right is missing.
    const storage = await inventory.describeEntity(invoices);
    expect(storage.accesses).toMatchObject([{ name: 'writer' }]);
    expect(storage.problems.map(({ code }) => code)).toEqual([
      'users-unreadable',
    ]);
    expect(JSON.stringify(storage)).not.toMatch(/ListUsers|403/);
  });

  it('are unknown while their server is away, and it is said once', async () => {
    const { inventory, clients } = setup([tenant(APPS, [record('writer')])]);
    await inventory.listAccesses();
    clients.get(APPS)!.setDown(true);
    inventory.invalidate(APPS);
    const { items, problems } = await inventory.listAccesses();
    expect(items).toMatchObject([
      { state: 'unknown', reason: 'ServerUnreachable', drift: [] },
    ]);
    expect(problems.map(({ code }) => code)).toEqual(['tenant-unreachable']);
  });

  it('are as of the last reading of their cluster while it is away', async () => {
    const { inventory, read } = setup([tenant(APPS, [record('writer')])]);
    const { asOf } = await inventory.listAccesses();
    read.mockRejectedValue(new Error('away'));
    inventory.invalidate(APPS);
    const { items, freshness } = await inventory.listAccesses();
    expect(freshness).toBe('stale');
    expect(items).toMatchObject([{ name: 'writer', freshness: 'stale', asOf }]);
  });

  it('are known as Git declares them without asking a server', async () => {
    const { clients, inventory, read } = setup([
      tenant(APPS, [record('writer')]),
      tenant('atlas/storage/logs', [record('reader')]),
    ]);
    clients.get(APPS)!.setDown(true);
    const expected = [
      { tenant: APPS, record: { access: 'writer' } },
      { tenant: 'atlas/storage/logs', record: { access: 'reader' } },
    ];
    expect(await inventory.listAccessRecords()).toMatchObject(expected);
    // Nor is what was known of a cluster forgotten while it is away.
    read.mockRejectedValue(new Error('away'));
    inventory.invalidate(APPS);
    expect(await inventory.listAccessRecords()).toMatchObject(expected);
  });

  it('are observed with what is wrong with their own tenant, in the words for teams', async () => {
    const { inventory, read } = setup([]);
    const problem = (code: string, part: string) => ({
      code,
      part,
      message: `no answer of 10.0.0.7 for ${part}`,
      hint: 'h',
    });
    read.mockResolvedValue({
      tenants: [tenant(APPS, [record('writer')])],
      problems: [
        problem('setup-silent', APPS),
        problem('tenant-conflict', APPS),
        problem('setup-silent', 'atlas/storage/logs'),
      ],
    });
    const { problems } = await inventory.observeTenant(APPS);
    expect(problems.map(({ message }) => message)).toEqual([
      `What is declared for tenant ${APPS} is not made at present`,
    ]);
  });

  it('are observed past the cache', async () => {
    const { inventory } = setup([tenant(APPS, [record('writer')])]);
    expect(await inventory.observeTenant(APPS)).toMatchObject({
      facts: {
        accesses: [{ access: 'writer', accessKeyId: 'key-of-writer' }],
      },
    });
    expect(await inventory.observeTenant('atlas/storage/nowhere')).toEqual({
      ref: 'atlas/storage/nowhere',
      problems: [expect.objectContaining({ code: 'tenant-not-found' })],
    });
  });
});

describe('the accesses of an entity', () => {
  it('are those whose record names it and its owner', async () => {
    const { inventory, clients } = setup([
      tenant(APPS, [
        record('writer'),
        record('of-other-owner', { owner: 'group:default/media' }),
        record('of-other-entity', { entity: 'component:default/carts' }),
      ]),
      tenant(ARCHIVE, [
        record('foreign', {
          owner: 'group:default/media',
          entity: 'component:default/reels',
        }),
      ]),
    ]);
    const storage = await inventory.describeEntity(invoices);
    expect(storage.accesses.map(({ id }) => id)).toEqual([`${APPS}:writer`]);
    // It links the entity to the tenant, though it has no bucket there.
    expect(storage).toMatchObject({
      annotated: true,
      buckets: [],
      tenants: [{ ref: APPS }],
    });
    expect(storage.problems.map(({ code }) => code)).toEqual([
      'record-of-other-owner',
    ]);
    expect(JSON.stringify(storage)).not.toMatch(/media|foreign|archive/);
    // Of other tenants nothing is asked.
    expect(clients.get(ARCHIVE)!.calls).toEqual([]);
  });

  it('are nobody else’s for an annotation, and not asked for', async () => {
    const { inventory, clients } = setup([
      tenant(APPS, [record('writer', { owner: 'group:default/media' })]),
    ]);
    const storage = await inventory.describeEntity({
      ...invoices,
      metadata: {
        ...invoices.metadata,
        annotations: { 'rustfs.com/tenant': APPS },
      },
    });
    expect(storage.accesses).toEqual([]);
    expect(JSON.stringify(storage)).not.toContain('writer');
    expect(clients.get(APPS)!.calls).toEqual([]);
  });
});
