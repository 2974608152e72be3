import { TestDatabases } from '@backstage/backend-test-utils';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { AccessWorld, ENTITY, TENANT } from './__testUtils__/AccessWorld';
import { Killer, Moment } from './__testUtils__/Killer';

jest.setTimeout(300_000);

describe('a request on GitHub', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  const killer = new Killer({ counts: 'forge' });
  let world: AccessWorld;
  let unwatch: () => void;

  beforeAll(async () => {
    world = await AccessWorld.start({
      databases,
      forge: 'github',
      entities: [
        {
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'User',
          metadata: { name: 'carla', namespace: 'default' },
        },
      ],
      config: {
        requests: {
          followInterval: { hours: 1 },
          limits: { requestsPerHour: 10_000 },
        },
      },
    });
    unwatch = killer.watch(world.database);
  });

  afterAll(async () => {
    unwatch?.();
    await world?.stop();
  });

  afterEach(() => {
    world.sandbox.forge.faults.set(undefined);
    const { violations } = world.sandbox.forge;
    if (violations.length) {
      throw new Error(`Not as GitHub has it: ${violations.join('; ')}`);
    }
  });

  const bodyOf = (bucket: string) => ({
    kind: 'bucket-create',
    entityRef: ENTITY,
    tenant: TENANT,
    bucket,
    quota: '10Mi',
    purpose: 'Tests',
    dataClass: 'internal',
  });

  async function statusesOf(number: number) {
    const { body } = await world.forge<{ head: { sha: string } }>(
      'GET',
      `/pulls/${number}`,
    );
    const { body: combined } = await world.forge<{
      statuses: Array<{ context: string; status: string; target_url: string }>;
    }>('GET', `/commits/${body.head.sha}/status`);
    return combined.statuses;
  }

  it('goes the whole way, with a word of the portal on its commit', async () => {
    const { kind, entityRef, tenant, purpose, ...input } =
      bodyOf('checkout-receipts');
    const asked = await world.ask(kind, input);
    const { number, url } = asked.pullRequest!;
    expect(url).toMatch(/\/acme\/atlas\/pull\/\d+$/);
    const page = await fetch(url, { redirect: 'manual' });
    expect(page.headers.get('location')).toMatch(/\/pulls\/\d+$/);
    expect(asked.source?.url).toMatch(/\/acme\/atlas\/tree\/main\/.+/);
    await world.follow();
    expect(await world.read(asked.id)).toMatchObject({
      state: 'proposed',
      problems: [],
      waitingFor: expect.stringContaining('review by'),
      policy: { missing: [expect.objectContaining({ type: 'anybody' })] },
    });
    expect(await statusesOf(number)).toEqual([
      expect.objectContaining({
        context: 'rustfs/policy',
        status: 'pending',
        target_url: expect.stringContaining(asked.id),
      }),
    ]);

    await world.forge('POST', `/pulls/${number}/reviews`, {
      event: 'APPROVED',
    });
    await world.follow();
    expect(await world.read(asked.id)).toMatchObject({
      waitingFor: expect.stringContaining('approved by'),
    });
    expect(await statusesOf(number)).toEqual([
      expect.objectContaining({ context: 'rustfs/policy', status: 'success' }),
    ]);

    await expect(world.merge(asked)).resolves.toBe(200);
    const [ready] = await world.followUntil([asked.id], 'ready');
    expect(ready.trail.map(({ state, source }) => [state, source])).toEqual([
      ['submitting', 'portal'],
      ['proposed', 'forge'],
      ['merged', 'forge'],
      ['applied', 'flux'],
      ['ready', 'server'],
    ]);
    expect(ready.mergeCommit).toMatch(/^[0-9a-f]{40}$/);
  });

  it('takes seven calls, and one for each reviewer', async () => {
    const calls: string[] = [];
    world.sandbox.forge.faults.set({
      answer: ({ method, path }) => {
        // Flux fetches meanwhile.
        if (path.startsWith('/api/')) {
          calls.push(`${method} ${path.replace(/^.*\/acme\/atlas\//, '')}`);
        }
        return undefined;
      },
    });
    const ask = async (bucket: string) => {
      const { kind, entityRef, tenant, purpose, ...input } = bodyOf(bucket);
      calls.length = 0;
      return world.ask(kind, input);
    };
    // What it reads for the first one it has for the next.
    await ask('checkout-first');
    const { pullRequest } = await ask('checkout-next');
    expect(calls).toEqual([
      'GET git/ref/heads/main',
      'GET pulls',
      'POST /api/graphql',
      'POST git/trees',
      'POST git/commits',
      'POST /api/graphql',
      'POST pulls',
      `POST pulls/${pullRequest!.number}/requested_reviewers`,
    ]);
  });

  it('is kept while a limit is reached, and goes on when it is over', async () => {
    world.sandbox.forge.faults.set({
      answer: ({ method, path }) =>
        method === 'POST' && path.endsWith('/git/trees')
          ? {
              status: 403,
              headers: { 'retry-after': '4' },
              body: { message: 'You have exceeded a secondary rate limit' },
            }
          : undefined,
    });
    const { body: kept } = await world.post(
      '/requests',
      bodyOf('checkout-limited'),
    );
    expect(kept).toMatchObject({
      state: 'submitting',
      problems: [
        {
          code: 'forge-limited',
          message: expect.stringMatching(/makes? no calls before \d{4}-/),
        },
      ],
    });
    world.sandbox.forge.faults.set(undefined);
    const [proposed] = await world.followUntil([kept.id], 'proposed');
    expect(proposed.problems).toEqual([]);
  });

  it('has one pull request, wherever the portal is killed', async () => {
    world.sandbox.forge.faults.set({ hangUp: killer.onForge });

    async function tryKill(step: number, moment: Moment) {
      const bucket = `checkout-killed-${moment}-${step}`;
      killer.arm(step, moment);
      await world.post('/requests', bodyOf(bucket));
      killer.revive();
      const { diedAt } = killer;
      // The lock of a process that is gone expires.
      await world.database('locks').delete();
      const { body } = await world.post('/requests', bodyOf(bucket));
      const request: StorageRequest = await world.read(body.id);
      const branch = `rustfs/${request.id}`;
      const { body: all } = await world.forge<
        Array<{ number: number; head: { label: string } }>
      >('GET', '/pulls?state=all&limit=50');
      const own = all.filter(({ head }) => head.label === branch);
      const { body: commits } = await world.forge<unknown[]>(
        'GET',
        `/pulls/${own[0].number}/commits`,
      );
      expect([diedAt, request]).toEqual([
        diedAt,
        expect.objectContaining({
          state: 'proposed',
          pullRequest: expect.objectContaining({ number: own[0].number }),
        }),
      ]);
      expect([diedAt, own.length, commits.length]).toEqual([diedAt, 1, 1]);
      await world.post(`/requests/${request.id}/withdraw`, {});
      return diedAt;
    }

    const died: string[] = [];
    for (let step = 1; ; step += 1) {
      const diedAt = await tryKill(step, 'before');
      if (!diedAt) {
        break;
      }
      died.push(diedAt);
    }
    expect(died.filter(call => call.startsWith('POST'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/git\/trees$/),
        expect.stringMatching(/git\/commits$/),
        expect.stringMatching(/graphql$/),
        expect.stringMatching(/pulls$/),
      ]),
    );
    // To die after a step is to die before the next one, but for the last.
    expect(await tryKill(died.length, 'after')).toMatch(
      /^POST .*\/requested_reviewers$/,
    );
  });
});
