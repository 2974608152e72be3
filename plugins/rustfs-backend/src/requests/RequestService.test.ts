import { TestDatabases } from '@backstage/backend-test-utils';
import { ConflictError } from '@backstage/errors';
import {
  AccessRecord,
  BucketRequest,
  bucketRequestSchema,
  Problem,
  StorageRequest,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';
import { ForgeDirectory } from '../forges';
import { GuardrailRule } from '../guardrails';
import { Inventory } from '../inventory';
import { DatabaseRequestStore, migrationsDirectory } from '../ledger';
import { RequestService } from './RequestService';
import { RequestSubmitter, SubmitOutcome } from './RequestSubmitter';
import { RequestTargets } from './RequestTargets';
import {
  createTestContexts,
  createTestPlanner,
  testKinds,
} from './__testUtils__/kinds';
import { bucketCreate } from './kinds';

const TENANT = 'atlas/storage/apps';
const ENTITY = {
  ref: 'component:default/invoices',
  owner: 'group:default/checkout',
};
const input: BucketRequest = bucketRequestSchema.parse({
  entityRef: ENTITY.ref,
  tenant: TENANT,
  bucket: 'checkout-invoices',
  purpose: 'Invoices',
  dataClass: 'internal',
});
const asked = { kind: bucketCreate, input };
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
    const view: TenantView = {
      ref: TENANT,
      state: 'ready',
      buckets: 0,
      source: {
        repository: 'https://git.acme.org/acme/atlas',
        branch: 'main',
        path: 'storage',
        appliedBy: 'Kustomization flux-system/storage',
      },
      asOf: '2026-01-01T00:00:00.000Z',
      freshness: 'live',
      problems: [],
    };
    const list = async () => ({
      items: [],
      problems,
      asOf: '2026-01-01T00:00:00.000Z',
      freshness: 'live' as const,
    });
    const listBuckets = jest.fn(list);
    const guardrails: GuardrailRule[] = [];
    const accesses: AccessRecord[] = [];
    const unseen: Problem[] = [];
    const inventory = {
      observeTenant: async (ref: string) => ({
        ref,
        facts: { accesses } as Partial<TenantFacts> as TenantFacts,
        problems: unseen,
      }),
      listBuckets,
      listTenants: async () => ({ ...(await list()), items: [view] }),
      getTenant: async () => view,
    };
    const service = new RequestService({
      contexts: createTestContexts({ guardrails, inventory, store }),
      inventory,
      kinds: testKinds,
      planner: createTestPlanner(),
      store,
      submitter: { submit } as unknown as RequestSubmitter,
      targets: new RequestTargets({
        inventory: {} as Inventory,
        forges: ForgeDirectory.create([
          {
            type: 'gitea',
            baseUrl: 'https://git.acme.org',
            token: 't',
            gitUrls: [],
            logins: {},
            loginIsEntityName: false,
            transport: { timeoutMs: 1_000 },
            writeTimeoutMs: 1_000,
          },
        ]),
      }),
      titles: new Map(),
    });
    return {
      accesses,
      guardrails,
      listBuckets,
      problems,
      service,
      store,
      submit,
      unseen,
      view,
    };
  }

  const refused: SubmitOutcome = {
    outcome: 'refused',
    error: new ConflictError('declared already'),
  };

  describe('of a second stage that is taken up again', () => {
    const own = {
      access: 'invoices',
      owner: ENTITY.owner,
      consumer: {
        cluster: 'atlas',
        namespace: 'checkout',
        secret: 'invoices-s3',
        form: 'aws',
      },
    };
    const second = (kind: string) =>
      ({
        ...asked,
        kind,
        input: { tenant: TENANT, access: 'invoices', newBuckets: [] },
        subject: { type: 'access', tenant: TENANT, name: 'invoices' },
        entityRef: ENTITY.ref,
        owner: ENTITY.owner,
        stage: 2,
        stages: 2,
      } as unknown as StorageRequest);

    it('goes on while the first one is in effect', async () => {
      const { accesses, service } = await setup();
      accesses.push({ ...own, state: 'active' } as AccessRecord);
      await expect(
        service.checkAgain(ENTITY, second('access-create')),
      ).resolves.toBeUndefined();
    });

    it.each<[string, Array<Partial<AccessRecord>>]>([
      ['has ended', [{ ...own, state: 'revoked' }]],
      ['is gone', []],
      [
        'is that of others',
        [{ ...own, owner: 'group:default/media', state: 'active' }],
      ],
    ])('hands over no key of an access that %s', async (_, found) => {
      const { accesses, service } = await setup();
      accesses.push(...(found as AccessRecord[]));
      await expect(
        service.checkAgain(ENTITY, second('access-create')),
      ).rejects.toMatchObject({
        name: 'ConflictError',
        message: expect.stringContaining('Access invoices on'),
      });
      // What ends it is to be done all the same.
      await service.checkAgain(ENTITY, second('access-revoke'));
    });

    it('waits for a cluster that does not say', async () => {
      const { service, unseen } = await setup();
      unseen.push({ code: 'cluster-unreachable', part: 'atlas', message: 'x' });
      await expect(
        service.checkAgain(ENTITY, second('access-create')),
      ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    });
  });

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
      (await service.checkName(ENTITY, input)).problems,
    ]);
    expect(told).toContain(`What the server of tenant ${TENANT} has cannot be`);
    expect(told).not.toMatch(/archive|merger|secret/);
  });

  it('does not say whether there is a bucket whose name may not be asked for', async () => {
    const { guardrails, listBuckets, service } = await setup();
    guardrails.push({
      owners: ['*'],
      namePattern: {
        regex: 'checkout-.+',
        description: 'begin with checkout-',
        example: 'checkout-invoices',
      },
    });
    listBuckets.mockResolvedValue({
      asOf: '2026-01-01T00:00:00.000Z',
      freshness: 'live',
      problems: [],
      items: [{ name: 'media-uploads' }, { name: 'checkout-logs' }] as never[],
    });
    const check = async (bucket: string) =>
      (await service.checkName(ENTITY, { tenant: TENANT, bucket })).issues;
    expect((await check('media-uploads')).map(({ code }) => code)).toEqual([
      'pattern',
    ]);
    expect(await check('media-none')).toEqual(await check('media-uploads'));
    expect((await check('checkout-logs')).map(({ code }) => code)).toEqual([
      'exists',
    ]);
  });

  it('suggests no name that somebody has asked for', async () => {
    const { service } = await setup();
    await service.submit(
      ENTITY,
      { kind: bucketCreate, input: { ...input, bucket: 'invoices' } },
      caller,
    );
    const { suggestedName } = await service.options(ENTITY);
    expect(suggestedName).toBe('invoices-2');
    await expect(
      service.checkName(ENTITY, { tenant: TENANT, bucket: 'invoices' }),
    ).resolves.toMatchObject({
      ok: false,
      issues: [{ code: 'requested' }],
      suggestion: 'invoices-2',
    });
  });

  it('promises no bucket while nobody knows which there are', async () => {
    const { service, store, view } = await setup();
    view.buckets = undefined;
    view.problems.push({
      code: 'tenant-refused',
      part: TENANT,
      message: "does not accept the portal's access key",
    });
    await expect(service.submit(ENTITY, asked, caller)).rejects.toMatchObject({
      name: 'ServiceUnavailableError',
      message: expect.stringContaining(TENANT),
    });
    await expect(
      service.preview(ENTITY, asked, caller.requestedBy),
    ).rejects.toMatchObject({ name: 'ServiceUnavailableError' });
    await expect(store.list({ limit: 1 })).resolves.toMatchObject({ total: 0 });
    expect((await service.options(ENTITY)).tenants).toMatchObject([
      { ref: TENANT, unavailable: expect.stringContaining('at present') },
    ]);
  });

  it('needs no server where the portal is meant to have none', async () => {
    const { service, view } = await setup();
    view.buckets = undefined;
    view.problems.push({
      code: 'tenant-not-configured',
      part: TENANT,
      message: 'no user on the server',
    });
    expect((await service.options(ENTITY)).tenants).toMatchObject([
      { unavailable: undefined },
    ]);
    await expect(service.submit(ENTITY, asked, caller)).resolves.toMatchObject({
      state: 'submitting',
    });
  });

  it('does not say that a tenant is not in Git while its cluster cannot be read', async () => {
    const { problems, service, view } = await setup();
    view.source = undefined;
    const whyUnavailable = async () =>
      (await service.options(ENTITY)).tenants[0].unavailable;
    await expect(whyUnavailable()).resolves.toMatch(/not declared in Git/);
    problems.push({
      code: 'gitops-unreadable',
      part: 'atlas',
      message: 'Cluster atlas does not let the portal list kustomizations',
    });
    await expect(whyUnavailable()).resolves.toBe(
      'Where it is declared cannot be told, as not all of its cluster can be read at present',
    );
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

  it('finds what was asked with a key, whatever the rules are now', async () => {
    const { guardrails, service } = await setup();
    const { id } = await service.submit(ENTITY, asked, caller);
    guardrails.push({ allow: false });
    await expect(service.submit(ENTITY, asked, caller)).resolves.toMatchObject({
      id,
    });
    await expect(
      service.submit(ENTITY, asked, { ...caller, key: 'another' }),
    ).rejects.toMatchObject({ name: 'InputError' });
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
