import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  inputOf,
  Problem,
  SECRET_FORMS,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  branchOf,
  ChangeSet,
  GiteaForge,
  giteaForge,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { startForge } from '@rustfs-portal/sandbox';
import { CatalogPeople } from '../approvals';
import { GuardrailRule } from '../guardrails';
import { Inventory } from '../inventory';
import {
  DatabaseRequestStore,
  migrationsDirectory,
  RequestRecord,
} from '../ledger';
import { accessCreate, ACCESS_MODES, bucketCreate } from './kinds';
import { PolicyKeeper } from './PolicyKeeper';
import { RequestContexts } from './RequestContexts';
import { RequestFollower } from './RequestFollower';
import {
  bareTenant,
  everyRequest,
  silentSettings,
} from './__testUtils__/kinds';
import { RequestKinds } from './RequestKinds';
import { LocatedTarget } from './LocatedTarget';

jest.setTimeout(120_000);

const TENANT = 'atlas/storage/apps';
const CHECKOUT = 'group:default/checkout';
const MEDIA = 'group:default/media';
const ADA = 'user:default/ada';

/** Login, and the teams of the person behind it; undefined: nobody is. */
const ACCOUNTS: Record<string, string[] | undefined> = {
  ada: ['checkout', 'media'],
  alan: ['checkout'],
  mina: ['media'],
  robot: undefined,
};

