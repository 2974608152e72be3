import {
  accessCreateSchema,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import {
  DeclarationTarget,
  RepositorySnapshot,
  SealedSecret,
} from '@rustfs-portal/plugin-rustfs-gitops-node';
import { LocatedTarget } from './RequestTargets';
import { createTestPlanner } from './__testUtils__/kinds';

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

/** A repository whose Secrets are read with a key, and a place in it. */
function locate(
  target: Pick<DeclarationTarget, 'layout' | 'folder'> &
    Partial<DeclarationTarget>,
  key: { current: string },
): LocatedTarget {
  return {
    forge: {
      readFiles: async () =>
        snapshotOf({ '.sops.yaml': rules(key.current) }).files,
      readFolder: async () => snapshotOf({}),
    },
    repository: 'acme/x',
    delivery: { repository: 'x', folder: target.folder, baseBranch: 'main' },
    target: {
      tenant,
      baseBranch: 'main',
      build: { decrypts: true },
      ...target,
    },
  } as unknown as LocatedTarget;
}

/** Two repositories, each with its own key, and the ledger between them. */
function setup() {
  const keys = { first: { current: KEY }, second: { current: KEY } };
  let kept: SealedSecret[] = [];
  const replace = jest.fn(async (_: string, secrets: SealedSecret[]) => {
    kept = secrets;
  });
  const planner = createTestPlanner({ list: async () => kept, replace });
  const second = locate(
    {
      layout: 'consumer-secret',
      folder: 'apps',
      consumer: { folder: 'apps/checkout' },
    },
    keys.second,
  );
  const first: LocatedTarget = {
    ...locate(
      { layout: 'operator-tenant', folder: 'storage', consumers: 'elsewhere' },
      keys.first,
    ),
    next: second,
  };
  return {
    keys,
    replace,
    second,
    kept: () => kept,
    forget: () => {
      kept = [];
    },
    renderFirst: () => planner.render(request, first, snapshotOf(atlas)),
    renderSecond: () =>
      planner.render(
        { ...request, stage: 2, earlier: [{ number: 7, url: 'u' }] },
        second,
        snapshotOf({}),
      ),
  };
}

describe('RequestPlanner, of a request with two stages', () => {
  it('encrypts the Secrets of both with the first, and uses them for the second', async () => {
    const { kept, renderFirst, renderSecond, replace } = setup();
    const first = await renderFirst();
    expect(kept().map(({ id, path }) => [id, path])).toEqual([
      ['server.invoices', 'storage/secrets/apps-access-invoices.sops.yaml'],
      ['consumer.invoices', 'apps/checkout/s3.sops.yaml'],
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
          { path: 'apps/checkout/s3.sops.yaml', after: kept()[1].content },
        ],
      },
    });
    expect(replace).toHaveBeenCalledTimes(1);
  });

  it.each(['first', 'second'] as const)(
    'makes a new key for all when the readers of the %s change before it is merged',
    async which => {
      const { keys, kept, renderFirst } = setup();
      await renderFirst();
      const before = kept();
      keys[which].current = OTHER;
      await expect(renderFirst()).resolves.toMatchObject({ outcome: 'change' });
      expect(kept()).toHaveLength(2);
      kept().forEach(({ content }, index) =>
        expect(content).not.toBe(before[index].content),
      );
    },
  );

  it.each<[string, (world: ReturnType<typeof setup>) => void]>([
    ['other readers', ({ keys }) => (keys.second.current = OTHER)],
    ['lost ciphertext', ({ forget }) => forget()],
  ])(
    'refuses the second with %s, and makes no second key',
    async (_, happens) => {
      const world = setup();
      await world.renderFirst();
      happens(world);
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
      expect(world.replace).toHaveBeenCalledTimes(1);
    },
  );

  it('makes no key that cannot be handed over', async () => {
    const { renderFirst, replace, second } = setup();
    second.target.build = {};
    await expect(renderFirst()).resolves.toMatchObject({
      outcome: 'refused',
      branch: 'rustfs/a1',
      reasons: [{ field: 'consumer' }],
    });
    expect(replace).not.toHaveBeenCalled();
  });
});
