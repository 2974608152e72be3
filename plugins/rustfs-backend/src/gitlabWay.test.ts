import { TestDatabases } from '@backstage/backend-test-utils';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { AccessWorld, ENTITY, TENANT } from './__testUtils__/AccessWorld';
import { Killer, Moment } from './__testUtils__/Killer';

jest.setTimeout(300_000);

describe('a request on GitLab', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  const killer = new Killer({ counts: 'forge' });
  let world: AccessWorld;
  let unwatch: () => void;

  beforeAll(async () => {
    world = await AccessWorld.start({
      databases,
      forge: 'gitlab',
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

  afterEach(() => world.sandbox.forge.faults.set(undefined));

  const inputOf = (bucket: string) => ({
    bucket,
    quota: '10Mi',
    dataClass: 'internal',
  });
  const bodyOf = (bucket: string) => ({
    kind: 'bucket-create',
    entityRef: ENTITY,
    tenant: TENANT,
    purpose: 'Tests',
    ...inputOf(bucket),
  });

  it('goes the whole way, with a word of the portal on its commit', async () => {
    const asked = await world.ask(
      'bucket-create',
      inputOf('checkout-receipts'),
    );
    const { number, url } = asked.pullRequest!;
    expect(url).toMatch(/\/acme\/atlas\/-\/merge_requests\/\d+$/);
    const page = await fetch(url, { redirect: 'manual' });
    expect(page.headers.get('location')).toMatch(/\/pulls\/\d+$/);
    expect(asked.source?.url).toMatch(/\/acme\/atlas\/-\/tree\/main\/.+/);
    await world.follow();
    expect(await world.read(asked.id)).toMatchObject({
      state: 'proposed',
      problems: [],
      waitingFor: expect.stringContaining('review by'),
      policy: { missing: [expect.objectContaining({ type: 'anybody' })] },
    });

    await world.forge('POST', `/pulls/${number}/reviews`, {
      event: 'APPROVED',
    });
    await world.follow();
    expect(await world.read(asked.id)).toMatchObject({
      waitingFor: expect.stringContaining('approved by'),
    });
    const { body: pull } = await world.forge<{ head: { sha: string } }>(
      'GET',
      `/pulls/${number}`,
    );
    const { body: combined } = await world.forge<{ statuses: unknown[] }>(
      'GET',
      `/commits/${pull.head.sha}/status`,
    );
    expect(combined.statuses).toEqual([
      expect.objectContaining({
        context: 'rustfs/policy',
        status: 'success',
        target_url: expect.stringContaining(asked.id),
      }),
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
  });

  it('is rendered again when it conflicts, and is the same merge request', async () => {
    const first = await world.ask('bucket-create', inputOf('checkout-twin-a'));
    const second = await world.ask('bucket-create', inputOf('checkout-twin-b'));
    // Both are written at the same place of one list.
    expect(await world.mergeInTurn([first, second])).toBe(2);
    const [, merged] = await world.followUntil([first.id, second.id], 'ready');
    expect(merged.pullRequest?.number).toBe(second.pullRequest?.number);
  });

  it('takes seven calls, and three to ask somebody', async () => {
    const calls: string[] = [];
    world.sandbox.forge.faults.set({
      answer: ({ method, path }) => {
        // Flux fetches meanwhile.
        if (path.startsWith('/api/')) {
          calls.push(
            `${method} ${decodeURIComponent(path).replace(
              /^\/api(\/v4)?(\/projects\/acme\/atlas)?\/(repository\/)?/,
              '',
            )}`.replace(/rustfs\/.*/, 'rustfs/…'),
          );
        }
        return undefined;
      },
    });
    const ask = async (bucket: string) => {
      calls.length = 0;
      return world.ask('bucket-create', inputOf(bucket));
    };
    // What it reads for the first one it has for the next.
    await ask('checkout-first');
    const { pullRequest } = await ask('checkout-next');
    const number = pullRequest!.number;
    expect(calls.sort()).toEqual(
      [
        'GET branches/main',
        'GET merge_requests',
        'GET branches/main',
        'GET branches/rustfs/…',
        'POST graphql',
        'POST commits',
        'POST merge_requests',
        'GET users',
        `GET merge_requests/${number}`,
        `PUT merge_requests/${number}`,
      ].sort(),
    );
  });

  it('has one merge request, wherever the portal is killed', async () => {
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
    expect(died).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/POST .*\/repository\/commits$/),
        expect.stringMatching(/POST .*\/merge_requests$/),
      ]),
    );
    // To die after a step is to die before the next one, but for the last.
    expect(await tryKill(died.length, 'after')).toMatch(
      /^PUT .*\/merge_requests\/\d+$/,
    );
  });
});
