import { replaceBranch } from '../../__testUtils__/replaceBranch';
import { startStandIn, TestForge } from '../../__testUtils__/startTestForge';
import { ChangeSet } from '../../types';
import { forgejoForge, giteaForge } from './factory';

/*
 * There is no recording of a Forgejo. What it does otherwise than Gitea is taken from its source, and put before the stand-in of
 * Gitea here, whose other answers it shares.
 */

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

describe('GiteaForge before a Forgejo', () => {
  let server: TestForge;
  beforeAll(async () => {
    server = await startStandIn();
  });
  afterAll(() => server.stop());

  function connect(
    version = '16.0.1+gitea-1.22.0',
    factory = forgejoForge,
    answer?: (call: string) => Promise<Response | undefined>,
  ) {
    const calls: string[] = [];
    const forge = factory.create({
      baseUrl: server.url,
      credentials: async () => forgejoForge.toCredentials(server.portalToken),
      fetch: async (input, init) => {
        const url = new URL(String(input));
        const [, path = url.pathname] =
          /\/repos\/[^/]+\/[^/]+\/?(.*)/.exec(url.pathname) ?? [];
        const call = `${init?.method} ${decodeURIComponent(path)}`;
        calls.push(call);
        const other = await answer?.(call);
        if (other) {
          return other;
        }
        const none = new Response('404 page not found\n', {
          status: 404,
          headers: { 'content-type': 'text/plain; charset=utf-8' },
        });
        if (url.pathname === '/api/forgejo/v1/version') {
          return version ? Response.json({ version }) : none;
        }
        const isMove = init?.method === 'PUT' && path.startsWith('branches/');
        if (path === 'file-contents' || isMove) {
          return none;
        }
        if (path === 'git/blobs') {
          return Response.json(await readBlobs(url));
        }
        const {
          force_push: ignored,
          force_overwrite_new_branch,
          ...body
        } = JSON.parse(String(init?.body ?? '{}'));
        return fetch(input, {
          ...init,
          ...(init?.body !== undefined && {
            body: JSON.stringify({
              ...body,
              ...(force_overwrite_new_branch && { force_push: true }),
            }),
          }),
        });
      },
    });
    return { forge, calls };
  }

  /** Several blobs in one call, which this stand-in has one by one, with their paths. */
  async function readBlobs(url: URL) {
    const [, repository] = /\/repos\/([^/]+\/[^/]+)/.exec(url.pathname)!;
    const wanted = url.searchParams.get('shas')!.split(',');
    expect(url.href.length).toBeLessThan(2083);
    const { body: tree } = await server.call(
      'GET',
      `/repos/${repository}/git/trees/main?recursive=true`,
    );
    return Promise.all(
      wanted.map(async sha => {
        const { path } = tree.tree.find(
          (entry: { sha: string }) => entry.sha === sha,
        );
        const { body } = await server.call(
          'GET',
          `/repos/${repository}/contents/${path}?ref=main`,
        );
        const { content, encoding } = body;
        return { sha, content, encoding };
      }),
    );
  }

  it('reads a folder by blob ids, many at once, and files one by one', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`storage/${i}.yaml`, `n: ${i}\n`]),
    );
    const repository = await server.createRepository(files);
    const { forge, calls } = connect();
    const snapshot = await forge.readFolder({
      repository,
      ref: 'main',
      folder: 'storage',
    });
    expect(
      Object.fromEntries(
        Object.entries(snapshot.files).map(([path, f]) => [path, f.content]),
      ),
    ).toEqual(files);
    expect(calls.filter(call => call === 'GET git/blobs')).toHaveLength(2);
    calls.length = 0;
    expect(
      await forge.readFiles({
        repository,
        ref: 'main',
        paths: ['storage/1.yaml', 'none.yaml'],
      }),
    ).toEqual({ 'storage/1.yaml': snapshot.files['storage/1.yaml'] });
    expect(calls.sort()).toEqual([
      'GET contents/none.yaml',
      'GET contents/storage/1.yaml',
    ]);
  });

  it('replaces a branch by one call, and asks once what it is', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls } = connect();
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    const { commit } = await replaceBranch(forge, { repository, changeSet });
    const { number } = await forge.ensurePull({ repository, changeSet });
    calls.length = 0;
    const second = await replaceBranch(forge, {
      repository,
      changeSet: changeSetOf('b.yaml', 'b: 2\n'),
      expected: commit,
    });
    expect(calls).toEqual(['GET branches/rustfs/1', 'POST contents']);
    expect(await forge.getPull(repository, number)).toMatchObject({
      state: 'open',
      head: second.commit,
    });
    // Names and dates are chosen, so it is known for the portal's.
    expect(await forge.readBranch(repository, 'rustfs/1')).toMatchObject({
      committer: { name: 'Portal' },
      date: expect.stringMatching(/^2026-11-20T10:11:12/),
    });
    await expect(
      replaceBranch(forge, {
        repository,
        changeSet: changeSetOf('a.yaml', 'there already\n'),
        expected: second.commit,
      }),
    ).rejects.toMatchObject({ reason: 'stale' });
    // That it merges by itself was not tried.
    expect(forge.scheduleMerge).toBeUndefined();
  });

  it('loses no commit that is pushed while a write fails', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const changeSet = changeSetOf('b.yaml', 'b: 1\n');
    const { commit } = await replaceBranch(connect().forge, {
      repository,
      changeSet,
    });
    let theirs: string | undefined;
    let failures = 2;
    const { forge, calls } = connect(undefined, undefined, async call => {
      if (call !== 'POST contents' || failures === 0) {
        return undefined;
      }
      failures -= 1;
      if (failures === 0) {
        const { body } = await server.call(
          'POST',
          `/repos/${repository}/contents`,
          {
            branch: 'rustfs/1',
            message: 'By hand',
            files: [{ operation: 'create', path: 'd.yaml', content: 'ZA==' }],
          },
        );
        theirs = body.commit.sha;
      }
      return Response.json({ message: '' }, { status: 502 });
    });
    await expect(
      replaceBranch(forge, {
        repository,
        changeSet: changeSetOf('b.yaml', 'b: 2\n'),
        expected: commit,
      }),
    ).rejects.toMatchObject({ reason: 'lost-race' });
    expect(calls.filter(call => call === 'POST contents')).toHaveLength(2);
    expect(await forge.readBranch(repository, 'rustfs/1')).toMatchObject({
      commit: theirs,
    });
  });

  it('says what it is to be taken for when it is taken for a Gitea', async () => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge } = connect(undefined, giteaForge);
    await expect(
      forge.readFolder({ repository, ref: 'main', folder: '' }),
    ).rejects.toMatchObject({
      reason: 'not-found',
      message: expect.stringMatching(/If it is a Forgejo.*type: forgejo/),
    });
  });

  it.each<[string, RegExp]>([
    ['15.0.3+gitea-1.22.0', /is Forgejo 15\.0\.3.*Forgejo 16 or newer/],
    ['', /is no Forgejo.*type: gitea/],
    ['dev', /is Forgejo dev,/],
  ])('writes nothing to another server: %j', async (version, words) => {
    const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
    const { forge, calls } = connect(version);
    await expect(
      replaceBranch(forge, {
        repository,
        changeSet: changeSetOf('b.yaml', 'b: 1\n'),
      }),
    ).rejects.toMatchObject({
      reason: 'unsupported',
      message: expect.stringMatching(words),
    });
    expect(calls).toEqual(['GET /api/forgejo/v1/version']);
  });

  it.each<[number, string]>([
    [503, 'unreachable'],
    [401, 'unauthenticated'],
    [403, 'denied'],
  ])(
    'takes no server for another one that does not tell what it is: %i',
    async (status, reason) => {
      const repository = await server.createRepository({ 'a.yaml': 'a: 1\n' });
      const { forge, calls } = connect(undefined, undefined, async () =>
        Response.json({ message: '' }, { status }),
      );
      await expect(
        replaceBranch(forge, {
          repository,
          changeSet: changeSetOf('b.yaml', 'b: 1\n'),
        }),
      ).rejects.toMatchObject({ reason });
      expect(new Set(calls)).toEqual(new Set(['GET /api/forgejo/v1/version']));
    },
  );
});
