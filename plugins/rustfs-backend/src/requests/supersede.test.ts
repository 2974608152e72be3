import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  AccessRecord,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { bareFacts } from '../__testUtils__/facts';
import {
  DatabaseLocks,
  DatabaseRequestStore,
  migrationsDirectory,
} from '../ledger';
import {
  bareTenant,
  contentPolicies,
  createTestContexts,
  createTestPlanner,
  everyRequest,
  silentSettings,
  testKinds,
} from './__testUtils__/kinds';
import { accessCreate, accessRevoke } from './kinds';
import { RequestDecisions } from './RequestDecisions';
import { RequestFollower } from './RequestFollower';
import { RequestNotifier } from './RequestNotifier';
import { RequestService } from './RequestService';
import { RequestSubmitter } from './RequestSubmitter';
import { LocatedTarget } from './LocatedTarget';
import { RequestTargets } from './RequestTargets';

const OWNER = 'group:default/checkout';
const TENANT = 'atlas/storage/apps';
const entityRef = 'component:default/invoices';

/** Requests whose place another one takes: the end of an access, before the request that made it is ready. */
/** What Git declares. */
const accesses = [
  {
    access: 'invoices',
    owner: OWNER,
    state: 'active',
    consumer: { cluster: 'atlas', namespace: 'checkout', secret: 'made' },
  },
] as unknown as AccessRecord[];

