import { TestDatabases, mockServices } from '@backstage/backend-test-utils';
import { ServiceUnavailableError } from '@backstage/errors';
import {
  bucketRequestSchema,
  Problem,
  RequestState,
} from '@rustfs-portal/plugin-rustfs-common';
import { Pull } from '@rustfs-portal/plugin-rustfs-gitops-node';
import {
  AccountInfo,
  RustfsClient,
  TenantObject,
} from '@rustfs-portal/plugin-rustfs-node';
import { TenantObservation } from '../inventory';
import { DatabaseRequestStore, migrationsDirectory } from '../ledger';
import { RequestFollower } from './RequestFollower';
import { LocatedTarget } from './RequestTargets';

const TENANT = 'atlas/storage/apps';
const MERGE = 'b'.repeat(40);
const LATER = 'd'.repeat(40);
const MINUTE = 60_000;

const openPull: Pull = {
  number: 1,
  url: 'https://git.acme.org/acme/atlas/pulls/1',
  state: 'open',
  title: 'Add a bucket',
  branch: 'rustfs/a',
  baseBranch: 'main',
  head: 'a'.repeat(40),
  mergeable: true,
  draft: false,
  reviewers: ['carla'],
  reviews: { approvedBy: [], changesRequestedBy: [] },
};

function createTenant(buckets: string[]): TenantObject {
  return {
    metadata: { name: 'apps', namespace: 'storage', generation: 2 },
    spec: { buckets: buckets.map(name => ({ name, objectLock: false })) },
    status: {
      observedGeneration: 2,
      conditions: [],
      provisioning: {
        observedGeneration: 2,
        buckets: buckets.map(name => ({ name, state: 'Ready' })),
      },
    },
  };
}

function createObservation(buckets: string[]): TenantObservation {
  const ready = [{ type: 'Ready', status: 'True' }];
  return {
    ref: TENANT,
    tenant: createTenant(buckets),
    kustomization: {
      metadata: { name: 'storage', namespace: 'flux-system' },
      spec: { sourceRef: { kind: 'GitRepository', name: 'atlas' } },
      status: {
        lastAppliedRevision: `main@sha1:${LATER}`,
        lastAttemptedRevision: `main@sha1:${LATER}`,
        conditions: ready,
      },
    },
    gitRepository: {
      metadata: { name: 'atlas', namespace: 'flux-system' },
      spec: { url: 'https://git.acme.org/acme/atlas' },
      status: {
        artifact: { revision: `main@sha1:${LATER}` },
        conditions: ready,
      },
    },
    records: buckets.map(bucket => ({ bucket })),
    problems: [],
  };
}

