import { TestDatabases, TestDatabaseId } from '@backstage/backend-test-utils';
import {
  bucketRequestSchema,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { ClaimHold, RequestQuery } from '@rustfs-portal/plugin-rustfs-node';
import { DatabaseLocks } from './DatabaseLocks';
import { DatabaseRequestStore } from './DatabaseRequestStore';
import { DatabaseSecretStore } from './DatabaseSecretStore';
import { migrationsDirectory } from './migrations';
import { NewRequest, RequestRecord } from './RequestStore';
import { holding, newBucket } from '../requests/__testUtils__/kinds';

// PostgreSQL takes part where a server is named; no container is started for it.
const ids: TestDatabaseId[] = process.env
  .BACKSTAGE_TEST_DATABASE_POSTGRES16_CONNECTION_STRING
  ? ['SQLITE_3', 'POSTGRES_16']
  : ['SQLITE_3'];

let count = 0;

function createRequest(changes: {
  bucket?: string;
  requestedBy?: string;
  owner?: string;
  purpose?: string;
  createdAt?: string;
}): StorageRequest {
  const { bucket = 'invoices', purpose = 'Invoices' } = changes;
  const createdAt = changes.createdAt ?? '2026-01-01T00:00:00.000Z';
  count += 1;
  return {
    id: `id-${count}`,
    ...newBucket(
      bucketRequestSchema.parse({
        entityRef: 'component:default/invoices',
        tenant: 'atlas/storage/apps',
        bucket,
        purpose,
        dataClass: 'internal',
      }),
    ),
    entityRef: 'component:default/invoices',
    owner: changes.owner ?? 'group:default/checkout',
    requestedBy: changes.requestedBy ?? 'user:default/ada',
    createdAt,
    updatedAt: createdAt,
    state: 'submitting',
    trail: [
      {
        state: 'submitting',
        at: createdAt,
        source: 'portal',
        message: 'Requested',
      },
    ],
    problems: [],
  };
}

function failedBy(
  source: NonNullable<StorageRequest['failure']>['source'],
): Partial<StorageRequest> {
  return {
    state: 'failed',
    failure: { source, reason: 'x', message: 'x', hint: 'x' },
  };
}

/** Writes down a request that holds its bucket. */
function createIn(
  store: DatabaseRequestStore,
  entry: Omit<NewRequest, 'claims'>,
) {
  return store.create({
    ...entry,
    claims: holding(entry.request.subject.name),
  });
}

describe('the ledger', () => {
  const databases = TestDatabases.create({ ids, disableDocker: true });

  describe.each(ids)('on %s', id => {
    async function setup() {
      const client = await databases.init(id);
      await client.migrate.latest({ directory: migrationsDirectory });
      return {
        client,
        store: new DatabaseRequestStore(client, {
          now: () => new Date('2026-01-02T00:00:00.000Z'),
        }),
      };
    }

    it('migrates up, down and up again', async () => {
      const { client } = await setup();
      await client.migrate.rollback({ directory: migrationsDirectory }, true);
      await expect(client.schema.hasTable('requests')).resolves.toBe(false);
      await client.migrate.latest({ directory: migrationsDirectory });
      await expect(client.schema.hasTable('requests')).resolves.toBe(true);
    });

    it('migrates one step down and up without losing a request', async () => {
      const { client, store } = await setup();
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const head = 'a'.repeat(40);
      await store.update({ ...record, head }, []);
      const step = { directory: migrationsDirectory, name: '20261129_head.js' };
      await client.migrate.down(step);
      await expect(client.schema.hasColumn('requests', 'head')).resolves.toBe(
        false,
      );
      await client.migrate.up(step);
      const { request } = record;
      await expect(store.get(request.id)).resolves.toMatchObject({
        request: { id: request.id, trail: request.trail },
        head: undefined,
      });
    });

    it('takes rows from before there were kinds for buckets, and gives them back', async () => {
      const { client } = await setup();
      const step = {
        directory: migrationsDirectory,
        name: '20261129_kinds.js',
      };
      await client.migrate.down(step);
      await client('requests').insert({
        id: 'old',
        version: 1,
        requested_by: 'user:default/ada',
        idempotency_key: 'k',
        content_hash: 'x',
        entity_ref: 'component:default/invoices',
        owner: 'group:default/checkout',
        tenant: 'atlas/storage/apps',
        bucket: 'invoices',
        open_bucket: 'atlas/storage/apps:invoices',
        state: 'proposed',
        created_at: '2026-01-01T00:00:00.000Z',
        updated_at: '2026-01-01T00:00:00.000Z',
        data: JSON.stringify({ input: {}, problems: [], reviewers: [] }),
      });
      await client.migrate.up(step);
      const store = new DatabaseRequestStore(client);
      await expect(store.get('old')).resolves.toMatchObject({
        claims: holding('invoices'),
        request: {
          kind: 'bucket-create',
          subject: {
            type: 'bucket',
            tenant: 'atlas/storage/apps',
            name: 'invoices',
          },
          stage: 1,
          stages: 1,
        },
      });
      await expect(
        store.listRequested('atlas/storage/apps'),
      ).resolves.toMatchObject({
        bucket: ['invoices'],
        access: [],
        secret: [],
      });
      await client.migrate.down(step);
      await expect(client('requests').where({ id: 'old' })).resolves.toEqual([
        expect.objectContaining({ open_bucket: 'atlas/storage/apps:invoices' }),
      ]);
      await client.migrate.up(step);
    });

    /** A request that holds something of a bucket, and an access of its own. */
    function ask(store: DatabaseRequestStore, name: string, holds: ClaimHold) {
      const entry: NewRequest = {
        request: {
          ...createRequest({}),
          kind: 'access-create',
          subject: { type: 'access', tenant: 'atlas/storage/apps', name },
        },
        key: name,
        reviewers: [],
        claims: [
          { type: 'access', name, holds: 'existence', field: 'access' },
          { type: 'bucket', name: 'invoices', holds, field: 'scope' },
        ],
      };
      return { entry, created: store.create(entry) };
    }

    it.each<[ClaimHold, ClaimHold]>([
      ['use', 'use'],
      ['use', 'settings'],
      ['settings', 'use'],
    ])(
      'beside a request for the %s of a bucket takes one for its %s',
      async (held, wanted) => {
        const { store } = await setup();
        await ask(store, 'first', held).created;
        await expect(
          ask(store, 'second', wanted).created,
        ).resolves.toMatchObject({ created: true });
      },
    );

    it.each<[ClaimHold, ClaimHold]>([
      ['use', 'existence'],
      ['settings', 'settings'],
      ['settings', 'existence'],
      ['existence', 'use'],
      ['existence', 'settings'],
      ['existence', 'existence'],
    ])(
      'beside a request for the %s of a bucket refuses one for its %s',
      async (held, wanted) => {
        const { store } = await setup();
        const first = await ask(store, 'first', held).created;
        const { created, entry } = ask(store, 'second', wanted);
        await expect(created).rejects.toMatchObject({
          name: 'ConflictError',
          message: expect.stringContaining('open request for bucket invoices'),
          issues: [
            {
              field: 'scope',
              message: expect.stringMatching(/^There is an open request/),
            },
          ],
        });
        // What is only looked at gets the same answer.
        await expect(store.findTaken(entry)).resolves.toEqual([
          entry.claims[1],
        ]);
        await store.update(
          {
            ...first.record,
            request: { ...first.record.request, state: 'ready' },
          },
          [],
        );
        await expect(store.findTaken(entry)).resolves.toEqual([]);
      },
    );

    it('lets requests share what they only use', async () => {
      const { store } = await setup();
      const [first] = await Promise.all([
        ask(store, 'reader', 'use').created,
        ask(store, 'writer', 'use').created,
      ]);
      await expect(
        ask(store, 'owner', 'existence').created,
      ).rejects.toMatchObject({ name: 'ConflictError' });
      await expect(store.get(first.record.request.id)).resolves.toMatchObject({
        claims: first.record.claims,
      });
      // The refused one has left nothing behind.
      await expect(
        store.listRequested('atlas/storage/apps'),
      ).resolves.toMatchObject({
        bucket: [],
        access: expect.arrayContaining(['reader', 'writer']),
        secret: [],
      });
    });

    it('holds a Secret for one request, whichever tenants they are for', async () => {
      const { store } = await setup();
      const name = 'atlas/checkout/s3';
      const askOn = (tenant: string) =>
        store.create({
          request: {
            ...createRequest({}),
            kind: 'access-create',
            subject: { type: 'access', tenant, name: 'reader' },
          },
          key: tenant,
          reviewers: [],
          claims: [
            {
              type: 'access',
              name: 'reader',
              holds: 'existence',
              field: 'access',
            },
            {
              type: 'secret',
              name,
              holds: 'existence',
              field: 'consumer.secret',
            },
          ],
        });
      await askOn('atlas/storage/apps');
      await expect(askOn('borealis/storage/archive')).rejects.toMatchObject({
        name: 'ConflictError',
        // Nothing of the other tenant.
        issues: [
          {
            field: 'consumer.secret',
            message: expect.stringMatching(
              /open request for Secret s3 in namespace checkout of atlas already/,
            ),
          },
        ],
      });
      for (const [tenant, access] of [
        ['atlas/storage/apps', ['reader']],
        ['borealis/storage/archive', []],
      ] as const) {
        await expect(store.listRequested(tenant)).resolves.toMatchObject({
          bucket: [],
          access,
          secret: [name],
        });
      }
    });

    it('takes one of twenty requests at once for one Secret, each for a tenant of its own', async () => {
      const { store } = await setup();
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          store.create({
            request: {
              ...createRequest({}),
              kind: 'access-create',
              subject: {
                type: 'access',
                tenant: `atlas/storage/t${index}`,
                name: 'reader',
              },
            },
            key: `k${index}`,
            reviewers: [],
            claims: [
              {
                type: 'secret',
                name: 'atlas/checkout/s3',
                holds: 'existence',
                field: 'consumer.secret',
              },
            ],
          }),
        ),
      );
      expect(
        results.filter(({ status }) => status === 'fulfilled'),
      ).toHaveLength(1);
    });

    it('takes Secrets that were held per tenant for the whole portal, and gives them back', async () => {
      const { client, store } = await setup();
      const step = {
        directory: migrationsDirectory,
        name: '20261129_shared_secrets.js',
      };
      await client.migrate.down(step);
      const requestIds: string[] = [];
      for (const tenant of ['atlas/storage/apps', 'atlas/storage/logs']) {
        const request = {
          ...createRequest({}),
          // The one that was asked for first, whatever it is called.
          createdAt: `2026-01-0${2 - requestIds.length}T00:00:00.000Z`,
          subject: { type: 'access' as const, tenant, name: 'reader' },
        };
        await store.create({
          request,
          key: tenant,
          reviewers: [],
          claims: [],
        });
        await client('request_claims').insert({
          subject: `${tenant}:secret:atlas/checkout/s3`,
          slot: 'exclusive',
          request_id: request.id,
        });
        requestIds.push(request.id);
      }
      await client.migrate.up(step);
      await expect(client('request_claims').select()).resolves.toEqual([
        {
          subject: ':secret:atlas/checkout/s3',
          slot: 'exclusive',
          request_id: requestIds[1],
        },
      ]);
      await client.migrate.down(step);
      await expect(client('request_claims').pluck('subject')).resolves.toEqual([
        'atlas/storage/logs:secret:atlas/checkout/s3',
      ]);
      await client.migrate.up(step);
    });

    it('has room for the longest names that Kubernetes takes', async () => {
      const { client, store } = await setup();
      // Clusters, namespaces, Tenants and accesses have 63 letters, a Secret has 253.
      const place = `${'c'.repeat(63)}/${'n'.repeat(63)}`;
      const tenant = `${place}/${'t'.repeat(63)}`;
      const name = `${place}/${'s'.repeat(253)}`;
      const request = {
        ...createRequest({}),
        subject: { type: 'bucket' as const, tenant, name: 'b'.repeat(63) },
      };
      await store.create({
        request,
        key: 'k',
        reviewers: [],
        claims: [
          {
            type: 'access',
            name: 'a'.repeat(63),
            holds: 'existence',
            field: 'access',
          },
          {
            type: 'secret',
            name,
            holds: 'existence',
            field: 'consumer.secret',
          },
        ],
      });
      await expect(store.listRequested(tenant)).resolves.toMatchObject({
        bucket: [],
        access: ['a'.repeat(63)],
        secret: [name],
      });
      const columns = await client('request_claims').columnInfo();
      expect(Number(columns.subject.maxLength)).toBe(700);
    });

    it('reads claims from before there was more than alone and shared', async () => {
      const { client, store } = await setup();
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const row = await client('requests').first();
      await client('requests').update({
        data: JSON.stringify({
          ...JSON.parse(row.data),
          claims: [
            { type: 'access', name: 'reader', exclusive: true },
            { type: 'bucket', name: 'invoices', exclusive: false },
          ],
        }),
      });
      await expect(store.get(record.request.id)).resolves.toMatchObject({
        claims: [
          {
            type: 'access',
            name: 'reader',
            holds: 'existence',
            field: 'access',
          },
          { type: 'bucket', name: 'invoices', holds: 'use', field: 'bucket' },
        ],
      });
    });

    it('takes one of twenty different requests at once for one thing', async () => {
      const { store } = await setup();
      const results = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) =>
          createIn(store, {
            request: createRequest({ purpose: `${index}` }),
            key: `k${index}`,
            reviewers: [],
          }),
        ),
      );
      expect(
        results.filter(({ status }) => status === 'fulfilled'),
      ).toHaveLength(1);
    });

    it('leaves rows of a newer format alone', async () => {
      const { client, store } = await setup();
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      await client('requests').update({ format: 4 });
      await expect(
        store.listFollowed({ endedSince: '2026-01-01T00:00:00.000Z' }),
      ).resolves.toEqual([]);
      await expect(store.update(record, [])).resolves.toBeUndefined();
    });

    it('lets replicas of the version before go on with what they can read, and with nothing else', async () => {
      const { client, store } = await setup();
      const formatOf = async (request: string) =>
        (await client('requests').where({ id: request }).first()).format;
      const create = async (
        bucket: string,
        holds: 'existence' | 'settings' | 'use',
      ) => {
        const request = createRequest({ bucket });
        const { record } = await store.create({
          request,
          key: request.id,
          reviewers: [],
          claims: [{ type: 'bucket', name: bucket, holds, field: 'bucket' }],
        });
        return record;
      };
      const alone = await create('one', 'existence');
      const first = alone.request.id;
      await expect(formatOf(first)).resolves.toBe(1);
      // What the version before reads of a claim.
      const { data } = await client('requests').where({ id: first }).first();
      expect(JSON.parse(data).claims).toMatchObject([{ exclusive: true }]);
      expect((await store.get(first))?.claims).toEqual(alone.claims);
      const shared = await create('two', 'use');
      await expect(formatOf(shared.request.id)).resolves.toBe(1);
      const changing = await create('three', 'settings');
      await expect(formatOf(changing.request.id)).resolves.toBe(2);

      const delivery = { repository: 'r', folder: 'f', baseBranch: 'main' };
      const placed = await store.update(
        { ...alone, delivery: { ...delivery, layout: 'setup-folder' } },
        [],
      );
      await expect(formatOf(first)).resolves.toBe(2);
      await store.update({ ...placed!, delivery }, []);
      await expect(formatOf(first)).resolves.toBe(2);

      const secrets = new DatabaseSecretStore(client);
      const sealed = [
        {
          id: 'server.x',
          writer: 'sops',
          path: 'a',
          recipients: ['age1'],
          content: 'one',
        },
      ];
      await secrets.add(shared.request.id, sealed);
      await expect(formatOf(shared.request.id)).resolves.toBe(1);
      await secrets.add(shared.request.id, sealed);
      await expect(formatOf(shared.request.id)).resolves.toBe(2);
      const [one] = sealed;
      await secrets.add(shared.request.id, [
        { ...one, writer: 'sealed-secrets' },
      ]);
      await expect(formatOf(shared.request.id)).resolves.toBe(3);
      // And stays so, whatever comes after.
      await secrets.add(shared.request.id, sealed);
      await store.update(shared, []);
      await expect(formatOf(shared.request.id)).resolves.toBe(3);
    });

    it('keeps ciphertext while a request is open, and no longer', async () => {
      const { client, store } = await setup();
      const secrets = new DatabaseSecretStore(client);
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const requestId = record.request.id;
      const sealed = (content: string) => [
        {
          id: 'server.x',
          writer: 'sops',
          path: 'a.sops.yaml',
          recipients: ['age1'],
          content,
        },
      ];
      await secrets.add(requestId, sealed('one'));
      await secrets.add(requestId, sealed('two'));
      await secrets.foundOn(requestId, 1, 'a'.repeat(40));
      await expect(secrets.list(requestId)).resolves.toEqual([
        { generation: 2, secrets: sealed('two') },
        { generation: 1, secrets: sealed('one'), head: 'a'.repeat(40) },
      ]);
      await secrets.keepOnly(requestId, 1);
      await expect(secrets.list(requestId)).resolves.toMatchObject([
        { generation: 1 },
      ]);
      await store.update(
        { ...record, request: { ...record.request, state: 'ready' } },
        [],
      );
      await expect(secrets.list(requestId)).resolves.toEqual([]);
    });

    it.each<
      [string, number, Partial<StorageRequest>, { isFinal?: boolean }, boolean]
    >([
      ['withdrawn', 1, { state: 'withdrawn' }, {}, false],
      ['closed', 1, { state: 'closed' }, {}, false],
      ['closed at a later stage', 2, { state: 'closed' }, {}, true],
      ['superseded there', 2, { state: 'closed' }, { isFinal: true }, false],
      ['failed in the cluster', 1, failedBy('flux'), {}, true],
      ['failed by the portal', 2, failedBy('portal'), {}, false],
    ])(
      'keeps ciphertext of one that has ended only if it can go on: %s',
      async (_, stage, ending, options, isKept) => {
        const { client, store } = await setup();
        const secrets = new DatabaseSecretStore(client);
        const { record } = await createIn(store, {
          request: { ...createRequest({}), stage, stages: 2 },
          key: 'k',
          reviewers: [],
        });
        const { request } = record;
        await secrets.add(request.id, [
          {
            id: 'server.x',
            writer: 'sops',
            path: 'a',
            recipients: ['age1'],
            content: 'one',
          },
        ]);
        await store.update(
          { ...record, request: { ...request, ...ending } },
          [],
          options,
        );
        const left = async () => (await secrets.list(request.id)).length;
        await expect(left()).resolves.toBe(isKept ? 1 : 0);
        // Nobody looks at it any more.
        await store.forgetSecrets({ endedBefore: '2026-01-01T00:00:00.000Z' });
        await expect(left()).resolves.toBe(isKept ? 1 : 0);
        await store.forgetSecrets({ endedBefore: '2026-01-03T00:00:00.000Z' });
        await expect(left()).resolves.toBe(0);
      },
    );

    it('takes the ciphertext of before for the first key, and gives back the last', async () => {
      const { client, store } = await setup();
      const secrets = new DatabaseSecretStore(client);
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const requestId = record.request.id;
      const sealed = (content: string) => [
        {
          id: 'server.x',
          writer: 'sops',
          path: 'a.sops.yaml',
          recipients: ['age1'],
          content,
        },
      ];
      await secrets.add(requestId, sealed('one'));
      await secrets.add(requestId, sealed('two'));
      const [keys, writers] = [
        '20261129_secrets.js',
        '20261130_secret_writers.js',
      ].map(name => ({ directory: migrationsDirectory, name }));
      await client.migrate.down(writers);
      await client.migrate.down(keys);
      await expect(client('request_secrets')).resolves.toEqual([
        expect.objectContaining({ request_id: requestId, content: 'two' }),
      ]);
      await client.migrate.up(keys);
      await client.migrate.up(writers);
      await expect(secrets.list(requestId)).resolves.toEqual([
        { generation: 1, secrets: sealed('two') },
      ]);
    });

    it('keeps what was written to the branch, and who did what', async () => {
      const { store } = await setup();
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const head = 'a'.repeat(40);
      const event = {
        state: 'withdrawn' as const,
        at: '2026-01-02T00:00:00.000Z',
        source: 'portal' as const,
        message: 'Withdrawn',
        actor: 'user:default/ada',
      };
      await store.update(
        { ...record, head, request: { ...record.request, state: 'withdrawn' } },
        [event],
      );
      const kept = await store.get(record.request.id);
      expect(kept).toMatchObject({ head, request: { state: 'withdrawn' } });
      expect(kept?.request.trail.at(-1)).toEqual(event);
    });

    it('gives the name of a withdrawn request back, and lets one of two take it again', async () => {
      const { store } = await setup();
      const withdraw = async (key: string) => {
        const { record } = await createIn(store, {
          request: createRequest({ bucket: 'shared' }),
          key,
          reviewers: [],
        });
        const withdrawn = await store.update(
          { ...record, request: { ...record.request, state: 'withdrawn' } },
          [],
        );
        return withdrawn!;
      };
      const records = [await withdraw('k1'), await withdraw('k2')];
      await expect(
        store.listRequested('atlas/storage/apps'),
      ).resolves.toMatchObject({
        bucket: [],
        access: [],
        secret: [],
      });
      const results = await Promise.allSettled(
        records.map(record =>
          store.update(
            { ...record, request: { ...record.request, state: 'submitting' } },
            [],
            { claim: true },
          ),
        ),
      );
      expect(results.map(({ status }) => status).sort()).toEqual([
        'fulfilled',
        'rejected',
      ]);
      const refusal = results.find(({ status }) => status === 'rejected');
      expect(refusal).toMatchObject({ reason: { name: 'ConflictError' } });
      await expect(
        store.listRequested('atlas/storage/apps'),
      ).resolves.toMatchObject({
        bucket: ['shared'],
        access: [],
        secret: [],
      });
    });

    it('holds up the work of a replica that died for less than a minute', async () => {
      const { client } = await setup();
      const now = Date.parse('2026-01-02T00:00:00.000Z');
      const locks = new DatabaseLocks(client, { now: () => now });
      let end = () => {};
      const work = locks.run(
        { key: 'dying', waitMs: 0 },
        () =>
          new Promise<void>(resolve => {
            end = resolve;
          }),
      );
      const other = (later: number) =>
        new DatabaseLocks(client, { now: () => now + later }).run(
          { key: 'dying', waitMs: 0 },
          async () => 1,
        );
      while (!(await client('locks').where({ key: 'dying' }).first())) {
        await new Promise(resolve => setTimeout(resolve, 10));
      }
      await expect(other(44_000)).resolves.toEqual({ taken: false });
      await expect(other(46_000)).resolves.toMatchObject({ taken: true });
      end();
      await work;
    });

    it('keeps a request with its trail', async () => {
      const { store } = await setup();
      const request = createRequest({});
      await createIn(store, { request, key: 'k', reviewers: ['carla'] });
      await expect(store.get(request.id)).resolves.toEqual({
        request,
        version: 1,
        movedAt: request.createdAt,
        reviewers: ['carla'],
        claims: holding('invoices'),
        delivery: undefined,
        head: undefined,
      });
      await expect(store.get('other')).resolves.toBeUndefined();
    });

    it('makes one request of twenty at once with one key', async () => {
      const { store } = await setup();
      const results = await Promise.all(
        Array.from({ length: 20 }, () =>
          createIn(store, {
            request: createRequest({}),
            key: 'k',
            reviewers: [],
          }),
        ),
      );
      expect(results.filter(({ created }) => created)).toHaveLength(1);
      expect(new Set(results.map(r => r.record.request.id)).size).toBe(1);
    });

    it('refuses a key with another content', async () => {
      const { store } = await setup();
      await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      await expect(
        createIn(store, {
          request: createRequest({ purpose: 'Other' }),
          key: 'k',
          reviewers: [],
        }),
      ).rejects.toMatchObject({
        name: 'ConflictError',
        message: expect.stringContaining('Idempotency-Key'),
      });
    });

    it('lets one person at a time ask for a bucket, until the request has ended', async () => {
      const { store } = await setup();
      const first = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const second = () =>
        createIn(store, {
          request: createRequest({ requestedBy: 'user:default/bruno' }),
          key: 'k',
          reviewers: [],
        });
      await expect(second()).rejects.toMatchObject({
        name: 'ConflictError',
        message: expect.stringContaining('open request for bucket invoices'),
      });
      await expect(
        store.listRequested('atlas/storage/apps'),
      ).resolves.toMatchObject({
        bucket: ['invoices'],
        access: [],
        secret: [],
      });
      await expect(store.listRequested('atlas/storage/other')).resolves.toEqual(
        { bucket: [], access: [], secret: [], setup: [] },
      );

      await store.update(
        {
          ...first.record,
          request: { ...first.record.request, state: 'closed' },
        },
        [],
      );
      await expect(
        store.listRequested('atlas/storage/apps'),
      ).resolves.toMatchObject({
        bucket: [],
        access: [],
        secret: [],
      });
      await expect(second()).resolves.toMatchObject({ created: true });
    });

    it('gives a name back to a request that goes on, unless it is taken', async () => {
      const { store } = await setup();
      const create = async (requestedBy: string) =>
        (
          await createIn(store, {
            request: createRequest({ requestedBy }),
            key: 'k',
            reviewers: [],
          })
        ).record;
      const move = async (record: RequestRecord, state: RequestState) =>
        (await store.update(
          { ...record, request: { ...record.request, state } },
          [],
        ))!;
      const requested = () => store.listRequested('atlas/storage/apps');

      let first = await move(await create('user:default/ada'), 'closed');
      await expect(requested()).resolves.toMatchObject({
        bucket: [],
        access: [],
        secret: [],
      });
      first = await move(first, 'proposed');
      await expect(requested()).resolves.toMatchObject({
        bucket: ['invoices'],
        access: [],
        secret: [],
      });
      await expect(create('user:default/bruno')).rejects.toMatchObject({
        name: 'ConflictError',
      });

      first = await move(first, 'closed');
      const second = await create('user:default/bruno');
      first = await move(first, 'proposed');
      await expect(requested()).resolves.toMatchObject({
        bucket: ['invoices'],
        access: [],
        secret: [],
      });
      // It is still that of the second one.
      await move(first, 'closed');
      await expect(requested()).resolves.toMatchObject({
        bucket: ['invoices'],
        access: [],
        secret: [],
      });
      await move(second, 'closed');
      await expect(requested()).resolves.toMatchObject({
        bucket: [],
        access: [],
        secret: [],
      });
    });

    it('refuses to write over a change of somebody else', async () => {
      const { store } = await setup();
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const event = {
        state: 'proposed' as const,
        at: '2026-01-01T00:00:01.000Z',
        source: 'forge' as const,
        message: 'Opened',
        link: { title: 'Pull request #1', url: 'https://git/1' },
      };
      const proposed = {
        ...record,
        request: { ...record.request, state: 'proposed' as const },
      };
      const updated = await store.update(proposed, [event]);
      expect(updated).toEqual(await store.get(record.request.id));
      expect(updated?.request).toMatchObject({
        state: 'proposed',
        updatedAt: '2026-01-02T00:00:00.000Z',
        trail: [{ state: 'submitting' }, event],
      });
      await expect(store.update(proposed, [event])).resolves.toBeUndefined();
      expect((await store.get(record.request.id))?.request.trail).toHaveLength(
        2,
      );
    });

    it('lists by page, filter and condition, with a total of the same', async () => {
      const { store } = await setup();
      for (let n = 0; n < 7; n += 1) {
        await createIn(store, {
          request: createRequest({
            bucket: `bucket-${n}`,
            // Two share a time, so that the order needs the id as well.
            createdAt: `2026-01-01T00:00:0${Math.min(n, 5)}.000Z`,
            owner: n % 2 ? 'group:default/media' : 'group:default/checkout',
          }),
          key: `k${n}`,
          reviewers: [],
        });
      }
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await store.list({ limit: 3, cursor });
        expect(page.total).toBe(7);
        seen.push(...page.items.map(({ subject }) => subject.name));
        cursor = page.nextCursor;
      } while (cursor);
      expect(new Set(seen).size).toBe(7);
      expect(seen[6]).toBe('bucket-0');

      const owned = (owner: string) => ({
        key: 'owner' as const,
        values: [owner],
      });
      await expect(
        store.list({ limit: 10, conditions: owned('group:default/media') }),
      ).resolves.toMatchObject({ total: 3 });
      await expect(
        store.list({
          limit: 10,
          conditions: {
            anyOf: [
              owned('group:default/media'),
              {
                allOf: [
                  owned('group:default/checkout'),
                  { not: { key: 'requestedBy', values: ['user:default/ada'] } },
                ],
              },
            ],
          },
        }),
      ).resolves.toMatchObject({ total: 3 });
      await expect(
        store.list({ limit: 10, conditions: { key: 'owner', values: [] } }),
      ).resolves.toMatchObject({ total: 0, items: [] });
      for (const wrong of ['x', 'a b', 'a\0 b'].map(text =>
        Buffer.from(text.replace('b', 'b'.repeat(40))).toString('base64url'),
      )) {
        await expect(
          store.list({ limit: 10, cursor: wrong }),
        ).rejects.toMatchObject({
          name: 'InputError',
        });
      }
    });

    it('shows nothing of others to who filters the list, whatever the condition', async () => {
      const { store } = await setup();
      for (const bucket of ['one', 'two']) {
        await createIn(store, {
          request: createRequest({ bucket }),
          key: bucket,
          reviewers: [],
        });
      }
      // As a policy says it that lets people see what their team owns or they have asked for.
      const conditions = {
        anyOf: [
          { key: 'owner' as const, values: ['group:default/media'] },
          { key: 'requestedBy' as const, values: ['user:default/mina'] },
        ] as [RequestQuery, RequestQuery],
      };
      for (const filter of [
        { entityRef: 'component:default/invoices' },
        { states: ['submitting' as const] },
        { requestedBy: 'user:default/ada' },
      ]) {
        await expect(
          store.list({ limit: 10, conditions, ...filter }),
        ).resolves.toMatchObject({ total: 0, items: [] });
      }
    });

    it('knows when somebody last looked at what is proposed, and makes no new version of it', async () => {
      const { client } = await setup();
      let now = new Date('2026-11-20T10:00:00Z');
      const store = new DatabaseRequestStore(client, { now: () => now });
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const { id: requestId } = record.request;
      const look = async () => {
        await store.markViewed(requestId);
        return (await store.get(requestId))?.viewedAt;
      };
      expect(await look()).toBeUndefined();
      await store.update(
        { ...record, request: { ...record.request, state: 'proposed' } },
        [],
      );
      expect(await look()).toBe('2026-11-20T10:00:00.000Z');
      now = new Date('2026-11-20T10:00:09Z');
      expect(await look()).toBe('2026-11-20T10:00:00.000Z');
      now = new Date('2026-11-20T10:00:11Z');
      expect(await look()).toBe('2026-11-20T10:00:11.000Z');
      await expect(store.get(requestId)).resolves.toMatchObject({ version: 2 });
    });

    it('forgets a request only as long as nobody has changed it', async () => {
      const { client, store } = await setup();
      const { record } = await createIn(store, {
        request: createRequest({}),
        key: 'k',
        reviewers: [],
      });
      const changed = await store.update(
        { ...record, request: { ...record.request, state: 'proposed' } },
        [],
      );
      await store.remove(record);
      await expect(store.get(record.request.id)).resolves.toEqual(changed);
      await store.remove(changed!);
      await expect(store.get(record.request.id)).resolves.toBeUndefined();
      await expect(client('request_events').select()).resolves.toEqual([]);
    });

    it('follows what is open, and what failed or was closed for a while', async () => {
      const { store } = await setup();
      const states = ['merged', 'failed', 'closed', 'ready'] as const;
      for (const [n, state] of states.entries()) {
        const { record } = await createIn(store, {
          request: createRequest({
            bucket: `is-${state}`,
            createdAt: `2026-01-01T00:00:0${n}.000Z`,
          }),
          key: state,
          reviewers: [],
        });
        await store.update(
          { ...record, request: { ...record.request, state } },
          [],
        );
      }
      const followed = async (endedSince: string) =>
        (await store.listFollowed({ endedSince }))
          .map(({ request }) => request.state)
          .sort();
      await expect(followed('2026-01-01T00:00:00.000Z')).resolves.toEqual([
        'closed',
        'failed',
        'merged',
      ]);
      await expect(followed('2026-01-03T00:00:00.000Z')).resolves.toEqual([
        'merged',
      ]);
      const ended = async (since: string, until: string) =>
        (await store.listEnded({ since, until }))
          .map(({ request }) => request.state)
          .sort();
      await expect(
        ended('2026-01-01T00:00:00.000Z', '2026-01-03T00:00:00.000Z'),
      ).resolves.toEqual(['closed', 'failed']);
      await expect(
        ended('2026-01-01T00:00:00.000Z', '2026-01-01T12:00:00.000Z'),
      ).resolves.toEqual([]);
    });

    it('keeps a lock for work that takes longer than its expiry', async () => {
      const { client } = await setup();
      let now = Date.parse('2026-01-02T00:00:00.000Z');
      const locks = new DatabaseLocks(client, {
        expiryMs: 400,
        now: () => now,
      });
      let end = () => {};
      const slow = locks.run(
        { key: 'slow', waitMs: 0 },
        () =>
          new Promise<void>(resolve => {
            end = resolve;
          }),
      );
      const expiry = async () =>
        (await client('locks').where({ key: 'slow' }).first('expires_at'))
          ?.expires_at;
      const isPutOff = async () => {
        while ((await expiry()) !== new Date(now + 400).toISOString()) {
          await new Promise(resolve => setTimeout(resolve, 10));
        }
      };
      await isPutOff();
      // Three times the expiry, in steps that a renewal keeps up with on the slowest machine.
      for (let step = 0; step < 4; step += 1) {
        now += 300;
        await isPutOff();
      }
      const next = () => locks.run({ key: 'slow', waitMs: 0 }, async () => 1);
      await expect(next()).resolves.toEqual({ taken: false });
      end();
      await slow;
      await expect(next()).resolves.toEqual({ taken: true, result: 1 });
    });

    it('gives a lock to one at a time, and frees that of a dead holder', async () => {
      const { client } = await setup();
      let clock = () => Date.now();
      const locks = new DatabaseLocks(client, { now: () => clock() });
      let inside = 0;
      let most = 0;
      const results = await Promise.all(
        Array.from({ length: 5 }, () =>
          locks.run({ key: 'a', waitMs: 20_000 }, async () => {
            inside += 1;
            most = Math.max(most, inside);
            await new Promise(resolve => setTimeout(resolve, 20));
            inside -= 1;
          }),
        ),
      );
      expect(results.every(({ taken }) => taken)).toBe(true);
      expect(most).toBe(1);

      const stopped = Date.now();
      clock = () => stopped;
      await client('locks').insert({
        key: 'dead',
        holder: 'gone',
        expires_at: new Date(stopped + 1_000).toISOString(),
      });
      await expect(
        locks.run({ key: 'dead', waitMs: 0 }, async () => 1),
      ).resolves.toEqual({ taken: false });
      clock = () => stopped + 2_000;
      await expect(
        locks.run({ key: 'dead', waitMs: 0 }, async () => 1),
      ).resolves.toEqual({ taken: true, result: 1 });
    });
  });
});