/** Approvals of requests, on a forge that speaks Gitea's protocol, with a real ledger. */
describe('PolicyKeeper', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let dataDir: string;
  let server: Awaited<ReturnType<typeof startForge>>;
  let count = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rustfs-policy-'));
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
        ...Object.keys(ACCOUNTS).map(name => ({
          name,
          password: 'pw',
          token: `${name}-token`,
        })),
      ],
    });
  });
  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function setup(
    options: {
      buckets?: string[];
      kind?: 'access-create' | 'bucket-create';
      /** Its second stage, after an approved first one. */
      isSecondStage?: boolean;
      rules?: GuardrailRule[];
    } = {},
  ) {
    const { buckets = ['checkout-invoices', 'media-raw'] } = options;
    count += 1;
    const id = `request-${count}`;
    const repository = `acme/atlas-${count}`;
    await server.createRepository({
      owner: 'acme',
      name: `atlas-${count}`,
      files: { 'a.yaml': 'a: 1\n' },
      // The owners of other buckets need not be able to write.
      collaborators: {
        portal: 'write',
        ada: 'write',
        alan: 'write',
        robot: 'write',
        mina: 'read',
      },
      private: true,
    });
    const call = async (
      login: string,
      method: string,
      path: string,
      body?: unknown,
    ) => {
      const response = await fetch(
        `${server.url}/api/v1/repos/${repository}${path}`,
        {
          method,
          headers: {
            authorization: `token ${login}-token`,
            'content-type': 'application/json',
          },
          body: body === undefined ? undefined : JSON.stringify(body),
        },
      );
      const text = await response.text();
      return {
        status: response.status,
        body: text ? JSON.parse(text) : undefined,
      };
    };

    const calls: string[] = [];
    const forge = GiteaForge.create({
      baseUrl: server.url,
      credentials: async () => giteaForge.toCredentials('portal-token'),
      fetch: (input, init) => {
        calls.push(`${init?.method} ${new URL(String(input)).pathname}`);
        return fetch(input, init);
      },
    });
    const identity = { name: 'Portal', email: 'portal@noreply.invalid' };
    const changeSet: ChangeSet = {
      branch: branchOf(id),
      baseBranch: 'main',
      title: 'Access',
      body: '',
      commitMessage: 'Access\n',
      author: identity,
      committer: identity,
      date: '2026-11-20T10:11:12Z',
      files: [
        { path: 'b.yaml', operation: 'create', after: 'b: 1\n', diff: '' },
      ],
    };
    await forge.replaceBranch({
      repository,
      changeSet,
      mayReplace: () => false,
    });
    const { head, number, url } = await forge.ensurePull({
      repository,
      changeSet,
    });

    const client = await databases.init('SQLITE_3');
    await client.migrate.latest({ directory: migrationsDirectory });
    const store = new DatabaseRequestStore(client);
    const entityRef = 'component:default/invoices';
    const isAccess = options.kind !== 'bucket-create';
    const kind = isAccess ? accessCreate : bucketCreate;
    const input = isAccess
      ? accessCreate.parse({
          entityRef,
          tenant: TENANT,
          access: 'invoices',
          scope: { type: 'buckets', buckets },
          mode: 'read',
          consumer: { namespace: 'checkout', secret: 'invoices-s3' },
          purpose: 'Invoices',
        })
      : bucketCreate.parse({
          entityRef,
          tenant: TENANT,
          bucket: buckets[0],
          quota: '5Gi',
          purpose: 'Invoices',
          dataClass: 'internal',
        });
    const now = new Date().toISOString();
    const { record } = await store.create({
      key: id,
      reviewers: [],
      claims: kind.claims(input as never, { tenant: bareTenant(TENANT) }),
      request: {
        id,
        kind: kind.id,
        subject: kind.subject(input as never),
        input,
        stage: 1,
        stages: 1,
        entityRef,
        owner: CHECKOUT,
        requestedBy: ADA,
        createdAt: now,
        updatedAt: now,
        state: 'submitting',
        trail: [],
        problems: [],
      },
    });
    await store.update(
      {
        ...record,
        head,
        isApproved: options.isSecondStage,
        delivery: {
          repository: `${server.url}/${repository}`,
          folder: '.',
          baseBranch: 'main',
        },
        request: {
          ...record.request,
          state: 'proposed',
          stage: options.isSecondStage ? 2 : 1,
          pullRequest: { number, url, state: 'open', reviewers: [] },
        },
      },
      [],
    );

    /** What is on the tenant now; tests change it. */
    const tenant = {
      buckets: (
        [
          { name: 'checkout-invoices', owner: CHECKOUT },
          { name: 'media-raw', owner: MEDIA },
        ] as Array<{ name: string; owner?: string }>
      ).filter(({ name }) => isAccess || name !== buckets[0]),
      problems: [] as Problem[],
    };
    const rules: GuardrailRule[] = options.rules ?? [
      { owners: ['*'], accessModes: ['read'], namespaces: ['checkout'] },
    ];
    const inventory = {
      getTenant: async () => undefined,
      listBuckets: async () => ({
        items: tenant.buckets,
        problems: tenant.problems,
      }),
      observeTenant: async () => ({
        ref: TENANT,
        problems: [],
      }),
      listAccessRecords: async () => [],
      clientFor: () => undefined,
      invalidate: () => {},
    } as unknown as Inventory;
    const catalog = catalogServiceMock({
      entities: Object.entries(ACCOUNTS).flatMap(([name, groups]) =>
        groups
          ? [
              {
                apiVersion: 'backstage.io/v1alpha1',
                kind: 'User',
                metadata: {
                  name,
                  annotations: {
                    [`${new URL(server.url).host}/user-login`]: name,
                  },
                },
                spec: {},
                relations: groups.map(group => ({
                  type: 'memberOf',
                  targetRef: `group:default/${group}`,
                })),
              },
            ]
          : [],
      ),
    });
    const located = {
      forge,
      forgeUrl: server.url,
      repository,
    } as unknown as LocatedTarget;
    const targets = { open: () => located };
    const kinds = new RequestKinds([accessCreate, bucketCreate]);
    const notifier = {
      changed: jest.fn(async () => {}),
      changesRequested: jest.fn(async () => {}),
      approvalNeeded: jest.fn(
        async (_: StorageRequest, __: { owner: string }) => {},
      ),
    };
    const follower = new RequestFollower({
      config: {
        followInterval: 1_000,
        followIdleInterval: 1_000,
        stalledAfter: 900_000,
        reviewStalledAfter: 900_000,
        followEndedFor: 900_000,
      },
      decisions: { supersede: async () => {} },
      inventory,
      kinds,
      logger: mockServices.logger.mock(),
      notifier,
      plans: everyRequest,
      policies: new PolicyKeeper({
        contexts: new RequestContexts({
          clusters: ['atlas'],
          forms: [...SECRET_FORMS],
          guardrails: rules,
          inventory,
          modes: ACCESS_MODES,
          setup: {},
          store,
        }),
        kinds,
        links: { requestUrl: name => `https://portal.acme.org/r/${name}` },
        people: new CatalogPeople({
          auth: mockServices.auth(),
          catalog,
          settings: [],
        }),
        targets,
      }),
      store,
      submitter: {
        submit: async () => undefined,
        refresh: async (one: RequestRecord) => ({ record: one }),
        hasOtherSecrets: async () => false,
        inspect: async (one: RequestRecord) => {
          const tip = await forge.readBranch(repository, branchOf(id));
          return !tip || tip.commit === one.head
            ? { head: one.head }
            : {
                head: one.head,
                foreignCommit: {
                  commit: tip.commit,
                  by: tip.committer.name,
                  isKept: false,
                },
              };
        },
      },
      settings: silentSettings,
      targets,
    });
    const read = async () => (await store.get(id))!.request;
    const review = async (login: string, event = 'APPROVED') => {
      const { status } = await call(login, 'POST', `/pulls/${number}/reviews`, {
        event,
        body: 'Read.',
      });
      expect(status).toBe(200);
    };
    return {
      catalog,
      follower,
      forge,
      head,
      notifier,
      read,
      review,
      rules,
      tenant,
      call,
      /** One round, and what was said on the forge in it. */
      follow: async () => {
        calls.length = 0;
        await follower.follow();
        return {
          request: await read(),
          written: calls.filter(line => !line.startsWith('GET')),
        };
      },
      /** What the forge has as the word of the portal. */
      status: async () => {
        const pull = await forge.getPull(repository, number, { checks: true });
        return pull.checks?.find(({ name }) => name === 'rustfs/policy');
      },
      reviewers: async () =>
        (await forge.getPull(repository, number)).reviewers,
      merge: async () => {
        for (let attempt = 0; attempt < 50; attempt += 1) {
          const { status } = await call(
            'acme',
            'POST',
            `/pulls/${number}/merge`,
            { Do: 'merge' },
          );
          if (status === 200) {
            return;
          }
          await new Promise(resolve => setTimeout(resolve, 100));
        }
        throw new Error('not merged');
      },
      /** Somebody who may write adds to the branch. */
      pushToBranch: async (login: string) => {
        const { status } = await call(login, 'POST', '/contents', {
          branch: branchOf(id),
          message: 'More',
          files: [
            { operation: 'create', path: 'more.yaml', content: 'YTogMQo=' },
          ],
        });
        expect(status).toBe(201);
      },
    };
  }

  it('asks the owners of other buckets, and is content only once one of them has approved', async () => {
    const { follow, notifier, read, review, reviewers, status } = await setup();
    const { request, written } = await follow();
    const needed = {
      type: 'owner',
      owner: MEDIA,
      buckets: ['media-raw'],
    };
    expect(request.policy).toEqual({
      state: 'waiting',
      missing: [
        { type: 'anybody', ignored: [] },
        { ...needed, ignored: [] },
      ],
    });
    // Once, however many accounts the team has; the one who asked is in it too, and is not asked.
    expect(written).toHaveLength(2);
    expect(await reviewers()).toEqual(['mina']);
    expect(notifier.approvalNeeded).toHaveBeenCalledTimes(1);
    expect(notifier.approvalNeeded).toHaveBeenCalledWith(
      expect.objectContaining({ id: request.id }),
      { owner: MEDIA, buckets: ['media-raw'] },
    );
    expect(request.trail.at(-1)).toMatchObject({
      message: 'Needs approval by team media for media-raw',
    });
    expect(await status()).toMatchObject({
      state: 'pending',
      url: `https://portal.acme.org/r/${request.id}`,
    });
    // Its own word is no check that somebody has to wait for.
    expect(request.pullRequest?.checks).toBeUndefined();
    expect(request.waitingFor).not.toContain('rustfs/policy');

    expect((await follow()).written).toEqual([]);

    await review('ada');
    expect((await follow()).request.policy).toMatchObject({
      state: 'waiting',
      missing: [
        { ignored: [{ login: 'ada', reason: 'asked' }] },
        { ...needed, ignored: [{ login: 'ada', reason: 'asked' }] },
      ],
    });
    await review('robot');
    expect((await follow()).request.policy?.missing[0]).toMatchObject({
      ignored: expect.arrayContaining([
        { login: 'robot', reason: 'unmatched' },
      ]),
    });
    expect(await status()).toMatchObject({ state: 'pending' });

    await review('alan');
    const half = (await follow()).request;
    expect(half.policy?.missing).toMatchObject([needed]);
    expect(half).toMatchObject({
      waitingFor: 'Approval by team media for media-raw',
      pullRequest: { turn: 'reviewers' },
    });
    expect(await status()).toMatchObject({ state: 'pending' });

    // She may only read the repository, and owns the bucket.
    await review('mina');
    expect((await follow()).request.policy).toEqual({
      state: 'approved',
      missing: [],
    });
    expect(await status()).toMatchObject({ state: 'passing' });
    expect((await follow()).written).toEqual([]);
    expect(notifier.approvalNeeded).toHaveBeenCalledTimes(1);
    expect((await read()).problems).toEqual([]);
  });

  it('counts the approval of the first stage for the second, and not for a commit of somebody else there', async () => {
    const { follow, pushToBranch, status } = await setup({
      isSecondStage: true,
    });
    expect((await follow()).request.policy).toEqual({
      state: 'approved',
      missing: [],
    });
    expect(await status()).toMatchObject({ state: 'passing' });
    await pushToBranch('ada');
    expect((await follow()).request.policy).toMatchObject({
      state: 'refused',
      missing: [{ type: 'commit' }],
    });
  });

  it('says again what somebody else has said in its name', async () => {
    const { call, follow, head, status } = await setup();
    await follow();
    await call('ada', 'POST', `/statuses/${head}`, {
      context: 'rustfs/policy',
      state: 'success',
      description: 'Trust me',
    });
    expect(await status()).toMatchObject({ state: 'passing' });
    expect((await follow()).written).toHaveLength(1);
    expect(await status()).toMatchObject({ state: 'pending' });
  });

  it('does not vouch for a branch with a commit of somebody else', async () => {
    const { follow, merge, pushToBranch, review, status } = await setup({
      buckets: ['checkout-invoices'],
    });
    await follow();
    await pushToBranch('ada');
    await review('alan');
    expect((await follow()).request.policy).toMatchObject({
      state: 'refused',
      missing: [{ type: 'commit' }],
    });
    expect(await status()).toMatchObject({ state: 'failing' });
    await merge();
    expect((await follow()).request).toMatchObject({
      state: 'merged',
      problems: expect.arrayContaining([
        expect.objectContaining({ code: 'merged-without-approval' }),
      ]),
    });
  });

  it('lets an approval go with the commit that it was about', async () => {
    const { follow, pushToBranch, review } = await setup({
      buckets: ['checkout-invoices'],
    });
    await review('alan');
    expect((await follow()).request.policy?.state).toBe('approved');
    await pushToBranch('alan');
    expect((await follow()).request.policy).toMatchObject({
      missing: [{ type: 'commit' }, { type: 'anybody' }],
    });
  });

  it('counts what was approved between two looks, and finds a merge that lacks it', async () => {
    const approved = await setup();
    await approved.follow();
    await approved.review('alan');
    await approved.review('mina');
    await approved.merge();
    const { request } = await approved.follow();
    expect(request).toMatchObject({
      state: 'merged',
      policy: { state: 'approved' },
    });
    expect(request.problems).not.toContainEqual(
      expect.objectContaining({ code: 'merged-without-approval' }),
    );

    const bypassed = await setup();
    await bypassed.follow();
    await bypassed.review('alan');
    // Whoever says green in the name of the portal has not approved.
    await bypassed.call('ada', 'POST', `/statuses/${bypassed.head}`, {
      context: 'rustfs/policy',
      state: 'success',
    });
    await bypassed.merge();
    const found = {
      code: 'merged-without-approval',
      message:
        'Merged although it lacked: approval by team media for media-raw',
    };
    expect((await bypassed.follow()).request).toMatchObject({
      state: 'merged',
      policy: { state: 'waiting' },
      problems: expect.arrayContaining([expect.objectContaining(found)]),
    });
    // It stays one.
    expect((await bypassed.follow()).request.problems).toContainEqual(
      expect.objectContaining(found),
    );
  });

  it('judges a merge that it never saw open, without what the merge itself has brought', async () => {
    const { follow, merge, review, tenant } = await setup({
      kind: 'bucket-create',
      buckets: ['checkout-drafts'],
      rules: [{ owners: ['*'], maxQuota: '10Gi' }],
    });
    await review('alan');
    await merge();
    tenant.buckets.push({ name: 'checkout-drafts', owner: CHECKOUT });
    expect((await follow()).request).toMatchObject({
      state: 'merged',
      policy: { state: 'approved' },
    });
  });

  it('follows the guardrails of now', async () => {
    const { follow, review, rules, status, tenant } = await setup({
      kind: 'bucket-create',
      buckets: ['checkout-drafts'],
      rules: [{ owners: ['*'], maxQuota: '10Gi' }],
    });
    await review('alan');
    expect((await follow()).request.policy?.state).toBe('approved');
    rules.unshift({ owners: ['*'], maxQuota: '1Gi' });
    expect((await follow()).request.policy).toMatchObject({
      state: 'refused',
      missing: [
        { type: 'guardrails', reasons: [expect.stringMatching('At most 1')] },
      ],
    });
    expect(await status()).toMatchObject({ state: 'failing' });
    rules.shift();
    expect((await follow()).request.policy?.state).toBe('approved');

    // Somebody else has such a bucket by now.
    tenant.buckets.push({ name: 'checkout-drafts', owner: MEDIA });
    expect((await follow()).request.policy?.state).toBe('refused');
  });

  it('refuses nothing because of what cannot be read for now', async () => {
    const { follow, tenant } = await setup();
    const { buckets } = tenant;
    tenant.buckets = [];
    tenant.problems = [
      { code: 'cluster-unreachable', part: 'atlas', message: 'no answer' },
    ];
    const blind = await follow();
    expect(blind.request.policy).toBeUndefined();
    expect(blind.written).toEqual([]);
    expect(blind.request.problems).toMatchObject([{ code: 'policy-unknown' }]);

    tenant.buckets = buckets;
    tenant.problems = [];
    const seen = (await follow()).request.policy;
    expect(seen?.state).toBe('waiting');
    tenant.buckets = [];
    tenant.problems = [
      { code: 'cluster-unreachable', part: 'atlas', message: 'no answer' },
    ];
    expect((await follow()).request.policy).toEqual(seen);
  });

  it('does not take a bucket for the asker’s by its name while its record cannot be read', async () => {
    const { follow, tenant } = await setup({
      buckets: ['checkout-legacy'],
      rules: [
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
      ],
    });
    // All that the server says; whose it is stands in the cluster.
    tenant.buckets = [{ name: 'checkout-legacy' }];
    tenant.problems = [
      { code: 'cluster-unreachable', part: 'atlas', message: 'no answer' },
    ];
    const blind = await follow();
    expect(blind.request.policy).toBeUndefined();
    expect(blind.written).toEqual([]);

    tenant.buckets = [{ name: 'checkout-legacy', owner: MEDIA }];
    tenant.problems = [];
    expect((await follow()).request.policy?.missing).toContainEqual({
      type: 'owner',
      owner: MEDIA,
      buckets: ['checkout-legacy'],
      ignored: [],
    });
  });

  it('does not pass by a merge while nobody can say who has approved', async () => {
    const { catalog, follow, merge, review } = await setup();
    await review('alan');
    await review('mina');
    await merge();
    const people = jest
      .spyOn(catalog, 'queryEntities')
      .mockRejectedValue(new Error('The catalog is down'));
    expect((await follow()).request).toMatchObject({
      state: 'proposed',
      problems: [{ code: 'policy-unknown' }],
    });
    people.mockRestore();
    expect((await follow()).request).toMatchObject({
      state: 'merged',
      policy: { state: 'approved' },
    });
  });

  it.each<[string, GuardrailRule, object]>([
    [
      'a quota within the limit',
      { merge: 'auto', autoMerge: { maxQuota: '10Gi' } },
      { state: 'approved', isTrusted: true },
    ],
    [
      'a quota beyond the limit',
      { merge: 'auto', autoMerge: { maxQuota: '1Gi' } },
      { state: 'waiting', missing: [{ type: 'anybody' }] },
    ],
    [
      'a team that is not trusted',
      { merge: 'review', autoMerge: { maxQuota: '10Gi' } },
      { state: 'waiting', missing: [{ type: 'anybody' }] },
    ],
  ])(
    'needs an approval where the guardrails say so: %s',
    async (_, rule, expected) => {
      const { follow } = await setup({
        kind: 'bucket-create',
        buckets: ['checkout-drafts'],
        rules: [{ owners: ['*'], ...rule }],
      });
      expect((await follow()).request.policy).toMatchObject(expected);
    },
  );

  it('has what a team is trusted with merged by itself, where the forge requires the word of the portal', async () => {
    const { call, follow } = await setup({
      kind: 'bucket-create',
      buckets: ['checkout-drafts'],
      rules: [{ owners: ['*'], merge: 'auto' }],
    });
    expect((await follow()).request).toMatchObject({
      state: 'proposed',
      problems: [{ code: 'forge-unsupported' }],
    });
    await call('acme', 'POST', '/branch_protections', {
      rule_name: 'main',
      enable_status_check: true,
      status_check_contexts: ['rustfs/policy'],
    });
    for (let round = 0; round < 20; round += 1) {
      const { request } = await follow();
      if (request.state === 'merged') {
        break;
      }
    }
    expect((await follow()).request).toMatchObject({
      state: 'merged',
      policy: { state: 'approved', isTrusted: true },
      trail: expect.arrayContaining([
        expect.objectContaining({
          message: expect.stringContaining('as soon as its checks pass'),
        }),
      ]),
    });
  });

  it('needs the owner of another bucket also where the team is trusted', async () => {
    const { follow } = await setup({
      rules: [
        {
          owners: ['*'],
          accessModes: ['read'],
          namespaces: ['checkout'],
          merge: 'auto',
          autoMerge: { accessModes: ['read'] },
        },
      ],
    });
    const { request } = await follow();
    expect(inputOf(request, 'access-create')?.mode).toBe('read');
    expect(request.policy).toMatchObject({
      state: 'waiting',
      missing: [{ type: 'owner', owner: MEDIA }],
    });
  });
});
