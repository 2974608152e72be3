import { TestDatabases } from '@backstage/backend-test-utils';
import { ConflictError } from '@backstage/errors';
import {
  BucketRequest,
  bucketRequestSchema,
  Problem,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { DatabaseRequestStore, migrationsDirectory } from '../ledger';
import { RequestService } from './RequestService';
import { RequestSubmitter, SubmitOutcome } from './RequestSubmitter';
import { RequestTargets } from './RequestTargets';

jest.setTimeout(60_000);

const TENANT = 'atlas/storage/apps';
const ENTITY = {
  ref: 'component:default/invoices',
  owner: 'group:default/checkout',
};
const asked: BucketRequest = bucketRequestSchema.parse({
  entityRef: ENTITY.ref,
  tenant: TENANT,
  bucket: 'checkout-invoices',
  purpose: 'Invoices',
  dataClass: 'internal',
});
const caller = { requestedBy: 'user:default/ada', key: 'k' };

describe('RequestService', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

  async function setup() {
    const client = await databases.init('SQLITE_3');
    await client.migrate.latest({ directory: migrationsDirectory });
    const store = new DatabaseRequestStore(client);
    const submit = jest.fn(
      async (id: string): Promise<SubmitOutcome | undefined> => {
        const record = await store.get(id);
        return record && { outcome: 'kept', record };
      },
    );
    const problems: Problem[] = [];
    const list = async () => ({
      items: [],
      problems,
      asOf: '2026-01-01T00:00:00.000Z',
      freshness: 'live' as const,
    });
    const listBuckets = jest.fn(list);
    const service = new RequestService({
      guardrails: [],
      inventory: {
        listBuckets,
        listTenants: async () => ({
          ...(await list()),
          items: [
            {
              ref: TENANT,
              state: 'ready' as const,
              asOf: '2026-01-01T00:00:00.000Z',
              freshness: 'live' as const,
              problems: [],
            },
          ],
        }),
        getTenant: async () => undefined,
      },
      store,
      submitter: { submit } as unknown as RequestSubmitter,
      targets: { whyNot: () => undefined } as unknown as RequestTargets,
      titles: new Map(),
    });
    return { listBuckets, problems, service, store, submit };
  }

  const refused: SubmitOutcome = {
    outcome: 'refused',
    error: new ConflictError('declared already'),
  };

  it('says nothing about tenants and records that are not for who asks', async () => {
    const { problems, service } = await setup();
    const about = (part: string) => ({
      code: 'tenant-unreachable',
      part,
      message: `secret of ${part}`,
    });
    problems.push(about('borealis/storage/archive'), about(TENANT), {
      code: 'object-unreadable',
      part: 'atlas',
      message: 'A bucket record bucket.apps.merger cannot be read',
    });
    const told = JSON.stringify([
      (await service.options(ENTITY)).problems,
      (await service.checkName(ENTITY, asked)).problems,
    ]);
    expect(told).toContain(`secret of ${TENANT}`);
    expect(told).not.toMatch(/archive|merger/);
  });

  it('takes the same call at the same time for the same request, wherever it is', async () => {
    const { listBuckets, service } = await setup();
    const list = listBuckets.getMockImplementation()!;
    let first: Promise<StorageRequest> | undefined;
    listBuckets.mockImplementation(async () => {
      // The other call gets ahead while this one looks around.
      if (!first) {
        first = service.submit(ENTITY, asked, caller);
        await first;
      }
      return list();
    });
    const second = await service.submit(ENTITY, asked, caller);
    expect(second.id).toBe((await first!).id);
  });

  it.each(['a\0b', "' or 1=1 --", 'x'.repeat(1_000)])(
    'does not ask the ledger for what cannot be an id: %j',
    async id => {
      const { service, store } = await setup();
      const get = jest.spyOn(store, 'get');
      await expect(service.get(id)).rejects.toMatchObject({
        name: 'NotFoundError',
      });
      expect(get).not.toHaveBeenCalled();
    },
  );

  it('forgets a request that is refused at once', async () => {
    const { service, store, submit } = await setup();
    submit.mockResolvedValue(refused);
    await expect(service.submit(ENTITY, asked, caller)).rejects.toThrow(
      'declared already',
    );
    await expect(store.list({ limit: 1 })).resolves.toMatchObject({ total: 0 });
  });

  it('does not forget a request that it has promised to keep', async () => {
    const { service, store, submit } = await setup();
    const { id } = await service.submit(ENTITY, asked, caller);
    submit.mockResolvedValue(refused);
    await expect(service.submit(ENTITY, asked, caller)).rejects.toThrow(
      'declared already',
    );
    await expect(store.get(id)).resolves.toBeDefined();
  });

  it('does not forget a request whose pull request somebody else has opened meanwhile', async () => {
    const { service, store, submit } = await setup();
    submit.mockImplementation(async id => {
      const record = (await store.get(id))!;
      await store.update(
        { ...record, request: { ...record.request, state: 'proposed' } },
        [],
      );
      return refused;
    });
    await expect(service.submit(ENTITY, asked, caller)).rejects.toThrow();
    await expect(store.list({ limit: 1 })).resolves.toMatchObject({
      items: [{ state: 'proposed' }],
    });
  });
});
