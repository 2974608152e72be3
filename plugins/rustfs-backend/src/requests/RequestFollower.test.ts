import { TestDatabases, mockServices } from '@backstage/backend-test-utils';
import {
  ConflictError,
  InputError,
  ServiceUnavailableError,
} from '@backstage/errors';
import { AccountInfo, RustfsClient } from '@rustfs-portal/plugin-rustfs-client';
import {
  bucketRequestSchema,
  ForeignCommit,
  Problem,
  RequestState,
} from '@rustfs-portal/plugin-rustfs-common';
import { PlaceReading, TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { ForgeError, Pull } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { bareFacts, fluxPlace } from '../__testUtils__/facts';
import {
  GitRepositoryObject,
  KustomizationObject,
} from '../gitops/flux/objects';
import { TenantObservation } from '../inventory';
import {
  DatabaseRequestStore,
  migrationsDirectory,
  RequestRecord,
} from '../ledger';
import { describeTenant, TenantObject } from '../sources/rustfsOperator';
import { RequestFollower } from './RequestFollower';
import { RoundPlans, RoundResult } from './RoundPlans';
import { SubmitOutcome } from './RequestSubmitter';
import { LocatedTarget } from './LocatedTarget';
import {
  contentPolicies,
  everyRequest,
  holding,
  newBucket,
  testKinds,
} from './__testUtils__/kinds';

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

function createTenant(
  buckets: string[],
  status?: TenantObject['status'],
): TenantObject {
  return {
    metadata: { name: 'apps', namespace: 'storage', generation: 2 },
    spec: { buckets: buckets.map(name => ({ name, objectLock: false })) },
    status,
  };
}

const ready = [{ type: 'Ready', status: 'True' }];
const kustomization: KustomizationObject = {
  metadata: { name: 'storage', namespace: 'flux-system' },
  spec: { sourceRef: { kind: 'GitRepository', name: 'atlas' } },
  status: {
    lastAppliedRevision: `main@sha1:${LATER}`,
    lastAttemptedRevision: `main@sha1:${LATER}`,
    conditions: ready,
  },
};
const gitRepository: GitRepositoryObject = {
  metadata: { name: 'atlas', namespace: 'flux-system' },
  spec: {
    url: 'https://git.acme.org/acme/atlas',
    ref: { branch: 'main' },
  },
  status: {
    artifact: { revision: `main@sha1:${LATER}` },
    conditions: ready,
  },
};

function createFacts(
  buckets: string[],
  status: TenantObject['status'] = {
    observedGeneration: 2,
    conditions: [],
    provisioning: {
      observedGeneration: 2,
      buckets: buckets.map(name => ({ name, state: 'Ready' })),
    },
  },
): TenantFacts {
  return {
    ...bareFacts(TENANT),
    layout: 'operator-tenant',
    settledBy: 'portal',
    ...describeTenant(createTenant(buckets, status)),
    ...fluxPlace(kustomization, gitRepository),
    records: buckets.map(bucket => ({ bucket })),
  };
}

function createObservation(
  buckets: string[],
  change: Partial<TenantFacts> = {},
): TenantObservation {
  return {
    ref: TENANT,
    facts: { ...createFacts(buckets), ...change },
    problems: [],
  };
}

describe('RequestFollower', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

  async function setup(
    requests: Record<string, RequestState>,
    options: { plans?: Pick<RoundPlans, 'all' | 'told'> } = {},
  ) {
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
        claims: holding(bucket),
        request: {
          id: bucket,
          ...newBucket(
            bucketRequestSchema.parse({
              entityRef: 'component:default/invoices',
              tenant: TENANT,
              bucket,
              purpose: 'x',
              dataClass: 'internal',
            }),
          ),
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

    let lists = 0;
    const forge = {
      // Each has changed since the last list.
      listOpenPulls: async () => {
        lists += 1;
        return Array.from({ length: 200 }, (_, index) => ({
          number: index + 1,
          head: openPull.head,
          updatedAt: String(lists),
        }));
      },
      getPull: jest.fn(async (_: string, number: number) => ({
        ...openPull,
        number,
      })),
      contains: jest.fn(async (_: { revision: string }) => true),
      pagesOf: () => ({
        commit: (commit: string) => `https://git.acme.org/${commit}`,
        folder: () => 'https://git.acme.org/storage',
      }),
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
      observePlace: jest.fn(
        async (..._: unknown[]): Promise<PlaceReading> => ({ problems: [] }),
      ),
      clientFor: () => server as unknown as RustfsClient,
      invalidate: jest.fn(),
    };
    const notifier = {
      changed: jest.fn(async () => {}),
      changesRequested: jest.fn(async () => {}),
      approvalNeeded: jest.fn(async () => {}),
    };
    const submitter = {
      submit: jest.fn(
        async (_: string): Promise<SubmitOutcome | undefined> => undefined,
      ),
      refresh: jest.fn(
        async (
          record: RequestRecord,
        ): Promise<{ record: RequestRecord; problem?: Problem }> => ({
          record,
        }),
      ),
      hasOtherSecrets: jest.fn(async () => false),
      inspect: jest.fn(
        async (
          _: RequestRecord,
        ): Promise<{ head?: string; foreignCommit?: ForeignCommit }> => ({
          head: openPull.head,
        }),
      ),
    };
    const settings = {
      read: jest.fn(async () => ({})),
      settleNow: jest.fn(async (_: Map<string, Set<string>>) => {}),
    };
    const follower = new RequestFollower({
      config: {
        followInterval: 1_000,
        followIdleInterval: 1_000,
        stalledAfter: 15 * MINUTE,
        reviewStalledAfter: 3 * 24 * 60 * MINUTE,
        followEndedFor: 24 * 60 * MINUTE,
      },
      decisions: { supersede: async () => {} },
      inventory,
      kinds: testKinds,
      logger: mockServices.logger.mock(),
      notifier,
      now: () => now,
      plans: options.plans ?? everyRequest,
      policies: contentPolicies,
      settings,
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
      settings,
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

  it('has the settings task set the buckets that requests wait for, and sets nothing itself', async () => {
    const { follower, inventory, read, server, settings } = await setup({
      one: 'merged',
      other: 'merged',
    });
    inventory.observeTenant.mockResolvedValue(
      createObservation(['one', 'other'], {
        layout: 'operator-tenant',
        records: [
          { bucket: 'one', quotaBytes: 2 ** 30 },
          { bucket: 'other', quotaBytes: 2 ** 30 },
        ],
      }),
    );
    await follower.follow();
    expect(await read('one')).toMatchObject({
      state: 'applied',
      waitingFor: 'The portal to set the quota 1 GiB',
    });
    // Once for a round, whatever the number of requests.
    expect(settings.settleNow).toHaveBeenCalledTimes(1);
    const [[asked]] = settings.settleNow.mock.calls;
    expect([...asked]).toEqual([
      [(await read('one')).subject.tenant, new Set(['one', 'other'])],
    ]);

    const { buckets } = await server.accountInfo();
    buckets.forEach(bucket => {
      bucket.quotaBytes = 2 ** 30;
    });
    await follower.follow();
    expect(await read('one')).toMatchObject({ state: 'ready' });
    expect(await read('other')).toMatchObject({ state: 'ready' });
    expect(settings.settleNow).toHaveBeenCalledTimes(1);
  });

  it('says that a merge was pushed over, and goes on once the branch has it again', async () => {
    const { follower, forge, inventory, read } = await setup({
      lost: 'merged',
    });
    forge.contains.mockResolvedValue(false);
    await follower.follow();
    expect(await read('lost')).toMatchObject({
      state: 'merged',
      waitingFor: `Branch main to contain commit ${MERGE} again`,
      problems: [
        {
          code: 'merge-lost',
          part: 'https://git.acme.org',
          message: expect.stringContaining(
            'main of acme/atlas no longer contains',
          ),
          hint: expect.stringContaining(`git merge ${MERGE}`),
        },
      ],
    });
    // One call for the revision of Flux, and one for the branch.
    expect(forge.contains.mock.calls.map(([{ revision }]) => revision)).toEqual(
      [LATER, 'main'],
    );

    // It was put back, and Flux has yet to fetch it.
    forge.contains.mockImplementation(
      async ({ revision }) => revision === 'main',
    );
    await follower.follow();
    expect(await read('lost')).toMatchObject({
      state: 'merged',
      waitingFor: expect.stringContaining('not fetched yet'),
      problems: [],
    });

    const fetched = `main@sha1:${'e'.repeat(40)}`;
    inventory.observeTenant.mockResolvedValue(
      createObservation(
        ['lost'],
        fluxPlace(
          {
            ...kustomization,
            status: {
              conditions: ready,
              lastAppliedRevision: fetched,
              lastAttemptedRevision: fetched,
            },
          },
          {
            ...gitRepository,
            status: {
              conditions: ready,
              artifact: { revision: fetched },
            },
          },
        ),
      ),
    );
    forge.contains.mockResolvedValue(true);
    await follower.follow();
    expect(await read('lost')).toMatchObject({ state: 'ready', problems: [] });

    // What is applied is not looked for in the branch.
    expect(inventory.observeTenant).toHaveBeenCalledTimes(3);
    // What Flux had at first is not asked for twice: that never changes.
    expect(forge.contains).toHaveBeenCalledTimes(4);
  });

  it('leaves the first pull request behind, and follows the second where its Secret is applied', async () => {
    const { follower, inventory, read, store } = await setup({ two: 'merged' });
    const record = (await store.get('two'))!;
    const consumer = {
      cluster: 'borealis',
      appliedBy: {
        kind: 'Kustomization',
        namespace: 'flux-system',
        name: 'apps',
      },
      namespace: 'checkout',
    };
    await store.update(
      { ...record, consumer, request: { ...record.request, stages: 2 } },
      [],
    );
    await follower.follow();
    const next = (await store.get('two'))!;
    expect(next).toMatchObject({
      consumer,
      request: {
        state: 'submitting',
        stage: 2,
        earlier: [{ number: 1, url: openPull.url }],
      },
    });
    expect([next.delivery, next.head]).toEqual([undefined, undefined]);
    // What was merged there is what the second is to hand over.
    expect(next.before).toEqual({
      delivery: record.delivery,
      mergeCommit: MERGE,
    });
    const { mergeCommit, pullRequest } = next.request;
    expect([mergeCommit, pullRequest]).toEqual([undefined, undefined]);
    // The name is held throughout.
    expect((await store.listRequested(TENANT)).bucket).toEqual(['two']);

    await store.update(
      {
        ...next,
        delivery: {
          repository: 'https://git.acme.org/acme/borealis',
          folder: 'apps',
          baseBranch: 'main',
        },
        request: { ...next.request, state: 'merged', mergeCommit: MERGE },
      },
      [],
    );
    inventory.observePlace.mockResolvedValue({
      ...fluxPlace(
        {
          ...kustomization,
          spec: { ...kustomization.spec, suspend: true },
          status: { conditions: [] },
        },
        gitRepository,
      ),
      problems: [],
    });
    await follower.follow();
    // Flux of the tenant has long applied it; that of the workload counts.
    expect(await read('two')).toMatchObject({
      state: 'merged',
      waitingFor: expect.stringContaining('is suspended'),
    });
    expect(inventory.observePlace).toHaveBeenCalledWith(
      'borealis',
      consumer.appliedBy,
    );

    inventory.observePlace.mockResolvedValue({
      ...fluxPlace(kustomization, gitRepository),
      problems: [],
    });
    await follower.follow();
    expect(await read('two')).toMatchObject({ state: 'ready', stage: 2 });
  });

  it('says that a second stage which cannot be proposed leaves the first in effect', async () => {
    const { follower, read, store, submitter } = await setup({
      two: 'submitting',
    });
    const record = (await store.get('two'))!;
    await store.update(
      { ...record, request: { ...record.request, stage: 2, stages: 2 } },
      [],
    );
    submitter.submit.mockResolvedValue({
      outcome: 'refused',
      error: new InputError('consumer: other readers'),
    });
    await follower.follow();
    expect(await read('two')).toMatchObject({
      state: 'failed',
      failure: {
        message: 'consumer: other readers',
        hint: expect.stringContaining('end of the access'),
      },
    });
  });

  it('says that a merge was pushed over while Flux is suspended', async () => {
    const { follower, forge, inventory, read } = await setup({
      lost: 'merged',
    });
    inventory.observeTenant.mockResolvedValue(
      createObservation(
        ['lost'],
        fluxPlace(kustomization, {
          ...gitRepository,
          spec: { ...gitRepository.spec, suspend: true },
        }),
      ),
    );
    forge.contains.mockResolvedValue(false);
    await follower.follow();
    expect(await read('lost')).toMatchObject({
      state: 'merged',
      problems: [{ code: 'merge-lost' }],
    });
  });

  it('names what is between the tenant and Git', async () => {
    const { follower, inventory, read } = await setup({ stuck: 'merged' });
    inventory.observeTenant.mockResolvedValue(
      createObservation(['stuck'], {
        place: undefined,
        obstacle: {
          code: 'object-missing',
          object: {
            kind: 'GitRepository',
            namespace: 'flux-system',
            name: 'atlas',
          },
        },
      }),
    );
    await follower.follow();
    expect(await read('stuck')).toMatchObject({
      state: 'merged',
      waitingFor: expect.stringContaining(
        'GitRepository flux-system/atlas, which is not in the cluster',
      ),
    });
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

  it('says that nothing has moved, beside what it waits for, and takes it back', async () => {
    const { follower, inventory, pass, read } = await setup({
      slow: 'applied',
    });
    const observation = createObservation(['slow']);
    inventory.observeTenant.mockResolvedValue(
      createObservation(['slow'], describeTenant(createTenant(['slow']))),
    );
    await follower.follow();
    expect((await read('slow')).stalled).toBeUndefined();
    pass(16 * MINUTE);
    await follower.follow();
    expect(await read('slow')).toMatchObject({
      waitingFor: 'The operator has not looked at the Tenant yet',
      stalled:
        'Nothing has moved for more than 15 minutes, which is longer than usual',
    });
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
    submitter.refresh.mockImplementation(async record => ({
      record,
      problem,
    }));
    await follower.follow();
    expect(await read('late')).toMatchObject({
      state: 'proposed',
      problems: [problem],
    });
  });

  describe('a commit of somebody else on the branch', () => {
    const theirs = {
      commit: 'e'.repeat(40),
      by: 'Carla Moreno',
      isKept: false,
    };

    it('is named, looked at once, and forgotten when it is gone', async () => {
      const { follower, forge, read, store, submitter } = await setup({
        shared: 'proposed',
      });
      await follower.follow();
      // The first look keeps what the portal wrote.
      expect(submitter.inspect).toHaveBeenCalledTimes(1);
      expect((await store.get('shared'))?.head).toBe(openPull.head);
      expect((await read('shared')).foreignCommit).toBeUndefined();

      forge.getPull.mockImplementation(async () => ({
        ...openPull,
        head: theirs.commit,
      }));
      submitter.inspect.mockImplementation(async ({ head }) => ({
        head,
        foreignCommit: theirs,
      }));
      await follower.follow();
      await follower.follow();
      expect(submitter.inspect).toHaveBeenCalledTimes(2);
      expect((await read('shared')).foreignCommit).toEqual(theirs);

      forge.getPull.mockImplementation(async () => openPull);
      await follower.follow();
      expect((await read('shared')).foreignCommit).toBeUndefined();
      expect(submitter.inspect).toHaveBeenCalledTimes(2);
    });

    it('is a problem that is named when it cannot be looked at', async () => {
      const { follower, read, submitter } = await setup({ shared: 'proposed' });
      submitter.inspect.mockRejectedValue(
        new ForgeError('denied', 'may not read'),
      );
      await follower.follow();
      expect(await read('shared')).toMatchObject({
        state: 'proposed',
        problems: [{ code: 'forge-denied', message: 'may not read' }],
      });
    });
  });

  it('tells the author once that changes are asked for, and again when they are asked for anew', async () => {
    const { follower, forge, notifier, read } = await setup({
      reviewed: 'proposed',
    });
    const objection = (at: string) => ({
      approvedBy: [],
      changesRequestedBy: ['carla'],
      remarks: [
        {
          by: 'carla',
          verdict: 'changes-requested' as const,
          text: 'Too large',
          at,
          isOutdated: false,
        },
      ],
    });
    const says = (reviews: Pull['reviews']) =>
      forge.getPull.mockImplementation(async () => ({ ...openPull, reviews }));
    says(objection('2026-01-01T12:00:00Z'));
    await follower.follow();
    await follower.follow();
    expect(notifier.changesRequested).toHaveBeenCalledTimes(1);
    expect(await read('reviewed')).toMatchObject({
      pullRequest: {
        turn: 'author',
        changesRequestedBy: ['carla'],
        remarks: [{ text: 'Too large' }],
      },
    });
    says(objection('2026-01-01T13:00:00Z'));
    await follower.follow();
    expect(notifier.changesRequested).toHaveBeenCalledTimes(2);
    says({ approvedBy: ['carla'], changesRequestedBy: [] });
    await follower.follow();
    expect(notifier.changesRequested).toHaveBeenCalledTimes(2);
    expect(await read('reviewed')).toMatchObject({
      pullRequest: { turn: 'merge' },
    });
  });

  it('opens what is not proposed yet before it follows the others', async () => {
    const order: string[] = [];
    const { follower, forge, submitter } = await setup({
      ...Object.fromEntries(
        Array.from({ length: 40 }, (_, n) => [`open-${n}`, 'proposed']),
      ),
      waiting: 'submitting',
      'also-waiting': 'submitting',
    });
    forge.getPull.mockImplementation(async () => {
      order.push('followed');
      return openPull;
    });
    submitter.submit.mockImplementation(async () => {
      order.push('submitted');
      return undefined;
    });
    for (let round = 0; round < 5; round += 1) {
      order.length = 0;
      await follower.follow();
      expect(order.slice(0, 2)).toEqual(['submitted', 'submitted']);
    }
  });

  it('leaves no problem on a request that has come to its end', async () => {
    const { follower, inventory, read } = await setup({ done: 'merged' });
    const problem = {
      code: 'object-unreadable',
      part: 'atlas',
      message: 'Cluster atlas has declarations that cannot be read',
    };
    inventory.observeTenant.mockResolvedValue({
      ...createObservation(['done']),
      problems: [problem],
    });
    await follower.follow();
    // Nobody looks at it any more, so what cannot be read now would be said for ever.
    expect(await read('done')).toMatchObject({ state: 'ready', problems: [] });
  });

  it('follows a closed pull request that somebody opens again', async () => {
    const { follower, forge, read, store } = await setup({ back: 'proposed' });
    const closed: Pull = { ...openPull, state: 'closed' };
    forge.getPull.mockResolvedValue(closed);
    await follower.follow();
    expect(await read('back')).toMatchObject({ state: 'closed' });
    await expect(store.listRequested(TENANT)).resolves.toMatchObject({
      bucket: [],
    });
    const before = await store.get('back');
    await follower.follow();
    expect(await store.get('back')).toEqual(before);

    forge.getPull.mockResolvedValue(openPull);
    await follower.follow();
    expect(await read('back')).toMatchObject({
      state: 'proposed',
      waitingFor: 'A review by carla',
      pullRequest: { state: 'open' },
    });
    await expect(store.listRequested(TENANT)).resolves.toMatchObject({
      bucket: ['back'],
      access: [],
      secret: [],
    });

    forge.getPull.mockResolvedValue(closed);
    await follower.follow();
    forge.getPull.mockResolvedValue({
      ...openPull,
      state: 'merged',
      mergeCommit: MERGE,
    });
    await follower.follow();
    expect(await read('back')).toMatchObject({ state: 'ready' });
    expect((await read('back')).trail.map(({ state }) => state)).toEqual([
      'closed',
      'proposed',
      'closed',
      'merged',
      'applied',
      'ready',
    ]);
  });

  it('looks more seldom, and in the end no more, at what was closed some time ago', async () => {
    const { follower, forge, pass, read } = await setup({ old: 'proposed' });
    forge.getPull.mockResolvedValue({ ...openPull, state: 'closed' });
    await follower.follow();
    forge.getPull.mockClear();
    await follower.followEnded();
    expect(forge.getPull).not.toHaveBeenCalled();

    pass(2 * 60 * MINUTE);
    await follower.follow();
    expect(forge.getPull).not.toHaveBeenCalled();
    await follower.followEnded();
    expect(forge.getPull).toHaveBeenCalledTimes(1);

    pass(23 * 60 * MINUTE);
    forge.getPull.mockClear().mockResolvedValue(openPull);
    await follower.followEnded();
    expect(forge.getPull).not.toHaveBeenCalled();
    expect(await read('old')).toMatchObject({ state: 'closed' });
  });

  it('does not spend the round on a forge that hangs', async () => {
    const { follower, forge, pass, read, submitter } = await setup({
      ...Object.fromEntries(
        Array.from({ length: 40 }, (_, n) => [`bucket-${n}`, 'proposed']),
      ),
      waiting: 'submitting',
    });
    const message = 'git.acme.org does not answer: nothing came within 10 s';
    forge.getPull.mockImplementation(async () => {
      pass(10_000);
      throw new ForgeError('unreachable', message);
    });
    await follower.follow();
    expect(forge.getPull.mock.calls.length).toBeLessThan(10);
    for (const bucket of ['bucket-0', 'bucket-20', 'bucket-39']) {
      expect((await read(bucket)).problems).toMatchObject([
        { code: 'forge-unreachable', message },
      ]);
    }

    // Another round is another try.
    forge.getPull.mockClear();
    forge.getPull.mockResolvedValue(openPull);
    await follower.follow();
    expect(forge.getPull).toHaveBeenCalledTimes(40);
    expect((await read('bucket-20')).problems).toEqual([]);
    expect(submitter.submit).toHaveBeenCalled();
  });

  it('does not spend the round on pull requests that a hanging forge cannot open', async () => {
    const { follower, pass, read, store, submitter } = await setup(
      Object.fromEntries(
        Array.from({ length: 40 }, (_, n) => [`bucket-${n}`, 'submitting']),
      ),
    );
    submitter.submit.mockImplementation(async id => {
      pass(10_000);
      const record = (await store.get(id))!;
      const problem = {
        code: 'forge-unreachable',
        part: 'https://git.acme.org',
        message: 'git.acme.org does not answer: nothing came within 10 s',
      };
      const kept = await store.update(
        { ...record, request: { ...record.request, problems: [problem] } },
        [],
      );
      return { outcome: 'kept', record: kept! };
    });
    // The first round learns of each where it is to go.
    await follower.follow();
    submitter.submit.mockClear();
    await follower.follow();
    expect(submitter.submit.mock.calls.length).toBeLessThan(10);
    // What is not tried again still says that it hangs.
    pass(16 * MINUTE);
    await follower.follow();
    for (const bucket of ['bucket-0', 'bucket-20', 'bucket-39']) {
      expect((await read(bucket)).stalled).toMatch(/^Nothing has moved/);
    }
  });

  it('begins each round elsewhere, so that nobody is always last', async () => {
    const { follower, forge } = await setup(
      Object.fromEntries(
        Array.from({ length: 20 }, (_, n) => [`bucket-${n}`, 'proposed']),
      ),
    );
    const orders = new Set<string>();
    for (let round = 0; round < 3; round += 1) {
      forge.getPull.mockClear();
      await follower.follow();
      orders.add(forge.getPull.mock.calls.map(([, n]) => n).join());
    }
    expect(orders.size).toBe(3);
  });

  it.each([
    [new ConflictError('it is declared already'), /another name/],
    [new InputError('tenant: its manifest cannot be parsed'), /mended/],
  ])(
    'says what to do when a promise cannot be kept: %s',
    async (error, hint) => {
      const { follower, read, submitter } = await setup({ late: 'submitting' });
      submitter.submit.mockResolvedValue({ outcome: 'refused', error });
      await follower.follow();
      expect(await read('late')).toMatchObject({
        state: 'failed',
        failure: { message: error.message, hint: expect.stringMatching(hint) },
      });
    },
  );

  describe('its rounds', () => {
    /** Plans that have every request, and keep what the rounds came to. */
    function keepResults(shaken: string[] = []) {
      const results: Array<Record<keyof RoundResult, string[]>> = [];
      const plans: Pick<RoundPlans, 'all' | 'told'> = {
        ...everyRequest,
        all: async records => ({
          records,
          told: new Set(),
          shaken: new Set(shaken),
          finish: async ({ moved, touched, unread, unreached }) => {
            results.push({
              moved: [...moved],
              touched: [...touched],
              unread: [...unread].sort(),
              unreached: [...unreached].sort(),
            });
          },
        }),
      };
      return { plans, results };
    }

    it('tell what they could not read, closed ones too, and who has done something', async () => {
      const { plans, results } = keepResults();
      const { follower, forge } = await setup(
        {
          basket: 'proposed',
          closed: 'closed',
          merged: 'merged',
          approved: 'proposed',
          quiet: 'proposed',
        },
        { plans },
      );
      forge.getPull.mockImplementation(async (_, number) => {
        if (number <= 2) {
          throw new ForgeError('denied', 'may not read');
        }
        return {
          ...openPull,
          number,
          ...(number === 4 && {
            reviews: { approvedBy: ['carla'], changesRequestedBy: [] },
          }),
        };
      });
      await follower.follow();
      expect(results.at(-1)).toMatchObject({
        touched: ['approved'],
        unread: ['basket', 'closed'],
        unreached: [],
      });
      await follower.follow();
      expect(results.at(-1)).toMatchObject({ touched: [] });
    });

    it('tell what they have read when they are ended before their time', async () => {
      const { plans, results } = keepResults();
      const ids = Array.from({ length: 20 }, (_, index) => `bucket-${index}`);
      const { follower, forge } = await setup(
        Object.fromEntries(ids.map(id => [id, 'proposed'])),
        { plans },
      );
      const stop = new AbortController();
      forge.getPull.mockImplementation(async (_, number) => {
        stop.abort();
        return { ...openPull, number };
      });
      await follower.follow(stop.signal);
      const [{ unread, unreached }] = results;
      expect(unread).toEqual(unreached);
      expect(unread.length).toBeLessThan(ids.length);
      expect(unread.length).toBeGreaterThanOrEqual(ids.length - 4);
    });

    it('have not seen whether one is in conflict as long as the forge does not know', async () => {
      const { plans, results } = keepResults(['basket']);
      const { follower, forge } = await setup(
        { basket: 'proposed', quiet: 'proposed' },
        { plans },
      );
      const tell = (mergeable?: boolean) =>
        forge.getPull.mockImplementation(async (_, number) => ({
          ...openPull,
          mergeable,
          number,
        }));
      tell(undefined);
      await follower.follow();
      expect(results.at(-1)!.unread).toEqual(['basket']);
      tell(true);
      await follower.follow();
      expect(results.at(-1)!.unread).toEqual([]);
    });
  });

  it('tries again to open what is not open yet', async () => {
    const { follower, submitter } = await setup({ waiting: 'submitting' });
    await follower.follow();
    expect(submitter.submit).toHaveBeenCalledWith('waiting', { waitMs: 0 });
  });
});