describe('a request that takes the place of another', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

  async function setup() {
    const client = await databases.init('SQLITE_3');
    await client.migrate.latest({ directory: migrationsDirectory });
    const store = new DatabaseRequestStore(client);
    const forge = { closePull: jest.fn(async () => 'closed') };
    const located = {
      forge,
      forgeUrl: 'https://git.acme.org',
      repository: 'acme/atlas',
    } as unknown as LocatedTarget;
    const targets = { open: () => located } as unknown as RequestTargets;
    const notifier = { changed: jest.fn(async () => {}) };
    const submitter = new RequestSubmitter({
      locks: new DatabaseLocks(client),
      notifier: notifier as unknown as RequestNotifier,
      planner: createTestPlanner(),
      store,
      targets,
    });
    const decisions = new RequestDecisions({
      kinds: testKinds,
      notifier,
      store,
      submitter,
      targets,
    });
    const follower = new RequestFollower({
      config: {
        followInterval: 1_000,
        followIdleInterval: 1_000,
        stalledAfter: 900_000,
        reviewStalledAfter: 900_000,
        followEndedFor: 900_000,
      },
      decisions,
      inventory: {
        observePlace: async () => ({ problems: [] }),
        observeTenant: async ref => ({
          ref,
          problems: [],
        }),
        clientFor: () => undefined,
        invalidate: () => {},
      },
      kinds: testKinds,
      logger: mockServices.logger.mock(),
      notifier: {
        ...notifier,
        changesRequested: async () => {},
        approvalNeeded: async () => {},
      },
      plans: everyRequest,
      policies: contentPolicies,
      store,
      submitter,
      settings: silentSettings,
      targets,
    });
    const create = (id: string, kindId: 'access-create' | 'access-revoke') => {
      const kind = kindId === 'access-create' ? accessCreate : accessRevoke;
      const input = {
        entityRef,
        tenant: TENANT,
        access: 'invoices',
        purpose: 'x',
        scope: { type: 'buckets', buckets: ['invoices'] },
        newBuckets: [],
        consumer: { namespace: 'checkout', secret: id, form: 'aws' },
      };
      const at = new Date().toISOString();
      return store.create({
        key: id,
        reviewers: [],
        claims: kind.claims(input as never, {
          tenant: { ...bareTenant(TENANT), accesses },
        }),
        supersedes: kind.supersedes,
        request: {
          id,
          kind: kind.id,
          subject: kind.subject(input as never),
          input,
          stage: 1,
          stages: 1,
          entityRef,
          owner: OWNER,
          requestedBy: 'user:default/ada',
          createdAt: at,
          updatedAt: at,
          state: 'submitting',
          trail: [],
          problems: [],
        },
      });
    };
    const moveTo = async (id: string, state: RequestState) => {
      const record = (await store.get(id))!;
      await store.update(
        {
          ...record,
          delivery: {
            repository: 'https://git.acme.org/acme/atlas',
            folder: '.',
            baseBranch: 'main',
          },
          request: {
            ...record.request,
            state,
            ...(state !== 'submitting' && {
              pullRequest: {
                number: 7,
                url: 'https://git.acme.org/acme/atlas/pulls/7',
                state: state === 'proposed' ? 'open' : 'merged',
                reviewers: [],
              },
            }),
          },
        },
        [],
      );
    };
    return {
      create,
      decisions,
      follower,
      forge,
      moveTo,
      read: async (id: string) => (await store.get(id))!.request,
      requested: async () => (await store.listRequested(TENANT)).access,
      store,
    };
  }

  it('ends it once it is proposed itself, and closes its pull request', async () => {
    const { create, follower, forge, moveTo, read, requested, store } =
      await setup();
    await create('made', 'access-create');
    await moveTo('made', 'proposed');
    const { record } = await create('gone', 'access-revoke');
    expect(record.superseded).toEqual(['made']);
    expect(await requested()).toEqual(['invoices']);
    // Nothing has ended before the other one stands.
    expect(forge.closePull).not.toHaveBeenCalled();
    expect(await read('made')).toMatchObject({ state: 'proposed' });

    await moveTo('gone', 'proposed');
    await follower.follow();
    expect(forge.closePull).toHaveBeenCalledTimes(1);
    expect(await read('made')).toMatchObject({
      state: 'closed',
      pullRequest: { state: 'closed' },
      trail: [
        {
          state: 'closed',
          source: 'portal',
          message: expect.stringContaining('Another request takes its place'),
        },
      ],
    });
    expect(await requested()).toEqual(['invoices']);
    await follower.follow();
    expect(forge.closePull).toHaveBeenCalledTimes(1);
    await expect(store.get('gone')).resolves.toMatchObject({
      superseded: undefined,
    });
  });

  it.each<[string, RequestState, string, number]>([
    ['was applied', 'applied', 'closed', 0],
    ['was merged meanwhile', 'proposed', 'merged', 1],
  ])(
    'says of one that %s that its end is another’s',
    async (_, state, answer, calls) => {
      const { create, decisions, forge, moveTo, read } = await setup();
      await create('made', 'access-create');
      await moveTo('made', state);
      await create('gone', 'access-revoke');
      forge.closePull.mockResolvedValue(answer);
      const by = await read('gone');
      await decisions.supersede('made', by);
      await decisions.supersede('made', by);
      expect(forge.closePull).toHaveBeenCalledTimes(calls);
      expect(await read('made')).toMatchObject({
        state: 'failed',
        failure: { source: 'portal', reason: 'Superseded' },
        trail: [{ state: 'failed' }],
      });
    },
  );

  it('gives back what it took over when it is refused', async () => {
    const { create, moveTo, requested, store } = await setup();
    await create('made', 'access-create');
    await moveTo('made', 'applied');
    const { record } = await create('gone', 'access-revoke');
    await store.remove(record);
    expect(await requested()).toEqual([]);
    await moveTo('made', 'applied');
    expect(await requested()).toEqual(['invoices']);
  });

  it('is not refused because of what it takes the place of', async () => {
    const { create, moveTo, read, store } = await setup();
    const service = new RequestService({
      contexts: createTestContexts({
        inventory: {
          getTenant: async () => undefined,
          listBuckets: async () => ({
            items: [],
            asOf: '2026-01-01T00:00:00.000Z',
            freshness: 'live',
            problems: [],
          }),
          observeTenant: async ref => ({
            ref,
            facts: { ...bareFacts(ref), accesses },
            problems: [],
          }),
        },
        store,
      }),
      kinds: testKinds,
      store,
    } as unknown as ConstructorParameters<typeof RequestService>[0]);
    const entity = { ref: entityRef, owner: OWNER };
    await create('made', 'access-create');
    await moveTo('made', 'applied');
    const end: StorageRequest = {
      ...(await read('made')),
      id: 'gone',
      kind: 'access-revoke',
    };
    await expect(service.checkAgain(entity, end)).resolves.toBeUndefined();
    await create('gone', 'access-revoke');
    await expect(service.checkAgain(entity, end)).rejects.toMatchObject({
      name: 'ConflictError',
      message: expect.stringContaining('open request for access invoices'),
    });
  });

  it('is one: of two that claim the same the second is refused', async () => {
    const { create } = await setup();
    await create('gone', 'access-revoke');
    await expect(create('again', 'access-revoke')).rejects.toMatchObject({
      name: 'ConflictError',
      message: expect.stringContaining(
        `open request for access invoices on ${TENANT}`,
      ),
    });
    // Nor does a new one take the place of the end of the old one, or of its Secret.
    await expect(create('made', 'access-create')).rejects.toMatchObject({
      name: 'ConflictError',
      issues: [{ field: 'access' }, { field: 'consumer.secret' }],
    });
  });
});
