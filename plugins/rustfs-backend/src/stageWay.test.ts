import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import { TestDatabases } from '@backstage/backend-test-utils';
import { AccessRequestInput } from '@rustfs-portal/plugin-rustfs-common';
import { smallWorld } from '@rustfs-portal/sandbox';
import { AccessWorld, ENTITY, TENANT } from './__testUtils__/AccessWorld';
import { Killer } from './__testUtils__/Killer';

jest.setTimeout(600_000);

/** Whose private key nobody has. */
const READER = 'age18h6e48dcrhfk08ushm0durawp2a8cygwdwlvh0vs3eqlmj5tg9wswdcgs0';

const wanted: AccessRequestInput = {
  entityRef: ENTITY,
  tenant: TENANT,
  access: 'invoices-writer',
  scope: { type: 'buckets', buckets: ['checkout-drafts'] },
  newBuckets: [
    { bucket: 'checkout-drafts', quota: '10Mi', dataClass: 'internal' },
  ],
  mode: 'read-write',
  consumer: {
    cluster: 'borealis',
    namespace: 'checkout',
    secret: 'invoices-s3',
  },
  purpose: 'Drafts of invoices',
};

describe('an access whose workload has its Secrets from another repository', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  const killer = new Killer();
  let world: AccessWorld;
  let unwatch: () => void;

  beforeAll(async () => {
    const [atlas] = smallWorld.clusters;
    world = await AccessWorld.start({
      databases,
      world: {
        ...smallWorld,
        clusters: [
          atlas,
          {
            name: 'borealis',
            style: 'indented',
            workloadNamespaces: ['checkout'],
            tenants: [],
          },
        ],
      },
      config: {
        requests: { followInterval: { hours: 1 } },
        consumers: [
          {
            cluster: 'borealis',
            namespaces: ['checkout'],
            kustomization: 'flux-system/storage',
          },
        ],
      },
    });
    unwatch = killer.watch(world.database);
    world.sandbox.forge.faults.set({ hangUp: killer.onForge });
  });

  afterAll(async () => {
    unwatch?.();
    await world?.stop();
  });

  /** The ciphertext that is kept for a request: of each key its Secrets, the oldest first. */
  async function readSealed(
    id: string,
  ): Promise<
    Array<{ generation: number; slot: string; path: string; content: string }>
  > {
    return world
      .database('request_secrets')
      .select('generation', 'slot', 'path', 'content')
      .where({ request_id: id })
      .orderBy(['generation', 'slot']);
  }

  /**
   * Kills the portal before each step of a round, one step later each time, until it gets through or somebody has seen
   * enough.
   *
   * @returns how often it died
   */
  async function followAndDie(
    isEnough: () => Promise<boolean> = async () => false,
  ): Promise<number> {
    for (let step = 1; ; step += 1) {
      killer.arm(step, 'before');
      await world.follow().catch(() => {});
      killer.revive();
      // The lock of a process that is gone expires.
      await world.database('locks').delete();
      if (killer.diedAt === undefined || (await isEnough())) {
        return step - 1;
      }
    }
  }

  function askForReading(access: string) {
    return world.ask('access-create', {
      access,
      scope: { type: 'buckets', buckets: ['checkout-invoices'] },
      mode: 'read',
      consumer: { ...wanted.consumer, secret: access },
    });
  }

  let secret: Record<string, string>;

  it('shows both pull requests before anything is made', async () => {
    const { body, status } = await world.post('/requests/preview', {
      kind: 'access-create',
      ...wanted,
    });
    expect([status, body.error]).toEqual([200, undefined]);
    expect(JSON.stringify(body.files)).not.toContain('consumers/');
    expect(body.later).toEqual([
      expect.objectContaining({
        repository: expect.stringMatching(/acme\/borealis/),
        files: [
          expect.objectContaining({
            path: expect.stringMatching(
              /consumers\/checkout\/invoices-s3\.sops\.yaml$/,
            ),
          }),
          expect.objectContaining({ operation: 'update' }),
        ],
      }),
    ]);
  });

  it('refuses a namespace that nobody has named a place for', async () => {
    const { body, status } = await world.post('/requests', {
      kind: 'access-create',
      ...wanted,
      consumer: { ...wanted.consumer, namespace: 'checkout-other' },
    });
    expect(status).toBe(400);
    expect(body.error.message).toMatch(
      /^Cluster of the workload: Nobody has said where Secrets for namespace checkout-other of borealis/,
    );
  });

  it('is proposed there once the key works, wherever the portal dies, and ready when both are in effect', async () => {
    const asked = await world.ask('access-create', wanted);
    expect(asked).toMatchObject({ stage: 1, stages: 2 });
    expect(asked.pullRequest!.url).toMatch(/acme\/atlas\/pulls/);
    const before = await readSealed(asked.id);
    expect(before.map(({ slot }) => slot)).toEqual([
      'consumer.invoices-writer',
      'server.invoices-writer',
    ]);

    await expect(world.merge(asked)).resolves.toBe(200);
    await world.followUntil([asked.id], ({ stage }) => stage === 2);
    // Reads, the lock, branch, pull request, what is written down of it.
    await expect(followAndDie()).resolves.toBeGreaterThan(5);
    const [second] = await world.followUntil([asked.id], 'proposed');
    expect(second).toMatchObject({
      stage: 2,
      earlier: [{ number: asked.pullRequest!.number }],
      pullRequest: { url: expect.stringMatching(/acme\/borealis\/pulls/) },
    });
    expect(second.mergeCommit).toBeUndefined();
    const { body: pulls } = await world.forge<unknown[]>(
      'GET',
      '/pulls?state=all',
      undefined,
      'acme/borealis',
    );
    expect(pulls).toHaveLength(1);
    // The same ciphertext: the key was made once.
    await expect(readSealed(asked.id)).resolves.toEqual(before);
    await expect(world.database('request_claims')).resolves.not.toEqual([]);
    await expect(
      world.readSecret('invoices-s3', { cluster: 'borealis' }),
    ).rejects.toMatchObject({ code: 404 });

    await expect(world.merge(second)).resolves.toBe(200);
    const [done] = await world.followUntil([asked.id], 'ready');
    expect(done.trail.map(({ state }) => state)).toEqual([
      'submitting',
      'proposed',
      'merged',
      'applied',
      'submitting',
      'proposed',
      'merged',
      'applied',
      'ready',
    ]);
    secret = await world.readSecret('invoices-s3', { cluster: 'borealis' });
    await expect(
      world
        .clientOf(secret)
        .send(new ListObjectsV2Command({ Bucket: 'checkout-drafts' })),
    ).resolves.toMatchObject({ KeyCount: 0 });
    await expect(readSealed(asked.id)).resolves.toEqual([]);
  });

  it('ends: first the key, then its Secret', async () => {
    const asked = await world.ask('access-revoke', {
      access: 'invoices-writer',
    });
    expect(asked).toMatchObject({ stage: 1, stages: 2 });
    await expect(world.merge(asked)).resolves.toBe(200);
    const [second] = await world.followUntil(
      [asked.id],
      ({ stage, state }) => stage === 2 && state === 'proposed',
    );
    await expect(
      world
        .clientOf(secret)
        .send(new ListObjectsV2Command({ Bucket: 'checkout-drafts' })),
    ).rejects.toMatchObject({
      name: expect.stringMatching(/SignatureDoesNotMatch|AccessDenied/),
    });
    await expect(world.merge(second)).resolves.toBe(200);
    await world.followUntil([asked.id], 'ready');
    await expect(
      world.readSecret('invoices-s3', { cluster: 'borealis' }),
    ).rejects.toMatchObject({ code: 404 });
  });

  it('has the key that was merged, when a new one was on its way to the branch just then', async () => {
    const asked = await askForReading('merged-meanwhile');
    const [, first] = await readSealed(asked.id);
    await world.commit('.sops.yaml', rules =>
      rules.replace('- *flux', `- *flux\n      - ${READER}`),
    );
    const branch = `rustfs/${asked.id}`;
    await followAndDie(async () => {
      const sealed = await readSealed(asked.id);
      // Whatever the branch has, the ledger has.
      expect(sealed.map(({ content }) => content)).toContain(
        await world.readFile(first.path, branch),
      );
      return sealed.length === 4;
    });
    await expect(world.readFile(first.path, branch)).resolves.toBe(
      first.content,
    );

    await expect(world.merge(asked)).resolves.toBe(200);
    const [second] = await world.followUntil(
      [asked.id],
      ({ stage, state }) => stage === 2 && state === 'proposed',
    );
    await expect(readSealed(asked.id)).resolves.toMatchObject([
      { generation: 1 },
      { generation: 1 },
    ]);
    await expect(world.merge(second)).resolves.toBe(200);
    await world.followUntil([asked.id], 'ready');
    const works = await world.readSecret('merged-meanwhile', {
      cluster: 'borealis',
    });
    await expect(
      world
        .clientOf(works)
        .send(new ListObjectsV2Command({ Bucket: 'checkout-invoices' })),
    ).resolves.toMatchObject({ KeyCount: expect.any(Number) });
  });

  it('has another key when it is withdrawn and taken up again, and that one alone', async () => {
    const asked = await askForReading('taken-up-again');
    const before = await readSealed(asked.id);
    const withdrawn = await world.post(`/requests/${asked.id}/withdraw`, {});
    expect(withdrawn.body).toMatchObject({ state: 'withdrawn' });
    await expect(readSealed(asked.id)).resolves.toEqual([]);

    const reopened = await world.post(`/requests/${asked.id}/reopen`, {});
    expect(reopened.body).toMatchObject({ state: 'proposed', stage: 1 });
    const after = await readSealed(asked.id);
    expect(after.map(({ path }) => path)).toEqual(
      before.map(({ path }) => path),
    );
    const [, { content, path }] = after;
    expect(content).not.toBe(before[1].content);
    await expect(world.readFile(path, `rustfs/${asked.id}`)).resolves.toBe(
      content,
    );
    await world.follow();
    await expect(readSealed(asked.id)).resolves.toEqual(after);
  });

  it('is given no key that may not be the one of the server', async () => {
    const asked = await askForReading('changed-by-hand');
    const [, { path }] = await readSealed(asked.id);
    await world.commit(
      path,
      content => `${content}# by hand\n`,
      `rustfs/${asked.id}`,
    );
    await expect(world.merge(asked)).resolves.toBe(200);
    const [failed] = await world.followUntil([asked.id], 'failed');
    expect(failed).toMatchObject({
      stage: 2,
      failure: {
        source: 'portal',
        message: expect.stringMatching(
          /changed-by-hand\.sops\.yaml of acme\/atlas is not as the portal wrote it/,
        ),
        hint: expect.stringContaining('Ask for the end of the access'),
      },
    });
    await expect(readSealed(asked.id)).resolves.toEqual([]);
  });
});
