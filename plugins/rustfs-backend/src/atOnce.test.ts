import { TestDatabases } from '@backstage/backend-test-utils';
import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { AccessWorld, ENTITY, TENANT } from './__testUtils__/AccessWorld';

jest.setTimeout(900_000);

/** How many; each merge has the others rendered again, so that the time grows with the square. */
const COUNT = Number(process.env.ACCESS_COUNT ?? 8);

/** Somebody who may read Secrets by now. */
const READER = 'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p';

describe('accesses that are asked for at once', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let world: AccessWorld;
  let asked: StorageRequest[];
  let sealed: Record<string, string>;

  beforeAll(async () => {
    world = await AccessWorld.start({
      databases,
      config: {
        requests: {
          followInterval: { hours: 1 },
          limits: { requestsPerHour: 1_000 },
        },
      },
    });
  });

  afterAll(() => world?.stop());

  const names = Array.from({ length: COUNT }, (_, index) => `reader-${index}`);

  it('have a pull request each', async () => {
    const answers = await Promise.all(
      names.map(access =>
        world.post('/requests', {
          kind: 'access-create',
          entityRef: ENTITY,
          tenant: TENANT,
          access,
          scope: { type: 'buckets', buckets: ['checkout-invoices'] },
          mode: 'read',
          consumer: { namespace: 'checkout', secret: access },
          purpose: 'Tests',
        }),
      ),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(
      new Set([201]),
    );
    // One that the forge could not do at once is taken up again.
    asked = await world.followUntil(
      answers.map(({ body }) => body.id),
      'proposed',
    );
    expect(
      asked.map(({ pullRequest }) => pullRequest!.number).sort((a, b) => a - b),
    ).toEqual(names.map((_, index) => index + 1));
    const rows = await world.database('request_secrets');
    expect(rows).toHaveLength(2 * COUNT);
    sealed = Object.fromEntries(
      rows.map(({ path, content }) => [path, content]),
    );
  });

  it('merge in turn, each with the key that was made first', async () => {
    const rounds = await world.mergeInTurn(asked);
    expect(rounds).toBeLessThanOrEqual(COUNT);
    const ready = await world.followUntil(
      asked.map(({ id }) => id),
      'ready',
      300_000,
    );
    // The test merges as an administrator may.
    const codes = ready.flatMap(({ problems }) =>
      problems.map(({ code }) => code),
    );
    expect(codes.filter(code => code !== 'merged-without-approval')).toEqual(
      [],
    );
    for (const [path, content] of Object.entries(sealed)) {
      expect([path, await world.readFile(path)]).toEqual([path, content]);
    }
    // Nothing is kept longer than it is needed.
    await expect(world.database('request_secrets')).resolves.toEqual([]);
    const keys = await Promise.all(
      names.map(
        async name => (await world.readSecret(name)).AWS_SECRET_ACCESS_KEY,
      ),
    );
    expect(new Set(keys).size).toBe(COUNT);
  });

  it('are sealed anew, with a new key, when the repository names other readers before they are merged', async () => {
    const access = 'readers-changed';
    const one = await world.ask('access-create', {
      access,
      scope: { type: 'buckets', buckets: ['checkout-invoices'] },
      mode: 'read',
      consumer: { namespace: 'checkout', secret: access },
    });
    const sealedOf = async (): Promise<Record<string, string>> => {
      const rows = await world
        .database('request_secrets')
        .where({ request_id: one.id })
        // The last one counts.
        .orderBy('generation');
      return Object.fromEntries(
        rows.map(({ content, path }) => [path, content]),
      );
    };
    const before = await sealedOf();
    // Nothing has changed, so nothing is written.
    await world.follow();
    expect(await sealedOf()).toEqual(before);

    await world.commit('.sops.yaml', rules =>
      rules.replace('- *flux', `- *flux\n      - ${READER}`),
    );
    await world.follow();
    const after = await sealedOf();
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    for (const [path, content] of Object.entries(after)) {
      expect(content).not.toBe(before[path]);
      expect(content).toContain(READER);
      expect(await world.readFile(path, `rustfs/${one.id}`)).toBe(content);
    }
    const { body } = await world.forge<unknown[]>(
      'GET',
      `/pulls/${one.pullRequest!.number}/commits`,
    );
    expect(body).toHaveLength(1);
    await world.follow();
    expect(await sealedOf()).toEqual(after);

    await expect(world.merge(one)).resolves.toBe(200);
    await world.followUntil([one.id], 'ready');
    await expect(world.readSecret(access)).resolves.toMatchObject({
      S3_BUCKET: 'checkout-invoices',
    });
  });
});
