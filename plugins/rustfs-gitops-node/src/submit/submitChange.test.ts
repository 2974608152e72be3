import { randomUUID } from 'node:crypto';
import { ForgeFactory, giteaForge, githubForge, gitlabForge } from '../forges';
import { BucketFields, toBucketChange } from '../__testUtils__/bucketChange';
import { plan as planChange } from '../plan';
import {
  DeclarationTarget,
  Forge,
  RepositorySnapshot,
  SealedPlanResult,
} from '../types';
import { startTestForge, TestForge } from '../__testUtils__/startTestForge';
import { parseYaml } from '../yaml';
import { refreshChange, submitChange, SubmitOptions } from './submitChange';

const plan = (
  fields: BucketFields,
  ...rest: [RepositorySnapshot, DeclarationTarget]
) => planChange(toBucketChange(fields), ...rest) as SealedPlanResult;

jest.setTimeout(300_000);

const FOLDER = 'clusters/atlas/storage';
const TENANT = `${FOLDER}/tenants/apps.yaml`;
const target: DeclarationTarget = {
  tenant: { cluster: 'atlas', namespace: 'storage', name: 'apps' },
  layout: 'operator-tenant',
  folder: FOLDER,
  baseBranch: 'main',
};
const company = {
  [`${FOLDER}/kustomization.yaml`]: `resources:\n- namespace.yaml\n- tenants/apps.yaml # applications\n`,
  [`${FOLDER}/namespace.yaml`]: 'apiVersion: v1\nkind: Namespace\n',
  [TENANT]: `# Applications
apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  buckets:
    - name: basket
    # short-lived
    - name: sessions
`,
};

function changeOf(bucket: string): BucketFields {
  return {
    requestId: randomUUID(),
    createdAt: '2026-11-20T10:11:12Z',
    bucket,
    entityRef: 'component:default/invoices',
    owner: 'group:default/checkout',
    requestedBy: 'user:default/ada',
    purpose: 'Invoices as PDF',
    dataClass: 'internal',
    quota: '10Gi',
    versioning: false,
    objectLock: false,
  };
}

interface Spoken {
  factory: ForgeFactory;
  /** Whether a call looks at the base branch for the last time before it writes. */
  isLastLook: (path: string, body: string) => boolean;
  /** Whether a call makes or moves the branch of a change. */
  isMove: (method: string, path: string, body: string) => boolean;
  /** Takes a pull request up again, as method and path below the repository. */
  reopening: (number: number) => string;
  /** The first call that writes; undefined where a branch that is as it should be is found to be so by reading. */
  firstWrite?: string;
  /** The call that opens one. */
  opening: string;
  /** Moves a branch by compare and swap. */
  hasLease: boolean;
  /** Calls that fail, and when. */
  failures: Record<string, Array<'before' | 'after' | 'cut'>>;
  /** Requests at once. */
  many: number;
}

const SPOKEN: Spoken[] = [
  {
    factory: giteaForge,
    isLastLook: path => path.endsWith('/contents'),
    isMove: (method, path) => method === 'PUT' || path.endsWith('/contents'),
    reopening: number => `PATCH pulls/${number}`,
    firstWrite: 'POST contents',
    opening: 'POST pulls',
    hasLease: true,
    failures: {
      'POST contents': ['before', 'after'],
      'POST pulls': ['before', 'cut', 'after'],
      'GET main': ['before'],
    },
    many: 20,
  },
  {
    factory: githubForge,
    isLastLook: (_, body) => body.includes('query Tip'),
    isMove: (_method, _path, body) => body.includes('mutation Move'),
    reopening: number => `PATCH pulls/${number}`,
    firstWrite: 'POST git/trees',
    opening: 'POST pulls',
    hasLease: true,
    failures: {
      'POST trees': ['before', 'after'],
      'POST commits': ['after'],
      'POST pulls': ['before', 'cut', 'after'],
      'GET main': ['before'],
    },
    many: 5,
  },
  {
    factory: gitlabForge,
    isLastLook: (_, body) => body.includes('query Ids'),
    isMove: (method, path) =>
      method === 'POST' && path.endsWith('/repository/commits'),
    reopening: number => `PUT merge_requests/${number}`,
    opening: 'POST merge_requests',
    hasLease: false,
    failures: {
      'POST commits': ['before', 'after'],
      'POST merge_requests': ['before', 'cut', 'after'],
      'GET main': ['before'],
    },
    many: 5,
  },
];

