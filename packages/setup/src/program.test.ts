import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROVISIONER_POLICY } from '@rustfs-portal/plugin-rustfs-common';
import { parse } from 'yaml';
import {
  MINIO_BINARY,
  packProgram,
  Passing,
  removeProgram,
  TENANT,
  World,
} from './__testUtils__/World';

const readme = readFileSync(join(__dirname, '../README.md'), 'utf8');
const block = (kind: string) =>
  new RegExp(`\`\`\`${kind}\n([\\s\\S]*?)\`\`\``).exec(readme)![1];

const SECRET = 'only-the-service-knows-it';

function accessData(access: string, more: Record<string, string> = {}) {
  return {
    owner: 'group:default/checkout',
    entity: 'component:default/invoices',
    buckets: 'invoices',
    mode: 'read-write',
    policy: `access-${access}`,
    accessKeyId: `user-${access}`,
    consumer: 'atlas/shop/invoices-s3',
    form: 'aws',
    createdAt: '2026-11-29T10:00:00.000Z',
    'policy.json': JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: ['s3:GetObject'],
          Resource: ['arn:aws:s3:::invoices/*'],
        },
      ],
    }),
    ...more,
  };
}

describe('the README', () => {
  it('has the policy of the provisioner', () => {
    expect(JSON.parse(block('json'))).toEqual(PROVISIONER_POLICY);
  });
});

