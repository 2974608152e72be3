import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TestDatabases } from '@backstage/backend-test-utils';
import {
  accessCreateSchema,
  bucketRequestSchema,
  StorageRequest,
  TenantView,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  DeclarationTarget,
  RepositorySnapshot,
  SealedSecret,
  SealedSecretsWriter,
  SecretWriter,
  SopsWriter,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { loadCertificate } from '@rustfs-portal/sandbox/testUtils';
import {
  DatabaseRequestStore,
  DatabaseSecretStore,
  migrationsDirectory,
} from '../ledger';
import { LocatedTarget } from './LocatedTarget';
import { RoundFiles } from './RoundFiles';
import {
  createTestPlanner,
  newBucket,
  testTenant,
} from './__testUtils__/kinds';

const KEY = 'age1wu2hwp5qvcpcghyj2260nthcx46yxcmxlyf7s389cprheerpyecqp9htv9';
const OTHER = 'age18h6e48dcrhfk08ushm0durawp2a8cygwdwlvh0vs3eqlmj5tg9wswdcgs0';

const rules = (key: string) =>
  `creation_rules:\n  - encrypted_regex: ^data$\n    age: ${key}\n`;

const input = accessCreateSchema.parse({
  entityRef: 'component:default/invoices',
  tenant: 'atlas/storage/apps',
  access: 'invoices',
  scope: { type: 'buckets', buckets: ['checkout-invoices'] },
  mode: 'read',
  consumer: { cluster: 'borealis', namespace: 'checkout', secret: 's3' },
  purpose: 'Invoices',
});

const request: StorageRequest = {
  id: 'a1',
  kind: 'access-create',
  subject: { type: 'access', tenant: input.tenant, name: input.access },
  input,
  stage: 1,
  stages: 2,
  entityRef: input.entityRef,
  owner: 'group:default/checkout',
  requestedBy: 'user:default/ada',
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  state: 'submitting',
  trail: [],
  problems: [],
};

const tenant = { cluster: 'atlas', namespace: 'storage', name: 'apps' };

const atlas = {
  'storage/apps.yaml': `apiVersion: rustfs.com/v1alpha1
kind: Tenant
metadata:
  name: apps
  namespace: storage
spec:
  buckets:
    - name: checkout-invoices
`,
};

function snapshotOf(files: Record<string, string>): RepositorySnapshot {
  return {
    revision: 'b'.repeat(40),
    files: Object.fromEntries(
      Object.entries(files).map(([path, content]) => [
        path,
        { content, id: content },
      ]),
    ),
  };
}

/** What a commit of a branch has, by commit. */
type Commits = Record<string, SealedSecret[]>;

/** A repository whose Secrets are read with a key, and a place in it. */
function locate(
  target: Pick<DeclarationTarget, 'layout' | 'folder'> &
    Partial<DeclarationTarget>,
  key: { current: string },
  commits: Commits = {},
) {
  const readFiles = jest.fn(
    async ({ ref }: { ref: string; paths: string[] }) =>
      snapshotOf(
        commits[ref]
          ? Object.fromEntries(
              commits[ref].map(({ path, content }) => [path, content]),
            )
          : { '.sops.yaml': rules(key.current) },
      ).files,
  );
  const located = {
    forge: { readFiles, readFolder: async () => snapshotOf({}) },
    forgeUrl: 'https://git.acme.org',
    repository: 'acme/x',
    delivery: { repository: 'x', folder: target.folder, baseBranch: 'main' },
    target: {
      tenant,
      baseBranch: 'main',
      build: { decrypts: true },
      ...target,
    },
  } as unknown as LocatedTarget;
  return { located, readFiles };
}

/** Encrypts nothing while it is broken. */
class BreakingWriter extends SopsWriter {
  /** How many Secrets it still encrypts. */
  left = Infinity;

  async seal(...args: Parameters<SopsWriter['seal']>): Promise<string> {
    this.left -= 1;
    if (this.left < 0) {
      throw new Error('It cannot be encrypted');
    }
    return super.seal(...args);
  }
}

const roundOf = () =>
  new RoundFiles({ forges: { ask: async (_, call) => call() } });

describe('RequestPlanner, of a new bucket', () => {
  it('declares what a guardrail of its owner says of drift', () => {
    const planner = createTestPlanner({
      guardrails: [
        { owners: ['group:default/checkout'], drift: 'mend' },
        { owners: ['*'] },
      ],
    });
    const declare = (owner: string) =>
      planner
        .toChange({
          ...request,
          ...newBucket(
            bucketRequestSchema.parse({
              entityRef: input.entityRef,
              tenant: input.tenant,
              bucket: 'checkout-invoices',
              purpose: 'Invoices',
              dataClass: 'internal',
            }),
          ),
          owner,
        })
        .declare({ buckets: [], accesses: [] });
    expect(declare('group:default/checkout')).toMatchObject([
      { type: 'bucket', drift: 'mend' },
    ]);
    expect(declare('group:default/media')).toMatchObject([
      { type: 'bucket', drift: undefined },
    ]);
  });
});

describe('RequestPlanner, of a request with two stages', () => {
  const databases = TestDatabases.create({ ids: ['SQLITE_3'] });

  /** Two repositories, each with its own key, and the ledger between them. */
  async function setup(
    options: {
      tenant?: TenantView;
      consumerCluster?: string;
      sealing?: SecretWriter;
    } = {},
  ) {
    const client = await databases.init('SQLITE_3');
    await client.migrate.latest({ directory: migrationsDirectory });
    const ledger = new DatabaseRequestStore(client);
    const write = (asked: StorageRequest) =>
      ledger.create({
        request: asked,
        key: asked.id,
        reviewers: [],
        claims: [],
      });
    await write(request);
    const secrets = new DatabaseSecretStore(client);
    const writer = new BreakingWriter();
    const { consumerCluster, sealing, tenant: known } = options;
    const planner = createTestPlanner({
      secrets,
      tenant: known,
      writer: sealing ?? writer,
    });

    const keys = { first: { current: KEY }, second: { current: KEY } };
    const commits: Commits = {};
    const { located: elsewhere } = locate(
      {
        layout: 'consumer-secret',
        folder: 'apps',
        consumer: { folder: 'apps/checkout' },
      },
      keys.second,
    );
    const { located, readFiles } = locate(
      { layout: 'operator-tenant', folder: 'storage', consumers: 'elsewhere' },
      keys.first,
      commits,
    );
    const second: LocatedTarget = { ...elsewhere, cluster: consumerCluster };
    const first: LocatedTarget = { ...located, next: second };
    const later: StorageRequest = {
      ...request,
      stage: 2,
      earlier: [{ number: 7, url: 'u' }],
    };
    return {
      client,
      commits,
      first,
      keys,
      later,
      ledger,
      planner,
      readFiles,
      second,
      secrets,
      write,
      writer,
      /** The Secrets that were encrypted last. */
      kept: async () => (await secrets.list(request.id))[0]?.secrets ?? [],
      forget: async () => {
        await client('request_secrets').delete();
      },
      renderFirst: (asked = request) =>
        planner.render(asked, first, snapshotOf(atlas)),
      renderSecond: () => planner.render(later, second, snapshotOf({})),
    };
  }

  const pathsOf = (sealed: SealedSecret[]) =>
    sealed.map(({ id, path }) => [id, path]);
  const contentsOf = (sealed: SealedSecret[]) =>
    sealed.map(({ content }) => content);

  it('makes no key for a workload that cannot be told where the tenant is', async () => {
    // Workloads of the tenant's own cluster can.
    const { kept, renderFirst } = await setup({ consumerCluster: 'borealis' });
    await expect(renderFirst()).rejects.toMatchObject({
      name: 'InputError',
      message: expect.stringMatching(
        /Secret: No address of tenant .* in cluster borealis .* rustfs\.tenants/,
      ),
    });
    expect(await kept()).toEqual([]);

    // The address that the portal uses may be one of the cluster of the tenant alone.
    for (const [endpoint, isOfUse] of [
      ['http://apps-io.storage.svc:9000', false],
      ['http://apps-io.storage.svc.cluster.local:9000', false],
      ['https://s3.acme.org', true],
    ] as const) {
      const world = await setup({
        tenant: { ...testTenant, endpoint },
        consumerCluster: 'borealis',
      });
      const outcome = await world.renderFirst().then(
        () => true,
        () => false,
      );
      expect([endpoint, outcome]).toEqual([endpoint, isOfUse]);
    }

    const reachable = await setup({
      tenant: { ...testTenant, endpoints: { external: 'https://s3.acme.org' } },
      consumerCluster: 'borealis',
    });
    await expect(reachable.renderFirst()).resolves.toMatchObject({
      outcome: 'change',
    });
  });

  it('encrypts the Secrets of both with the first, and uses them for the second', async () => {
    const { kept, renderFirst, renderSecond, secrets } = await setup();
    const first = await renderFirst();
    const sealed = await kept();
    expect(pathsOf(sealed)).toEqual([
      ['consumer.invoices', 'apps/checkout/s3.sops.yaml'],
      ['server.invoices', 'storage/secrets/apps-access-invoices.sops.yaml'],
    ]);
    expect(first).toMatchObject({ changeSet: { branch: 'rustfs/a1' } });
    expect(JSON.stringify(first)).not.toContain('apps/checkout');

    const second = await renderSecond();
    expect(second).toMatchObject({
      changeSet: {
        branch: 'rustfs/a1-2',
        title: expect.stringMatching(/: Secret of the workload$/),
        body: expect.stringContaining('number 7 is merged'),
        files: [
          { path: 'apps/checkout/s3.sops.yaml', after: sealed[0].content },
        ],
      },
    });
    await expect(secrets.list(request.id)).resolves.toHaveLength(1);
  });

  it.each(['first', 'second'] as const)(
    'makes a new key for all when the readers of the %s change before it is merged',
    async which => {
      const { keys, kept, renderFirst } = await setup();
      await renderFirst();
      const before = await kept();
      keys[which].current = OTHER;
      await expect(renderFirst()).resolves.toMatchObject({ outcome: 'change' });
      const after = await kept();
      expect(pathsOf(after)).toEqual(pathsOf(before));
      for (const content of contentsOf(before)) {
        expect(contentsOf(after)).not.toContain(content);
      }
    },
  );

  it.each<[string, (world: Awaited<ReturnType<typeof setup>>) => unknown]>([
    ['other readers', ({ keys }) => (keys.second.current = OTHER)],
    ['lost ciphertext', ({ forget }) => forget()],
  ])(
    'refuses the second with %s, and makes no second key',
    async (_, happens) => {
      const world = await setup();
      await world.renderFirst();
      await happens(world);
      const before = await world.secrets.list(request.id);
      await expect(world.renderSecond()).resolves.toMatchObject({
        outcome: 'refused',
        branch: 'rustfs/a1-2',
        reasons: [
          {
            code: 'secret',
            message: expect.stringContaining('end this access'),
          },
        ],
      });
      await expect(world.secrets.list(request.id)).resolves.toEqual(before);
    },
  );

  describe('with Sealed Secrets', () => {
    let dir: string;

    beforeAll(() => {
      dir = mkdtempSync(join(tmpdir(), 'sealing-'));
    });

    afterAll(() => {
      rmSync(dir, { recursive: true, force: true });
    });

    const newPem = () =>
      loadCertificate(mkdtempSync(join(dir, 'x-'))).certificate;

    async function setupSealed() {
      const certificate = { pem: newPem(), from: 'the certificate of it' };
      const sealing = new SealedSecretsWriter({ certificate });
      const world = await setup({ sealing });
      await world.renderFirst();
      return { ...world, certificate };
    }

    const none = { missing: 'No controller answers' };

    it.each<[string, () => object]>([
      ['another certificate', () => ({ pem: newPem() })],
      ['no certificate any more', () => none],
    ])('hands over what was merged, with %s', async (_, change) => {
      const { certificate, kept, renderSecond } = await setupSealed();
      const before = await kept();
      Object.assign(certificate, change());
      const rendered = await renderSecond();
      expect(rendered).toMatchObject({
        outcome: 'change',
        changeSet: { files: [{ after: before[0].content }] },
      });
      await expect(kept()).resolves.toEqual(before);
    });

    it('makes a new key for another certificate before the merge, and none while there is no certificate', async () => {
      const { certificate, commits, first, kept, planner, renderFirst } =
        await setupSealed();
      const before = await kept();
      commits.head = before;
      const look = () =>
        planner.hasOtherSecrets(request, first, {
          files: roundOf(),
          head: 'head',
        });
      Object.assign(certificate, none);
      await expect(look()).resolves.toBe(false);
      await expect(renderFirst()).resolves.toMatchObject({ outcome: 'change' });
      await expect(kept()).resolves.toEqual(before);

      delete (certificate as Partial<typeof none>).missing;
      certificate.pem = newPem();
      await expect(look()).resolves.toBe(true);
      await renderFirst();
      for (const content of contentsOf(before)) {
        expect(contentsOf(await kept())).not.toContain(content);
      }
    });

    it('does not count an end as changed for having nothing sealed', async () => {
      const { first, forget, planner } = await setupSealed();
      await forget();
      await expect(
        planner.hasOtherSecrets(request, first, {
          files: roundOf(),
          findNext: async () => undefined,
        }),
      ).resolves.toBe(false);
    });
  });

  it('makes no key that cannot be handed over', async () => {
    const { kept, renderFirst, second } = await setup();
    second.target.build = {};
    await expect(renderFirst()).resolves.toMatchObject({
      outcome: 'refused',
      branch: 'rustfs/a1',
      reasons: [{ field: 'consumer' }],
    });
    await expect(kept()).resolves.toEqual([]);
  });

  it('keeps nothing of a key that could not be encrypted for all, and makes one with the next try', async () => {
    const { kept, renderFirst, secrets, writer } = await setup();
    writer.left = 1;
    await expect(renderFirst()).rejects.toThrow('cannot be encrypted');
    await expect(kept()).resolves.toEqual([]);
    writer.left = Infinity;
    await expect(renderFirst()).resolves.toMatchObject({ outcome: 'change' });
    await expect(secrets.list(request.id)).resolves.toMatchObject([
      { generation: 1, secrets: [{}, {}] },
    ]);
  });

  describe('when another key was made, and it is open which of them is merged', () => {
    /** The first key is on the branch as `one`, the second was to get there as `two`. */
    async function setupTwo() {
      const world = await setup();
      const { commits, keys, kept, renderFirst } = world;
      await renderFirst();
      commits.one = await kept();
      keys.first.current = OTHER;
      await renderFirst();
      commits.two = await kept();
      commits.byHand = commits.two.map(secret => ({
        ...secret,
        content: `${secret.content}# by hand\n`,
      }));
      return world;
    }

    it.each(['one', 'two'])(
      'gives the workload the key of what was merged: %s',
      async merged => {
        const { commits, first, later, planner, renderSecond, secrets } =
          await setupTwo();
        await planner.keepMerged(later, first, merged);
        const [consumer] = commits[merged];
        await expect(renderSecond()).resolves.toMatchObject({
          changeSet: { files: [{ after: consumer.content }] },
        });
        await expect(secrets.list(request.id)).resolves.toMatchObject([
          { secrets: commits[merged] },
        ]);
        // Once more, after a crash.
        await planner.keepMerged(later, first, merged);
      },
    );

    it('gives none when somebody has changed what was merged', async () => {
      const { first, later, planner, secrets } = await setupTwo();
      await expect(
        planner.keepMerged(later, first, 'byHand'),
      ).rejects.toMatchObject({
        name: 'ConflictError',
        message: expect.stringMatching(
          /apps-access-invoices\.sops\.yaml of acme\/x is not as the portal wrote it at commit byHand, .* #7 /,
        ),
      });
      await expect(secrets.list(request.id)).resolves.toHaveLength(2);
    });

    it('gives none when the request had ended before the merge', async () => {
      const { first, forget, later, planner } = await setupTwo();
      await forget();
      await expect(
        planner.keepMerged(later, first, 'one'),
      ).rejects.toMatchObject({
        name: 'ConflictError',
        message: expect.stringContaining('#7 was merged after its request had'),
      });
    });

    it('wants the branch written anew until it has the one that was made last', async () => {
      const { first, planner, readFiles } = await setupTwo();
      const look = (head: string) =>
        planner.hasOtherSecrets(request, first, { files: roundOf(), head });
      await expect(look('one')).resolves.toBe(true);
      await expect(look('two')).resolves.toBe(false);
      // A commit does not change, so it is looked at once.
      readFiles.mockClear();
      await expect(look('two')).resolves.toBe(false);
      expect(readFiles.mock.calls).toEqual([
        [{ repository: 'acme/x', ref: 'main', paths: expect.anything() }],
      ]);
    });
  });

  it('wants the Secrets to be others when their readers are, and only while nothing is merged', async () => {
    const { commits, first, keys, kept, later, planner, renderFirst } =
      await setup();
    await renderFirst();
    commits.head = await kept();
    const look = (asked = request) =>
      planner.hasOtherSecrets(asked, first, { files: roundOf(), head: 'head' });
    await expect(look()).resolves.toBe(false);
    // Those of the workload, too: after the merge nobody can encrypt the key for others.
    keys.second.current = OTHER;
    await expect(look()).resolves.toBe(true);
    keys.second.current = KEY;
    await expect(look()).resolves.toBe(false);
    keys.first.current = OTHER;
    await expect(look()).resolves.toBe(true);
    await expect(look(later)).resolves.toBe(false);
    keys.first.current = 'nonsense';
    await expect(look()).resolves.toBe(true);
  });

  it('does not compare a commit of somebody else', async () => {
    const { first, planner, readFiles, renderFirst } = await setup();
    await renderFirst();
    readFiles.mockClear();
    await expect(
      planner.hasOtherSecrets(request, first, { files: roundOf() }),
    ).resolves.toBe(false);
    expect(readFiles).toHaveBeenCalledTimes(1);
  });

  it('wants new Secrets for one that had ended and was opened again on the forge', async () => {
    const { first, forget, planner, renderFirst } = await setup();
    await renderFirst();
    await forget();
    await expect(
      planner.hasOtherSecrets(request, first, { files: roundOf() }),
    ).resolves.toBe(true);
  });

  it('reads the rules once a round, however many requests are open', async () => {
    const { first, planner, readFiles, renderFirst, write } = await setup();
    const ids = Array.from({ length: 20 }, (_, index) => `n${index}`);
    const requests = ids.map((id): StorageRequest => ({ ...request, id }));
    for (const one of requests) {
      await write(one);
      await renderFirst(one);
    }
    readFiles.mockClear();
    const files = roundOf();
    await expect(
      Promise.all(
        requests.map(one => planner.hasOtherSecrets(one, first, { files })),
      ),
    ).resolves.toEqual(requests.map(() => false));
    expect(readFiles).toHaveBeenCalledTimes(1);
  });
});
