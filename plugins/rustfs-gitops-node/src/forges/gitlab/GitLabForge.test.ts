import { ForgeAnswer, ForgeCall } from '@rustfs-portal/sandbox';
import { replaceBranch } from '../../__testUtils__/replaceBranch';
import { startStandIn, TestForge } from '../../__testUtils__/startTestForge';
import { ChangeSet, Forge } from '../../types';
import { gitlabForge } from './factory';

function changeSetOf(
  path: string,
  after: string,
  body = 'Adds a file.\n',
): ChangeSet {
  const identity = { name: 'Portal', email: 'portal@noreply.invalid' };
  return {
    branch: 'rustfs/1',
    baseBranch: 'main',
    title: 'Add a file',
    body,
    commitMessage: 'Add a file\n',
    author: { ...identity, name: 'user:default/ada' },
    committer: identity,
    date: '2026-11-20T10:11:12Z',
    files: [{ path, operation: 'create', after, diff: '' }],
  };
}

const HEAD = 'a'.repeat(40);

/** A merge request as it is given alone. */
const REQUEST = {
  iid: 7,
  web_url: 'https://gitlab.com/acme/platform/atlas/-/merge_requests/7',
  state: 'opened',
  title: 'Add a file',
  draft: false,
  sha: HEAD,
  source_branch: 'rustfs/1',
  target_branch: 'main',
  source_project_id: 3,
  target_project_id: 3,
  updated_at: '2026-11-20T10:11:12.345Z',
  has_conflicts: false,
  detailed_merge_status: 'mergeable',
  user_notes_count: 0,
};

/** A forge before answers that a stand-in does not give: by what the address of a call ends with. */
function answering(answers: Record<string, unknown> = {}) {
  const sent: Array<{ url: string; method?: string; body?: any }> = [];
  const forge = gitlabForge.create({
    baseUrl: 'https://gitlab.com',
    credentials: async () => gitlabForge.toCredentials('sesame'),
    fetch: async (input, init) => {
      const url = String(input);
      const { pathname } = new URL(url);
      const body = init?.body ? JSON.parse(String(init.body)) : undefined;
      sent.push({ url, method: init?.method, body });
      const key = Object.keys(answers)
        .filter(end => `${init?.method} ${pathname}`.endsWith(end))
        .sort((a, b) => b.length - a.length)[0];
      const answer = key === undefined ? undefined : answers[key];
      if (answer instanceof Response) {
        return answer.clone();
      }
      return answer === undefined
        ? Response.json({ message: '404 Not found' }, { status: 404 })
        : Response.json(answer);
    },
  });
  return { forge, sent };
}

const REPOSITORY = 'acme/platform/atlas';

