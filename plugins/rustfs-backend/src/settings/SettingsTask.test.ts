import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import {
  HttpProvisioningClient,
  KeyPair,
} from '@rustfs-portal/plugin-rustfs-client';
import { BucketRecord } from '@rustfs-portal/plugin-rustfs-common';
import {
  ProvisionedItem,
  TenantFacts,
} from '@rustfs-portal/plugin-rustfs-node';
import { RustfsServer, startRustfsServer } from '@rustfs-portal/sandbox';
import { bareFacts } from '../__testUtils__/facts';
import { GuardrailRule } from '../guardrails';
import { migrationsDirectory } from '../ledger';
import { DatabaseSettingsStore } from './DatabaseSettingsStore';
import { SettingsTask } from './SettingsTask';

jest.setTimeout(60_000);

const TENANT = 'atlas/storage/apps';
const OWNER = 'group:default/checkout';
const ROOT = { accessKeyId: 'root-access', secretAccessKey: 'root-secret' };
const QUOTA = 5_000_000;

function itemOf(
  bucket: string,
  state: ProvisionedItem['verdict']['state'] = 'ready',
): ProvisionedItem {
  return { type: 'bucket', name: bucket, listed: true, verdict: { state } };
}

/** A tenant whose operator has made the buckets that it lists, which are those that have records. */
function factsOf(
  records: BucketRecord[],
  change: Partial<TenantFacts> = {},
): TenantFacts {
  return {
    ...bareFacts(TENANT),
    layout: 'operator-tenant',
    settledBy: 'portal',
    items: records.map(({ bucket }) => itemOf(bucket)),
    records,
    ...change,
  };
}