describe('rustfs-setup', () => {
  let world: World;

  beforeAll(packProgram);

  afterAll(removeProgram);

  beforeEach(async () => {
    world = await World.start(parse(block('yaml')).rules);
  });

  afterEach(() => world.stop());

  const results = async () =>
    Object.fromEntries(
      Object.entries((await world.status()).items).map(([key, item]) => [
        key,
        `${item.result} ${item.reason}`,
      ]),
    );
  const userOf = async (access: string) =>
    (await world.client.listUsers()).find(
      ({ name }) => name === `user-${access}`,
    );

  it('settles what its namespace says of its tenant, with the rights of its Role alone', async () => {
    await world.declareStatus();
    await world.record('bucket', 'invoices', {
      versioning: 'enabled',
      tags: '{"team":"checkout"}',
    });
    await world.record('bucket', 'wrong', { quota: 'much' });
    await world.record('bucket', 'elsewhere', {}, 'another');
    await world.record('access', 'shop', accessData('shop'));
    await world.record('access', 'later', accessData('later'));
    await world.secret('shop', SECRET);
    const { code, output } = await world.run();
    expect([code, await results()]).toEqual([
      2,
      {
        'bucket.invoices': 'done Settled',
        'bucket.wrong': 'failed BadRecord',
        'access.shop': 'done Settled',
        'access.later': 'waiting SecretMissing',
      },
    ]);
    expect(await world.client.listBuckets()).toEqual(['invoices']);
    expect(await world.client.getVersioning('invoices')).toBe('enabled');
    expect(await userOf('shop')).toMatchObject({ policies: ['access-shop'] });
    expect(
      await world.client.tryKey({
        accessKeyId: 'user-shop',
        secretAccessKey: SECRET,
      }),
    ).toBe('accepted');
    const { run, text } = await world.status();
    expect(run).toMatchObject({
      exitCode: 2,
      server: { version: '1.0.1' },
      counts: { done: 2, waiting: 1, failed: 1, drift: 0 },
    });
    for (const said of [output, text]) {
      expect(said).not.toMatch(
        new RegExp(`${SECRET}|provisioner-secret|token-of`),
      );
    }

    // A second run finds nothing to do.
    const again = await world.run();
    expect(again.output).not.toMatch(/: (make|set|give) /);
    expect(world.calls.filter(call => /^(PUT|DELETE|POST)/.test(call))).toEqual(
      [],
    );
    // What changes is settled, and what is gone from the folder stays on the server.
    await world.remove('configmaps', `bucket.${TENANT}.wrong`);
    await world.remove('configmaps', `access.${TENANT}.later`);
    await world.remove('configmaps', `bucket.${TENANT}.invoices`);
    await world.change('configmaps', `access.${TENANT}.shop`, {
      state: 'revoked',
    });
    expect((await world.run()).code).toBe(0);
    expect(await results()).toEqual({ 'access.shop': 'done Settled' });
    expect(await userOf('shop')).toMatchObject({ enabled: false });
    expect(await world.client.listBuckets()).toEqual(['invoices']);
    // The record comes back: the bucket is known for the program's own.
    await world.record('bucket', 'invoices', {});
    await world.run();
    expect(await results()).toMatchObject({
      'bucket.invoices': 'done Settled',
    });
  });

  it('comes to the same end when it is killed between any two calls', async () => {
    await world.declareStatus();
    let isComplete = false;
    for (let allowed = 1; !isComplete; allowed += 1) {
      const name = `kill-${allowed}`;
      await world.record('bucket', name, { tags: '{"team":"checkout"}' });
      await world.record('access', name, accessData(name));
      await world.secret(name, SECRET);
      world.passing = ({ count }) => (count > allowed ? 'kill' : 'pass');
      const killed = await world.run();
      isComplete = killed.code !== null;
      world.passing = () => 'pass';
      const { code } = await world.run();
      const { items } = await world.status();
      expect([
        allowed,
        code,
        items[`bucket.${name}`]?.result,
        items[`access.${name}`]?.result,
      ]).toEqual([allowed, 0, 'done', 'done']);
      expect(await userOf(name)).toMatchObject({
        enabled: true,
        policies: [`access-${name}`],
      });
      expect(await world.client.getTags(name)).toEqual({ team: 'checkout' });
      // The next round is about one bucket and one access again.
      await world.remove('configmaps', `bucket.${TENANT}.${name}`);
      await world.remove('configmaps', `access.${TENANT}.${name}`);
      await world.remove('secrets', `${TENANT}-access-${name}`);
    }
  }, 300_000);

  it('does no harm twice at a time', async () => {
    await world.declareStatus();
    for (const name of ['one', 'two', 'three']) {
      await world.record('bucket', name, { tags: '{"a":"b"}' });
      await world.record('access', name, accessData(name));
      await world.secret(name, SECRET);
    }
    await Promise.all([world.run(), world.run()]);
    expect((await world.run()).code).toBe(0);
    expect(Object.values(await results())).toEqual(
      Array(6).fill('done Settled'),
    );
  });

  it('says in a dry run what it would do, and writes nothing', async () => {
    await world.declareStatus();
    await world.record('bucket', 'invoices', {});
    const { code, output } = await world.run({ args: ['--dry-run'] });
    expect(code).toBe(0);
    expect(output).toContain('bucket.invoices: would make bucket invoices');
    expect(await world.client.listBuckets()).toEqual([]);
    expect((await world.status()).text).toBe('{}');
  });

  it('changes nothing when it cannot read what it has made', async () => {
    await world.declareStatus();
    await world.record('bucket', 'invoices', {});
    expect((await world.run()).code).toBe(0);
    await world.change('configmaps', `rustfs-setup-${TENANT}`, {
      made: '{"buckets": 7}',
    });
    await world.record('bucket', 'later', {});
    expect(await world.run()).toMatchObject({
      code: 1,
      output: expect.stringMatching(/^Key made of ConfigMap .* cannot be read/),
    });
    expect(await world.client.listBuckets()).toEqual(['invoices']);
    expect(await world.status()).toMatchObject({
      isMadeUnreadable: true,
      run: { exitCode: 1, message: expect.stringMatching(/^Key made of/) },
    });
  });

  it('says who does not answer, and who refuses', async () => {
    await world.record('bucket', 'invoices', {});
    await world.secret('shop', SECRET);
    expect(await world.run()).toMatchObject({
      code: 1,
      output: expect.stringMatching(/no ConfigMap rustfs-setup-media/),
    });
    await world.declareStatus();

    const server =
      (fate: ReturnType<Passing>): Passing =>
      ({ path }) =>
        path.startsWith('/api/') ? 'pass' : fate;
    world.passing = server('cut');
    expect((await world.run()).code).toBe(3);
    expect((await world.status()).run).toMatchObject({
      exitCode: 3,
      message: expect.stringMatching(/closed the connection/),
    });
    world.passing = server('starting');
    expect((await world.run()).code).toBe(3);

    world.passing = ({ path }) =>
      path.startsWith('/rustfs/admin') ? 'half' : 'pass';
    expect((await world.run()).code).toBe(3);
    world.passing = ({ path }) => (path.includes('/secrets') ? 'half' : 'pass');
    const half = await world.run();
    expect(half.code).toBe(3);
    expect(half.output).not.toContain(
      Buffer.from(SECRET).toString('base64').slice(0, 12),
    );
    world.passing = () => 'pass';

    writeFileSync(join(world.dir, 'secretkey'), 'not-the-secret-of-it');
    const refused = await world.run();
    expect(refused.code).toBe(4);
    expect(refused.output).toContain('RUSTFS_SECRET_KEY_FILE');
    expect(refused.output).not.toContain('not-the-secret-of-it');
    expect((await world.status()).run).toMatchObject({ exitCode: 4 });

    const elsewhere = await world.run({
      environment: { RUSTFS_SETUP_NAMESPACE: 'default' },
    });
    expect(elsewhere.code).toBe(4);
    expect(elsewhere.output).toContain('may not get ConfigMap');

    const inClear = await world.run({
      environment: { RUSTFS_SECRET_KEY: SECRET },
    });
    expect(inClear.code).toBe(1);
    expect(inClear.output).not.toContain(SECRET);
    const asArgument = await world.run({ args: [`--secret=${SECRET}`] });
    expect(asArgument.code).toBe(1);
    expect(asArgument.output).not.toContain(SECRET);
    expect(await world.client.listBuckets()).toEqual([]);
  });
});

