import {
  createServer as createHttpServer,
  IncomingMessage,
  Server as HttpServer,
  ServerResponse,
} from 'node:http';
import { AddressInfo, createServer, Socket } from 'node:net';
import { replaceBranch } from '../../__testUtils__/replaceBranch';
import { startTestForge, TestForge } from '../../__testUtils__/startTestForge';
import { ChangeSet } from '../../types';
import { giteaForge } from './factory';
import { GiteaForge } from './GiteaForge';

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

const withToken = (token: string) => async () =>
  giteaForge.toCredentials(token);

describe('GiteaForge', () => {
  let server: TestForge;
  beforeAll(async () => {
    server = await startTestForge();
  });
  afterAll(() => server.stop());

  /** A forge that counts its calls. */
  function connect() {
    const calls: string[] = [];
    let underWay = 0;
    let most = 0;
    const forge = GiteaForge.create({
      baseUrl: `${server.url}/`,
      credentials: withToken(server.portalToken),
      fetch: async (input, init) => {
        calls.push(`${init?.method} ${String(input)}`);
        underWay += 1;
        most = Math.max(most, underWay);
        try {
          return await fetch(input, init);
        } finally {
          underWay -= 1;
        }
      },
    });
    return { forge, calls, most: () => most };
  }

  it('reads the YAML below a folder at one commit, in few calls, byte for byte', async () => {
    const many = Object.fromEntries(
      Array.from({ length: 70 }, (_, i) => [
        `storage/b ü/${i}.yaml`,
        `n: ${i}`,
      ]),
    );
    const repository = await server.createRepository({
      ...many,
      'storage/Kustomization': '\uFEFFresources: []\r\n',
      'storage/empty.yml': '',
      'storage/notes.txt': 'no YAML',
      'storage-2/other.yaml': 'not below',
      'storage-2/.sourceignore': 'not below',
      '.sourceignore': '/*\n!/storage\n',
      'storage/old/.sourceignore': '*.yaml\n',
      'storage/large.yaml': '#'.repeat(1024 * 1024 + 1),
    });
    await server.call('POST', `/repos/${repository}/contents`, {
      branch: 'main',
      message: 'Latin 1',
      files: [
        {
          operation: 'create',
          path: 'storage/old.yaml',
          content: Buffer.from('# \xfc', 'latin1').toString('base64'),
        },
      ],
    });
    const { forge, calls, most } = connect();
    const read = () =>
      forge.readFolder({ repository, ref: 'main', folder: './storage/' });
    const snapshot = await read();
    const texts = Object.fromEntries(
      Object.entries(snapshot.files).map(([path, f]) => [path, f.content]),
    );
    expect(texts).toEqual({
      ...many,
      'storage/Kustomization': '\uFEFFresources: []\r\n',
      'storage/empty.yml': '',
      '.sourceignore': '/*\n!/storage\n',
      'storage/old/.sourceignore': '*.yaml\n',
    });
    expect(snapshot.skipped).toEqual({
      'storage/large.yaml': 'over 1 MiB',
      'storage/old.yaml': 'not UTF-8 text',
    });
    expect(calls).toHaveLength(5);
    expect(most()).toBeLessThanOrEqual(4);
    expect(await read()).toBe(snapshot);
    expect(calls).toHaveLength(6);
    expect(
      await forge.readFolder({
        repository,
        ref: snapshot.revision,
        folder: 'storage',
      }),
    ).toBe(snapshot);
    expect(calls).toHaveLength(6);
    expect(
      await forge.readFolder({ repository, ref: 'main', folder: 'none' }),
    ).toMatchObject({ files: { '.sourceignore': {} } });
    await expect(
      forge.readFolder({ repository, ref: '0'.repeat(40), folder: 'none' }),
    ).rejects.toMatchObject({ reason: 'not-found' });
    await expect(
      forge.readFolder({ repository, ref: 'gone', folder: '' }),
    ).rejects.toMatchObject({ reason: 'not-found' });
  });

  it('says who is asked and what they say, as long as it is about the commit', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    await replaceBranch(forge, { repository, changeSet });
    const { number } = await forge.ensurePull({ repository, changeSet });
    expect((await forge.ensurePull({ repository, changeSet })).number).toBe(
      number,
    );
    const notAsked = await forge.askReviewers({
      repository,
      number,
      reviewers: [server.owner, 'nobody-of-this-name'],
    });
    expect(notAsked).toMatchObject([{ reviewer: 'nobody-of-this-name' }]);
    expect(await forge.getPull(repository, number)).toMatchObject({
      state: 'open',
      branch: 'rustfs/1',
      baseBranch: 'main',
      draft: false,
      reviewers: [server.owner],
      reviews: { approvedBy: [], changesRequestedBy: [] },
    });
    const review = (event: string) =>
      server.call('POST', `/repos/${repository}/pulls/${number}/reviews`, {
        event,
        body: 'Read.',
      });
    await review('REQUEST_CHANGES');
    expect((await forge.getPull(repository, number)).reviews).toMatchObject({
      approvedBy: [],
      changesRequestedBy: [server.owner],
    });
    await review('APPROVED');
    expect((await forge.getPull(repository, number)).reviews).toMatchObject({
      approvedBy: [server.owner],
      changesRequestedBy: [],
    });
  });

  it('keeps an objection when the branch is rendered again, and lets go of an approval', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const write = async (content: string, expected?: string) =>
      (
        await replaceBranch(forge, {
          repository,
          changeSet: changeSetOf('b.yaml', content),
          expected,
        })
      ).commit;
    const first = await write('b: 1\n');
    const { number } = await forge.ensurePull({
      repository,
      changeSet: changeSetOf('b.yaml', 'b: 1\n'),
    });
    const review = (event: string, body: string) =>
      server.call('POST', `/repos/${repository}/pulls/${number}/reviews`, {
        event,
        body,
      });
    const reviews = async () =>
      (await forge.getPull(repository, number)).reviews;
    await review('APPROVED', 'Fine.');
    const second = await write('b: 2\n', first);
    expect(await reviews()).toMatchObject({
      approvedBy: [],
      changesRequestedBy: [],
    });
    await review('REQUEST_CHANGES', 'Less,\r\nplease \u202e<b>.');
    const third = await write('b: 3\n', second);
    expect(await reviews()).toMatchObject({
      approvedBy: [],
      changesRequestedBy: [server.owner],
      remarks: [
        {
          by: server.owner,
          verdict: 'changes-requested',
          text: 'Less,\nplease <b>.',
          isOutdated: true,
          at: expect.stringMatching(/^\d{4}-/),
          url: expect.stringMatching(/^http/),
        },
      ],
    });
    await review('APPROVED', 'x'.repeat(5_000));
    expect(await reviews()).toMatchObject({
      approvedBy: [server.owner],
      changesRequestedBy: [],
    });
    const said = (await reviews()).remarks!.at(-1)!;
    expect(said.text).toBe(`${'x'.repeat(999)}…`);
    await write('b: 4\n', third);
    expect(await reviews()).toMatchObject({
      approvedBy: [],
      changesRequestedBy: [],
    });
    expect((await forge.getPull(repository, number)).head).toMatch(
      /^[0-9a-f]{40}$/,
    );
  });

  it('finds the open pull request of a branch beside a closed one', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    await replaceBranch(forge, { repository, changeSet });
    const { number } = await forge.ensurePull({ repository, changeSet });
    expect(await forge.closePull(repository, number)).toBe('closed');
    expect(await forge.closePull(repository, number)).toBe('closed');
    const other = await server.call('POST', `/repos/${repository}/pulls`, {
      head: changeSet.branch,
      base: 'main',
      title: 'By hand',
    });
    const query = { repository, baseBranch: 'main', branch: changeSet.branch };
    expect(await forge.findPull(query)).toMatchObject({
      number: other.body.number,
      state: 'open',
    });
    expect(await forge.ensurePull({ repository, changeSet })).toMatchObject({
      number: other.body.number,
    });
    const { head } = await forge.getPull(repository, other.body.number);
    expect(await forge.listOpenPulls(repository)).toEqual([
      {
        number: other.body.number,
        head,
        updatedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        mergeable: expect.any(Boolean),
      },
    ]);
    expect(await forge.closePull(repository, other.body.number)).toBe('closed');
    expect(await forge.listOpenPulls(repository)).toEqual([]);
    expect(await forge.findPull(query)).toMatchObject({
      number,
      state: 'closed',
    });
    expect(await forge.reopenPull(repository, number)).toBe('open');
  });

  it('replaces the commit that it expects, and no other', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const write = (content: string, expected?: string) =>
      replaceBranch(forge, {
        repository,
        changeSet: changeSetOf('b.yaml', content),
        expected,
      });
    const { commit } = await write('b: 1\n');
    for (const expected of [undefined, 'f'.repeat(40)]) {
      await expect(write('b: 2\n', expected)).rejects.toMatchObject({
        reason: 'kept',
      });
    }
    const tip = await forge.readBranch(repository, 'rustfs/1');
    expect(tip).toEqual({
      commit,
      message: 'Add a file\n',
      committer: { name: 'Portal', email: 'portal@noreply.invalid' },
      date: expect.stringMatching(/^2026-11-20T10:11:12/),
    });
    const second = await write('b: 2\n', commit);
    expect(await write('b: 2\n', second.commit)).toEqual(second);
    expect((await forge.readBranch(repository, 'rustfs/1'))?.commit).toBe(
      second.commit,
    );
    expect(await forge.readBranch(repository, 'rustfs/1.next')).toBe(undefined);
    expect(await forge.readBranch(repository, 'none')).toBe(undefined);
    expect(await forge.readDefaultBranch(repository)).toBe('main');
  });

  it('knows the pages for people, below the address that the server gives itself', () => {
    const pages = connect().forge.pagesOf({
      url: 'https://git.acme.org/sub/acme/atlas/pulls/7',
    });
    expect(pages.commit('abc')).toBe(
      'https://git.acme.org/sub/acme/atlas/commit/abc',
    );
    expect(pages.folder('main', './clusters/a b')).toBe(
      'https://git.acme.org/sub/acme/atlas/src/branch/main/clusters/a%20b',
    );
  });

  it('says what the checks of an open pull request say, for one call, and what they say is not trusted', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls } = connect();
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    await replaceBranch(forge, { repository, changeSet });
    const { number, head, url } = await forge.ensurePull({
      repository,
      changeSet,
    });
    const say = async (context: string, state: string, more: object = {}) => {
      const { status } = await server.call(
        'POST',
        `/repos/${repository}/statuses/${head}`,
        { context, state, ...more },
      );
      expect(status).toBe(201);
    };
    const readChecks = async () =>
      (await forge.getPull(repository, number, { checks: true })).checks;
    expect(await readChecks()).toEqual([]);

    await say('lint', 'failure', {
      description: ' 2\nerrors\u202e ',
      target_url: 'https://ci.acme.org/runs/1?x=<b>',
    });
    await say('lint / old', 'failure');
    await say('lint / old', 'success');
    // eslint-disable-next-line no-script-url -- it must not come out
    await say('', 'error', { target_url: 'javascript:alert(1)' });
    await say('render', 'warning', {
      description: '😀'.repeat(300),
      target_url: '/acme/atlas/actions/runs/7/jobs/0',
    });
    await say('slow', 'pending', { target_url: 'https://me:pw@ci.acme.org/' });
    await say('odd', 'zap', { target_url: '//ci.acme.org' });
    await say('not needed', 'skipped');
    calls.length = 0;
    expect(await readChecks()).toEqual([
      {
        name: 'lint',
        state: 'failing',
        description: '2 errors',
        url: 'https://ci.acme.org/runs/1?x=%3Cb%3E',
      },
      {
        name: 'render',
        state: 'failing',
        description: `${'😀'.repeat(199)}…`,
        url: new URL('/acme/atlas/actions/runs/7/jobs/0', url).href,
      },
      { name: 'unnamed check', state: 'failing' },
      { name: 'odd', state: 'pending' },
      { name: 'slow', state: 'pending' },
      { name: 'lint / old', state: 'passing' },
      { name: 'not needed', state: 'passing' },
    ]);
    expect(calls).toHaveLength(3);

    calls.length = 0;
    expect((await forge.getPull(repository, number)).checks).toBeUndefined();
    expect(calls).toHaveLength(2);
    await forge.closePull(repository, number);
    calls.length = 0;
    expect(await readChecks()).toBeUndefined();
    expect(calls).toHaveLength(1);
  });

  it('speaks of a commit beside the checks, and its last word counts', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls } = connect();
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    const { commit } = await replaceBranch(forge, { repository, changeSet });
    const { number } = await forge.ensurePull({ repository, changeSet });
    const checks = async () =>
      (await forge.getPull(repository, number, { checks: true })).checks;
    const status = {
      repository,
      commit,
      context: 'rustfs/policy',
      url: 'https://portal.acme.org/rustfs/requests/1',
    };
    calls.length = 0;
    await forge.setCommitStatus({
      ...status,
      state: 'pending',
      description: 'Needs approval by team media',
    });
    expect(calls).toHaveLength(1);
    expect(await checks()).toEqual([
      {
        name: 'rustfs/policy',
        state: 'pending',
        description: 'Needs approval by team media',
        url: 'https://portal.acme.org/rustfs/requests/1',
      },
    ]);
    await forge.setCommitStatus({
      ...status,
      state: 'failure',
      description: 'No',
    });
    expect(await checks()).toMatchObject([{ state: 'failing' }]);
    await forge.setCommitStatus({
      ...status,
      state: 'success',
      description: 'Yes',
      url: undefined,
    });
    expect(await checks()).toMatchObject([
      { name: 'rustfs/policy', state: 'passing', description: 'Yes' },
    ]);
  });

  it('says what is to be done when it may not speak of a commit', async () => {
    const repository = await server.createRepository(
      { 'a.yaml': 'a: 1\n' },
      'read',
    );
    const { forge } = connect();
    const branch = await forge.readBranch(repository, 'main');
    await expect(
      forge.setCommitStatus({
        repository,
        commit: branch!.commit,
        context: 'rustfs/policy',
        state: 'success',
        description: 'Yes',
      }),
    ).rejects.toMatchObject({ reason: 'denied' });
  });

  it('has a pull request merged once its checks pass, only where its own status is required', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    const { commit: head } = await replaceBranch(forge, {
      repository,
      changeSet,
    });
    const { number } = await forge.ensurePull({ repository, changeSet });
    const status = 'rustfs/policy';
    const schedule = (of = head) =>
      forge.scheduleMerge!({ repository, number, head: of, status });
    await expect(schedule()).rejects.toMatchObject({ reason: 'unsupported' });

    const protect = (contexts: string[]) =>
      server.call('POST', `/repos/${repository}/branch_protections`, {
        rule_name: 'main',
        enable_status_check: true,
        status_check_contexts: contexts,
      });
    expect((await protect([status, 'ci'])).status).toBe(201);
    await expect(schedule('f'.repeat(40))).resolves.toBe('later');
    const scheduled = async () => {
      // The forge checks first whether it can be merged at all.
      for (let attempt = 0; attempt < 50; attempt += 1) {
        const outcome = await schedule();
        if (outcome !== 'later') {
          return outcome;
        }
        await new Promise(resolve => setTimeout(resolve, 100));
      }
      return 'later';
    };
    await expect(scheduled()).resolves.toBe('scheduled');
    await expect(schedule()).resolves.toBe('scheduled');
    const say = (context: string) =>
      forge.setCommitStatus({
        repository,
        commit: head,
        context,
        state: 'success',
        description: 'Yes',
      });
    await say(status);
    expect(await forge.getPull(repository, number)).toMatchObject({
      state: 'open',
    });
    await say('ci');
    for (let attempt = 0; attempt < 50; attempt += 1) {
      if ((await forge.getPull(repository, number)).state === 'merged') {
        break;
      }
      await new Promise(resolve => setTimeout(resolve, 100));
    }
    expect(await forge.getPull(repository, number)).toMatchObject({
      state: 'merged',
    });
    await expect(schedule()).resolves.toBe('merged');
  });

  it('keeps apart who has approved and is counted, and who is not, also once it is merged', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    await replaceBranch(forge, { repository, changeSet });
    const { number } = await forge.ensurePull({ repository, changeSet });
    const path = `/repos/${repository}/pulls/${number}/reviews`;
    const approval = { event: 'APPROVED', body: '' };
    const asReader = await server.asReader?.(repository);
    await asReader?.('POST', path, approval);
    const approvedUncounted = asReader ? ['carla'] : [];
    expect((await forge.getPull(repository, number)).reviews).toMatchObject({
      approvedBy: [],
      approvedUncounted,
    });
    await server.call('POST', path, approval);
    await server.merge(repository, number);
    expect(await forge.getPull(repository, number)).toMatchObject({
      state: 'merged',
      reviews: { approvedBy: [server.owner], approvedUncounted },
    });
  });

  it('refuses to write a file that is there by now', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect();
    await expect(
      replaceBranch(forge, {
        repository,
        changeSet: changeSetOf('a.yaml', 'a: 2\n'),
      }),
    ).rejects.toMatchObject({ reason: 'stale' });
    await expect(
      replaceBranch(forge, {
        repository,
        changeSet: {
          ...changeSetOf('a.yaml', 'a: 2\n'),
          files: [
            {
              path: 'a.yaml',
              operation: 'update',
              before: { content: '', id: 'b'.repeat(40) },
              after: 'a: 2\n',
              diff: '',
            },
          ],
        },
      }),
    ).rejects.toMatchObject({ reason: 'stale' });
    await expect(
      replaceBranch(forge, {
        repository,
        changeSet: { ...changeSetOf('b.yaml', ''), branch: 'main' },
      }),
    ).rejects.toMatchObject({ reason: 'unsupported' });
  });

  it.each([
    [401, 'invalid username, password or token', 'unauthenticated', /token/],
    [
      403,
      'token does not have at least one of required scope(s), required=[write:repository], token scope=',
      'denied',
      /required=\[write:repository\].*write access.*scope write:repository/,
    ],
    [
      403,
      'branch rustfs/1 is protected from force push',
      'denied',
      /protected from force push.*force-push there/,
    ],
    // The same status and no words that are known: the same.
    [403, '', 'denied', /write access/],
    [423, '', 'archived', /archived/],
    [422, 'branch already exists [name: x]', 'unexpected', /422/],
    [418, 'tea for secret-token', 'unexpected', /418.*tea for <token>/],
    [201, '', 'unexpected', /not understood \(commit/],
  ])('says what %d "%s" means', async (status, message, reason, words) => {
    const forge = GiteaForge.create({
      baseUrl: 'https://git.acme.org/sub',
      credentials: withToken('secret-token'),
      fetch: async (_, init) =>
        init?.method === 'POST'
          ? new Response(JSON.stringify({ message }), { status })
          : new Response('{}', { status: 404 }),
    });
    await expect(
      replaceBranch(forge, {
        repository: 'acme/atlas',
        changeSet: changeSetOf('b.yaml', ''),
      }),
    ).rejects.toMatchObject({
      reason,
      message: expect.stringMatching(words),
    });
  });

  it.each<[string, string, (socket: Socket) => void, string]>([
    ['closes', 'http', socket => socket.end(), 'it closed the connection'],
    [
      'resets',
      'http',
      socket => socket.resetAndDestroy(),
      'it closed the connection',
    ],
    [
      'stops in the middle of an answer on',
      'http',
      socket => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{'),
      'it closed the connection',
    ],
    [
      'speaks no HTTP on',
      'http',
      socket => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
      'does not speak HTTP',
    ],
    [
      'speaks no TLS on',
      'https',
      socket => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
      'no TLS connection comes about',
    ],
    ['leaves alone', 'http', () => {}, 'nothing came within 0.2 s'],
  ])(
    'tells of a forge that %s the connection in words for people',
    async (_, scheme, treat, words) => {
      const sockets: Socket[] = [];
      const listener = createServer(socket => {
        sockets.push(socket);
        socket.on('error', () => {}).once('data', () => treat(socket));
      });
      await new Promise<void>(resolve => {
        listener.listen(0, '127.0.0.1', resolve);
      });
      const { port } = listener.address() as AddressInfo;
      const read = () =>
        GiteaForge.create({
          baseUrl: `${scheme}://127.0.0.1:${port}`,
          credentials: withToken('secret-token'),
          timeoutMs: { read: 200, write: 200 },
        }).getPull('acme/atlas', 1);
      const refusal = (said: string) => ({
        reason: 'unreachable',
        message: expect.stringMatching(
          new RegExp(`^127.0.0.1:${port} does not answer: .*${said}.*; check`),
        ),
      });
      await expect(read()).rejects.toMatchObject(refusal(words));
      sockets.forEach(socket => socket.destroy());
      await new Promise(resolve => {
        listener.close(resolve);
      });
      await expect(read()).rejects.toMatchObject(
        refusal('nothing listens there'),
      );
    },
  );

  describe('behind something else', () => {
    let listener: HttpServer;
    let url: string;
    let answer: (request: IncomingMessage, response: ServerResponse) => void;
    const asked: string[] = [];

    beforeAll(async () => {
      listener = createHttpServer((request, response) => {
        asked.push(request.url!);
        answer(request, response);
      });
      await new Promise<void>(resolve => {
        listener.listen(0, '127.0.0.1', resolve);
      });
      url = `http://127.0.0.1:${(listener.address() as AddressInfo).port}`;
    });
    afterAll(() => {
      listener.closeAllConnections();
      listener.close();
    });
    beforeEach(() => {
      asked.length = 0;
    });

    const connectTo = (baseUrl: string) =>
      GiteaForge.create({ baseUrl, credentials: withToken('secret-token') });
    const json = (response: ServerResponse, status: number, body: unknown) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify(body));

    it.each<[number, string, string, RegExp]>([
      ...[301, 302, 307, 308].map(
        status =>
          [
            status,
            'https://git.acme.org/api/v1/repos/acme/atlas/pulls/1',
            'moved',
            /redirects to https:\/\/git\.acme\.org; put https:\/\/git\.acme\.org into baseUrl/,
          ] as [number, string, string, RegExp],
      ),
      [
        301,
        'https://acme.org/git/api/v1/repos/acme/atlas/pulls/1?x=1',
        'moved',
        /put https:\/\/acme\.org\/git into baseUrl/,
      ],
      [
        301,
        '/api/v1/repos/acme/fleet/pulls/1',
        'moved',
        /acme\/atlas on .* was renamed or moved to .*acme\/fleet.*GitOps source/,
      ],
      [
        302,
        'https://sso.acme.org/login?state=s3cret',
        'unexpected',
        /sso\.acme\.org\/login, which is not a call of its API; let the calls/,
      ],
      [302, '/user/login', 'unexpected', /user\/login, which is not a call/],
      [302, '', 'unexpected', /does not say where to/],
    ])(
      'says what a redirect means: %d %s',
      async (status, location, reason, words) => {
        answer = (_request, response) =>
          response.writeHead(status, location ? { location } : {}).end();
        const reading = connectTo(url).getPull('acme/atlas', 1);
        await expect(reading).rejects.toMatchObject({
          reason,
          message: expect.stringMatching(words),
        });
        await expect(reading).rejects.not.toThrow('s3cret');
        expect(asked).toHaveLength(1);
      },
    );

    it.each<[number, string, string, RegExp]>([
      [200, 'text/html', 'unexpected', /not an answer of Gitea's API/],
      [401, 'text/html', 'unexpected', /not an answer of Gitea's API/],
      [403, 'text/html', 'unexpected', /rights of its user are not the cause/],
      [403, 'text/plain', 'unexpected', /rights of its user are not the cause/],
      [404, 'text/html', 'unexpected', /check baseUrl/],
      [429, 'text/html', 'limited', /no calls before \d{4}-.*rate limit/],
      [502, 'text/html', 'unreachable', /failed with 502/],
      [503, 'text/plain', 'unreachable', /failed with 503/],
    ])(
      'does not take a page with %d (%s) for an answer',
      async (status, type, reason, words) => {
        answer = (_request, response) =>
          response.writeHead(status, { 'content-type': type }).end('<html>No');
        const forge = connectTo(url);
        for (const call of [
          () => forge.getPull('acme/atlas', 1),
          // A page with 404 is no proof that there is none.
          () =>
            forge.findPull({
              repository: 'acme/atlas',
              baseBranch: 'main',
              branch: 'rustfs/1',
            }),
          () =>
            forge.readFolder({
              repository: 'acme/atlas',
              ref: 'main',
              folder: '',
            }),
        ]) {
          await expect(call()).rejects.toMatchObject({
            reason,
            message: expect.stringMatching(words),
          });
        }
      },
    );

    it('asks again for the files that a server with a smaller page left out', async () => {
      const paths = Array.from({ length: 30 }, (_, index) => `s/${index}.yaml`);
      answer = (request, response) => {
        const { searchParams } = new URL(request.url!, url);
        const { files } = JSON.parse(searchParams.get('body')!);
        json(
          response,
          200,
          files.slice(0, 20).map((path: string) =>
            path === 's/7.yaml'
              ? null
              : {
                  path,
                  type: 'file',
                  sha: 'a'.repeat(40),
                  encoding: 'base64',
                  content: Buffer.from(path).toString('base64'),
                },
          ),
        );
      };
      const read = () =>
        connectTo(url).readFiles({
          repository: 'acme/atlas',
          ref: 'main',
          paths,
        });
      const files = await read();
      expect(Object.keys(files)).toEqual(
        paths.filter(path => path !== 's/7.yaml'),
      );
      expect(files['s/29.yaml'].content).toBe('s/29.yaml');
      expect(asked).toHaveLength(2);

      for (const wrong of [
        [],
        [{ path: 'other', type: 'file', sha: 'a'.repeat(40) }],
        Array.from({ length: 31 }, () => null),
      ]) {
        answer = (_request, response) => json(response, 200, wrong);
        await expect(read()).rejects.toMatchObject({
          reason: 'unexpected',
          message: expect.stringMatching(
            /other files .* than it was asked for/,
          ),
        });
      }
    });

    it('tells an absent branch from an absent repository', async () => {
      answer = (request, response) =>
        request.url!.endsWith('/branches/master')
          ? json(response, 404, { message: 'branch does not exist' })
          : json(response, 200, { full_name: 'acme/atlas' });
      const read = () =>
        connectTo(url).readFolder({
          repository: 'acme/atlas',
          ref: 'master',
          folder: '',
        });
      await expect(read()).rejects.toMatchObject({
        reason: 'not-found',
        message: expect.stringMatching(
          /^acme\/atlas on .* has no branch master, which the GitOps source follows/,
        ),
      });
      answer = (_request, response) => json(response, 404, { message: 'x' });
      await expect(read()).rejects.toMatchObject({
        reason: 'not-found',
        message: expect.stringMatching(/^acme\/atlas on .* is not there, or/),
      });
    });
  });

  it.each(['git.acme.org', 'ssh://git.acme.org', 'https://me:pw@git.acme.org'])(
    'refuses the address %s',
    baseUrl => {
      expect(() =>
        GiteaForge.create({ baseUrl, credentials: withToken('x') }),
      ).toThrow('https://git.acme.org');
    },
  );
});
