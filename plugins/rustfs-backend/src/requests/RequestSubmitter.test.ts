import { ServiceUnavailableError } from '@backstage/errors';
import { bucketRequestSchema } from '@rustfs-portal/plugin-rustfs-common';
import {
  Forge,
  ForgeError,
  Pull,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { DatabaseLocks, RequestRecord, RequestStore } from '../ledger';
import { RequestNotifier } from './RequestNotifier';
import { RequestPlanner } from './RequestPlanner';
import { RequestSubmitter } from './RequestSubmitter';
import { RequestTargets } from './RequestTargets';
import { createTestPlanner, holding, newBucket } from './__testUtils__/kinds';

const TENANT = 'atlas/storage/apps';
const FOLDER = 'storage';

const pull: Pull = {
  number: 1,
  url: 'https://git.acme.org/acme/atlas/pulls/1',
  state: 'open',
  title: 'Add a bucket',
  branch: 'rustfs/a1',
  baseBranch: 'main',
  head: 'a'.repeat(40),
  mergeable: false,
  draft: false,
  reviewers: [],
  reviews: { approvedBy: [], changesRequestedBy: [] },
};

const record: RequestRecord = {
  version: 1,
  movedAt: '2026-01-01T00:00:00.000Z',
  reviewers: [],
  claims: holding('checkout-invoices'),
  delivery: {
    repository: 'https://git.acme.org/acme/atlas',
    folder: FOLDER,
    baseBranch: 'main',
  },
  request: {
    id: 'a1',
    ...newBucket(
      bucketRequestSchema.parse({
        entityRef: 'component:default/invoices',
        tenant: TENANT,
        bucket: 'checkout-invoices',
        purpose: 'Invoices',
        dataClass: 'internal',
      }),
    ),
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    state: 'proposed',
    pullRequest: { number: 1, url: pull.url, state: 'open', reviewers: [] },
    trail: [],
    problems: [],
  },
};

/** The Tenant as it is on the base branch, where somebody else has declared the bucket meanwhile. */
const declaredMeanwhile = `apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  buckets:
    - name: checkout-invoices
`;

const declaredBefore = declaredMeanwhile.replace(
  'buckets:\n    - name: checkout-invoices',
  'buckets: []',
);

function setup(
  forge: Partial<Forge>,
  store: Partial<RequestStore> = {},
  planner: Partial<RequestPlanner> = {},
) {
  const located = {
    forge,
    forgeUrl: 'https://git.acme.org',
    repository: 'acme/atlas',
    delivery: record.delivery,
    target: {
      tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
      layout: 'operator-tenant',
      folder: FOLDER,
      baseBranch: 'main',
    },
  };
  return new RequestSubmitter({
    locks: {
      run: async (_: unknown, work: () => Promise<unknown>) => ({
        taken: true,
        result: await work(),
      }),
    } as unknown as DatabaseLocks,
    notifier: { changed: async () => {} } as unknown as RequestNotifier,
    planner: Object.assign(createTestPlanner(), planner),
    store: store as RequestStore,
    targets: {
      open: () => located,
      locate: async () => located,
      reopen: async () => located,
    } as unknown as RequestTargets,
  });
}

describe('RequestSubmitter, while nothing can be sealed', () => {
  const submitting: RequestRecord = {
    ...record,
    request: { ...record.request, state: 'submitting', pullRequest: undefined },
  };
  const words = 'The certificate of it has expired';

  it.each<[string, RequestPlanner['render']]>([
    [
      'its certificate is to be mended',
      async () => ({
        outcome: 'refused',
        reasons: [{ code: 'secret', message: words, waits: true }],
      }),
    ],
    [
      'its controller is away',
      async () => {
        throw new ServiceUnavailableError(words);
      },
    ],
  ])('keeps the request and says why: %s', async (_, render) => {
    const submitter = setup(
      {
        readFolder: async () => ({ revision: 'b'.repeat(40), files: {} }),
        findPull: async () => undefined,
        readBranch: async () => undefined,
      },
      { get: async () => submitting, update: async updated => updated },
      { render },
    );
    const outcome = await submitter.submit('a1', { waitMs: 0 });
    expect(outcome).toMatchObject({
      outcome: 'kept',
      record: {
        request: {
          state: 'submitting',
          waitingFor: `The pull request cannot be opened yet: ${words}`,
          // Not the forge: it is asked for other requests meanwhile.
          problems: [{ part: 'atlas', message: words }],
        },
      },
    });
  });
});

describe('RequestSubmitter, when the portal ended before it could write down the pull request', () => {
  const submitting: RequestRecord = {
    ...record,
    request: { ...record.request, state: 'submitting', pullRequest: undefined },
  };

  it.each([
    ['the same base', { content: declaredBefore, id: 'b' }],
    ['a base that rules it out', { content: declaredMeanwhile, id: 'c' }],
  ])('follows the one that it finds, on %s', async (_, tenant) => {
    const submitter = setup(
      {
        readFolder: async () => ({
          revision: 'b'.repeat(40),
          files: { [`${FOLDER}/tenant.yaml`]: tenant },
        }),
        findPull: async () => pull,
        getPull: async () => pull,
        readBranch: async () => undefined,
        pagesOf: () => ({ commit: () => '', folder: () => 'https://f' }),
        replaceBranch: async () => ({
          outcome: 'written',
          commit: 'd',
          base: 'b',
        }),
        askReviewers: async () => [],
      },
      {
        get: async () => submitting,
        update: async (updated, events) => ({
          ...updated,
          request: { ...updated.request, trail: events },
        }),
      },
    );
    await expect(submitter.submit('a1', { waitMs: 0 })).resolves.toMatchObject({
      outcome: 'kept',
      record: {
        request: {
          state: 'proposed',
          pullRequest: { number: pull.number, url: pull.url },
          trail: [{ state: 'proposed', source: 'forge' }],
        },
      },
    });
  });
});

describe('RequestSubmitter, when the base of a pull request has moved', () => {
  it('says that it is outdated when the bucket was declared otherwise', async () => {
    const submitter = setup({
      getPull: async () => pull,
      readFolder: async () => ({
        revision: 'b'.repeat(40),
        files: {
          [`${FOLDER}/tenant.yaml`]: { content: declaredMeanwhile, id: 'c' },
        },
      }),
    });
    await expect(submitter.refresh(record)).resolves.toMatchObject({
      problem: {
        code: 'request-outdated',
        part: TENANT,
        message: expect.stringMatching(/cannot be brought.*declared.*already/),
        hint: expect.stringContaining('Withdraw the request'),
      },
    });
  });

  it('does not take a commit for its own that it finds and has not written', async () => {
    const file = { content: declaredBefore, id: 'b' };
    const files = { [`${FOLDER}/tenant.yaml`]: file };
    const submitter = setup(
      {
        getPull: async () => ({
          ...pull,
          head: 'f'.repeat(40),
          mergeBase: 'b'.repeat(40),
        }),
        readFolder: async () => ({ revision: 'b'.repeat(40), files }),
        readFiles: async () => files,
      },
      { update: async updated => updated },
    );
    const refreshed = await submitter.refresh({
      ...record,
      head: 'a'.repeat(40),
    });
    expect(refreshed).toEqual({
      record: expect.objectContaining({ head: 'a'.repeat(40) }),
      problem: undefined,
    });
  });

  it('names the forge when it does not do it', async () => {
    const submitter = setup({
      getPull: async () => {
        throw new ForgeError('denied', 'may not write');
      },
    });
    await expect(submitter.refresh(record)).resolves.toMatchObject({
      problem: { code: 'forge-denied', part: 'https://git.acme.org' },
    });
  });
});

describe('RequestSubmitter, when a person wants a pull request proposed anew', () => {
  it('leaves its branch alone while it waits in a merge queue, and says so', async () => {
    const commit = 'f'.repeat(40);
    // Whatever else it called of the forge or the ledger would fail.
    const submitter = setup(
      {
        getPull: async () => ({ ...pull, head: commit, held: 'queued' }),
        readFolder: async () => ({
          revision: 'b'.repeat(40),
          files: {
            [`${FOLDER}/tenant.yaml`]: { content: declaredBefore, id: 'b' },
          },
        }),
      },
      {
        get: async () => ({
          ...record,
          request: {
            ...record.request,
            foreignCommit: { commit, by: 'Carla', isKept: false },
          },
        }),
      },
    );
    await expect(
      submitter.replace('a1', { commit, actor: 'user:default/ada' }),
    ).rejects.toMatchObject({
      name: 'ConflictError',
      message: expect.stringMatching(
        /waits in the merge queue of main.*take it out/,
      ),
    });
  });
});