(MINIO_BINARY ? describe : describe.skip)('rustfs-setup on MinIO', () => {
  let world: World;

  beforeAll(async () => {
    packProgram();
    world = await World.start(parse(block('yaml')).rules, { minio: true });
  });

  afterAll(async () => {
    await world.stop();
    removeProgram();
  });

  it('makes buckets with their settings, and leaves quotas and users to the tools of MinIO', async () => {
    await world.declareStatus();
    await world.record('bucket', 'invoices', {
      versioning: 'enabled',
      tags: '{"team":"checkout"}',
      lifecycle: '[{"id":"old","prefix":"tmp/","expireAfterDays":9}]',
    });
    await world.record('bucket', 'contracts', {
      retention: '{"mode":"governance","days":3}',
    });
    await world.record('bucket', 'exports', { quota: '1Gi' });
    await world.record('access', 'shop', accessData('shop'));
    await world.secret('shop', SECRET);
    for (const run of ['the first', 'another']) {
      expect([run, (await world.run()).code]).toEqual([run, 0]);
      const { items } = await world.status();
      expect(
        Object.entries(items).map(([key, { reason, result }]) =>
          [key, result, reason].join(' '),
        ),
      ).toEqual(
        expect.arrayContaining([
          'bucket.invoices done Settled',
          'bucket.contracts done Settled',
          'bucket.exports waiting NotSupported',
          'access.shop waiting NotSupported',
        ]),
      );
    }
    const { client } = world;
    expect(await client.listBuckets()).toEqual([
      'contracts',
      'exports',
      'invoices',
    ]);
    expect(await client.getVersioning('invoices')).toBe('enabled');
    expect(await client.getTags('invoices')).toEqual({ team: 'checkout' });
  });
});