describe('GitLabForge', () => {
  let server: TestForge;
  beforeAll(async () => {
    server = await startStandIn();
  });
  afterAll(() => server.stop());
  afterEach(() => server.faults!.set(undefined));

  /** A forge that tells its calls: method and path below the project; some of them may have another answer. */
  function connect(answer?: (call: string) => Promise<Response | undefined>) {
    const calls: string[] = [];
    const forge = gitlabForge.create({
      baseUrl: server.url,
      credentials: async () => gitlabForge.toCredentials(server.portalToken),
      fetch: async (input, init) => {
        const { pathname } = new URL(String(input));
        const [, name] = /"query":"query (\w+)/.exec(String(init?.body)) ?? [];
        const path = decodeURIComponent(pathname).replace(
          /^\/api\/v4\/(projects\/[^/]+\/[^/]+\/?)?(repository\/)?/,
          '',
        );
        const call = name ? `query ${name}` : `${init?.method} ${path}`;
        calls.push(call);
        return (await answer?.(call)) ?? fetch(input, init);
      },
    });
    return { forge, calls };
  }

  async function propose(forge: Forge, repository: string) {
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    const { commit } = await replaceBranch(forge, { repository, changeSet });
    const { number } = await forge.ensurePull({ repository, changeSet });
    return { changeSet, commit, number };
  }

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

  it('reads a folder byte for byte, with what says from above what is left out, and no file twice', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 120 }, (_, i) => [
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
    const { forge, calls } = connect();
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
    expect(calls.map(call => call.split(/\/[0-9a-f]{40}/)[0]).sort()).toEqual([
      'GET blobs',
      'GET branches/main',
      'GET tree',
      'GET tree',
      'query Ids',
      'query Ids',
      'query Ids',
      'query Texts',
      'query Texts',
      'query Texts',
    ]);
    calls.length = 0;
    expect(await read()).toBe(first);
    expect(calls).toEqual(['GET branches/main']);
    await push(repository, 'storage/b ü/7.yaml', 'n: 700');
    calls.length = 0;
    const second = await read();
    expect(second.files['storage/b ü/7.yaml'].content).toBe('n: 700');
    expect(calls.filter(call => call === 'query Texts')).toHaveLength(1);
    expect(
      (
        await forge.readFolder({
          repository,
          ref: second.revision,
          folder: 'none',
        })
      ).files,
    ).toEqual({ '.sourceignore': expect.anything() });
    await expect(
      forge.readFolder({ repository, ref: 'gone', folder: '' }),
    ).rejects.toMatchObject({
      reason: 'not-found',
      message: expect.stringMatching(/has no branch gone/),
    });
    await expect(
      forge.readFolder({ repository, ref: 'f'.repeat(40), folder: 'x' }),
    ).rejects.toMatchObject({ reason: 'not-found' });
  });

  it('reads nothing of a folder that is too large', async () => {
    const tree = Array.from({ length: 30 }, (_, i) => ({
      id: `${100 + i}`.padStart(40, 'a'),
      path: `${i}.yaml`,
      type: 'blob',
      mode: '100644',
    }));
    const { forge, sent } = answering({
      'repository/tree': tree,
      'POST /api/graphql': {
        data: {
          project: {
            repository: {
              blobs: {
                nodes: tree.map(({ id: oid, path }) => ({
                  path,
                  oid,
                  rawSize: `${2 ** 20}`,
                })),
              },
            },
          },
        },
      },
    });
    await expect(
      forge.readFolder({ repository: REPOSITORY, ref: HEAD, folder: '' }),
    ).rejects.toMatchObject({
      reason: 'unsupported',
      message: expect.stringMatching(/30 of at most 24 MiB/),
    });
    expect(sent).toHaveLength(2);
  });

  it('proposes in five calls, and leaves what is as it should be', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls } = connect();
    const { changeSet, commit } = await propose(forge, repository);
    expect(calls.sort()).toEqual([
      'GET branches/main',
      'GET branches/rustfs/1',
      'POST commits',
      'POST merge_requests',
      'query Ids',
    ]);
    const tip = await forge.readBranch(repository, 'rustfs/1');
    // The server says who commits, and when.
    expect(tip).toMatchObject({
      commit,
      isOwn: true,
      committer: { name: 'portal' },
    });
    calls.length = 0;
    const again = await replaceBranch(forge, {
      repository,
      changeSet,
      expected: commit,
    });
    expect(again.commit).toBe(commit);
    expect(calls.filter(call => call.startsWith('POST'))).toEqual([]);
    // With another file in it, it is not what is to be there, whoever put it there.
    const more = {
      ...changeSet,
      files: [...changeSet.files, ...changeSetOf('c.yaml', 'c: 1\n').files],
    };
    const { commit: wider } = await replaceBranch(forge, {
      repository,
      changeSet: more,
      expected: commit,
    });
    const { commit: back } = await replaceBranch(forge, {
      repository,
      changeSet,
      expected: wider,
    });
    expect(new Set([commit, wider, back]).size).toBeGreaterThan(1);
    expect(
      await forge.readFiles({ repository, ref: back, paths: ['c.yaml'] }),
    ).toEqual({});
    // A person has changed nothing and put their name on it.
    await push(repository, 'd.yaml', 'd: 1\n', 'rustfs/1');
    expect(await forge.readBranch(repository, 'rustfs/1')).toMatchObject({
      isOwn: false,
    });
  });

  it.each(['an error', 'no answer'])(
    'loses no commit that is pushed while a write fails with %s',
    async failure => {
      const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
      const { changeSet, commit } = await propose(connect().forge, repository);
      let theirs: string | undefined;
      const { forge, calls } = connect(async call => {
        if (call !== 'POST commits') {
          return undefined;
        }
        theirs ??= await push(repository, 'd.yaml', 'd: 1\n', 'rustfs/1');
        if (failure === 'no answer') {
          throw new TypeError('fetch failed');
        }
        return Response.json({ message: '' }, { status: 502 });
      });
      await expect(
        replaceBranch(forge, {
          repository,
          changeSet: { ...changeSet, ...changeSetOf('b.yaml', 'b: 2\n') },
          expected: commit,
        }),
      ).rejects.toMatchObject({ reason: 'lost-race' });
      expect(calls.filter(call => call === 'POST commits')).toHaveLength(1);
      expect(await forge.readBranch(repository, 'rustfs/1')).toMatchObject({
        commit: theirs,
      });
    },
  );

  it('proposes nothing that Git has already', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { 'a.yaml': before } = await forge.readFiles({
      repository,
      ref: 'main',
      paths: ['a.yaml'],
    });
    const same = {
      ...changeSetOf('', ''),
      files: [
        {
          path: 'a.yaml',
          operation: 'update' as const,
          before,
          after: 'a: 1\n',
          diff: '',
        },
      ],
    };
    await expect(
      replaceBranch(forge, { repository, changeSet: same }),
    ).rejects.toMatchObject({ reason: 'stale' });
  });

  // A server that signs names itself as who commits, on its pages too.
  it.each([
    ['rustfs-portal@noreply.invalid', 'noreply@gitlab.com', true],
    ['ada@acme.org', 'noreply@gitlab.com', false],
    ['rustfs-portal@noreply.invalid', 'ada@acme.org', false],
  ])(
    'tells whose commit one is, by %s and %s',
    async (author_email, committer_email, isOwn) => {
      const { forge } = answering({
        'branches/main': {
          commit: {
            id: HEAD,
            author_email,
            committer_name: 'GitLab',
            committer_email,
          },
        },
      });
      expect(await forge.readBranch(REPOSITORY, 'main')).toMatchObject({
        isOwn,
      });
    },
  );

  it.each([
    ['may not read its code', {}, 'denied', /role Developer/],
    ['has it archived', { archived: true }, 'archived', /is archived/],
  ])(
    'takes no project for an empty one when it %s',
    async (_, more, reason, words) => {
      const { forge } = answering({
        'GET /api/v4/projects/acme%2Fplatform%2Fatlas': {
          path_with_namespace: REPOSITORY,
          ...more,
        },
        'POST /api/graphql': { data: { project: { repository: null } } },
      });
      await expect(
        forge.readFiles({ repository: REPOSITORY, ref: HEAD, paths: ['a'] }),
      ).rejects.toMatchObject({
        reason,
        message: expect.stringMatching(words),
      });
    },
  );

  it('tells a commit that is not there from one without a file', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { commit } = (await forge.readBranch(repository, 'main'))!;
    const read = (ref: string) =>
      forge.readFiles({ repository, ref, paths: ['none.yaml'] });
    expect(await read(commit)).toEqual({});
    await expect(read('f'.repeat(40))).rejects.toMatchObject({
      reason: 'not-found',
    });
  });

  it('keeps words of others from being commands', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const changeSet = changeSetOf(
      'b.yaml',
      'b: 1\n',
      'Adds a file.\n/merge\n  /close\na/b\n',
    );
    await replaceBranch(forge, { repository, changeSet });
    const { number } = await forge.ensurePull({ repository, changeSet });
    expect((await forge.getPull(repository, number)).body).toBe(
      'Adds a file.\n\\/merge\n  \\/close\na/b\n',
    );
  });

  it('asks people, and tells who was not taken', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { number } = await propose(forge, repository);
    expect(
      await forge.askReviewers({
        repository,
        number,
        reviewers: [server.owner, 'nobody', 'carla', 'acme/platform'],
      }),
    ).toEqual([
      { reviewer: 'nobody', reason: 'nobody of this name is there' },
      { reviewer: 'acme/platform', reason: expect.stringMatching(/no groups/) },
      { reviewer: 'carla', reason: expect.stringMatching(/did not take it/) },
    ]);
    await server.asReader!(repository);
    expect(
      await forge.askReviewers({ repository, number, reviewers: ['carla'] }),
    ).toEqual([]);
    // Nobody was taken off the list.
    expect((await forge.getPull(repository, number)).reviewers.sort()).toEqual([
      server.owner,
      'carla',
    ]);
  });

  it('counts an approval for the commit that was there, whatever GitLab keeps', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { changeSet, commit, number } = await propose(forge, repository);
    const review = (event: string) =>
      server.call('POST', `/repos/${repository}/pulls/${number}/reviews`, {
        event,
        body: 'Read \u202e.',
      });
    await review('APPROVED');
    expect((await forge.getPull(repository, number)).reviews).toMatchObject({
      approvedBy: [server.owner],
      remarks: [{ by: server.owner, verdict: 'commented', text: 'Read .' }],
    });
    await replaceBranch(forge, {
      repository,
      changeSet: { ...changeSet, ...changeSetOf('b.yaml', 'b: 2\n') },
      expected: commit,
    });
    expect((await forge.getPull(repository, number)).reviews).toMatchObject({
      approvedBy: [],
      remarks: [{ isOutdated: true }],
    });
    await review('REQUEST_CHANGES');
    expect((await forge.getPull(repository, number)).reviews).toMatchObject({
      changesRequestedBy: [server.owner],
    });
  });

  it('takes the time of an approval from the notes where a list has none', async () => {
    const ada = { id: 1, username: 'ada', name: 'Ada' };
    const note = {
      id: 1,
      body: 'approved this merge request',
      system: true,
      author: ada,
      created_at: '2026-11-20T10:00:05Z',
    };
    const answers = {
      'merge_requests/7': REQUEST,
      'merge_requests/7/approvals': { approved_by: [{ user: ada }] },
      'merge_requests/7/versions': [
        // The target has moved: another version of the same commit.
        { head_commit_sha: HEAD, created_at: '2026-11-20T11:00:00Z' },
        { head_commit_sha: HEAD, created_at: '2026-11-20T10:00:00Z' },
        { head_commit_sha: 'b'.repeat(40), created_at: '2026-11-20T09:00:00Z' },
      ],
      'merge_requests/7/notes': [note],
    };
    const read = async () =>
      (await answering(answers).forge.getPull(REPOSITORY, 7)).reviews;
    expect(await read()).toMatchObject({ approvedBy: ['ada'], remarks: [] });
    note.created_at = '2026-11-20T09:59:59Z';
    expect(await read()).toMatchObject({ approvedBy: [] });
  });

  // https://docs.gitlab.com/api/merge_requests/#merge-status
  it.each<[string, object, object]>([
    ['mergeable', {}, { mergeable: true, held: undefined }],
    ['conflict', {}, { mergeable: false }],
    ['mergeable', { has_conflicts: true }, { mergeable: false }],
    ['unchecked', {}, { mergeable: undefined }],
    ['checking', {}, { mergeable: undefined }],
    ['preparing', {}, { mergeable: undefined }],
    ['approvals_syncing', {}, { mergeable: undefined, held: undefined }],
    ['commits_status', {}, { mergeable: false }],
    ['need_rebase', {}, { mergeable: false, held: 'behind' }],
    ['discussions_not_resolved', {}, { mergeable: true, held: 'discussions' }],
    ['ci_must_pass', {}, { mergeable: true, held: 'pipeline' }],
    ['ci_still_running', {}, { mergeable: true, held: 'pipeline' }],
    ['draft_status', { draft: true }, { mergeable: true, held: undefined }],
    ['requested_changes', {}, { mergeable: true, held: undefined }],
    [
      'not_approved',
      {},
      { mergeable: true, held: 'approvals', heldBy: ['Platform team'] },
    ],
    [
      'locked_paths',
      {},
      { mergeable: true, held: 'blocked', heldBy: ['locked paths'] },
    ],
    [
      'a_word_of_next_year',
      {},
      {
        mergeable: undefined,
        held: 'blocked',
        heldBy: ['a word of next year'],
      },
    ],
    [
      'mergeable',
      {
        head_pipeline: {
          status: 'running',
          sha: 'c'.repeat(40),
          ref: 'refs/merge-requests/7/train',
        },
      },
      { held: 'queued' },
    ],
  ])(
    'tells what holds a merge request: %s %j',
    async (detailed_merge_status, more, expected) => {
      const { forge } = answering({
        'merge_requests/7': { ...REQUEST, detailed_merge_status, ...more },
        'merge_requests/7/approvals': {
          approvals_left: 1,
          approval_rules_left: [{ name: 'Platform team' }],
        },
      });
      expect(await forge.getPull(REPOSITORY, 7)).toMatchObject(expected);
    },
  );

  // How a merge method leaves its commit.
  it.each<[string, object, string]>([
    ['merge commit', { merge_commit_sha: 'm', squash_commit_sha: null }, 'm'],
    ['squashed', { merge_commit_sha: 'm', squash_commit_sha: 's' }, 'm'],
    ['fast-forward', { merge_commit_sha: null, squash_commit_sha: null }, HEAD],
    [
      'fast-forward, squashed',
      { merge_commit_sha: null, squash_commit_sha: 's' },
      's',
    ],
  ])('knows the commit of a merge: %s', async (_, ids, mergeCommit) => {
    const { forge, sent } = answering({
      'merge_requests/7': {
        ...REQUEST,
        ...ids,
        state: 'merged',
        merged_at: '2026-11-20T11:00:00Z',
        merge_user: { id: 1, username: 'ada' },
      },
    });
    expect(await forge.getPull(REPOSITORY, 7, { checks: true })).toMatchObject({
      state: 'merged',
      mergedBy: 'ada',
      mergeCommit,
      mergeable: undefined,
    });
    expect(sent.map(({ url }) => url)[0]).toBe(
      'https://gitlab.com/api/v4/projects/acme%2Fplatform%2Fatlas/merge_requests/7',
    );
  });

  it('shows jobs and statuses, and the pipeline of what it is merged to', async () => {
    const answers = {
      'merge_requests/7': {
        ...REQUEST,
        detailed_merge_status: 'ci_must_pass',
        head_pipeline: {
          status: 'failed',
          sha: 'c'.repeat(40),
          ref: 'refs/merge-requests/7/merge',
          web_url: 'https://gitlab.com/p/1',
        },
      },
      [`commits/${HEAD}/statuses`]: [
        { name: 'lint', status: 'success' },
        { name: 'slow', status: 'failed', allow_failure: true },
        { name: 'e2e', status: 'manual' },
        { name: 'docs', status: 'skipped' },
        { name: 'unit', status: 'canceled' },
        { name: 'odd', status: 'of_next_year' },
      ],
    };
    const { checks, held } = await answering(answers).forge.getPull(
      REPOSITORY,
      7,
      { checks: true },
    );
    expect(held).toBeUndefined();
    expect(checks).toEqual([
      {
        name: 'pipeline of the merge result',
        state: 'failing',
        url: 'https://gitlab.com/p/1',
        isRequired: true,
      },
      { name: 'unit', state: 'failing', isRequired: true },
      { name: 'e2e', state: 'pending', isRequired: true },
      { name: 'odd', state: 'pending', isRequired: true },
      { name: 'lint', state: 'passing', isRequired: true },
      { name: 'slow', state: 'passing', description: 'failed, and may' },
    ]);
    // Hidden ones are not none.
    const hidden = answering({
      ...answers,
      [`commits/${HEAD}/statuses`]: Response.json(
        { message: '403 Forbidden' },
        { status: 403 },
      ),
    });
    expect(
      (await hidden.forge.getPull(REPOSITORY, 7, { checks: true })).checks,
    ).toBeUndefined();
  });

  it('shows jobs beyond the first page, and the pipeline for those beyond the last that is read', async () => {
    const answers = {
      'merge_requests/7': {
        ...REQUEST,
        head_pipeline: { status: 'failed', sha: HEAD },
      },
    };
    const withPages = (pages: number) => {
      let page = 0;
      const { forge, sent } = answering({
        ...answers,
        get [`commits/${HEAD}/statuses`]() {
          page += 1;
          return Response.json([{ name: `job ${page}`, status: 'success' }], {
            headers: { 'x-next-page': page < pages ? `${page + 1}` : '' },
          });
        },
      });
      return {
        read: () => forge.getPull(REPOSITORY, 7, { checks: true }),
        sent,
      };
    };
    const two = withPages(2);
    expect((await two.read()).checks).toEqual([
      { name: 'job 1', state: 'passing' },
      { name: 'job 2', state: 'passing' },
    ]);
    expect(two.sent.at(-1)?.url).toMatch(/statuses\?per_page=100&page=2$/);
    const many = withPages(1_000);
    expect((await many.read()).checks).toEqual([
      {
        name: 'pipeline',
        state: 'failing',
        description: 'it has more than the 5 jobs that are listed',
      },
      ...['1', '2', '3', '4', '5'].map(number => ({
        name: `job ${number}`,
        state: 'passing',
      })),
    ]);
  });

  it('lists what is open, and only says of a conflict that is known', async () => {
    const page = (count: number, more = {}) =>
      Array.from({ length: count }, (_, i) => ({
        ...REQUEST,
        iid: i + 1,
        ...more,
      }));
    const { forge, sent } = answering({
      merge_requests: page(2, { detailed_merge_status: 'conflict' }),
    });
    expect(await forge.listOpenPulls(REPOSITORY)).toEqual([
      {
        number: 1,
        head: HEAD,
        updatedAt: REQUEST.updated_at,
        mergeable: false,
      },
      expect.objectContaining({ number: 2 }),
    ]);
    expect(sent).toHaveLength(1);
    const old = answering({ merge_requests: page(1) });
    expect(
      (await old.forge.listOpenPulls(REPOSITORY))[0].mergeable,
    ).toBeUndefined();
  });

  it('finds its own merge request beside that of a fork and a closed one', async () => {
    const { forge } = answering({
      'merge_requests/7': REQUEST,
      merge_requests: [
        { ...REQUEST, iid: 4, source_project_id: 9 },
        { ...REQUEST, iid: 5, state: 'closed' },
        REQUEST,
      ],
    });
    expect(
      await forge.findPull({
        repository: REPOSITORY,
        baseBranch: 'main',
        branch: 'rustfs/1',
      }),
    ).toMatchObject({ number: 7 });
  });

  it('waits for a branch that the rest of GitLab does not know yet', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    let asked = 0;
    server.faults!.set({
      answer: ({ method, path }) => {
        if (method !== 'POST' || !path.endsWith('/merge_requests')) {
          return undefined;
        }
        asked += 1;
        return asked === 1
          ? {
              status: 400,
              body: { message: { source_branch: ['does not exist'] } },
            }
          : undefined;
      },
    });
    await expect(propose(forge, repository)).resolves.toMatchObject({
      number: 1,
    });
  });

  it('says that one stays closed, although the answer is a good one', async () => {
    const closed = { ...REQUEST, state: 'closed', sha: null };
    const { forge } = answering({
      'GET /api/v4/projects/acme%2Fplatform%2Fatlas/merge_requests/7': closed,
      'PUT /api/v4/projects/acme%2Fplatform%2Fatlas/merge_requests/7': closed,
    });
    await expect(forge.reopenPull(REPOSITORY, 7)).rejects.toMatchObject({
      reason: 'unsupported',
      message: expect.stringMatching(/cannot be opened again.*locked/),
    });
    expect(await forge.closePull(REPOSITORY, 7)).toBe('closed');
  });

  it.each([
    ['a right is missing', {}, 'denied', /role Developer/],
    ['the project is archived', { archived: true }, 'archived', /is archived/],
  ])(
    'says why one cannot be opened again or closed: %s',
    async (_, more, reason, words) => {
      const project = '/api/v4/projects/acme%2Fplatform%2Fatlas';
      const withState = (state: string) =>
        answering({
          [`GET ${project}`]: { path_with_namespace: REPOSITORY, ...more },
          [`GET ${project}/merge_requests/7`]: { ...REQUEST, state, sha: null },
          [`PUT ${project}/merge_requests/7`]: Response.json(
            { message: '403 Forbidden' },
            { status: 403 },
          ),
        }).forge;
      const expected = { reason, message: expect.stringMatching(words) };
      await expect(
        withState('closed').reopenPull(REPOSITORY, 7),
      ).rejects.toMatchObject(expected);
      await expect(
        withState('opened').closePull(REPOSITORY, 7),
      ).rejects.toMatchObject(expected);
      await expect(withState('merged').closePull(REPOSITORY, 7)).resolves.toBe(
        'merged',
      );
    },
  );

  it('speaks of a commit twice, and cuts what is too long', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { commit, number } = await propose(forge, repository);
    const say = (state: 'pending' | 'failure') =>
      forge.setCommitStatus({
        repository,
        commit,
        context: 'rustfs/policy',
        state,
        description: 'a'.repeat(300),
        url: 'https://portal.acme.org/rustfs/requests/1',
      });
    await say('pending');
    await say('pending');
    await say('failure');
    expect(
      (await forge.getPull(repository, number, { checks: true })).checks,
    ).toEqual([
      {
        name: 'rustfs/policy',
        state: 'failing',
        description: expect.stringMatching(/^a{199}…$/),
        url: 'https://portal.acme.org/rustfs/requests/1',
      },
    ]);
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
    expect(calls).toHaveLength(2);
    await expect(contains(after, 'f'.repeat(40))).rejects.toMatchObject({
      reason: 'not-found',
    });
  });

  it('names the new name of a project that was renamed, and does not follow', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const { changeSet, number } = await propose(forge, repository);
    await server.call('PATCH', `/repos/${repository}`, { name: 'moved-away' });
    const moved = {
      reason: 'moved',
      message: expect.stringMatching(
        /was renamed or moved to acme-admin\/moved-away; point the GitOps source/,
      ),
    };
    await expect(
      forge.readFolder({ repository, ref: 'main', folder: '' }),
    ).rejects.toMatchObject(moved);
    await expect(
      replaceBranch(forge, { repository, changeSet }),
    ).rejects.toMatchObject(moved);
    // GitLab does not even say where to.
    await expect(forge.closePull(repository, number)).rejects.toMatchObject(
      moved,
    );
    await expect(
      forge.readFiles({ repository, ref: 'a'.repeat(40), paths: ['a'] }),
    ).rejects.toMatchObject(moved);
  });

  it('says that an archived project takes nothing', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    await server.call('PATCH', `/repos/${repository}`, { archived: true });
    await expect(propose(connect().forge, repository)).rejects.toMatchObject({
      reason: 'archived',
      message: expect.stringMatching(/is archived/),
    });
  });

  it('says that a project has its merge requests switched off', async () => {
    const project = '/api/v4/projects/acme%2Fplatform%2Fatlas';
    const { forge } = answering({
      [`GET ${project}`]: {
        path_with_namespace: REPOSITORY,
        merge_requests_access_level: 'disabled',
      },
      [`POST ${project}/merge_requests`]: Response.json(
        { message: '403 Forbidden' },
        { status: 403 },
      ),
    });
    await expect(
      forge.ensurePull({
        repository: REPOSITORY,
        changeSet: changeSetOf('b.yaml', ''),
      }),
    ).rejects.toMatchObject({
      reason: 'unsupported',
      message: expect.stringMatching(/merge requests switched off/),
    });
  });

  it('says that an empty project needs a first commit', async () => {
    await server.call('POST', '/user/repos', { name: 'bare', private: false });
    await expect(
      propose(connect().forge, `${server.owner}/bare`),
    ).rejects.toMatchObject({
      reason: 'unsupported',
      message: expect.stringMatching(/is empty; make its first commit/),
    });
  });

  // What one call answers to nearly everything that can be wrong with a commit.
  it.each<[number, unknown, string, RegExp]>([
    [
      400,
      "A branch called 'rustfs/1' already exists. Switch to that branch",
      'lost-race',
      /has written the branch rustfs\/1/,
    ],
    [
      400,
      'Could not update refs/heads/rustfs/1. Please refresh and try again.',
      'lost-race',
      /has written the branch/,
    ],
    [400, 'A file with this name already exists', 'stale', /have changed on/],
    [400, "A file with this name doesn't exist", 'stale', /have changed on/],
    [
      400,
      'You can only create or edit files when you are on a branch',
      'stale',
      /have changed on/,
    ],
    [400, "Cannot find start_sha 'abc'", 'stale', /have changed on/],
    [
      400,
      'You are not allowed to force push code to a protected branch on this project.',
      'denied',
      /^A protected branch of .* covers rustfs\/1.*leave rustfs\/\* out/,
    ],
    [
      400,
      "GitLab: Commit message does not follow the pattern '^JIRA' sesame",
      'denied',
      /^A push rule or a hook .*pattern '\^JIRA' <token>.*noreply\.invalid/,
    ],
    [
      400,
      { author_email: ['is not verified', 'is odd'] },
      'denied',
      /author_email: is not verified, is odd/,
    ],
    // The words of a hook, whatever they are about.
    [400, 'GitLab: Ticket already exists', 'denied', /^A push rule or a hook/],
    [400, 'GitLab: Branch is invalid', 'denied', /^A push rule or a hook/],
    [400, 'branch is missing, actions is missing', 'unexpected', /400/],
    [
      403,
      'You are not allowed to push into this branch',
      'denied',
      /role Developer.*scope api/,
    ],
    [401, '401 Unauthorized', 'unauthenticated', /integrations\.gitlab/],
    [404, '404 Project Not Found', 'not-found', /is not there/],
    [408, 'Request timed out', 'unreachable', /failed with 408/],
  ])(
    'understands a refused commit: %i %j',
    async (status, message, reason, words) => {
      const project = '/api/v4/projects/acme%2Fplatform%2Fatlas';
      const { forge } = answering({
        [`GET ${project}`]: {
          path_with_namespace: REPOSITORY,
          archived: false,
        },
        [`GET ${project}/repository/branches/main`]: { commit: { id: HEAD } },
        'POST /api/graphql': {
          data: { project: { repository: { blobs: { nodes: [] } } } },
        },
        [`POST ${project}/repository/commits`]: Response.json(
          { message },
          { status },
        ),
      });
      await expect(
        replaceBranch(forge, {
          repository: REPOSITORY,
          changeSet: changeSetOf('b.yaml', 'b: 1\n'),
        }),
      ).rejects.toMatchObject({
        reason,
        message: expect.stringMatching(words),
      });
    },
  );

  it.each<[string, ForgeAnswer, string, RegExp]>([
    [
      'a scope that is missing',
      {
        status: 403,
        body: { error: 'insufficient_scope', scope: 'api' },
      },
      'denied',
      /insufficient_scope: api/,
    ],
    [
      'a limit that says until when',
      {
        status: 429,
        headers: { 'retry-after': '60', 'ratelimit-name': 'throttle' },
        body: 'Retry later\n',
      },
      'limited',
      /no calls before/,
    ],
    [
      'a limit that does not',
      { status: 429, body: { message: 'This endpoint has been requested' } },
      'limited',
      /no calls before/,
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
      commit: HEAD,
      context: 'rustfs/policy',
      state: 'success',
      description: '',
    });
    await expect(failed).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(words),
    });
    expect(asked).toHaveLength(1);
  });

  it('is not sent elsewhere, and takes no page for an answer', async () => {
    const away = answering({
      'merge_requests/7': new Response('', {
        status: 302,
        headers: { location: 'https://sso.acme.org/login?state=x' },
      }),
    });
    await expect(away.forge.getPull(REPOSITORY, 7)).rejects.toMatchObject({
      reason: 'unexpected',
      message: expect.stringMatching(/redirects to https:\/\/sso\.acme\.org,/),
    });
    const page = answering({
      'merge_requests/7': new Response('<html>', { status: 200 }),
    });
    await expect(page.forge.getPull(REPOSITORY, 7)).rejects.toMatchObject({
      reason: 'unexpected',
      message: expect.stringMatching(/not an answer of GitLab's API/),
    });
    const refused = answering({
      'POST /api/graphql': {
        data: null,
        errors: [{ message: 'Query has complexity of 300 sesame' }],
      },
    });
    await expect(
      refused.forge.readFiles({
        repository: REPOSITORY,
        ref: HEAD,
        paths: ['a.yaml'],
      }),
    ).rejects.toMatchObject({
      reason: 'unexpected',
      message: expect.stringMatching(/complexity of 300 <token>/),
    });
  });

  it('calls nothing else for a name that would lead there', async () => {
    const { forge, sent } = answering();
    for (const name of ['.', '..']) {
      await expect(forge.readBranch(REPOSITORY, name)).rejects.toMatchObject({
        reason: 'unsupported',
        message: expect.stringMatching(/correct the GitOps source/),
      });
    }
    expect(sent).toEqual([]);
  });

  it.each([
    ['https://gitlab.com', undefined, 'https://gitlab.com/api'],
    ['https://acme.org/gitlab/', undefined, 'https://acme.org/gitlab/api'],
    ['https://acme.org', 'https://api.acme.org/v4', 'https://api.acme.org'],
  ])(
    'knows the addresses of the API of %s (%s)',
    async (baseUrl, apiBaseUrl, api) => {
      const sent: string[] = [];
      const forge = gitlabForge.create({
        baseUrl,
        apiBaseUrl,
        credentials: async () => gitlabForge.toCredentials('sesame'),
        fetch: async (url, init) => {
          sent.push(String(url));
          expect(new Headers(init?.headers).get('authorization')).toBe(
            'Bearer sesame',
          );
          return Response.json({ message: 'x' }, { status: 404 });
        },
      });
      await forge.closePull('acme/atlas', 1).catch(() => {});
      await forge
        .readFiles({ repository: 'acme/atlas', ref: HEAD, paths: ['a'] })
        .catch(() => {});
      expect(sent).toEqual([
        `${api}/v4/projects/acme%2Fatlas/merge_requests/1`,
        `${api}/graphql`,
      ]);
    },
  );

  it('knows the pages for people', () => {
    const pages = connect().forge.pagesOf({ url: REQUEST.web_url });
    const root = 'https://gitlab.com/acme/platform/atlas/-';
    expect(pages.commit('abc')).toBe(`${root}/commit/abc`);
    expect(pages.folder('main', './clusters/a b')).toBe(
      `${root}/tree/main/clusters/a%20b`,
    );
  });
});