describe.each(SPOKEN.map(spoken => [spoken.factory.title, spoken] as const))(
  'submitChange on %s',
  (_title, spoken) => {
    const { factory } = spoken;
    const withToken = (token: string) => async () =>
      factory.toCredentials(token);

    let server: TestForge;
    beforeAll(async () => {
      server = await startTestForge();
    });
    afterAll(() => server.stop());
    afterEach(() => server.checkViolations());

    function connect(fetchApi: typeof fetch = fetch) {
      return factory.create({
        baseUrl: server.url,
        credentials: withToken(server.portalToken),
        fetch: fetchApi,
      });
    }

    async function proposal(
      bucket: string,
      options: Partial<SubmitOptions> = {},
    ): Promise<SubmitOptions> {
      const change = changeOf(bucket);
      return {
        forge: connect(),
        repository:
          options.repository ?? (await server.createRepository(company)),
        folder: FOLDER,
        baseBranch: 'main',
        render: snapshot => plan(change, snapshot, target),
        ...options,
      };
    }

    async function submitOpen(options: SubmitOptions) {
      const result = await submitChange(options);
      if (result.outcome !== 'open') {
        throw new Error(JSON.stringify(result));
      }
      return result;
    }

    async function listPulls(repository: string) {
      const { body } = await server.call(
        'GET',
        `/repos/${repository}/pulls?state=all&limit=50`,
      );
      return body as Array<{ number: number; body: string; title: string }>;
    }

    async function commitsOf(repository: string, number: number) {
      const { body } = await server.call(
        'GET',
        `/repos/${repository}/pulls/${number}/commits`,
      );
      return (body as Array<{ sha: string }>).map(({ sha }) => sha);
    }

    async function commit(
      repository: string,
      path: string,
      edit: (t: string) => string,
    ) {
      const { files } = await connect().readFolder({
        repository,
        ref: 'main',
        folder: '',
      });
      const { content, id } = files[path];
      await server.call('POST', `/repos/${repository}/contents`, {
        branch: 'main',
        message: 'By hand',
        files: [
          {
            operation: 'update',
            path,
            sha: id,
            content: Buffer.from(edit(content)).toString('base64'),
          },
        ],
      });
    }

    async function bucketsOnMain(repository: string) {
      const { files } = await connect().readFolder({
        repository,
        ref: 'main',
        folder: FOLDER,
      });
      const [tenant] = parseYaml(files[TENANT].content).values as [
        { spec: { buckets: Array<{ name: string }> } },
      ];
      return tenant.spec.buckets.map(({ name }) => name);
    }

    it('opens one pull request with one commit, however often it is called', async () => {
      const options = await proposal('checkout-invoices', {
        reviewers: ['nobody-of-this-name'],
      });
      const first = await submitOpen(options);
      expect(first).toMatchObject({
        rewritten: true,
        notAsked: [{ reviewer: 'nobody-of-this-name' }],
      });
      const again = await submitOpen(options);
      const [third] = await Promise.all([
        submitOpen({ ...options, pull: first.number }),
        submitOpen(options),
        submitOpen(options),
      ]);
      expect([again.number, third.number]).toEqual([
        first.number,
        first.number,
      ]);
      // The same change on the same base is the same commit.
      expect(third.commit).toBe(first.commit);
      const pulls = await listPulls(options.repository);
      expect(pulls).toMatchObject([
        { title: 'Add bucket checkout-invoices to atlas/storage/apps' },
      ]);
      expect(pulls[0].body).toMatch(/<!-- rustfs-portal-request: [\w-]+ -->/);
      expect(await commitsOf(options.repository, first.number)).toEqual([
        first.commit,
      ]);

      await server.merge(options.repository, first.number);
      const { forge, repository } = options;
      const pull = await forge.getPull(repository, first.number);
      expect(pull).toMatchObject({
        state: 'merged',
        mergedBy: expect.any(String),
        mergeCommit: expect.stringMatching(/^[0-9a-f]{40}$/),
      });
      const { revision } = await forge.readFolder({
        repository,
        ref: 'main',
        folder: FOLDER,
      });
      const contains = (container: string) =>
        forge.contains({
          repository,
          revision: container,
          commit: pull.mergeCommit!,
        });
      expect(await contains(revision)).toBe(true);
      expect(await contains(first.base)).toBe(false);
      // Merged is never touched, whether the number was kept or lost.
      expect(
        await submitChange({ ...options, pull: first.number }),
      ).toMatchObject({ outcome: 'merged', number: first.number });
      expect(await submitChange(options)).toMatchObject({
        outcome: 'merged',
        number: first.number,
      });
      // Somebody else's request for the same has nothing to change.
      const other = await proposal('checkout-invoices', { repository });
      expect(await submitChange(other)).toEqual({ outcome: 'unchanged' });
      expect(await listPulls(repository)).toHaveLength(1);
    });

    it('renders again what moved on, and leaves alone what did not', async () => {
      const options = await proposal('checkout-invoices');
      const { repository } = options;
      const first = await submitOpen(options);
      const known = { ...options, pull: first.number };
      await commit(repository, `${FOLDER}/namespace.yaml`, t => `${t}# more\n`);
      expect(await refreshChange(known)).toMatchObject({
        outcome: 'open',
        rewritten: false,
        commit: first.commit,
      });
      await commit(repository, TENANT, text =>
        text.replace('    - name: basket', '    - name: carts\n$&'),
      );
      const second = await refreshChange(known);
      expect(second).toMatchObject({
        outcome: 'open',
        rewritten: true,
        number: first.number,
      });
      expect(await commitsOf(repository, first.number)).toHaveLength(1);
      await server.merge(repository, first.number);
      expect(await bucketsOnMain(repository)).toEqual([
        'carts',
        'basket',
        'checkout-invoices',
        'sessions',
      ]);
      expect(await refreshChange(known)).toMatchObject({ outcome: 'merged' });
    });

    it('renders once on each commit of a base that takes only what stands on its newest one', async () => {
      const options = await proposal('checkout-invoices');
      const { repository } = options;
      const first = await submitOpen(options);
      const forge = connect();
      const getPull = forge.getPull.bind(forge);
      // Says so for longer than it is true.
      forge.getPull = async (...wanted) => ({
        ...(await getPull(...wanted)),
        held: 'behind',
        mergeable: false,
      });
      const refresh = () =>
        refreshChange({ ...options, forge, pull: first.number });
      expect(await refresh()).toMatchObject({
        rewritten: false,
        commit: first.commit,
      });
      await commit(repository, `${FOLDER}/namespace.yaml`, t => `${t}# more\n`);
      const second = await refresh();
      expect(second).toMatchObject({
        outcome: 'open',
        rewritten: true,
        number: first.number,
        base: (await forge.readBranch(repository, 'main'))!.commit,
      });
      expect(await refresh()).toMatchObject({
        rewritten: false,
        commit: (second as { commit: string }).commit,
      });
    });

    it('renders again when the base moves between reading and writing', async () => {
      const options = await proposal('checkout-invoices');
      const { repository } = options;
      let moved = false;
      const forge = connect(async (input, init) => {
        if (spoken.isLastLook(String(input), String(init?.body)) && !moved) {
          moved = true;
          await commit(repository, TENANT, text =>
            text.replace('basket', 'bag'),
          );
        }
        return fetch(input, init);
      });
      const { number } = await submitOpen({ ...options, forge });
      await server.merge(repository, number);
      expect(await bucketsOnMain(repository)).toEqual([
        'bag',
        'checkout-invoices',
        'sessions',
      ]);
    });

    it('leaves a closed one closed until the person says otherwise', async () => {
      const options = await proposal('checkout-invoices');
      const { forge, repository } = options;
      const { number } = await submitOpen(options);
      await forge.closePull(repository, number);
      await forge.closePull(repository, number);
      expect(await submitChange(options)).toMatchObject({
        outcome: 'closed',
        number,
      });
      expect(await refreshChange({ ...options, pull: number })).toMatchObject({
        outcome: 'closed',
      });
      expect(await submitOpen({ ...options, reopen: true })).toMatchObject({
        number,
      });
      expect(await forge.getPull(repository, number)).toMatchObject({
        state: 'open',
      });
      await server.merge(repository, number);
      expect(await forge.reopenPull(repository, number)).toBe('merged');
      expect(await forge.closePull(repository, number)).toBe('merged');
    });

    it('writes nothing to one that is closed while the lock is waited for', async () => {
      const options = await proposal('checkout-invoices');
      const { forge, repository } = options;
      const { commit: before, number } = await submitOpen(options);
      await commit(repository, TENANT, text =>
        text.replace('    - name: basket', '    - name: carts\n$&'),
      );
      const refreshed = await refreshChange({
        ...options,
        pull: number,
        lock: {
          withLock: async (_, fn) => {
            await forge.closePull(repository, number);
            await new Promise(resolve => setTimeout(resolve, 1_100));
            return fn();
          },
        },
      });
      expect(refreshed).toMatchObject({ outcome: 'closed', number });
      expect((await forge.getPull(repository, number)).head).toBe(before);
    });

    it('opens a closed one again before it writes, also without its branch', async () => {
      const { repository, ...rest } = await proposal('checkout-invoices');
      const calls: string[] = [];
      const forge = connect((input, init) => {
        const path = decodeURIComponent(new URL(String(input)).pathname);
        if (init?.method !== 'GET') {
          calls.push(`${init?.method} ${path.split(`${repository}/`)[1]}`);
        }
        return fetch(input, init);
      });
      const options = { ...rest, repository, forge, reopen: true };
      const { number } = await submitOpen(options);
      const { branch } = await forge.getPull(repository, number);
      for (const isGone of [false, true]) {
        await forge.closePull(repository, number);
        if (isGone) {
          await server.call(
            'DELETE',
            `/repos/${repository}/branches/${encodeURIComponent(branch)}`,
          );
        }
        calls.length = 0;
        expect(await submitOpen(options)).toMatchObject({ number });
        const opened = calls.indexOf(spoken.reopening(number));
        expect(opened).toBeGreaterThanOrEqual(0);
        const { firstWrite } = spoken;
        const written = firstWrite ? calls.indexOf(firstWrite) : Infinity;
        expect(opened).toBeLessThan(written);
        expect(await forge.getPull(repository, number)).toMatchObject({
          state: 'open',
        });
      }
    });

    describe('when somebody else has written to the branch', () => {
      /** Commits to a branch as the owner of the repository does, and answers the commit. */
      async function commitTo(
        repository: string,
        branch: string,
        path = 'notes.yaml',
      ): Promise<string> {
        const { status, body } = await server.call(
          'POST',
          `/repos/${repository}/contents`,
          {
            branch,
            message: 'Mend it',
            files: [
              {
                operation: 'upload',
                path,
                content: Buffer.from(`by: ${randomUUID()}\n`).toString(
                  'base64',
                ),
              },
            ],
          },
        );
        expect(status).toBe(201);
        return body.commit.sha;
      }

      async function headOf(
        { forge, repository }: SubmitOptions,
        pull: number,
      ) {
        return (await forge.getPull(repository, pull)).head;
      }

      /** An open one with a commit of a reviewer on its branch, and a base that has moved into its way. */
      async function conflicted() {
        const options = await proposal('checkout-invoices');
        const { forge, repository } = options;
        const first = await submitOpen(options);
        const { branch } = await forge.getPull(repository, first.number);
        const known = { ...options, pull: first.number, head: first.commit };
        const theirs = await commitTo(repository, branch);
        await commit(repository, TENANT, text =>
          text.replace('    - name: basket', '    - name: carts\n$&'),
        );
        return { known, first, theirs, branch };
      }

      it('does not render over the commit of a reviewer after a conflict, and names it', async () => {
        const { known, first, theirs } = await conflicted();
        for (const again of [refreshChange, submitChange]) {
          expect(await again(known)).toEqual({
            outcome: 'foreign',
            open: { number: first.number, url: first.url },
            tip: expect.objectContaining({
              commit: theirs,
              committer: expect.objectContaining({ name: server.owner }),
            }),
          });
        }
        expect(await headOf(known, first.number)).toBe(theirs);
      });

      it('renders over the very commit that a person gives up, and over no later one', async () => {
        const { known, first, theirs, branch } = await conflicted();
        const later = await commitTo(known.repository, branch);
        expect(
          await submitChange({ ...known, overwrite: theirs }),
        ).toMatchObject({ outcome: 'foreign', tip: { commit: later } });
        expect(await headOf(known, first.number)).toBe(later);
        const again = await submitOpen({ ...known, overwrite: later });
        expect(again.number).toBe(first.number);
        expect(await commitsOf(known.repository, first.number)).toEqual([
          again.commit,
        ]);
        await server.merge(known.repository, first.number);
        expect(await bucketsOnMain(known.repository)).toContain(
          'checkout-invoices',
        );
      });

      it('leaves a branch alone that was pushed by force', async () => {
        const options = await proposal('checkout-invoices');
        const { forge, repository } = options;
        const { number, commit: head } = await submitOpen(options);
        const { branch } = await forge.getPull(repository, number);
        // Somebody begins anew from the base, with a commit of their own.
        const pushed = await server.call(
          'POST',
          `/repos/${repository}/contents`,
          {
            branch: 'main',
            new_branch: branch,
            force_push: true,
            message: 'Otherwise',
            files: [
              {
                operation: 'create',
                path: `${FOLDER}/other.yaml`,
                content: Buffer.from('a: 1\n').toString('base64'),
              },
            ],
          },
        );
        const theirs = pushed.body.commit.sha;
        const known = { ...options, pull: number, head };
        expect(await submitChange(known)).toMatchObject({
          outcome: 'foreign',
          tip: { commit: theirs },
          open: { number },
        });
        expect(await headOf(options, number)).toBe(theirs);
      });

      it('opens nothing on a branch of its name that somebody made before', async () => {
        const repository = await server.createRepository(company);
        const change = changeOf('checkout-invoices');
        const branch = `rustfs/${change.requestId}`;
        await server.call('POST', `/repos/${repository}/branches`, {
          new_branch_name: branch,
          old_ref_name: 'main',
        });
        const theirs = await commitTo(repository, branch);
        const options = await proposal('', {
          repository,
          render: snapshot => plan(change, snapshot, target),
        });
        const result = await submitChange(options);
        expect(result).toMatchObject({
          outcome: 'foreign',
          tip: { commit: theirs },
        });
        expect(result).not.toHaveProperty('open');
        expect(await listPulls(repository)).toEqual([]);
        expect(
          (await options.forge.readBranch(repository, branch))?.commit,
        ).toBe(theirs);
        await submitOpen({ ...options, overwrite: theirs });
      });

      it.each([
        'before it is made',
        ...(spoken.hasLease ? ['before it is replaced'] : []),
      ])(
        'loses no commit that comes between the look and the write: %s',
        async when => {
          const isNew = when === 'before it is made';
          const change = changeOf('checkout-invoices');
          const branch = `rustfs/${change.requestId}`;
          const options = await proposal('', {
            render: snapshot => plan(change, snapshot, target),
          });
          const { repository } = options;
          const head = isNew ? undefined : (await submitOpen(options)).commit;
          await commit(repository, TENANT, text =>
            text.replace('basket', 'baskets'),
          );
          let theirs: string | undefined;
          const forge = connect(async (input, init) => {
            const isMove = spoken.isMove(
              init!.method!,
              String(input),
              String(init?.body),
            );
            // Replaced by Gitea's API, a branch is made beside it first.
            const isLast =
              isNew || init?.method !== 'POST' || factory !== giteaForge;
            if (isMove && isLast && !theirs) {
              if (isNew) {
                await server.call('POST', `/repos/${repository}/branches`, {
                  new_branch_name: branch,
                  old_ref_name: 'main',
                });
              }
              theirs = await commitTo(repository, branch);
            }
            return fetch(input, init);
          });
          expect(await submitChange({ ...options, forge, head })).toMatchObject(
            {
              outcome: 'foreign',
              tip: { commit: theirs },
            },
          );
          expect((await forge.readBranch(repository, branch))?.commit).toBe(
            theirs,
          );
        },
      );

      it('knows its own commit when it ended before it could keep it', async () => {
        const options = await proposal('checkout-invoices');
        const { repository } = options;
        const { number } = await submitOpen(options);
        await commit(repository, TENANT, text =>
          text.replace('basket', 'baskets'),
        );
        const again = await submitOpen({
          ...options,
          pull: number,
          head: 'f'.repeat(40),
        });
        expect(await commitsOf(repository, number)).toEqual([again.commit]);
        // The commit was made on a branch beside it, which is gone again.
        const { body } = await server.call(
          'GET',
          `/repos/${repository}/pulls/${number}`,
        );
        const { ref } = (body as { head: { ref: string } }).head;
        const beside = encodeURIComponent(`${ref}.next`);
        await expect(
          server.call('GET', `/repos/${repository}/branches/${beside}`),
        ).resolves.toMatchObject({ status: 404 });
      });

      it('takes up a closed one as it is when others have written to it', async () => {
        const { known, first, theirs } = await conflicted();
        const { forge, repository } = known;
        await forge.closePull(repository, first.number);
        expect(await submitChange({ ...known, reopen: true })).toMatchObject({
          outcome: 'foreign',
          tip: { commit: theirs },
        });
        expect(await forge.getPull(repository, first.number)).toMatchObject({
          state: 'open',
          head: theirs,
        });
      });
    });

    it('writes words and files of an open one anew when something else is asked for', async () => {
      const change = changeOf('checkout-invoices');
      const options = await proposal('', {
        render: snapshot => plan(change, snapshot, target),
      });
      const first = await submitOpen(options);
      const other = { ...change, purpose: 'Receipts', quota: '20Gi' };
      const second = await submitOpen({
        ...options,
        render: snapshot => plan(other, snapshot, target),
        pull: first.number,
        head: first.commit,
        describe: true,
      });
      expect(second.number).toBe(first.number);
      expect(second.commit).not.toBe(first.commit);
      const [pull] = await listPulls(options.repository);
      expect(pull.body).toContain('Receipts');
      expect(pull.body).not.toContain('Invoices as PDF');
    });

    it('leaves one alone that waits in a merge queue, also when it is to be proposed anew', async () => {
      const options = await proposal('checkout-invoices');
      const { number } = await submitOpen(options);
      const { forge } = options;
      // Whatever else it called would fail.
      const queueing = {
        readFolder: wanted => forge.readFolder(wanted),
        getPull: async (...wanted) => ({
          ...(await forge.getPull(...wanted)),
          held: 'queued',
        }),
      } as Pick<Forge, 'readFolder' | 'getPull'> as Forge;
      const known = {
        ...options,
        forge: queueing,
        pull: number,
        describe: true,
      };
      const queued = { outcome: 'queued', number };
      expect(await submitChange(known)).toMatchObject(queued);
      expect(await refreshChange({ ...known, rewrite: true })).toMatchObject(
        queued,
      );
    });

    it('says that a bucket is declared otherwise, without touching the forge', async () => {
      const options = await proposal('basket');
      expect(await submitChange(options)).toMatchObject({
        outcome: 'refused',
        reasons: [{ code: 'declared-otherwise' }],
      });
      expect(await listPulls(options.repository)).toEqual([]);
    });

    it('gets along with a forge that fails in the middle, before and after it did what was asked', async () => {
      const options = await proposal('checkout-invoices');
      const failures = structuredClone(spoken.failures);
      const forge = connect(async (input, init) => {
        const last = String(input).split('/').at(-1)!.split('?')[0];
        const failure = failures[`${init?.method} ${last}`]?.shift();
        const failed = new Response('{"message":""}', { status: 500 });
        if (failure === 'before') {
          return failed;
        }
        const answer = await fetch(input, init);
        if (failure === 'cut') {
          throw new TypeError('fetch failed');
        }
        return failure ? failed : answer;
      });
      const { number, commit: head } = await submitOpen({ ...options, forge });
      const { [spoken.opening]: opening, ...others } = failures;
      expect(opening).toEqual(['after']);
      expect(Object.values(others).flat()).toEqual([]);
      expect(await listPulls(options.repository)).toHaveLength(1);
      expect(await commitsOf(options.repository, number)).toEqual([head]);
    });

    it('keeps many requests for one Tenant apart and mergeable one after the other', async () => {
      const repository = await server.createRepository(company);
      const names = Array.from(
        { length: spoken.many },
        (_, i) => `bucket-${i + 10}`,
      );
      const forge = connect();
      const all = await Promise.all(
        names.map(name => proposal(name, { repository, forge })),
      );
      const started = Date.now();
      const opened = await Promise.all(all.map(submitOpen));
      const openedAfter = Date.now() - started;
      expect(new Set(opened.map(({ number }) => number)).size).toBe(
        spoken.many,
      );
      expect(await listPulls(repository)).toHaveLength(spoken.many);

      for (const [i, options] of all.entries()) {
        const known = { ...options, pull: opened[i].number };
        expect(await refreshChange(known)).toMatchObject({ outcome: 'open' });
        await server.merge(repository, opened[i].number);
      }
      expect(await bucketsOnMain(repository)).toEqual([
        'basket',
        ...names,
        'sessions',
      ]);
      if (process.env.TEST_FIGURES) {
        process.stdout.write(
          `${spoken.many} opened in ${openedAfter} ms, merged after ${
            Date.now() - started
          } ms\n`,
        );
      }
    });

    describe('when the forge does not do it', () => {
      it.each<[string, 'unauthenticated' | 'not-found' | 'denied']>([
        ['does not know the token', 'unauthenticated'],
        ['does not show the repository', 'not-found'],
        ['does not let it write', 'denied'],
      ])('says why: it %s', async (_, reason) => {
        const options = await proposal('checkout-invoices', {
          ...(reason === 'not-found' && { repository: 'acme/none' }),
          ...(reason === 'denied' && {
            repository: await server.createRepository(company, 'read'),
          }),
          ...(reason === 'unauthenticated' && {
            forge: factory.create({
              baseUrl: server.url,
              credentials: withToken('wrong-secret-token'),
            }),
          }),
        });
        const error = await submitChange(options).catch(e => e);
        expect(error).toMatchObject({
          name: 'ServiceUnavailableError',
          reason,
        });
        expect(error.message).not.toMatch(/secret-token|portal-token/);
        expect(error.message).toContain(new URL(server.url).host);
      });

      it('says that an archived repository takes nothing', async () => {
        const options = await proposal('checkout-invoices');
        await server.call('PATCH', `/repos/${options.repository}`, {
          archived: true,
        });
        await expect(submitChange(options)).rejects.toMatchObject({
          reason: 'archived',
        });
      });

      it('gives up in time, and says what it waited for', async () => {
        const never = factory.create({
          baseUrl: server.url,
          credentials: withToken(server.portalToken),
          timeoutMs: { read: 50, write: 50 },
          fetch: (_, init) =>
            new Promise((__, reject) => {
              init!.signal!.addEventListener('abort', () =>
                reject(init!.signal!.reason),
              );
            }),
        });
        await expect(
          submitChange(await proposal('checkout-invoices', { forge: never })),
        ).rejects.toMatchObject({
          reason: 'unreachable',
          message: expect.stringContaining('nothing came within 0.05 s;'),
        });
        const down = factory.create({
          baseUrl: 'http://127.0.0.1:1',
          credentials: withToken('x'),
        });
        await expect(
          submitChange(await proposal('checkout-invoices', { forge: down })),
        ).rejects.toMatchObject({
          reason: 'unreachable',
          message: expect.stringContaining('127.0.0.1:1 does not answer'),
        });
      });
    });
  },
);
