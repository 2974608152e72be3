import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { InputError } from '@backstage/errors';
import {
  bucketRequestSchema,
  RequestState,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  GiteaForge,
  giteaForge,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { startForge } from '@rustfs-portal/sandbox';
import { Inventory } from '../inventory';
import {
  DatabaseLocks,
  DatabaseRequestStore,
  migrationsDirectory,
} from '../ledger';
import { RequestDecisions } from './RequestDecisions';
import { RequestFollower } from './RequestFollower';
import { RequestNotifier } from './RequestNotifier';
import { RequestSubmitter } from './RequestSubmitter';
import { LocatedTarget } from './LocatedTarget';
import { RequestTargets } from './RequestTargets';
import {
  contentPolicies,
  createTestPlanner,
  everyRequest,
  holding,
  newBucket,
  silentSettings,
  testKinds,
} from './__testUtils__/kinds';

jest.setTimeout(120_000);

const ADA = 'user:default/ada';
const TENANT = 'atlas/storage/apps';
const FOLDER = 'storage';
const REPOSITORY = 'acme/atlas';
const files = {
  [`${FOLDER}/kustomization.yaml`]: 'resources:\n- apps.yaml\n',
  [`${FOLDER}/apps.yaml`]: `apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  buckets:
    - name: basket
`,
};

/** What people decide about requests, against a forge that speaks Gitea's protocol and a real ledger. */
describe('RequestDecisions', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let dataDir: string;
  let server: Awaited<ReturnType<typeof startForge>>;
  const check = async () => {};

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rustfs-decisions-'));
    server = await startForge({
      dataDir,
      port: 0,
      users: [
        { name: 'acme', password: 'pw', token: 'acme-token', admin: true },
        {
          name: 'portal',
          password: 'pw',
          token: 'portal-token',
          tokenScopes: ['write:repository'],
        },
      ],
    });
  });
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  let count = 0;

  /** Calls the forge as a reviewer does. */
  async function call(method: string, path: string, body?: unknown) {
    const response = await fetch(`${server.url}/api/v1/repos${path}`, {
      method,
      headers: {
        authorization: 'token acme-token',
        'content-type': 'application/json',
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text ? JSON.parse(text) : undefined,
    };
  }

  async function setup() {
    count += 1;
    const name = `atlas-${count}`;
    const repository = `acme/${name}`;
    await server.createRepository({
      owner: 'acme',
      name,
      files,
      collaborators: { portal: 'write' },
      private: true,
    });
    const client = await databases.init('SQLITE_3');
    await client.migrate.latest({ directory: migrationsDirectory });
    const store = new DatabaseRequestStore(client);
    const calls: string[] = [];
    const forge = GiteaForge.create({
      baseUrl: server.url,
      credentials: async () => giteaForge.toCredentials('portal-token'),
      fetch: (input, init) => {
        calls.push(`${init?.method} ${String(input)}`);
        return fetch(input, init);
      },
    });
    const located: LocatedTarget = {
      forge,
      forgeUrl: server.url,
      repository,
      reads: FOLDER,
      delivery: {
        repository: `${server.url}/${REPOSITORY}`,
        folder: FOLDER,
        baseBranch: 'main',
      },
      target: {
        tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
        layout: 'operator-tenant',
        folder: FOLDER,
        baseBranch: 'main',
      },
    };
    const targets = {
      open: () => located,
      reopen: async () => located,
      locate: jest.fn(async () => located),
    } as unknown as RequestTargets;
    const notifier = {
      changed: jest.fn(async () => {}),
      changesRequested: jest.fn(async () => {}),
      approvalNeeded: jest.fn(async () => {}),
    };
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
      inventory: {
        invalidate: () => {},
      } as unknown as Inventory,
      decisions,
      kinds: testKinds,
      logger: mockServices.logger.mock(),
      notifier,
      plans: everyRequest,
      policies: contentPolicies,
      store,
      submitter,
      settings: silentSettings,
      targets,
    });
    const read = async (id: string) => (await store.get(id))!.request;
    /** Asks for a bucket, and answers the id of the request. */
    async function ask(
      bucket: string,
      id = `${bucket}-${count}`,
    ): Promise<string> {
      const now = new Date().toISOString();
      await store.create({
        key: id,
        reviewers: [],
        claims: holding(bucket),
        request: {
          id,
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
          requestedBy: ADA,
          createdAt: now,
          updatedAt: now,
          state: 'submitting',
          trail: [
            { state: 'submitting', at: now, source: 'portal', message: '' },
          ],
          problems: [],
        },
      });
      return id;
    }
    async function open(bucket: string): Promise<string> {
      const id = await ask(bucket);
      await submitter.submit(id, { waitMs: 0 });
      expect(await read(id)).toMatchObject({ state: 'proposed' });
      return id;
    }
    const pullOf = async (id: string) =>
      forge.getPull(repository, (await read(id)).pullRequest!.number);
    const merge = async (id: string) => {
      const { number, head } = await pullOf(id);
      for (let attempt = 0; attempt < 50; attempt += 1) {
        const { status } = await call(
          'POST',
          `/${repository}/pulls/${number}/merge`,
          { Do: 'merge', head_commit_id: head },
        );
        if (status === 200) {
          return;
        }
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      throw new Error('not merged');
    };
    /** A reviewer commits to the branch of a request. */
    const commit = async (id: string): Promise<string> => {
      const { branch } = await pullOf(id);
      const { body } = await call('POST', `/${repository}/contents`, {
        branch,
        message: 'Mend it',
        files: [
          {
            operation: 'create',
            path: `notes-${Math.random()}.yaml`,
            content: 'YTogMQo=',
          },
        ],
      });
      return body.commit.sha;
    };
    /** The base moves into the way of every open pull request. */
    const moveBase = async () => {
      const { body } = await call(
        'GET',
        `/${repository}/contents/${FOLDER}/apps.yaml`,
      );
      await call('POST', `/${repository}/contents`, {
        branch: 'main',
        message: 'By hand',
        files: [
          {
            operation: 'update',
            path: `${FOLDER}/apps.yaml`,
            sha: body.sha,
            content: Buffer.from(
              files[`${FOLDER}/apps.yaml`].replace('basket', 'carts'),
            ).toString('base64'),
          },
        ],
      });
    };
    const followUntil = async (done: () => Promise<boolean>) => {
      for (let attempt = 0; attempt < 50; attempt += 1) {
        await follower.follow();
        if (await done()) {
          return;
        }
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      throw new Error('it did not come to that');
    };
    calls.length = 0;
    return {
      ask,
      calls,
      commit,
      decisions,
      follower,
      followUntil,
      forge,
      merge,
      moveBase,
      notifier,
      open,
      pullOf,
      read,
      repository,
      store,
      submitter,
      targets,
    };
  }

  describe('withdrawing', () => {
    it('closes the pull request, says who did it, gives the name back, and may be repeated', async () => {
      const { decisions, notifier, open, pullOf, read, store } = await setup();
      const id = await open('invoices');
      notifier.changed.mockClear();
      const all = await Promise.all([
        decisions.withdraw(id, ADA),
        decisions.withdraw(id, ADA),
      ]);
      expect(await decisions.withdraw(id, ADA)).toEqual(all[0]);
      expect(await pullOf(id)).toMatchObject({ state: 'closed' });
      expect(await read(id)).toMatchObject({
        state: 'withdrawn',
        pullRequest: { state: 'closed' },
      });
      const { trail } = await read(id);
      expect(trail.map(({ state }) => state)).toEqual([
        'submitting',
        'proposed',
        'withdrawn',
      ]);
      expect(trail.at(-1)).toMatchObject({ source: 'portal', actor: ADA });
      expect(await store.listRequested(TENANT)).toMatchObject({ bucket: [] });
      expect(notifier.changed).toHaveBeenCalledTimes(1);
    });

    it('is for the one who asked, and calls nothing upstream for anybody else', async () => {
      const { calls, decisions, open, read } = await setup();
      const id = await open('invoices');
      calls.length = 0;
      await expect(
        decisions.withdraw(id, 'user:default/eve'),
      ).rejects.toMatchObject({ name: 'NotAllowedError' });
      await expect(
        decisions.reopen(id, 'user:default/eve', check),
      ).rejects.toMatchObject({ name: 'NotAllowedError' });
      expect(calls).toEqual([]);
      expect(await read(id)).toMatchObject({ state: 'proposed' });
    });

    it('is too late for one that was merged meanwhile, and says so', async () => {
      const { decisions, merge, open, read } = await setup();
      const id = await open('invoices');
      await merge(id);
      await expect(decisions.withdraw(id, ADA)).rejects.toMatchObject({
        name: 'ConflictError',
        message: expect.stringMatching(/#\d+ was merged meanwhile/),
      });
      expect(await read(id)).toMatchObject({ state: 'proposed' });
    });

    it.each<RequestState>(['merged', 'applied', 'ready', 'failed', 'closed'])(
      'touches nothing that is %s',
      async state => {
        const { calls, decisions, open, read, store } = await setup();
        const id = await open('invoices');
        const record = (await store.get(id))!;
        await store.update(
          { ...record, request: { ...record.request, state } },
          [],
        );
        calls.length = 0;
        await expect(decisions.withdraw(id, ADA)).rejects.toMatchObject({
          name: 'ConflictError',
        });
        expect(calls).toEqual([]);
        expect(await read(id)).toMatchObject({ state });
      },
    );

    it('closes also the pull request that the portal had no time to write down', async () => {
      const { decisions, open, pullOf, read, store } = await setup();
      const id = await open('invoices');
      const { number } = await pullOf(id);
      const record = (await store.get(id))!;
      await store.update(
        {
          ...record,
          delivery: undefined,
          request: {
            ...record.request,
            state: 'submitting',
            pullRequest: undefined,
          },
        },
        [],
      );
      await decisions.withdraw(id, ADA);
      expect(await read(id)).toMatchObject({ state: 'withdrawn' });
      await store.update(
        {
          ...(await store.get(id))!,
          request: {
            ...(await read(id)),
            pullRequest: { number, url: '', state: 'open', reviewers: [] },
          },
        },
        [],
      );
      expect(await pullOf(id)).toMatchObject({ state: 'closed' });
    });

    it('follows what somebody does with the pull request afterwards', async () => {
      const { decisions, follower, forge, open, read, repository } =
        await setup();
      const id = await open('invoices');
      await decisions.withdraw(id, ADA);
      await follower.follow();
      expect(await read(id)).toMatchObject({ state: 'withdrawn' });
      const { number } = (await read(id)).pullRequest!;
      await forge.reopenPull(repository, number);
      await follower.follow();
      expect(await read(id)).toMatchObject({ state: 'proposed' });
    });
  });

  describe('taking up again', () => {
    it.each(['closed', 'withdrawn'])(
      'opens the same pull request of one that is %s',
      async how => {
        const { decisions, follower, forge, open, read, repository, pullOf } =
          await setup();
        const id = await open('invoices');
        const { number } = (await read(id)).pullRequest!;
        if (how === 'closed') {
          await forge.closePull(repository, number);
          await follower.follow();
        } else {
          await decisions.withdraw(id, ADA);
        }
        expect(await read(id)).toMatchObject({ state: how });
        expect(await decisions.reopen(id, ADA, check)).toMatchObject({
          state: 'proposed',
          pullRequest: { number, state: 'open' },
        });
        expect(await pullOf(id)).toMatchObject({ state: 'open' });
        const { trail } = await read(id);
        expect(trail.map(({ state }) => state)).toEqual([
          'submitting',
          'proposed',
          how,
          'submitting',
          'proposed',
        ]);
        expect(trail[3]).toMatchObject({ actor: ADA });
        await expect(decisions.reopen(id, ADA, check)).rejects.toMatchObject({
          name: 'ConflictError',
        });
      },
    );

    it('is not done when it may not be asked for any more, or the name is taken', async () => {
      const { calls, decisions, ask, open, read } = await setup();
      const id = await open('invoices');
      await decisions.withdraw(id, ADA);
      calls.length = 0;
      await expect(
        decisions.reopen(id, ADA, async () => {
          throw new InputError('quota: at most 5Gi');
        }),
      ).rejects.toThrow('at most 5Gi');
      // Somebody else asks for the name, too late for the check.
      await expect(
        decisions.reopen(id, ADA, async () => {
          await ask('invoices', 'another');
        }),
      ).rejects.toMatchObject({ name: 'ConflictError' });
      expect(calls).toEqual([]);
      const request = await read(id);
      expect(request.state).toBe('withdrawn');
      expect(request.trail).toHaveLength(3);
    });

    it('stays what it was when the bucket is declared by now', async () => {
      const { decisions, moveBase, open, read } = await setup();
      const id = await open('carts');
      await decisions.withdraw(id, ADA);
      await moveBase();
      await expect(decisions.reopen(id, ADA, check)).rejects.toMatchObject({
        name: 'ConflictError',
      });
      const request = await read(id);
      expect(request.state).toBe('withdrawn');
      expect(request.trail.at(-1)).toMatchObject({
        state: 'withdrawn',
        message: expect.stringContaining('declared'),
      });
    });

    it('leaves it to the next look to follow one that was merged meanwhile', async () => {
      const { decisions, forge, merge, open, read, repository } = await setup();
      const id = await open('invoices');
      await decisions.withdraw(id, ADA);
      const { number } = (await read(id)).pullRequest!;
      await forge.reopenPull(repository, number);
      await merge(id);
      const request = await decisions.reopen(id, ADA, check);
      expect(request.state).toBe('proposed');
    });
  });

  describe('a commit of somebody else on the branch', () => {
    async function conflicted() {
      const world = await setup();
      const id = await world.open('invoices');
      const theirs = await world.commit(id);
      await world.moveBase();
      await world.followUntil(async () =>
        (
          await world.read(id)
        ).problems.some(({ code }) => code === 'branch-foreign'),
      );
      return { ...world, id, theirs };
    }

    it('is never overwritten by a conflict: the request says whose it is and asks', async () => {
      const { follower, id, pullOf, read, theirs } = await conflicted();
      await follower.follow();
      expect((await pullOf(id)).head).toBe(theirs);
      expect(await read(id)).toMatchObject({
        state: 'proposed',
        foreignCommit: { commit: theirs, by: 'acme', isKept: false },
        problems: [
          {
            code: 'branch-foreign',
            message: expect.stringContaining(theirs.slice(0, 7)),
            hint: expect.stringContaining('keep the commit'),
          },
        ],
      });
    });

    it('goes when a person says so of this very commit, and the pull request stays', async () => {
      const { commit, decisions, follower, id, pullOf, read, theirs } =
        await conflicted();
      const later = await commit(id);
      const replace = (sha: string) =>
        decisions.decide(
          id,
          { commit: sha, decision: 'replace' },
          'user:default/pat',
        );
      // The portal has not seen the later one, and the person neither.
      await expect(replace(theirs)).rejects.toMatchObject({
        name: 'ConflictError',
      });
      await expect(replace(later)).rejects.toMatchObject({
        name: 'ConflictError',
      });
      expect((await pullOf(id)).head).toBe(later);
      await follower.follow();
      const before = (await read(id)).pullRequest!.number;
      const replaced = await replace(later);
      expect(replaced.foreignCommit).toBeUndefined();
      expect(replaced.pullRequest!.number).toBe(before);
      expect(replaced.trail.at(-1)).toMatchObject({
        actor: 'user:default/pat',
        message: expect.stringContaining(later.slice(0, 7)),
      });
      await follower.follow();
      expect(await read(id)).toMatchObject({ state: 'proposed', problems: [] });
      expect((await pullOf(id)).head).not.toBe(later);
    });

    it('stays when a person says so, once', async () => {
      const { decisions, follower, id, pullOf, read, theirs } =
        await conflicted();
      const keep = () =>
        decisions.decide(id, { commit: theirs, decision: 'keep' }, ADA);
      await keep();
      await keep();
      await follower.follow();
      const request = await read(id);
      expect(request.foreignCommit).toMatchObject({ isKept: true });
      expect(
        request.trail.filter(({ message }) => message.includes('stays')),
      ).toHaveLength(1);
      expect(request.problems[0].hint).toContain('Resolve the conflict');
      expect((await pullOf(id)).head).toBe(theirs);
    });

    it('keeps a request waiting whose branch somebody made before it', async () => {
      const { ask, decisions, follower, read, repository, pullOf } =
        await setup();
      const id = await ask('invoices');
      await call('POST', `/${repository}/branches`, {
        new_branch_name: `rustfs/${id}`,
        old_ref_name: 'main',
      });
      await follower.follow();
      await follower.follow();
      const request = await read(id);
      expect(request).toMatchObject({
        state: 'submitting',
        foreignCommit: { isKept: false },
        problems: [{ code: 'branch-foreign' }],
      });
      const { commit } = request.foreignCommit!;
      const opened = await decisions.decide(
        id,
        { commit, decision: 'replace' },
        ADA,
      );
      expect(opened).toMatchObject({ state: 'proposed' });
      expect(await pullOf(id)).toMatchObject({ state: 'open' });
    });
  });
});