describe('SettingsTask', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });
  let dataDir: string;
  let server: RustfsServer;
  let root: HttpProvisioningClient;
  let serial = 0;

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'rustfs-settings-'));
    server = await startRustfsServer({
      dataDir,
      rootAccessKey: ROOT.accessKeyId,
      rootSecretKey: ROOT.secretAccessKey,
    });
    root = HttpProvisioningClient.create({
      endpoint: server.endpoint,
      ...ROOT,
    });
  });

  afterAll(async () => {
    await server.stop();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** A bucket on the server that a provisioner has made and the server has measured. */
  async function makeBucket(): Promise<string> {
    serial += 1;
    const bucket = `checkout-${serial}`;
    await root.createBucket(bucket);
    await server.scanNow();
    return bucket;
  }

  async function setup(options: { guardrails?: GuardrailRule[] } = {}) {
    const database = await databases.init('SQLITE_3');
    await database.migrate.latest({ directory: migrationsDirectory });
    const store = new DatabaseSettingsStore(database);
    const auditor = mockServices.auditor.mock();
    const events: Array<{ meta?: object; ended: string }> = [];
    auditor.createEvent.mockImplementation(async ({ eventId, meta }) => {
      const event = { eventId, meta, ended: 'never' };
      events.push(event);
      return {
        success: async () => {
          event.ended = 'succeeded';
        },
        fail: async () => {
          event.ended = 'failed';
        },
      };
    });
    const calls: string[] = [];
    const clientOf = (pair: KeyPair, endpoint = server.endpoint) =>
      HttpProvisioningClient.create({
        endpoint,
        ...pair,
        observeRequest: ({ method, path }) => calls.push(`${method} ${path}`),
      });
    const clients = new Map([[TENANT, clientOf(ROOT)]]);
    let tenants: TenantFacts[] = [];
    const inventory = {
      observeTenant: async (ref: string) => ({
        ref,
        facts: tenants.find(facts => facts.ref === ref),
        problems: [],
      }),
      observeTenants: async () => tenants,
      settlerFor: (ref: string) => clients.get(ref),
      invalidate: jest.fn(),
    };
    const newTask = () =>
      new SettingsTask({
        auditor,
        guardrails: options.guardrails ?? [],
        inventory,
        logger: mockServices.logger.mock(),
        store,
      });
    return {
      calls,
      clientOf,
      clients,
      events,
      inventory,
      store,
      newTask,
      /** Of a replica that has just begun: nothing may live in one alone. */
      run: async (...seen: TenantFacts[]) => {
        tenants = seen;
        calls.length = 0;
        await newTask().run();
      },
      /** The same while requests wait for all buckets. */
      ask: async (...seen: TenantFacts[]) => {
        tenants = seen;
        calls.length = 0;
        await newTask().settleNow(
          new Map(
            seen.map(({ records, ref }) => [
              ref,
              new Set(records.map(({ bucket }) => bucket)),
            ]),
          ),
        );
      },
      writes: () => calls.filter(call => /^(PUT|POST|DELETE)/.test(call)),
    };
  }

  it('sets what a record declares, tells the auditor, and then leaves it alone', async () => {
    const bucket = await makeBucket();
    const { ask, calls, events, inventory, run, store } = await setup();
    const record = {
      bucket,
      owner: OWNER,
      quotaBytes: QUOTA,
      versioning: true,
      request: 'request-7',
    };
    await ask(factsOf([record]));
    expect(await root.getQuota(bucket)).toBe(QUOTA);
    expect(await root.getVersioning(bucket)).toBe('enabled');
    const event = { tenant: TENANT, bucket, request: 'request-7' };
    expect(events).toEqual([
      {
        eventId: 'bucket-setting',
        meta: { ...event, change: `set the versioning of bucket ${bucket}` },
        ended: 'succeeded',
      },
      {
        eventId: 'bucket-setting',
        meta: { ...event, change: `set the quota of bucket ${bucket}` },
        ended: 'succeeded',
      },
    ]);
    expect(inventory.invalidate).toHaveBeenCalledTimes(1);
    expect(await store.read(TENANT)).toEqual({
      [`bucket.${bucket}`]: expect.objectContaining({ result: 'done' }),
    });

    await run(factsOf([record]));
    // Which server it is, and its buckets.
    expect(calls).toHaveLength(2);
    expect(events).toHaveLength(2);
    expect(inventory.invalidate).toHaveBeenCalledTimes(1);
    expect(await store.listOpen([TENANT])).toEqual({});
  });

  it('undoes nothing that nobody asked for when it knows nothing of a bucket', async () => {
    const [one, other] = [await makeBucket(), await makeBucket()];
    const { calls, newTask, run, store, writes } = await setup();
    await root.setQuota(one, 1);
    const facts = factsOf([
      { bucket: one, quotaBytes: QUOTA },
      { bucket: other, quotaBytes: QUOTA },
    ]);
    await run(facts);
    await run(facts);
    expect(writes()).toEqual([]);
    expect(await store.read(TENANT)).toMatchObject({
      [`bucket.${one}`]: { result: 'drift', reason: 'Drift' },
      [`bucket.${other}`]: { result: 'drift', reason: 'Drift' },
    });
    calls.length = 0;
    await newTask().settleNow(new Map([[TENANT, new Set([other])]]));
    expect(writes()).toHaveLength(1);
    expect(await root.getQuota(one)).toBe(1);
    expect(await root.getQuota(other)).toBe(QUOTA);
    expect(await store.read(TENANT)).toMatchObject({
      [`bucket.${one}`]: { result: 'drift' },
      [`bucket.${other}`]: { result: 'done' },
    });
  });

  it('leaves versioning to the operator where the entry of the Tenant says it', async () => {
    const bucket = await makeBucket();
    const { ask, run, store, writes } = await setup();
    const facts = factsOf([{ bucket, quotaBytes: QUOTA, versioning: true }], {
      items: [{ ...itemOf(bucket), versioning: false }],
    });
    await ask(facts);
    expect(writes()).toHaveLength(1);
    expect(await root.getQuota(bucket)).toBe(QUOTA);
    expect(await root.getVersioning(bucket)).toBe('off');
    await run(facts);
    expect(await store.read(TENANT)).toMatchObject({
      [`bucket.${bucket}`]: { result: 'done' },
    });
  });

  it('takes a changed record up, and forgets one that is gone', async () => {
    const bucket = await makeBucket();
    const { ask, run, store } = await setup();
    await ask(factsOf([{ bucket, quotaBytes: QUOTA }]));
    await run(factsOf([{ bucket, quotaBytes: 2 * QUOTA }]));
    expect(await root.getQuota(bucket)).toBe(2 * QUOTA);
    await run(factsOf([]));
    expect(await store.read(TENANT)).toEqual({});
    // Nothing is taken away by omission.
    expect(await root.getQuota(bucket)).toBe(2 * QUOTA);
  });

  it.each<[string, GuardrailRule[], BucketRecord['drift'], boolean]>([
    ['is reported where nothing is said', [], undefined, false],
    ['is mended by a record', [], 'mend', true],
    ['is mended by a guardrail', [{ drift: 'mend' }], undefined, true],
    [
      'is reported by a record, whatever a guardrail says',
      [{ drift: 'mend' }],
      'report',
      false,
    ],
    [
      'is mended by a guardrail for its owner alone',
      [
        { owners: [OWNER], drift: 'mend' },
        { owners: ['*'], drift: 'report' },
      ],
      undefined,
      true,
    ],
    [
      'is not mended by a guardrail for others',
      [
        { owners: ['group:default/media'], drift: 'mend' },
        { owners: ['*'], allow: true },
      ],
      undefined,
      false,
    ],
  ])(
    'a quota that was changed on the server %s',
    async (_, guardrails, drift, isMended) => {
      const bucket = await makeBucket();
      const { ask, events, run, store } = await setup({ guardrails });
      const facts = factsOf([
        { bucket, owner: OWNER, quotaBytes: QUOTA, drift },
      ]);
      await ask(facts);
      await root.setQuota(bucket, QUOTA * 3);
      await run(facts);
      expect(await root.getQuota(bucket)).toBe(isMended ? QUOTA : QUOTA * 3);
      expect(events).toHaveLength(isMended ? 2 : 1);
      const open = (await store.listOpen([TENANT]))[TENANT] ?? {};
      expect(
        Object.entries(open).map(([key, { result, reason, message }]) => [
          key,
          result,
          reason,
          message,
        ]),
      ).toEqual(
        isMended
          ? []
          : [
              [
                `bucket.${bucket}`,
                'drift',
                'Drift',
                `Bucket ${bucket} is not as the record says: quota`,
              ],
            ],
      );
    },
  );

  it('says which right the portal’s user lacks, and sets what it may', async () => {
    const bucket = await makeBucket();
    const pair = {
      accessKeyId: 'portal-without-quota',
      secretAccessKey: 'secret-of-portal',
    };
    await root.putPolicy('no-quota', {
      Version: '2012-10-17',
      Statement: [
        {
          Effect: 'Allow',
          Action: [
            's3:ListAllMyBuckets',
            's3:ListBucket',
            's3:GetBucketQuota',
            's3:PutBucketVersioning',
          ],
          Resource: ['arn:aws:s3:::*'],
        },
      ],
    });
    await root.addUser(pair);
    await root.setUserPolicies(pair.accessKeyId, ['no-quota']);
    const { ask, clientOf, clients, events, store } = await setup();
    clients.set(TENANT, clientOf(pair));
    await ask(factsOf([{ bucket, quotaBytes: QUOTA, versioning: true }]));
    expect(await root.getVersioning(bucket)).toBe('enabled');
    expect(events.map(({ ended }) => ended)).toEqual(['succeeded', 'failed']);
    expect((await store.read(TENANT))[`bucket.${bucket}`]).toMatchObject({
      result: 'failed',
      reason: 'Denied',
      message: expect.stringContaining('admin:SetBucketQuota'),
    });
    expect(JSON.stringify(await store.listOpen([TENANT]))).not.toContain(
      pair.secretAccessKey,
    );
  });

  it('sets nothing that the tenant does not list, or that its operator has not made', async () => {
    const bucket = await makeBucket();
    const { ask, calls, run, store } = await setup();
    const records = [{ bucket, quotaBytes: QUOTA }];
    await run(factsOf(records, { items: [] }));
    await run(factsOf(records, { items: [itemOf(bucket, 'failed')] }));
    await run(factsOf(records, { items: [itemOf(bucket, 'waiting')] }));
    await run(factsOf(records, { items: [itemOf(bucket, 'retained')] }));
    expect(calls).toEqual([]);
    expect(await root.getQuota(bucket)).toBeUndefined();

    await ask(factsOf(records));
    const known = await store.read(TENANT);
    await root.setQuota(bucket, 1);
    // What was said stays while the operator is in trouble, so that it is drift afterwards and no new record.
    await run(factsOf(records, { items: [itemOf(bucket, 'failed')] }));
    expect(await store.read(TENANT)).toEqual(known);
    await run(factsOf(records));
    expect(await root.getQuota(bucket)).toBe(1);
    expect((await store.read(TENANT))[`bucket.${bucket}`].result).toBe('drift');
  });

  it('leaves alone what a setup program sets, and what nobody declares', async () => {
    const bucket = await makeBucket();
    const { ask, calls, run } = await setup();
    const records = [{ bucket, quotaBytes: QUOTA }];
    await run(factsOf(records, { settledBy: 'The setup program' }));
    // Nobody has said that the portal is to.
    await run(factsOf(records, { settledBy: undefined }));
    await run(factsOf(records, { layout: undefined }));
    await ask(factsOf(records, { settledBy: 'The setup program' }));
    expect(calls).toEqual([]);
  });

  it('says that a record cannot be read, and goes on with the others', async () => {
    const bucket = await makeBucket();
    const { ask, run, store } = await setup();
    const facts = factsOf([{ bucket, quotaBytes: QUOTA }], {
      unreadRecords: ['torn'],
    });
    await ask(facts);
    await run(facts);
    expect(await store.read(TENANT)).toMatchObject({
      [`bucket.${bucket}`]: { result: 'done' },
      'bucket.torn': { result: 'failed', reason: 'BadRecord' },
    });
  });

  it('settles one tenant while the server of another is away, and keeps what it knew of that', async () => {
    const bucket = await makeBucket();
    const { ask, clientOf, clients, run, store } = await setup();
    const away = 'atlas/storage/away';
    const records = [{ bucket, quotaBytes: QUOTA }];
    clients.set(away, clientOf(ROOT));
    await ask(factsOf(records, { ref: away }));
    const known = await store.read(away);
    clients.set(away, clientOf(ROOT, 'http://127.0.0.1:1'));
    await run(factsOf(records, { ref: away }), factsOf(records));
    expect(await store.read(away)).toEqual(known);
    expect(await store.read(TENANT)).toMatchObject({
      [`bucket.${bucket}`]: { result: 'done' },
    });
  });

  it('does no harm when two replicas run at once', async () => {
    const bucket = await makeBucket();
    const { ask, newTask, run, store } = await setup();
    await ask(factsOf([{ bucket, quotaBytes: QUOTA }]));
    await root.setQuota(bucket, 1);
    await run(factsOf([{ bucket, quotaBytes: 3 * QUOTA }]));
    await Promise.all([newTask().run(), newTask().run()]);
    expect(await root.getQuota(bucket)).toBe(3 * QUOTA);
    expect(await store.listOpen([TENANT])).toEqual({});
  });

  it('takes as many calls for many records as for few, once they are set', async () => {
    const buckets: string[] = [];
    for (let index = 0; index < 120; index += 1) {
      const bucket = `checkout-many-${index}`;
      await root.createBucket(bucket);
      buckets.push(bucket);
    }
    const { ask, calls, run, writes } = await setup();
    const facts = factsOf(
      buckets.map(bucket => ({ bucket, versioning: true })),
    );
    await ask(facts);
    expect(writes()).toHaveLength(120);
    await run(facts);
    expect(calls).toHaveLength(2);
  });
});
