import { ForgeAnswer, ForgeCall } from '@rustfs-portal/sandbox';
import { replaceBranch } from '../../__testUtils__/replaceBranch';
import { startStandIn, TestForge } from '../../__testUtils__/startTestForge';
import { ChangeSet, Forge } from '../../types';
import { GitHubForge } from './GitHubForge';
import { githubForge } from './factory';

function changeSetOf(path: string, after: string): ChangeSet {
  const identity = { name: 'Portal', email: 'portal@noreply.invalid' };
  return {
    branch: 'rustfs/1',
    baseBranch: 'main',
    title: 'Add a file',
    body: 'Adds a file.\n',
    commitMessage: 'Add a file\n',
    author: identity,
    committer: identity,
    date: '2026-11-20T10:11:12Z',
    files: [{ path, operation: 'create', after, diff: '' }],
  };
}

const PULL = {
  number: 1,
  url: 'https://github.com/acme/atlas/pull/1',
  state: 'OPEN',
  title: 'Add a file',
  body: '',
  isDraft: false,
  headRefName: 'rustfs/1',
  headRefOid: 'a'.repeat(40),
  baseRefName: 'main',
  mergeable: 'MERGEABLE',
  mergeStateStatus: 'CLEAN',
  isInMergeQueue: false,
  reviewDecision: null,
  mergedAt: null,
  mergedBy: null,
  mergeCommit: null,
  closedAt: null,
  firstCommit: {
    nodes: [{ commit: { parents: { nodes: [{ oid: 'b'.repeat(40) }] } } }],
  },
  reviewRequests: { nodes: [] },
  counted: { nodes: [] },
  verdicts: { nodes: [] },
  comments: { nodes: [] },
};

/** A forge before answers that a stand-in does not give. */
function answering() {
  const sent: string[] = [];
  const answer: {
    data?: unknown;
    dataOf?: (text: string) => unknown;
    errorOf?: (document: string) => object | undefined;
    rest?: unknown;
    restStatus?: number;
  } = {};
  const forge = GitHubForge.create({
    baseUrl: 'https://git.acme.org',
    credentials: async () => githubForge.toCredentials('sesame'),
    fetch: async (url, init) => {
      const text = String(init?.body);
      sent.push(text);
      if (!String(url).endsWith('/graphql')) {
        return Response.json(answer.rest, { status: answer.restStatus ?? 200 });
      }
      const error = answer.errorOf?.(JSON.parse(text).query) as
        | { path?: unknown }
        | undefined;
      return Response.json({
        data:
          error && !error.path ? null : answer.dataOf?.(text) ?? answer.data,
        ...(error && { errors: [error] }),
      });
    },
  });
  return { forge, answer, sent };
}

