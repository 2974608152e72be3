import { TestDatabases } from '@backstage/backend-test-utils';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { ForgeNews } from '@rustfs-portal/plugin-rustfs-node';
import { ForgeRepository } from '../forges';
import {
  DatabaseHookStore,
  migrationsDirectory,
  RequestRecord,
} from '../ledger';
import { RoundPlans } from './RoundPlans';

const START = Date.parse('2026-11-30T10:00:00Z');
const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HEAD = 'a'.repeat(40);
const ATLAS = 'https://git.acme.org acme/atlas';

function record(
  id: string,
  change: {
    state?: StorageRequest['state'];
    repository?: string;
    number?: number;
    viewedAt?: string;
  } = {},
): RequestRecord {
  const { number = 1, repository = 'atlas', state = 'proposed' } = change;
  const at = new Date(START).toISOString();
  return {
    version: 1,
    movedAt: at,
    viewedAt: change.viewedAt,
    head: HEAD,
    reviewers: [],
    claims: [],
    delivery: {
      repository: `https://git.acme.org/acme/${repository}`,
      folder: 'storage',
      baseBranch: 'main',
    },
    request: {
      id,
      state,
      updatedAt: at,
      pullRequest: { number },
    } as StorageRequest,
  };
}

describe('the plan of a round', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  const nothing = {
    moved: new Set<string>(),
    touched: new Set<string>(),
    unread: new Set<string>(),
    unreached: new Set<string>(),
  };

  async function setup() {
    const client = await databases.init('SQLITE_3');
    await client.migrate.latest({ directory: migrationsDirectory });
    let now = START;
    const hooks = new DatabaseHookStore(client, { now: () => now });
    // Each round is planned on another replica.
    const createPlans = () =>
      new RoundPlans({
        config: {
          followInterval: 10 * SECOND,
          followIdleInterval: 5 * MINUTE,
          stalledAfter: 15 * MINUTE,
        },
        find: url =>
          url.startsWith('https://git.acme.org/')
            ? ({
                forgeUrl: 'https://git.acme.org',
                repository: url.slice('https://git.acme.org/'.length),
              } as ForgeRepository)
            : undefined,
        hooks: new DatabaseHookStore(client, { now: () => now }),
        now: () => new Date(now),
      });
    const idsOf = (records: RequestRecord[]) =>
      records.map(({ request }) => request.id).sort();
    return {
      hooks,
      tell: (about: ForgeNews['about'], repository = ATLAS) =>
        hooks.add({ repository, about }),
      pass: (ms: number) => {
        now += ms;
      },
      round: async (
        records: RequestRecord[],
        seen: {
          moved?: string[];
          touched?: string[];
          unread?: string[];
          unreached?: string[];
          /** What comes during the round. */
          meanwhile?: ForgeNews['about'];
        } = {},
      ) => {
        const plan = await createPlans().all(records);
        if (seen.meanwhile) {
          await hooks.add({ repository: ATLAS, about: seen.meanwhile });
        }
        await plan.finish({
          moved: new Set(seen.moved),
          touched: new Set(seen.touched),
          unread: new Set([...(seen.unread ?? []), ...(seen.unreached ?? [])]),
          unreached: new Set(seen.unreached),
        });
        return { looked: idsOf(plan.records), told: [...plan.told].sort() };
      },
      told: async (records: RequestRecord[]) => {
        const plan = await createPlans().told(records);
        await plan.finish(nothing);
        return { looked: idsOf(plan.records), told: [...plan.told].sort() };
      },
      /** How many rounds of a time look at it. */
      count: async (records: RequestRecord[], ms: number) => {
        let looks = 0;
        for (const end = now + ms; now < end; now += 10 * SECOND) {
          const plan = await createPlans().all(records);
          await plan.finish(nothing);
          looks += plan.records.length > 0 ? 1 : 0;
        }
        return looks;
      },
    };
  }

  it('has a repository the seldomer, the longer nothing moves there, and never not at all', async () => {
    const { count } = await setup();
    const records = [record('a'), record('b', { number: 2 })];
    expect(await count(records, 100 * SECOND)).toBe(10);
    const minutes = await count(records, 10 * MINUTE);
    expect(minutes).toBeLessThan(30);
    expect(minutes).toBeGreaterThan(12);
    await count(records, 50 * MINUTE);
    expect(await count(records, 60 * MINUTE)).toBe(12);
  });

  it('has all that clusters work on, and what somebody looks at', async () => {
    const { count, pass, round } = await setup();
    const merged = [record('a', { state: 'merged' })];
    expect(await count(merged, 14 * MINUTE)).toBe(14 * 6);
    pass(46 * MINUTE);
    await round([record('a')]);
    expect((await round([record('a')])).looked).toEqual([]);
    const viewedAt = new Date(START + 60 * MINUTE).toISOString();
    expect((await round([record('a', { viewedAt })])).looked).toEqual(['a']);
    // What is not proposed yet, somebody waits for.
    const submitting = record('a', { state: 'submitting' });
    expect((await round([submitting])).looked).toEqual(['a']);
  });

  it('is about what webhooks told of, and about nothing else', async () => {
    const { hooks, pass, round, tell, told } = await setup();
    const records = [
      record('a', { number: 1 }),
      record('b', { number: 2 }),
      record('c', { number: 1, repository: 'fleet' }),
      record('d', { number: 3, state: 'merged' }),
    ];
    expect(await told(records)).toEqual({ looked: [], told: [] });
    await tell({ type: 'pull', number: 1 });
    await tell({ type: 'pull', number: 99 });
    await tell({ type: 'pull', number: 1 }, 'https://evil.org acme/atlas');
    expect(await told(records)).toEqual({ looked: ['a'], told: ['a'] });
    expect(await hooks.list()).toEqual([]);
    expect(await told(records)).toEqual({ looked: [], told: [] });

    // Those in conflict by it are found by the list.
    await tell({ type: 'branch', branch: 'main' });
    await tell({ type: 'branch', branch: 'other' });
    expect(await told(records)).toEqual({ looked: ['a', 'b'], told: [] });

    // A commit of the portal is no news, and one of somebody else is.
    await tell({ type: 'pushed', number: 1, commit: HEAD });
    await tell({ type: 'pushed', number: 2, commit: 'b'.repeat(40) });
    await tell({ type: 'commit', commit: 'c'.repeat(40) });
    expect(await told(records)).toEqual({ looked: ['b'], told: ['b'] });
    await tell(
      { type: 'commit', commit: HEAD },
      'https://git.acme.org acme/fleet',
    );
    expect(await told(records)).toEqual({ looked: ['c'], told: ['c'] });

    // A round takes them, too.
    pass(60 * MINUTE);
    await round(records.slice(0, 3));
    await tell({ type: 'pull', number: 2 });
    expect(await round(records.slice(0, 3))).toEqual({
      looked: ['b'],
      told: ['b'],
    });
  });

  it('keeps what could not be read', async () => {
    const { round, tell } = await setup();
    const records = [record('a')];
    await tell({ type: 'pull', number: 1 });
    expect((await round(records, { unread: ['a'] })).told).toEqual(['a']);
    expect((await round(records)).told).toEqual(['a']);
    expect((await round(records)).told).toEqual([]);
  });

  it('forgets what was read, beside what cannot be read, and that after some minutes', async () => {
    const { hooks, pass, round, tell } = await setup();
    const records = [record('a'), record('b', { number: 2 })];
    await tell({ type: 'pull', number: 1 });
    await tell({ type: 'pull', number: 2 });
    await tell({ type: 'pull', number: 99 });
    await round(records, { unread: ['a'] });
    expect((await hooks.list()).map(({ about }) => about)).toEqual([
      { type: 'pull', number: 1 },
    ]);
    pass(11 * MINUTE);
    expect((await round(records, { unread: ['a'] })).told).toEqual([]);
    expect(await hooks.list()).toEqual([]);
  });

  it('takes no repository for looked at that a round had no time for', async () => {
    const { pass, round } = await setup();
    const records = [
      record('a'),
      record('b', { number: 2 }),
      record('c', { repository: 'fleet' }),
    ];
    pass(60 * MINUTE);
    await round(records, { unreached: ['b'] });
    pass(10 * SECOND);
    expect((await round(records)).looked).toEqual(['a', 'b']);
    pass(10 * SECOND);
    expect((await round(records)).looked).toEqual([]);
  });

  it('does not believe a time to come', async () => {
    const { pass, round } = await setup();
    const records = [record('a')];
    pass(180 * MINUTE);
    await round(records);
    expect((await round(records)).looked).toEqual([]);
    // It was written by a clock that was ahead.
    pass(-60 * MINUTE);
    expect((await round(records)).looked).toEqual(['a']);
  });

  it('finds a repository that a forge writes in another case', async () => {
    const { tell, told } = await setup();
    const records = [record('a', { repository: 'Atlas' })];
    await tell({ type: 'pull', number: 1 });
    expect((await told(records)).told).toEqual(['a']);
  });

  it('does not rely on webhooks that tell nothing of approvals, nor of clusters', async () => {
    const { count, pass, round, tell } = await setup();
    const records = [record('a')];
    await tell({ type: 'pull', number: 1 });
    await round(records);
    pass(20 * MINUTE);
    expect((await round(records)).looked).toEqual(['a']);
    // Somebody has approved it, and that is told a little later.
    pass(5 * MINUTE);
    await round(records, {
      touched: ['a'],
      meanwhile: { type: 'pull', number: 1 },
    });
    await round(records);
    pass(5 * MINUTE);
    await round(records);
    expect(await count(records, 4 * MINUTE)).toBe(0);
    // Nobody tells of it.
    pass(5 * MINUTE);
    expect((await round(records, { touched: ['a'] })).looked).toEqual(['a']);
    const next = [
      { ...record('a'), movedAt: new Date(START + 39 * MINUTE).toISOString() },
    ];
    expect(await count(next, 5 * MINUTE)).toBeGreaterThan(5);

    await tell({ type: 'pull', number: 1 });
    await round(next);
    const failed = {
      ...record('b', { state: 'failed' }),
      movedAt: new Date(START + 44 * MINUTE).toISOString(),
    };
    pass(2 * MINUTE);
    expect(await count([...next, failed], 5 * MINUTE)).toBeGreaterThan(5);
  });

  it('relies on webhooks as long as they miss nothing', async () => {
    const { count, pass, round, tell } = await setup();
    const records = [record('a')];
    await tell({ type: 'pull', number: 1 });
    await round(records, { moved: ['a'] });
    pass(2 * MINUTE);
    // Two looks instead of nine.
    expect(await count(records, 10 * MINUTE)).toBeLessThanOrEqual(3);
    pass(5 * MINUTE);
    // It was merged, and no webhook said so.
    expect((await round(records, { moved: ['a'] })).looked).toEqual(['a']);
    const next = [
      { ...record('b'), movedAt: new Date(START + 17 * MINUTE).toISOString() },
    ];
    pass(10 * SECOND);
    expect(await count(next, 10 * MINUTE)).toBeGreaterThan(12);
  });
});
