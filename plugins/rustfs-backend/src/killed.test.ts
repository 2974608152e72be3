import { TestDatabases } from '@backstage/backend-test-utils';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { AccessWorld, ENTITY, TENANT } from './__testUtils__/AccessWorld';
import { Killer, Moment } from './__testUtils__/Killer';

jest.setTimeout(600_000);

/** Keys, locks, the request, its Secrets, branch, pull request, reviewers. */
const FEWEST_STEPS = 10;

describe('an access whose portal is killed while it is asked for', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  const killer = new Killer();
  let world: AccessWorld;
  let unwatch: () => void;

  beforeAll(async () => {
    world = await AccessWorld.start({
      databases,
      config: {
        requests: {
          followInterval: { hours: 1 },
          // Those that the test has done with cost no time.
          followEndedFor: { seconds: 1 },
          limits: { requestsPerHour: 10_000 },
        },
      },
    });
    unwatch = killer.watch(world.database);
    world.sandbox.forge.faults.set({ hangUp: killer.onForge });
  });

  afterAll(async () => {
    unwatch?.();
    await world?.stop();
  });

  async function sealedOf(id: string): Promise<Record<string, string>> {
    const rows = await world.database('request_secrets').where({
      request_id: id,
    });
    return Object.fromEntries(rows.map(({ path, content }) => [path, content]));
  }

  async function commitsOn(number: number): Promise<number> {
    const { body } = await world.forge<unknown[]>(
      'GET',
      `/pulls/${number}/commits`,
    );
    return body.length;
  }

  let pulls = 0;

  /** @returns undefined when the request needs fewer steps than that */
  async function tryKill(
    step: number,
    moment: Moment,
  ): Promise<{ request: StorageRequest; wasSealed: boolean } | undefined> {
    const access = `killed-${moment}-${step}`;
    const body = {
      kind: 'access-create',
      entityRef: ENTITY,
      tenant: TENANT,
      access,
      scope: { type: 'buckets', buckets: ['checkout-invoices'] },
      consumer: { namespace: 'checkout', secret: access },
      purpose: 'Tests',
    };
    killer.arm(step, moment);
    await world.post('/requests', body);
    killer.revive();
    const { diedAt } = killer;
    const where = `${moment} step ${step}, ${diedAt}`;

    // The lock of a process that is gone expires.
    await world.database('locks').delete();
    const [row] = await world.database('requests').where({ bucket: access });
    const first = row ? await sealedOf(row.id) : {};
    const wasSealed = Object.keys(first).length > 0;
    if (row && !wasSealed) {
      // Nothing that is not kept has left the portal.
      const { status } = await world.forge(
        'GET',
        `/branches/${encodeURIComponent(`rustfs/${row.id}`)}`,
      );
      expect([where, status]).toEqual([where, 404]);
    }

    // What was accepted goes on by itself; and the person sends it once more.
    await world.follow();
    const again = await world.post('/requests', body);
    expect([where, again.status]).toEqual([where, 201]);
    await world.follow();

    const request = await world.read(again.body.id);
    pulls += 1;
    expect([where, request]).toEqual([
      where,
      expect.objectContaining({
        state: 'proposed',
        problems: [],
        pullRequest: expect.objectContaining({ number: pulls, state: 'open' }),
      }),
    ]);
    expect([where, request.trail.map(({ state }) => state)]).toEqual([
      where,
      ['submitting', 'proposed'],
    ]);
    expect(
      await world.database('requests').where({ bucket: access }),
    ).toHaveLength(1);
    expect([where, await commitsOn(pulls)]).toEqual([where, 1]);

    const sealed = await sealedOf(request.id);
    expect(Object.keys(sealed)).toHaveLength(2);
    if (wasSealed) {
      expect([where, sealed]).toEqual([where, first]);
    }
    for (const [path, content] of Object.entries(sealed)) {
      expect([
        where,
        await world.readFile(path, `rustfs/${request.id}`),
      ]).toEqual([where, content]);
    }
    return diedAt === undefined ? undefined : { request, wasSealed };
  }

  const done: Array<{ request: StorageRequest; wasSealed: boolean }> = [];

  it('has one pull request and one key, wherever it dies', async () => {
    // To die after a step is to die before the next one, but for the last.
    let steps = 0;
    for (;;) {
      const tried = await tryKill(steps + 1, 'before');
      if (!tried) {
        break;
      }
      steps += 1;
      const last = done.at(-1);
      if (last) {
        const { status } = await world.post(
          `/requests/${last.request.id}/withdraw`,
          {},
        );
        if (status !== 200) {
          throw new Error(`It cannot be withdrawn: ${status}`);
        }
      }
      done.push(tried);
    }
    expect(steps).toBeGreaterThan(FEWEST_STEPS);
    // Not every request needs the same number: whether something is read again hangs on how long ago it was read.
    let tried = await tryKill(steps, 'after');
    for (let step = steps - 1; !tried && step > FEWEST_STEPS; step -= 1) {
      tried = await tryKill(step, 'after');
    }
    expect(tried?.wasSealed).toBe(true);
  });

  it('is merged with the key that was made first', async () => {
    const { request } = done.at(-1)!;
    const sealed = await sealedOf(request.id);
    const access = request.subject.name;
    await expect(world.merge(request)).resolves.toBe(200);
    await world.followUntil([request.id], 'ready');
    for (const [path, content] of Object.entries(sealed)) {
      await expect(world.readFile(path)).resolves.toBe(content);
    }
    const secret = await world.readSecret(access);
    await expect(
      world
        .clientOf(secret)
        .send(new ListObjectsV2Command({ Bucket: 'checkout-invoices' })),
    ).resolves.toMatchObject({ KeyCount: expect.any(Number) });
  });
});
