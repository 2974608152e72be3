import {
  AccessRecord,
  accessEntryName,
  DENYING_POLICY_NAME,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { RustfsClient } from '@rustfs-portal/plugin-rustfs-client';
import { Pull } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { TenantObservation } from '../inventory';
import { KnownCommits } from './KnownCommits';
import { RequestObserver } from './RequestObserver';
import { LocatedTarget } from './LocatedTarget';
import { SilentForges } from './SilentForges';
import { testKinds } from './__testUtils__/kinds';

const TENANT = 'atlas/storage/apps';
const ENTRY = accessEntryName('invoices');

function createRequest(
  kind: string,
  given: Partial<StorageRequest> = {},
): StorageRequest {
  return {
    id: 'a1',
    kind,
    subject: { type: 'access', tenant: TENANT, name: 'invoices' },
    input: {
      entityRef: 'component:default/invoices',
      tenant: TENANT,
      access: 'invoices',
      newBuckets: [],
      purpose: 'Invoices',
    },
    stage: 1,
    stages: 1,
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    state: 'applied',
    mergeCommit: 'b'.repeat(40),
    trail: [],
    problems: [],
    ...given,
  };
}

/** An access in the cluster, whose user has a policy on the server; everything that the Tenant lists is made. */
async function observe(
  request: StorageRequest,
  there: { record: AccessRecord['state']; policy: string; isListed?: boolean },
) {
  const facts = {
    ref: TENANT,
    endpoints: {},
    items:
      there.isListed === false
        ? []
        : [
            {
              type: 'access',
              name: 'invoices',
              listed: true,
              verdict: { state: 'ready' },
            },
          ],
    unlisted: { message: 'A later change may have taken it out' },
    records: [],
    unreadRecords: [],
    accesses: [
      {
        access: 'invoices',
        accessKeyId: 'key',
        policy: ENTRY,
        state: there.record,
      },
    ],
    unreadAccesses: [],
  } as unknown as TenantFacts;
  const seen: TenantObservation = { ref: TENANT, facts, problems: [] };
  const observer = new RequestObserver({
    commits: new KnownCommits({ now: () => new Date() }),
    forges: new SilentForges({ now: () => new Date() }),
    inventory: {
      observeTenant: async () => seen,
      observePlace: async () => ({ problems: [] }),
      clientFor: () =>
        ({
          listUsers: async () => [
            { name: 'key', enabled: true, policies: [there.policy] },
          ],
        } as unknown as RustfsClient),
    },
    kinds: testKinds,
    pulls: {
      lastOpenAt: () => undefined,
      noteWritten: () => {},
      read: async () => ({
        pull: {
          state: 'open',
          reviewers: [],
          reviews: { approvedBy: [], changesRequestedBy: [] },
        } as unknown as Pull,
        isFresh: true,
      }),
    },
    settings: { read: async () => ({}) },
    targets: {
      open: () =>
        ({
          forgeUrl: 'https://git.acme.org',
          repository: 'acme/atlas',
        } as unknown as LocatedTarget),
    },
  });
  return observer.observe({
    request,
    version: 1,
    movedAt: request.createdAt,
    reviewers: [],
    claims: [],
    delivery: {
      repository: 'https://git.acme.org/acme/atlas',
      folder: '.',
      baseBranch: 'main',
    },
  });
}

describe('RequestObserver, of an access', () => {
  it.each([
    ['access-create', 'active', ENTRY],
    ['access-revoke', 'revoked', DENYING_POLICY_NAME],
  ] as const)(
    'finds %s done by a record that is %s',
    async (...[kind, record, policy]) => {
      await expect(
        observe(createRequest(kind), { record, policy }),
      ).resolves.toMatchObject({ server: { state: 'agrees' } });
    },
  );

  it.each([
    ['access-create', 'revoked', DENYING_POLICY_NAME, /which has ended/],
    ['access-revoke', 'active', ENTRY, /does not say so yet/],
  ] as const)(
    'does not find %s done by a record that is %s',
    async (...[kind, record, policy, words]) => {
      await expect(
        observe(createRequest(kind), { record, policy }),
      ).resolves.toMatchObject({
        server: { state: 'waiting', waitingFor: expect.stringMatching(words) },
      });
    },
  );

  describe('while its second stage is proposed', () => {
    const second: Partial<StorageRequest> = {
      state: 'proposed',
      mergeCommit: undefined,
      stage: 2,
      stages: 2,
      earlier: [{ number: 7, url: 'u' }],
      pullRequest: { number: 8, url: 'v', state: 'open', reviewers: [] },
    };
    const intact = { record: 'active', policy: ENTRY } as const;

    it('says nothing of a first stage that is in effect', async () => {
      const { problems } = await observe(
        createRequest('access-create', second),
        intact,
      );
      expect(problems).toEqual([]);
    });

    it.each<[string, Parameters<typeof observe>[1], RegExp]>([
      [
        'taken out',
        { ...intact, isListed: false },
        /#7 .* undone: access invoices is not declared any more/,
      ],
      [
        'ended',
        { ...intact, record: 'revoked' },
        /#7 .* undone: access invoices has ended/,
      ],
    ])('says that what the first one made was %s', async (_, there, words) => {
      const { problems } = await observe(
        createRequest('access-create', second),
        there,
      );
      expect(problems).toEqual([
        {
          code: 'stage-undone',
          part: TENANT,
          message: expect.stringMatching(words),
          hint: expect.stringContaining('close this pull request'),
        },
      ]);
    });

    it('lets the end of an access be taken out altogether', async () => {
      const { problems } = await observe(
        createRequest('access-revoke', second),
        { record: 'revoked', policy: ENTRY, isListed: false },
      );
      expect(problems).toEqual([]);
    });
  });
});

describe('a bucket whose quota differs', () => {
  const QUOTA = 2 ** 30;

  async function observeBucket(settledBy?: string) {
    const read = jest.fn(async () => ({}));
    const calls: string[] = [];
    const facts = {
      ref: TENANT,
      layout: 'operator-tenant',
      settledBy,
      endpoints: {},
      items: [
        {
          type: 'bucket',
          name: 'invoices',
          listed: true,
          verdict: { state: 'ready' },
        },
      ],
      records: [{ bucket: 'invoices', quotaBytes: QUOTA }],
      unreadRecords: [],
      accesses: [],
      unreadAccesses: [],
    } as unknown as TenantFacts;
    const observer = new RequestObserver({
      commits: new KnownCommits({ now: () => new Date() }),
      forges: new SilentForges({ now: () => new Date() }),
      inventory: {
        observeTenant: async () => ({ ref: TENANT, facts, problems: [] }),
        observePlace: async () => ({ problems: [] }),
        clientFor: () =>
          new Proxy({} as RustfsClient, {
            get: (_, call) => async () => {
              calls.push(String(call));
              return {
                buckets: [
                  { name: 'invoices', versioning: 'off', objectLock: false },
                ],
              };
            },
          }),
      },
      kinds: testKinds,
      pulls: {
        lastOpenAt: () => undefined,
        noteWritten: () => {},
        read: async () => {
          throw new Error('It was merged long ago');
        },
      },
      settings: { read },
      targets: {
        open: () => ({ forge: {}, forgeUrl: 'u' } as unknown as LocatedTarget),
      },
    });
    const request = createRequest('bucket-create', {
      subject: { type: 'bucket', tenant: TENANT, name: 'invoices' },
      input: {
        entityRef: 'component:default/invoices',
        tenant: TENANT,
        bucket: 'invoices',
        purpose: 'Invoices',
        dataClass: 'internal',
      },
    });
    const { server } = await observer.observe({
      request,
      version: 1,
      movedAt: request.createdAt,
      reviewers: [],
      claims: [],
      delivery: { repository: 'r', folder: '.', baseBranch: 'main' },
    });
    return { server, calls, read };
  }

  it('is left to the settings task where an operator cannot set it', async () => {
    const { calls, read, server } = await observeBucket('portal');
    expect(server).toMatchObject({
      state: 'waiting',
      waitingFor: 'The portal to set the quota 1 GiB',
      toSettle: 'invoices',
    });
    expect(read).toHaveBeenCalledWith(TENANT);
    // It only looks.
    expect(calls).toEqual(['accountInfo']);
  });

  it('is left to whoever settles it, who may mean to report it alone', async () => {
    const { calls, read, server } = await observeBucket('The setup program');
    expect(server).toEqual({
      state: 'waiting',
      waitingFor: expect.stringContaining('The setup program'),
    });
    expect(read).not.toHaveBeenCalled();
    expect(calls).toEqual(['accountInfo']);
  });

  it('is left to whoever that is where nobody is named, and not to the portal', async () => {
    const { read, server } = await observeBucket();
    expect(server).toEqual({
      state: 'waiting',
      waitingFor: 'Whoever sets up its buckets to set the quota 1 GiB',
    });
    expect(read).not.toHaveBeenCalled();
  });
});
