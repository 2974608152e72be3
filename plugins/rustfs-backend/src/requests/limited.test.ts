import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giteaForge } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { Forge as TestForge, startForge } from '@rustfs-portal/sandbox';
import { describeProblem } from './describeProblem';
import { KnownPulls } from './KnownPulls';
import { LocatedTarget } from './LocatedTarget';
import { SilentForges } from './SilentForges';

/** A forge with one open pull request. */
async function startOne(dataDir: string): Promise<TestForge> {
  const server = await startForge({
    dataDir,
    users: [{ name: 'acme', password: 'pw', token: 'token', admin: true }],
  });
  await server.createRepository({
    owner: 'acme',
    name: 'storage',
    files: { 'list.yaml': 'buckets: []\n' },
    collaborators: {},
  });
  const call = async (path: string, body: object) =>
    fetch(`${server.url}/api/v1/repos/acme/storage${path}`, {
      method: 'POST',
      headers: {
        Authorization: 'token token',
        'Content-Type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  await call('/contents', {
    branch: 'main',
    new_branch: 'change',
    message: 'change',
    files: [{ operation: 'create', path: 'a.yaml', content: 'YQo=' }],
  });
  await call('/pulls', { head: 'change', base: 'main', title: 'change' });
  return server;
}

describe('a forge that wants no calls', () => {
  let dataDir: string;
  let servers: TestForge[];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rustfs-limited-'));
    servers = await Promise.all(
      ['one', 'other'].map(name => startOne(join(dataDir, name))),
    );
  });

  afterAll(async () => {
    await Promise.all(servers.map(server => server.stop()));
    await rm(dataDir, { recursive: true, force: true });
  });

  it('gets none, round after round, and holds up no other', async () => {
    const [limited, open] = servers.map(
      server =>
        ({
          forge: giteaForge.create({
            baseUrl: server.url,
            credentials: async () => giteaForge.toCredentials('token'),
          }),
          forgeUrl: server.url,
          repository: 'acme/storage',
        } as LocatedTarget),
    );
    let calls = 0;
    servers[0].faults.set({
      answer: () => {
        calls += 1;
        return {
          status: 429,
          headers: { 'retry-after': '600' },
          body: { message: 'Too many requests' },
        };
      },
    });
    const now = () => new Date();
    const known = new KnownPulls({ now });
    for (let round = 0; round < 5; round += 1) {
      const forges = new SilentForges({ now });
      const pulls = known.startRound(forges);
      const looks = await Promise.allSettled(
        [limited, open, limited, open].map(located => pulls.read(located, 1)),
      );
      expect(looks).toEqual([
        expect.objectContaining({ status: 'rejected' }),
        expect.objectContaining({ status: 'fulfilled' }),
        expect.objectContaining({ status: 'rejected' }),
        expect.objectContaining({ status: 'fulfilled' }),
      ]);
      const { reason } = looks[0] as PromiseRejectedResult;
      expect(
        describeProblem(reason, { code: 'forge-unreachable', part: 'x' }),
      ).toEqual({
        code: 'forge-limited',
        part: 'x',
        message: expect.stringMatching(
          /lets the portal make no calls before 20\d\d-.*/,
        ),
      });
      // It has answered, and is no forge that hangs.
      expect(forges.isSilent(servers[0].url)).toBe(false);
    }
    expect(calls).toBe(1);
  });
});