describe('RequestFollower', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

  async function setup(requests: Record<string, RequestState>) {
    const client = await databases.init('SQLITE_3');
    await client.migrate.latest({ directory: migrationsDirectory });
    let now = new Date('2026-01-01T12:00:00.000Z');
    const store = new DatabaseRequestStore(client, { now: () => now });
    const buckets = Object.keys(requests);
    for (const [index, bucket] of buckets.entries()) {
      const state = requests[bucket];
      const { record } = await store.create({
        key: bucket,
        reviewers: [],
        request: {
          id: bucket,
          kind: 'bucket',
          input: bucketRequestSchema.parse({
            entityRef: 'component:default/invoices',
            tenant: TENANT,
            bucket,
            purpose: 'x',
            dataClass: 'internal',
          }),
          entityRef: 'component:default/invoices',
          owner: 'group:default/checkout',
          requestedBy: 'user:default/ada',
          createdAt: now.toISOString(),
          updatedAt: now.toISOString(),
          state: 'submitting',
          trail: [],
          problems: [],
        },
      });
      await store.update(
        {
          ...record,
          delivery: {
            repository: 'https://git.acme.org/acme/atlas',
            folder: 'storage',
            baseBranch: 'main',
          },
          request: {
            ...record.request,
            state,
            ...(state !== 'submitting' && {
              pullRequest: {
                number: index + 1,
                url: openPull.url,
                state: 'open',
                reviewers: [],
              },
            }),
            ...(['merged', 'applied'].includes(state) && {
              mergeCommit: MERGE,
            }),
          },
        },
        [],
      );
    }

    const forge = {
      getPull: jest.fn(async (_: string, number: number) => ({
        ...openPull,
        number,
      })),
      contains: jest.fn(async () => true),
    };
    const account: AccountInfo = {
      accountName: 'portal',
      buckets: buckets.map(name => ({
        name,
        versioning: 'off',
        objectLock: false,
      })),
    };
    const server = { accountInfo: jest.fn(async () => account) };
    const inventory = {
      observeTenant: jest.fn(async () => createObservation(buckets)),
      clientFor: () => server as unknown as RustfsClient,
      invalidate: jest.fn(),
    };
    const notifier = { changed: jest.fn(async () => {}) };
    const submitter = {
      submit: jest.fn(async () => undefined),
      refresh: jest.fn(async (): Promise<Problem | undefined> => undefined),
    };
    const follower = new RequestFollower({
      config: {
        followInterval: 1_000,
        stalledAfter: 15 * MINUTE,
        reviewStalledAfter: 3 * 24 * 60 * MINUTE,
        followFailedFor: 24 * 60 * MINUTE,
      },
      inventory,
      logger: mockServices.logger.mock(),
      notifier,
      now: () => now,
      store,
      submitter,
      targets: {
        open: () =>
          ({
            forge,
            forgeUrl: 'https://git.acme.org',
            repository: 'acme/atlas',
          } as unknown as LocatedTarget),
      },
    });
    return {
      follower,
      forge,
      inventory,
      notifier,
      server,
      store,
      submitter,
      read: async (id: string) => (await store.get(id))!.request,
      pass: (milliseconds: number) => {
        now = new Date(now.getTime() + milliseconds);
      },
    };
  }

  it('asks cluster, forge and server once for all requests on a tenant', async () => {
    const { follower, forge, inventory, read, server } = await setup(
      Object.fromEntries(
        Array.from({ length: 20 }, (_, n) => [`bucket-${n}`, 'merged']),
      ),
    );
    await follower.follow();
    expect(inventory.observeTenant).toHaveBeenCalledTimes(1);
    expect(forge.contains).toHaveBeenCalledTimes(1);
    expect(server.accountInfo).toHaveBeenCalledTimes(1);
    expect(await read('bucket-7')).toMatchObject({ state: 'ready' });
  });

  it('writes and tells nothing when nothing has changed', async () => {
    const { follower, notifier, store } = await setup({ quiet: 'proposed' });
    await follower.follow();
    const before = await store.get('quiet');
    notifier.changed.mockClear();
    await follower.follow();
    expect(await store.get('quiet')).toEqual(before);
    expect(notifier.changed).not.toHaveBeenCalled();
  });

  it('is not stopped by one request that cannot be followed', async () => {
    const { follower, forge, read } = await setup({
      broken: 'proposed',
      fine: 'merged',
    });
    // Not even an error object.
    forge.getPull.mockRejectedValue('nonsense');
    await follower.follow();
    expect(await read('fine')).toMatchObject({ state: 'ready' });
    expect(await read('broken')).toMatchObject({ state: 'proposed' });
  });

  it.each([
    ['forge', 'proposed', 'forge-unreachable'],
    ['cluster', 'merged', 'cluster-unreachable'],
    ['server', 'applied', 'tenant-unreachable'],
  ] as const)(
    'keeps the state and names the problem while the %s is down',
    async (part, state, code) => {
      const { follower, forge, inventory, server, read } = await setup({
        patient: state,
      });
      const call = {
        forge: forge.getPull,
        cluster: inventory.observeTenant,
        server: server.accountInfo,
      }[part] as jest.Mock;
      const works = call.getMockImplementation()!;
      call.mockRejectedValue(new ServiceUnavailableError('no answer in 3 s'));
      await follower.follow();
      expect(await read('patient')).toMatchObject({
        state,
        problems: [{ code, message: 'no answer in 3 s' }],
      });
      call.mockImplementation(works);
      await follower.follow();
      expect((await read('patient')).problems).toEqual([]);
    },
  );

  it('says that nothing has moved, where it hangs, and takes it back', async () => {
    const { follower, inventory, pass, read } = await setup({
      slow: 'applied',
    });
    const observation = createObservation(['slow']);
    inventory.observeTenant.mockResolvedValue({
      ...observation,
      tenant: { ...observation.tenant!, status: undefined },
    });
    await follower.follow();
    expect((await read('slow')).stalled).toBeUndefined();
    pass(16 * MINUTE);
    await follower.follow();
    expect((await read('slow')).stalled).toBe(
      'Nothing has moved for more than 15 minutes: The operator has not looked at the Tenant yet',
    );
    inventory.observeTenant.mockResolvedValue(observation);
    await follower.follow();
    expect(await read('slow')).toMatchObject({ state: 'ready' });
    expect((await read('slow')).stalled).toBeUndefined();
  });

  it('renders anew only what the forge cannot merge', async () => {
    const { follower, forge, submitter } = await setup({
      stale: 'proposed',
      fresh: 'proposed',
    });
    forge.getPull.mockImplementation(async (_, number) => ({
      ...openPull,
      number,
      mergeable: number !== 1,
    }));
    await follower.follow();
    expect(submitter.refresh).toHaveBeenCalledTimes(1);
    expect(submitter.refresh).toHaveBeenCalledWith(
      expect.objectContaining({
        request: expect.objectContaining({ id: 'stale' }),
      }),
    );
  });

  it('says why a pull request cannot be brought up to date', async () => {
    const { follower, forge, read, submitter } = await setup({
      late: 'proposed',
    });
    forge.getPull.mockResolvedValue({ ...openPull, mergeable: false });
    const problem = {
      code: 'request-outdated',
      part: TENANT,
      message: 'Bucket late is declared already, for another service',
    };
    submitter.refresh.mockResolvedValue(problem);
    await follower.follow();
    expect(await read('late')).toMatchObject({
      state: 'proposed',
      problems: [problem],
    });
  });

  it('tries again to open what is not open yet', async () => {
    const { follower, submitter } = await setup({ waiting: 'submitting' });
    await follower.follow();
    expect(submitter.submit).toHaveBeenCalledWith('waiting', { waitMs: 0 });
  });
});
