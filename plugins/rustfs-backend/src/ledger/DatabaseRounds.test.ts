import { TestDatabases, TestDatabaseId } from '@backstage/backend-test-utils';
import { DatabaseHookStore } from './DatabaseHookStore';
import { DatabaseLocks } from './DatabaseLocks';
import { DatabaseRounds } from './DatabaseRounds';
import { migrationsDirectory } from './migrations';

const ids: TestDatabaseId[] = process.env
  .BACKSTAGE_TEST_DATABASE_POSTGRES16_CONNECTION_STRING
  ? ['SQLITE_3', 'POSTGRES_16']
  : ['SQLITE_3'];

const SECOND = 1_000;
const ROUND = { key: 'follow', everyMs: 10 * SECOND, timeoutMs: 60 * SECOND };

describe.each(ids)('rounds on %s', id => {
  const databases = TestDatabases.create({ ids, disableDocker: true });

  async function setup() {
    const client = await databases.init(id);
    await client.migrate.latest({ directory: migrationsDirectory });
    let now = Date.parse('2026-11-30T10:00:00Z');
    const createReplica = () =>
      new DatabaseRounds(client, {
        locks: new DatabaseLocks(client, { now: () => now }),
        now: () => now,
      });
    return {
      client,
      replicas: [createReplica(), createReplica(), createReplica()],
      pass: (ms: number) => {
        now += ms;
      },
    };
  }

  it('are not more for there being several replicas, and one at a time', async () => {
    const { pass, replicas } = await setup();
    let rounds = 0;
    let under = 0;
    const work = async () => {
      rounds += 1;
      under += 1;
      expect(under).toBe(1);
      await new Promise(resolve => setTimeout(resolve, 20));
      under -= 1;
    };
    const tick = () =>
      Promise.all(replicas.map(replica => replica.run(ROUND, work)));
    await tick();
    expect(rounds).toBe(1);
    // Each replica keeps time by itself, none of them exactly.
    for (let second = 0; second < 100; second += 1) {
      pass(SECOND);
      // Each ticks every ten seconds.
      if (second % 10 < 3) {
        await replicas[second % 10].run(ROUND, work);
      }
    }
    expect(rounds).toBeGreaterThanOrEqual(10);
    expect(rounds).toBeLessThanOrEqual(12);
  });

  it('go on elsewhere less than a minute after a replica has died in one', async () => {
    const { client, pass, replicas } = await setup();
    let end = () => {};
    const dying = replicas[0].run(
      ROUND,
      () =>
        new Promise<void>(resolve => {
          end = resolve;
        }),
    );
    while (!(await client('rounds').first())) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    let isDone = false;
    const ticks: number[] = [];
    for (let seconds = 10; !isDone && seconds < 120; seconds += 10) {
      pass(10 * SECOND);
      isDone = await replicas[1].run(ROUND, async () => {});
      ticks.push(seconds);
    }
    expect(ticks.at(-1)).toBeLessThan(60);
    end();
    await dying;
  });

  it('go on elsewhere when one hangs and its replica lives on', async () => {
    const client = await databases.init(id);
    await client.migrate.latest({ directory: migrationsDirectory });
    let now = Date.parse('2026-11-30T10:00:00Z');
    const locks = () =>
      new DatabaseLocks(client, { expiryMs: 200, now: () => now });
    let end = () => {};
    const hanging = locks().run(
      { key: 'hanging', waitMs: 0, holdMs: 1_000 },
      () =>
        new Promise<void>(resolve => {
          end = resolve;
        }),
    );
    const isTaken = async () =>
      (await locks().run({ key: 'hanging', waitMs: 0 }, async () => 1)).taken;
    const expiry = async () =>
      (await client('locks').where({ key: 'hanging' }).first())?.expires_at;
    while ((await expiry()) === undefined) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    for (const ms of [150, 150, 150]) {
      now += ms;
      while ((await expiry()) !== new Date(now + 200).toISOString()) {
        await new Promise(resolve => setTimeout(resolve, 10));
      }
    }
    expect(await isTaken()).toBe(false);
    now += 1_000;
    expect(await isTaken()).toBe(true);
    end();
    await hanging;
  });

  it('go on when a replica has died whose clock was an hour ahead', async () => {
    const { client, pass, replicas } = await setup();
    const ahead = () => Date.parse('2026-11-30T11:00:00Z');
    let end = () => {};
    const dying = new DatabaseRounds(client, {
      locks: new DatabaseLocks(client, { now: ahead }),
      now: ahead,
    }).run(
      ROUND,
      () =>
        new Promise<void>(resolve => {
          end = resolve;
        }),
    );
    while (!(await client('rounds').first())) {
      await new Promise(resolve => setTimeout(resolve, 10));
    }
    pass(10 * SECOND);
    expect(await replicas[0].run(ROUND, async () => {})).toBe(true);
    end();
    await dying;
  });

  it('do not stop for a clock that is a little ahead, nor are they more for it', async () => {
    const { client, pass, replicas } = await setup();
    const ahead = () => Date.parse('2026-11-30T10:00:03Z');
    const other = new DatabaseRounds(client, {
      locks: new DatabaseLocks(client, { now: ahead }),
      now: ahead,
    });
    expect(await other.run(ROUND, async () => {})).toBe(true);
    expect(await replicas[0].run(ROUND, async () => {})).toBe(false);
    pass(12 * SECOND);
    expect(await replicas[0].run(ROUND, async () => {})).toBe(true);
  });

  it('end their wait when they are told to', async () => {
    const { replicas } = await setup();
    const stop = new AbortController();
    let isRun = false;
    await replicas[0].run(ROUND, async () => {
      const waiting = replicas[1].run(
        {
          ...ROUND,
          everyMs: undefined,
          waitMs: 60 * SECOND,
          signal: stop.signal,
        },
        async () => {
          isRun = true;
        },
      );
      stop.abort();
      expect(await waiting).toBe(false);
    });
    expect(isRun).toBe(false);
  });

  it('find what webhooks told, each once, until they have looked', async () => {
    const { client } = await setup();
    const [one, other] = [
      new DatabaseHookStore(client),
      new DatabaseHookStore(client),
    ];
    const news = (number: number) => ({
      repository: 'https://git.acme.org acme/atlas',
      about: { type: 'pull' as const, number },
    });
    await Promise.all([one.add(news(1)), other.add(news(1)), one.add(news(2))]);
    const listed = await other.list();
    expect(listed.map(({ about }) => about)).toEqual(
      expect.arrayContaining([news(1).about, news(2).about]),
    );
    expect(listed).toHaveLength(2);
    // It happens again while a round looks at it.
    await one.add(news(2));
    await other.forget(listed);
    expect(await one.list()).toMatchObject([news(2)]);
  });

  it('have what nobody could look at for some minutes, whatever clocks say', async () => {
    const { client } = await setup();
    const at = (time: string) =>
      new DatabaseHookStore(client, { now: () => Date.parse(time) });
    const news = (number: number) => ({
      repository: 'https://git.acme.org acme/atlas',
      about: { type: 'pull' as const, number },
    });
    await at('2026-11-30T10:00:00Z').add(news(1));
    await at('2026-11-30T10:00:00Z').add(news(2));
    await at('2026-11-30T10:00:00Z').add(news(3));
    await at('2026-11-30T10:08:00Z').add(news(2));
    await at('2026-11-30T12:00:00Z').add(news(3));
    const numbersAt = async (time: string) =>
      (await at(time).list())
        .map(({ about }) => 'number' in about && about.number)
        .sort();
    expect(await numbersAt('2026-11-30T10:09:00Z')).toEqual([1, 2]);
    expect(await numbersAt('2026-11-30T10:11:00Z')).toEqual([2]);
    expect(await numbersAt('2026-11-30T10:20:00Z')).toEqual([]);
  });
});
