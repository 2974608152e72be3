import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Forge, giteaForge } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { Forge as TestForge, startForge } from '@rustfs-portal/sandbox';
import { KnownPulls } from './KnownPulls';
import { LocatedTarget } from './LocatedTarget';
import { SilentForges } from './SilentForges';

const REPOSITORY = 'acme/storage';
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

describe('the pull requests of rounds', () => {
  let dataDir: string;
  let server: TestForge;
  let located: LocatedTarget;
  let known: KnownPulls;
  let now: number;
  let calls: string[];

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rustfs-pulls-'));
    server = await startForge({
      dataDir,
      port: 0,
      users: [
        { name: 'acme', password: 'pw', token: 'owner-token', admin: true },
        { name: 'portal', password: 'pw', token: 'portal-token' },
        { name: 'carla', password: 'pw', token: 'carla-token' },
      ],
    });
    await server.createRepository({
      owner: 'acme',
      name: 'storage',
      files: { 'list.yaml': 'buckets:\n  - a\n' },
      collaborators: { portal: 'write', carla: 'write' },
    });
    located = {
      forge: giteaForge.create({
        baseUrl: server.url,
        credentials: async () => giteaForge.toCredentials('portal-token'),
      }),
      forgeUrl: server.url,
      repository: REPOSITORY,
    } as LocatedTarget;
    now = Date.parse('2026-11-29T10:00:00Z');
    known = new KnownPulls({ now: () => new Date(now) });
    calls = [];
    for (const name of ['b', 'c', 'd']) {
      await propose(name);
    }
    server.faults.set({
      hangUp: ({ method, path }) => {
        calls.push(`${method} ${path.replace(/.*\/repos\/[^/]+\/[^/]+/, '')}`);
        return undefined;
      },
    });
  });

  afterEach(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function api(
    method: string,
    path: string,
    body?: object,
    as = 'owner',
  ) {
    const response = await fetch(
      `${server.url}/api/v1/repos/${REPOSITORY}${path}`,
      {
        method,
        headers: {
          Authorization: `token ${as}-token`,
          'Content-Type': 'application/json',
        },
        body: body && JSON.stringify(body),
      },
    );
    const text = await response.text();
    if (!response.ok) {
      throw new Error(`${method} ${path}: ${response.status} ${text}`);
    }
    return text ? JSON.parse(text) : undefined;
  }

  /** All of them add a line at the same place. */
  async function propose(name: string) {
    const { sha } = await api('GET', '/contents/list.yaml');
    await api('POST', '/contents', {
      branch: 'main',
      new_branch: name,
      message: name,
      files: [
        {
          operation: 'update',
          path: 'list.yaml',
          sha,
          content: Buffer.from(`buckets:\n  - a\n  - ${name}\n`).toString(
            'base64',
          ),
        },
      ],
    });
    await api('POST', '/pulls', { head: name, base: 'main', title: name });
  }

  /** The forge tells whole seconds. */
  async function nextSecond() {
    await sleep(SECOND - (Date.now() % SECOND) + 5);
  }

  /** What a round reads of all of them, and how often it calls. */
  async function look(viewed?: number) {
    now += SECOND;
    calls = [];
    const round = known.startRound(
      new SilentForges({ now: () => new Date(now) }),
    );
    const read = await Promise.all(
      [1, 2, 3].map(number =>
        round.read(located, number, { isViewed: number === viewed }),
      ),
    );
    const pulls = read.map(({ pull }) => pull);
    const made = calls;
    calls = [];
    return { pulls, calls: made };
  }

  const LIST = 'GET /pulls';

  it('are listed once, and read again only when they have changed', async () => {
    const first = await look();
    expect(first.calls).toHaveLength(1 + 3 * 3);
    // Once more, for what was written in the same second.
    await look();
    expect((await look()).calls).toEqual([LIST]);

    await nextSecond();
    await api('POST', '/pulls/2/reviews', { event: 'APPROVED' }, 'carla');
    const reviewed = await look();
    expect(reviewed.calls.sort()).toEqual([
      expect.stringMatching(/^GET \/commits\/.*\/status$/),
      LIST,
      'GET /pulls/2',
      'GET /pulls/2/reviews',
    ]);
    expect(reviewed.pulls.map(({ reviews }) => reviews.approvedBy)).toEqual([
      [],
      ['carla'],
      [],
    ]);
    await look();
    expect((await look()).calls).toEqual([LIST]);
  });

  it('are read without the list when a webhook told of them, and not once more for that', async () => {
    await look();
    await look();
    now += SECOND;
    const round = known.startRound(
      new SilentForges({ now: () => new Date(now) }),
    );
    await nextSecond();
    await api('POST', '/pulls/2/reviews', { event: 'APPROVED' }, 'carla');
    calls = [];
    now += SECOND;
    const { pull, isFresh } = await round.read(located, 2, { isTold: true });
    expect([pull.reviews.approvedBy, isFresh]).toEqual([['carla'], true]);
    expect(calls).not.toContain(LIST);
    await look();
    expect((await look()).calls).toEqual([LIST]);
  });

  it('need not be read for what the portal has written itself', async () => {
    // What the forge says is told apart from that by its time.
    now = Date.now();
    await look();
    await look();
    await nextSecond();
    const { sha } = await api('GET', '/contents/list.yaml?ref=c');
    const { commit } = await api('POST', '/contents', {
      branch: 'c',
      message: 'again',
      files: [
        { operation: 'update', path: 'list.yaml', sha, content: 'YTogYgo=' },
      ],
    });
    now = Date.now();
    known
      .startRound(new SilentForges({ now: () => new Date(now) }))
      .noteWritten(located, 2, commit.sha);
    const after = await look();
    expect(after.calls).toEqual([LIST]);
    expect(after.pulls[1]).toMatchObject({
      head: commit.sha,
      reviews: { approvedBy: [] },
    });
    // What somebody does after that is read as always.
    await nextSecond();
    await api('POST', '/pulls/2/reviews', { event: 'APPROVED' }, 'carla');
    expect((await look()).pulls[1].reviews.approvedBy).toEqual(['carla']);
  });

  it('are read when somebody has done something since the portal wrote, before a list told of that', async () => {
    await look();
    const [{ head }] = (await look()).pulls.slice(1);
    now = Date.now();
    known
      .startRound(new SilentForges({ now: () => new Date(now) }))
      .noteWritten(located, 2, head);
    await sleep(2 * SECOND);
    await nextSecond();
    await api('POST', '/pulls/2/reviews', { event: 'APPROVED' }, 'carla');
    expect((await look()).pulls[1].reviews.approvedBy).toEqual(['carla']);
  });

  it('are read after a push to their base where the list does not tell of conflicts', async () => {
    const { forge } = located;
    const list: { mergeable?: boolean } = {};
    located = {
      ...located,
      forge: {
        getPull: (...wanted) => forge.getPull(...wanted),
        listOpenPulls: async (repository: string) =>
          (await forge.listOpenPulls(repository)).map(pull => ({
            ...pull,
            mergeable: list.mergeable,
          })),
      } as Pick<Forge, 'getPull' | 'listOpenPulls'> as Forge,
    };
    await look();
    await look();
    expect((await look()).calls).toEqual([LIST]);
    const shaken = async () => {
      const round = known.startRound(
        new SilentForges({ now: () => new Date(now) }),
      );
      return (await round.read(located, 2, { isShaken: true })).isFresh;
    };
    expect(await shaken()).toBe(true);
    list.mergeable = true;
    expect(await shaken()).toBe(false);
  });

  it('are in conflict by the list alone, when another is merged', async () => {
    await look();
    await look();
    await api('POST', '/pulls/1/merge', { Do: 'merge' });
    const after = await look();
    expect(after.calls.sort()).toEqual([
      LIST,
      'GET /pulls/1',
      'GET /pulls/1/reviews',
    ]);
    expect(after.pulls.map(pull => [pull.state, pull.mergeable])).toEqual([
      ['merged', undefined],
      ['open', false],
      ['open', false],
    ]);
  });

  it('are read again once their checks are old', async () => {
    const say = async (head: string, context: string, state: string) =>
      api('POST', `/statuses/${head}`, { context, state });
    const { pulls } = await look();
    for (const { head } of pulls) {
      await say(head, 'rustfs/policy', 'success');
    }
    await look();
    now += MINUTE / 2;
    expect((await look()).calls).toEqual([LIST]);
    // The portal's own word does not count: others have not spoken yet.
    await say(pulls[0].head, 'ci/lint', 'success');
    await say(pulls[1].head, 'ci/lint', 'failure');
    now += MINUTE;
    expect((await look()).pulls[1].checks).toEqual([
      expect.objectContaining({ name: 'ci/lint', state: 'failing' }),
      expect.objectContaining({ name: 'rustfs/policy' }),
    ]);
    // What has passed may wait; what has not, somebody mends.
    now += MINUTE;
    const again = (await look()).calls;
    expect(again).not.toContain('GET /pulls/1');
    expect(again).toEqual(
      expect.arrayContaining(['GET /pulls/2', 'GET /pulls/3']),
    );
    now += 5 * MINUTE;
    expect((await look()).calls).toContain('GET /pulls/1');
  });

  it('tell the checks of one that somebody looks at as they are now', async () => {
    await look();
    const { pulls } = await look();
    for (const { head } of pulls) {
      await api('POST', `/statuses/${head}`, {
        context: 'ci/lint',
        state: 'failure',
      });
    }
    const viewed = await look(2);
    expect(viewed.calls).not.toContain('GET /pulls/1');
    expect(viewed.pulls.map(({ checks }) => checks)).toEqual([
      [],
      [expect.objectContaining({ name: 'ci/lint', state: 'failing' })],
      [],
    ]);
  });

  it('are seen merged also by whoever had them closed', async () => {
    await look();
    await api('PATCH', '/pulls/3', { state: 'closed' });
    expect((await look()).pulls[2].state).toBe('closed');
    expect((await look()).calls).not.toContain('GET /pulls/3');
    await api('PATCH', '/pulls/3', { state: 'open' });
    expect((await look()).pulls[2].state).toBe('open');
    await api('PATCH', '/pulls/3', { state: 'closed' });
    await look();
    // Opened again and merged between two looks.
    await api('PATCH', '/pulls/3', { state: 'open' });
    await api('POST', '/pulls/3/merge', { Do: 'merge' });
    now += MINUTE;
    expect((await look()).pulls[2].state).toBe('merged');
    now += 60 * MINUTE;
    expect((await look()).calls).not.toContain('GET /pulls/3');
  });
});