describe('GitHubForge', () => {
  let server: TestForge;
  beforeAll(async () => {
    server = await startStandIn();
  });
  afterAll(() => server.stop());
  afterEach(() => {
    server.faults!.set(undefined);
    server.checkViolations();
  });

  /** A forge that tells its calls: method and path, or the name of a document. */
  function connect() {
    const calls: string[] = [];
    const statuses: number[] = [];
    const forge = GitHubForge.create({
      baseUrl: server.url,
      credentials: async () => githubForge.toCredentials(server.portalToken),
      fetch: async (input, init) => {
        const { pathname } = new URL(String(input));
        const [, document] =
          /"query":"(\w+ \w+)/.exec(String(init?.body)) ?? [];
        const [, path = ''] =
          /\/repos\/[^/]+\/[^/]+\/?(.*)/.exec(pathname) ?? [];
        calls.push(document ?? `${init?.method} ${path}`);
        const response = await fetch(input, init);
        statuses.push(response.status);
        return response;
      },
    });
    return { forge, calls, statuses };
  }

  async function propose(forge: Forge, repository: string) {
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    const { commit } = await replaceBranch(forge, { repository, changeSet });
    const { number } = await forge.ensurePull({ repository, changeSet });
    return { changeSet, commit, number };
  }

  /** Commits to a branch as a person does. */
  async function push(
    repository: string,
    path: string,
    content: string | Buffer,
    branch = 'main',
  ): Promise<string> {
    const { status, body } = await server.call(
      'POST',
      `/repos/${repository}/contents`,
      {
        branch,
        message: 'By hand',
        files: [
          {
            operation: 'upload',
            path,
            content: Buffer.from(content).toString('base64'),
          },
        ],
      },
    );
    expect(status).toBe(201);
    return body.commit.sha;
  }

  it('reads a folder byte for byte, and no file twice', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 70 }, (_, i) => [
        `storage/b ü/${i}.yaml`,
        `n: ${i}`,
      ]),
    );
    const repository = await server.createRepository({
      ...many,
      'storage/Kustomization': '\uFEFFresources: []\r\n',
      'storage/notes.txt': 'no YAML',
      'storage-2/other.yaml': 'not below',
      '.sourceignore': '/*\n!/storage\n',
      'storage/large.yaml': '#'.repeat(1024 * 1024 + 1),
    });
    await push(repository, 'storage/old.yaml', Buffer.from('# \xfc', 'latin1'));
    const { forge, calls, statuses } = connect();
    const read = () =>
      forge.readFolder({ repository, ref: 'main', folder: './storage/' });
    const first = await read();
    expect(
      Object.fromEntries(
        Object.entries(first.files).map(([path, f]) => [path, f.content]),
      ),
    ).toEqual({
      ...many,
      'storage/Kustomization': '\uFEFFresources: []\r\n',
      '.sourceignore': '/*\n!/storage\n',
    });
    expect(first.skipped).toEqual({
      'storage/large.yaml': 'over 1 MiB',
      'storage/old.yaml': 'not UTF-8 text',
    });
    // What GraphQL cannot give as it is comes as bytes: the byte order mark, and Latin 1.
    expect(calls.map(call => call.split(/\/[0-9a-f]{40}/)[0])).toEqual([
      'GET git/ref/heads/main',
      'GET git/trees',
      'query Blobs',
      'query Blobs',
      'GET git/blobs',
      'GET git/blobs',
    ]);

    calls.length = 0;
    statuses.length = 0;
    expect(await read()).toBe(first);
    expect([calls, statuses]).toEqual([['GET git/ref/heads/main'], [304]]);

    await push(repository, 'storage/b ü/7.yaml', 'n: 700');
    calls.length = 0;
    const second = await read();
    expect(second.files['storage/b ü/7.yaml'].content).toBe('n: 700');
    expect(second.files['storage/b ü/8.yaml']).toEqual(
      first.files['storage/b ü/8.yaml'],
    );
    expect(calls.map(call => call.split(/\/[0-9a-f]{40}/)[0])).toEqual([
      'GET git/ref/heads/main',
      'GET git/trees',
      'query Blobs',
    ]);
    calls.length = 0;
    await forge.readFiles({
      repository,
      ref: second.revision,
      paths: ['storage/b ü/7.yaml', 'none.yaml'],
    });
    expect(calls).toEqual(['query Files']);
    await expect(
      forge.readFolder({ repository, ref: 'gone', folder: '' }),
    ).rejects.toMatchObject({
      reason: 'not-found',
      message: expect.stringMatching(/has no branch gone/),
    });
  });

  it('walks to the folder in a repository that is too large for one answer', async () => {
    const repository = await server.createRepository({
      'a/b/c.yaml': 'c: 1\n',
      'a/.sourceignore': '*.md\n',
      '.sourceignore': '*.txt\n',
      'z.yaml': 'z: 1\n',
    });
    const { forge } = connect();
    const { revision } = await forge.readFolder({
      repository,
      ref: 'main',
      folder: 'none',
    });
    let asked = 0;
    const isFirst = () => {
      asked += 1;
      return asked === 1;
    };
    server.faults!.set({
      answer: ({ path }) =>
        path.endsWith(`/git/trees/${revision}`) && isFirst()
          ? { status: 200, body: { sha: revision, truncated: true, tree: [] } }
          : undefined,
    });
    const { files } = await forge.readFolder({
      repository,
      ref: revision,
      folder: 'a/b',
    });
    expect(Object.keys(files).sort()).toEqual([
      '.sourceignore',
      'a/.sourceignore',
      'a/b/c.yaml',
    ]);
  });

  it('proposes in five calls, writes nothing again when nothing is new, and is one commit for good', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls } = connect();
    const { changeSet, commit: first } = await propose(forge, repository);
    expect(calls).toEqual([
      'query Tip',
      'POST git/trees',
      'POST git/commits',
      'mutation Move',
      'POST pulls',
    ]);
    calls.length = 0;
    const again = await replaceBranch(forge, {
      repository,
      changeSet,
      expected: first,
    });
    expect(again.commit).toBe(first);
    expect(calls).toEqual(['query Tip', 'POST git/trees']);
    expect(await forge.readBranch(repository, 'rustfs/1')).toMatchObject({
      commit: first,
      message: 'Add a file\n',
      committer: { name: 'Portal', email: 'portal@noreply.invalid' },
      date: expect.stringMatching(/^2026-11-20T10:11:12/),
    });
  });

  it('takes a file for what it was rendered from, keeps its mode, and deletes', async () => {
    const repository = await server.createRepository({
      'a.yaml': 'a: 1\n',
      'b.yaml': 'b: 1\n',
    });
    const { forge } = connect();
    const files = await forge.readFiles({
      repository,
      ref: 'main',
      paths: ['a.yaml', 'b.yaml'],
    });
    const { commit: made } = await replaceBranch(forge, {
      repository,
      changeSet: {
        ...changeSetOf('', ''),
        files: [
          {
            path: 'a.yaml',
            operation: 'update',
            before: files['a.yaml'],
            after: 'a: 2\n',
            diff: '',
          },
          {
            path: 'b.yaml',
            operation: 'delete',
            before: files['b.yaml'],
            diff: '',
          },
        ],
      },
    });
    expect(
      await forge.readFiles({
        repository,
        ref: made,
        paths: ['a.yaml', 'b.yaml'],
      }),
    ).toMatchObject({ 'a.yaml': { content: 'a: 2\n' } });
    await expect(
      replaceBranch(forge, {
        repository,
        changeSet: changeSetOf('a.yaml', 'there already\n'),
        expected: made,
      }),
    ).rejects.toMatchObject({ reason: 'stale' });
  });

  it('knows a move that was done, although no answer came', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls } = connect();
    let isCut = false;
    server.faults!.set({
      hangUp: ({ path }) => {
        if (
          path === '/api/graphql' &&
          calls.at(-1) === 'mutation Move' &&
          !isCut
        ) {
          isCut = true;
          return 'after';
        }
        return undefined;
      },
    });
    const replace = (expected?: string) =>
      replaceBranch(forge, {
        repository,
        changeSet: changeSetOf('b.yaml', 'b: 1\n'),
        expected,
      });
    await expect(replace()).rejects.toMatchObject({ reason: 'unreachable' });
    // The next attempt sees the branch, as a new process would.
    await expect(replace()).rejects.toMatchObject({ reason: 'kept' });
    const tip = await forge.readBranch(repository, 'rustfs/1');
    await expect(replace(tip!.commit)).resolves.toMatchObject({
      commit: tip!.commit,
    });
  });

  it('asks people and teams, and keeps apart whose approval counts', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const {
      number,
      commit: head,
      changeSet,
    } = await propose(forge, repository);
    const asReader = await server.asReader!(repository);
    expect(
      await forge.askReviewers({
        repository,
        number,
        reviewers: [server.owner, 'nobody', 'portal', `${server.owner}/none`],
      }),
    ).toEqual([
      { reviewer: 'nobody', reason: expect.stringMatching(/collaborators/) },
      { reviewer: 'portal', reason: expect.stringMatching(/author/) },
      {
        reviewer: `${server.owner}/none`,
        reason: expect.stringMatching(/Could not resolve/),
      },
    ]);
    expect(await forge.getPull(repository, number)).toMatchObject({
      state: 'open',
      reviewers: [server.owner],
      head,
      mergeBase: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
    const review = (call: TestForge['call'], event: string) =>
      call('POST', `/repos/${repository}/pulls/${number}/reviews`, {
        event,
        body: 'Read \u202e.',
      });
    const reviews = async () =>
      (await forge.getPull(repository, number)).reviews;
    await review(asReader, 'APPROVED');
    await review(server.call, 'REQUEST_CHANGES');
    expect(await reviews()).toMatchObject({
      approvedBy: [],
      approvedUncounted: ['carla'],
      changesRequestedBy: [server.owner],
      remarks: [
        { by: 'carla', verdict: 'approved', text: 'Read .' },
        { by: server.owner, verdict: 'changes-requested' },
      ],
    });
    await review(server.call, 'APPROVED');
    expect(await reviews()).toMatchObject({
      approvedBy: [server.owner],
      changesRequestedBy: [],
    });
    // GitHub counts it on; here an approval is about one commit.
    await replaceBranch(forge, {
      repository,
      changeSet: { ...changeSet, ...changeSetOf('b.yaml', 'b: 2\n') },
      expected: head,
    });
    expect(await reviews()).toMatchObject({
      approvedBy: [],
      approvedUncounted: [],
    });
  });

  it('lists what is open with whether it can be merged, for nothing while nothing moves', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls, statuses } = connect();
    const { number, commit: head } = await propose(forge, repository);
    const list = async () => {
      calls.length = 0;
      statuses.length = 0;
      return forge.listOpenPulls(repository);
    };
    const listed = {
      number,
      head,
      updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    };
    // GitHub works it out once it is asked.
    expect(await list()).toEqual([listed]);
    expect(await list()).toEqual([{ ...listed, mergeable: true }]);
    expect([calls, statuses]).toEqual([
      ['GET pulls', 'query Open'],
      [304, 200],
    ]);
    expect(await list()).toEqual([{ ...listed, mergeable: true }]);
    expect([calls, statuses]).toEqual([['GET pulls'], [304]]);
    // Nobody touches it, and it is in conflict.
    await push(repository, 'b.yaml', 'b: by hand\n');
    await list();
    expect(await list()).toEqual([{ ...listed, mergeable: false }]);
    await forge.closePull(repository, number);
    expect(await list()).toEqual([]);
  });

  it('reads all pages of what is open', async () => {
    const { forge, answer, sent } = answering();
    answer.rest = [];
    const page = (number: number, endCursor?: string) => ({
      repository: {
        pullRequests: {
          nodes: [
            {
              number,
              headRefOid: 'a'.repeat(40),
              updatedAt: '2026-11-20T10:11:12Z',
              mergeable: 'MERGEABLE',
            },
          ],
          pageInfo: { hasNextPage: endCursor !== undefined, endCursor },
        },
      },
    });
    answer.dataOf = text =>
      text.includes('"after":"second"') ? page(2) : page(1, 'second');
    const pulls = await forge.listOpenPulls('acme/atlas');
    expect(pulls.map(({ number }) => number)).toEqual([1, 2]);
    expect(sent).toHaveLength(3);
  });

  it('hears verdicts and the word of the portal, however much else is said', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { number, commit: head } = await propose(forge, repository);
    const review = (event: string) =>
      server.call('POST', `/repos/${repository}/pulls/${number}/reviews`, {
        event,
        body: 'Hm.',
      });
    const say = (context: string) =>
      forge.setCommitStatus({
        repository,
        commit: head,
        context,
        state: 'success',
        description: '',
      });
    await review('APPROVED');
    for (let time = 0; time < 101; time += 1) {
      await review('COMMENT');
      await say(`check-${time}`);
    }
    await say('rustfs/policy');
    const { checks, reviews } = await forge.getPull(repository, number, {
      checks: true,
    });
    expect(reviews.approvedBy).toEqual([server.owner]);
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'rustfs/policy', state: 'passing' }),
    );
  });

  it.each<[string, object, string, RegExp]>([
    [
      'a rule',
      { message: 'Repository rule violations found: no sesame' },
      'denied',
      /^A rule of .*no <token>.*leave branches/,
    ],
    [
      'a missing right',
      { type: 'FORBIDDEN', message: 'Resource not accessible by integration' },
      'denied',
      /may not do this .*write access to contents/,
    ],
    [
      'a hiccup',
      { message: 'Something went wrong while executing your query.' },
      'unreachable',
      /failed with 502/,
    ],
    [
      'an archived repository',
      { message: 'Repository was archived so is read-only.' },
      'archived',
      /is archived/,
    ],
    [
      'anything else',
      { type: 'UNPROCESSABLE', message: 'Reference name is not valid' },
      'unexpected',
      /did not take the branch rustfs\/1 \("Reference name is not valid"\)/,
    ],
  ])('says why a branch was not moved: %s', async (_, error, reason, words) => {
    const { forge, answer } = answering();
    const base = { oid: 'a'.repeat(40), tree: { oid: 'b'.repeat(40) } };
    answer.restStatus = 201;
    answer.rest = { sha: 'c'.repeat(40) };
    answer.errorOf = document =>
      document.startsWith('mutation') ? error : undefined;
    answer.data = {
      repository: {
        id: 'R_1',
        isArchived: false,
        isEmpty: false,
        base: { target: base },
        branch: null,
        ref: null,
      },
    };
    await expect(
      replaceBranch(forge, {
        repository: 'acme/atlas',
        changeSet: changeSetOf('b.yaml', 'b: 1\n'),
      }),
    ).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(words),
    });
  });

  it('shows what rules require, also a check that nobody has heard of', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { status } = await server.call(
      'POST',
      `/repos/${repository}/branch_protections`,
      {
        rule_name: 'main',
        enable_status_check: true,
        status_check_contexts: ['rustfs/policy', 'lint'],
      },
    );
    expect(status).toBe(201);
    const { forge, calls } = connect();
    const { number, commit: head } = await propose(forge, repository);
    const read = () => forge.getPull(repository, number, { checks: true });
    // GitHub works out whether it can be merged once it is asked.
    expect((await read()).mergeable).toBeUndefined();
    expect(await read()).toMatchObject({
      mergeable: true,
      held: undefined,
      checks: [
        { name: 'lint', state: 'pending', isRequired: true },
        { name: 'rustfs/policy', state: 'pending', isRequired: true },
      ],
    });
    const say = (
      context: string,
      state: 'success' | 'failure',
      description = '',
    ) =>
      forge.setCommitStatus({
        repository,
        commit: head,
        context,
        state,
        description,
        url: 'https://portal.acme.org/rustfs/requests/1',
      });
    await say('rustfs/policy', 'success', 'a'.repeat(300));
    await say('slow', 'failure');
    expect(await read()).toMatchObject({
      checks: [
        { name: 'slow', state: 'failing', isRequired: false },
        { name: 'lint', state: 'pending', isRequired: true },
        {
          name: 'rustfs/policy',
          state: 'passing',
          description: `${'a'.repeat(139)}…`,
          url: 'https://portal.acme.org/rustfs/requests/1',
        },
      ],
    });
    await say('lint', 'success');
    calls.length = 0;
    expect(await read()).toMatchObject({ held: undefined });
    expect(calls).toEqual(['query Pull']);
    expect((await forge.getPull(repository, number)).checks).toBeUndefined();
  });

  it.each([
    [{ isInMergeQueue: true, mergeStateStatus: 'BLOCKED' }, 'queued'],
    [{ mergeStateStatus: 'BEHIND' }, 'behind'],
    [{ mergeStateStatus: 'BLOCKED' }, 'blocked'],
    [
      { mergeStateStatus: 'BLOCKED', reviewDecision: 'REVIEW_REQUIRED' },
      undefined,
    ],
    [{ mergeStateStatus: 'CLEAN' }, undefined],
  ])('tells what holds a pull request: %j', async (changes, held) => {
    const { forge, answer } = answering();
    answer.data = { repository: { pullRequest: { ...PULL, ...changes } } };
    await expect(forge.getPull('acme/atlas', 1)).resolves.toMatchObject({
      held,
    });
  });

  it('tells that commits have to be signed', async () => {
    const { forge, answer } = answering();
    answer.data = {
      repository: {
        pullRequest: {
          ...PULL,
          mergeStateStatus: 'BLOCKED',
          headCommit: { nodes: [{ commit: { statusCheckRollup: null } }] },
        },
      },
    };
    answer.rest = [{ type: 'required_signatures' }, { type: 'deletion' }];
    await expect(
      forge.getPull('acme/atlas', 1, { checks: true }),
    ).resolves.toMatchObject({ held: 'unsigned' });
  });

  it('reads on without what a token has no right to', async () => {
    const { forge, answer, sent } = answering();
    answer.data = {
      repository: {
        pullRequest: {
          ...PULL,
          headCommit: { nodes: [{ commit: { statusCheckRollup: null } }] },
          reviewRequests: {
            nodes: [{ requestedReviewer: { __typename: 'Team' } }],
          },
        },
      },
    };
    answer.errorOf = document =>
      document.includes('on Team')
        ? {
            type: 'INSUFFICIENT_SCOPES',
            message: "The 'slug' field requires one of: ['read:org']",
          }
        : {
            type: 'FORBIDDEN',
            message: 'Resource not accessible by integration',
            path: [
              'repository',
              'pullRequest',
              'headCommit',
              'nodes',
              0,
              'commit',
              'statusCheckRollup',
            ],
          };
    answer.rest = { users: [], teams: [{ slug: 'platform' }] };
    for (let time = 0; time < 2; time += 1) {
      const { checks, teams } = await forge.getPull('acme/atlas', 1, {
        checks: true,
      });
      expect(teams).toEqual(['acme/platform']);
      // What cannot be seen is not nothing.
      expect(checks).toBeUndefined();
    }
    // It is not asked for again.
    expect(sent.filter(text => text.includes('on Team'))).toHaveLength(1);
  });

  describe('when a closed one is opened again', () => {
    it('puts its branch back to what it was closed with, when that is free', async () => {
      const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
      const { forge } = connect();
      const { number, commit: first } = await propose(forge, repository);
      await forge.closePull(repository, number);
      const { commit: second } = await replaceBranch(forge, {
        repository,
        changeSet: changeSetOf('b.yaml', 'b: 2\n'),
        expected: first,
      });
      await expect(forge.reopenPull(repository, number)).rejects.toMatchObject({
        reason: 'unsupported',
        message: expect.stringMatching(/force-pushed or recreated.*ask again/),
      });
      expect(
        await forge.reopenPull(repository, number, { replaces: second }),
      ).toBe('open');
      expect((await forge.readBranch(repository, 'rustfs/1'))?.commit).toBe(
        first,
      );
    });

    it('makes its branch again, and takes nothing from somebody else', async () => {
      const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
      const { forge } = connect();
      const { number, commit: first } = await propose(forge, repository);
      await forge.closePull(repository, number);
      await server.call('DELETE', `/repos/${repository}/branches/rustfs%2F1`);
      expect(await forge.reopenPull(repository, number)).toBe('open');
      await forge.closePull(repository, number);
      const theirs = await push(repository, 'c.yaml', 'c: 1\n', 'rustfs/1');
      expect(
        await forge.reopenPull(repository, number, { replaces: first }),
      ).toBe('open');
      expect(await forge.getPull(repository, number)).toMatchObject({
        head: theirs,
      });
    });
  });

  it('finds the open pull request of a branch beside a closed one', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { changeSet, number } = await propose(forge, repository);
    const query = { repository, baseBranch: 'main', branch: 'rustfs/1' };
    expect(await forge.closePull(repository, number)).toBe('closed');
    expect(await forge.findPull(query)).toMatchObject({
      number,
      state: 'closed',
    });
    const other = await forge.ensurePull({ repository, changeSet });
    expect(other.number).not.toBe(number);
    expect(await forge.findPull(query)).toMatchObject({
      number: other.number,
      state: 'open',
    });
    expect(
      await forge.findPull({ ...query, branch: 'rustfs/2' }),
    ).toBeUndefined();
  });

  it('asks once whether one commit is in another, as that never changes', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls } = connect();
    const tip = async () =>
      (await forge.readBranch(repository, 'main'))!.commit;
    const before = await tip();
    const after = await push(repository, 'b.yaml', 'b: 1\n');
    calls.length = 0;
    const contains = (revision: string, inner: string) =>
      forge.contains({ repository, revision, commit: inner });
    expect(await contains(after, before)).toBe(true);
    expect(await contains(after, before)).toBe(true);
    expect(await contains(before, after)).toBe(false);
    expect(await contains('main', after)).toBe(true);
    expect(calls).toHaveLength(3);
    await expect(contains(after, 'f'.repeat(40))).rejects.toMatchObject({
      reason: 'not-found',
    });
  });

  it('names the new name of a repository that was renamed, and does not follow', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { changeSet, number } = await propose(forge, repository);
    await server.call('PATCH', `/repos/${repository}`, { name: 'elsewhere' });
    const moved = {
      reason: 'moved',
      message: expect.stringMatching(
        /was renamed or moved to acme-admin\/elsewhere; point the GitOps source/,
      ),
    };
    await expect(
      forge.readFolder({ repository, ref: 'main', folder: '' }),
    ).rejects.toMatchObject(moved);
    await expect(forge.getPull(repository, number)).rejects.toMatchObject(
      moved,
    );
    await expect(
      replaceBranch(forge, { repository, changeSet }),
    ).rejects.toMatchObject(moved);
    await expect(forge.closePull(repository, number)).rejects.toMatchObject(
      moved,
    );
  });

  it('says that a rule keeps it from its own branches', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    await server.call('POST', `/repos/${repository}/branch_protections`, {
      rule_name: 'rustfs/**',
      enable_push: false,
    });
    const { forge } = connect();
    await expect(propose(forge, repository)).rejects.toMatchObject({
      reason: 'denied',
      message: expect.stringMatching(
        /^A rule of .* keeps the portal from writing its branch \("Repository rule violations found.*rustfs\/\*\*/s,
      ),
    });
  });

  it.each<[string, string, RegExp]>([
    ['is empty', 'unsupported', /is empty; make its first commit/],
    ['is archived', 'archived', /is archived/],
  ])(
    'says what to do about a repository that %s',
    async (what, reason, words) => {
      const repository =
        what === 'is empty'
          ? 'acme-admin/empty'
          : await server.createRepository({ 'a.yaml': 'a: 1\n' });
      await (what === 'is empty'
        ? server.call('POST', '/user/repos', { name: 'empty', private: false })
        : server.call('PATCH', `/repos/${repository}`, { archived: true }));
      const { forge } = connect();
      await expect(propose(forge, repository)).rejects.toMatchObject({
        reason,
        message: expect.stringMatching(words),
      });
    },
  );

  it.each<[string, ForgeAnswer, string, RegExp]>([
    [
      'a token that is not known',
      { status: 401, body: { message: 'Bad credentials' } },
      'unauthenticated',
      /does not know the portal's token.*integrations\.github/,
    ],
    [
      'a missing right',
      {
        status: 403,
        headers: { 'X-Accepted-GitHub-Permissions': 'statuses=write' },
        body: { message: 'Resource not accessible by integration' },
      },
      'denied',
      /not accessible.*it needs the permission statuses=write; a GitHub App/,
    ],
    [
      'a token that may not be used in the organization',
      {
        status: 403,
        headers: { 'X-GitHub-SSO': 'required; url=https://github.com/x' },
        body: { message: 'Resource protected by organization SAML' },
      },
      'denied',
      /single sign-on.*allows it in the settings/,
    ],
    [
      'what is not there',
      { status: 404, body: { message: 'Not Found' } },
      'not-found',
      /install the GitHub App on it/,
    ],
    [
      'the limit of an hour',
      {
        status: 403,
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': '4102444800',
        },
        body: { message: 'API rate limit exceeded' },
      },
      'limited',
      /no calls before 2100-01-01T00:00:00.000Z/,
    ],
    [
      'a limit for a while',
      {
        status: 403,
        headers: { 'retry-after': '60' },
        body: { message: 'You have exceeded a secondary rate limit.' },
      },
      'limited',
      /rate limit is reached/,
    ],
    [
      'a repository that was taken down',
      { status: 451, body: { message: 'Repository access blocked' } },
      'denied',
      /switched .* off/,
    ],
    [
      'an answer that is not expected',
      { status: 202, body: {} },
      'unexpected',
      /answered 202 to POST statuses/,
    ],
  ])('says what to do about %s', async (_, answer, reason, words) => {
    const { forge } = connect();
    const asked: ForgeCall[] = [];
    server.faults!.set({
      answer: call => {
        asked.push(call);
        return answer;
      },
    });
    const failed = forge.setCommitStatus({
      repository: 'acme/atlas',
      commit: 'a'.repeat(40),
      context: 'rustfs/policy',
      state: 'success',
      description: '',
    });
    await expect(failed).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(words),
    });
    await expect(failed).rejects.not.toThrow(server.portalToken);
    expect(asked).toHaveLength(1);
  });

  it('takes an error of the query for one of the server, and a limit for a limit', async () => {
    const { forge, answer } = answering();
    answer.errorOf = () => ({
      message: 'Something went wrong while executing your query.',
    });
    await expect(forge.getPull('acme/atlas', 1)).rejects.toMatchObject({
      reason: 'unreachable',
    });
    answer.errorOf = () => ({
      type: 'RATE_LIMITED',
      message: 'API rate limit exceeded',
    });
    await expect(forge.getPull('acme/atlas', 1)).rejects.toMatchObject({
      reason: 'limited',
    });
  });

  it.each([
    [
      'https://github.com',
      undefined,
      'https://api.github.com',
      'https://api.github.com/graphql',
    ],
    [
      'https://acme.ghe.com',
      undefined,
      'https://api.acme.ghe.com',
      'https://api.acme.ghe.com/graphql',
    ],
    [
      'https://git.acme.org',
      undefined,
      'https://git.acme.org/api/v3',
      'https://git.acme.org/api/graphql',
    ],
    [
      'https://git.acme.org',
      'https://api.acme.org/gh/',
      'https://api.acme.org/gh',
      'https://api.acme.org/gh/graphql',
    ],
  ])(
    'knows the addresses of the API of %s (%s), and says who calls',
    async (baseUrl, apiBaseUrl, rest, graphql) => {
      const sent: Array<{ url: string; headers: Headers }> = [];
      const forge = GitHubForge.create({
        baseUrl,
        apiBaseUrl,
        credentials: async () => githubForge.toCredentials('sesame'),
        fetch: async (url, init) => {
          sent.push({ url: String(url), headers: new Headers(init?.headers) });
          return new Response('{"message":"Not Found"}', { status: 404 });
        },
      });
      await forge.closePull('acme/atlas', 1).catch(() => {});
      await forge.readBranch('acme/atlas', 'main').catch(() => {});
      expect(sent.map(({ url }) => url)).toEqual([
        `${rest}/repos/acme/atlas/pulls/1`,
        graphql,
      ]);
      expect(Object.fromEntries(sent[0].headers)).toMatchObject({
        authorization: 'Bearer sesame',
        accept: 'application/vnd.github+json',
        'user-agent': 'rustfs-portal',
        'x-github-api-version': '2022-11-28',
      });
    },
  );

  it('knows the pages for people', () => {
    const pages = connect().forge.pagesOf({
      url: 'https://github.com/acme/atlas/pull/7',
    });
    expect(pages.commit('abc')).toBe(
      'https://github.com/acme/atlas/commit/abc',
    );
    expect(pages.folder('main', './clusters/a b')).toBe(
      'https://github.com/acme/atlas/tree/main/clusters/a%20b',
    );
  });
});
