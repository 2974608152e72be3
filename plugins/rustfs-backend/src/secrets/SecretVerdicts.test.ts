import { SealedSecret } from '@rustfs-portal/plugin-rustfs-gitops-node';
import { SecretCluster } from '@rustfs-portal/plugin-rustfs-node';
import { createSecretWriters } from './registry';
import { SecretVerdicts } from './SecretVerdicts';
import { SecretWriters } from './SecretWriters';

const written = (
  id: string,
  namespace: string,
  name: string,
): SealedSecret => ({
  id,
  writer: 'sealed-secrets',
  path: `${name}.yaml`,
  recipients: [],
  content: `kind: SealedSecret\nmetadata: {name: ${name}, namespace: ${namespace}}\n`,
});

const server = written('server.x', 'storage', 'x');
const consumer = written('consumer.x', 'shop', 'x-s3');

/** A SealedSecret as the controller leaves it. */
const object = (
  namespace: string,
  name: string,
  said?: { generation?: number; message?: string },
) => ({
  metadata: { name, namespace, generation: 2 },
  ...(said && {
    status: {
      observedGeneration: said.generation ?? 2,
      conditions: [
        {
          type: 'Synced',
          status: said.message ? 'False' : 'True',
          lastTransitionTime: '2026-11-30T08:00:00Z',
          ...(said.message && { message: said.message }),
        },
      ],
    },
  }),
});

function setup(
  objects: object[],
  options: {
    secrets?: SealedSecret[];
    /** Of keys that were made before. */
    before?: SealedSecret[];
    /** By path. */
    merged?: Record<string, string>;
    hasApi?: boolean;
  } = {},
) {
  const {
    before,
    hasApi = true,
    merged = {},
    secrets = [server, consumer],
  } = options;
  const keepOnly = jest.fn(async () => {});
  const list = jest.fn(async (_kind: unknown, namespaces?: string[]) =>
    objects.filter(item =>
      namespaces?.includes(
        (item as ReturnType<typeof object>).metadata.namespace,
      ),
    ),
  );
  const api = { cluster: 'atlas', list } as Partial<SecretCluster>;
  const verdicts = new SecretVerdicts({
    readFiles: async () =>
      Object.fromEntries(
        Object.entries(merged).map(([path, content]) => [
          path,
          { content, id: path },
        ]),
      ),
    store: {
      list: async () => [
        { generation: 2, secrets },
        ...(before ? [{ generation: 1, secrets: before }] : []),
      ],
      keepOnly,
    },
    writers: new SecretWriters({
      kinds: createSecretWriters([]),
      clusters: new Map(hasApi ? [['atlas', api as SecretCluster]] : undefined),
    }),
  });
  return { keepOnly, list, round: verdicts.startRound() };
}

const request = {
  id: 'r',
  stage: 1,
  stages: 1,
  subject: {
    type: 'access' as const,
    tenant: 'atlas/storage/apps',
    name: 'x',
  },
};

const done = { generation: 2 };

describe('the word of the sealed-secrets controller', () => {
  it.each<[string, object[], object]>([
    [
      'ready when it has opened all',
      [object('storage', 'x', done), object('shop', 'x-s3', done)],
      { state: 'ready', at: '2026-11-30T08:00:00Z' },
    ],
    [
      'waited for while there is none',
      [object('storage', 'x'), object('shop', 'x-s3', done)],
      {
        state: 'waiting',
        waitingFor: expect.stringMatching(
          /^The sealed-secrets controller to open SealedSecret storage\/x/,
        ),
      },
    ],
    [
      'waited for while it is about what was there before',
      [object('storage', 'x', { generation: 1 }), object('shop', 'x-s3', done)],
      { state: 'waiting' },
    ],
    [
      'waited for while the object is not there',
      [object('storage', 'x', done)],
      {
        state: 'waiting',
        waitingFor: 'SealedSecret shop/x-s3 is not in the cluster yet',
      },
    ],
    [
      'told when it could not open one',
      [
        object('storage', 'x'),
        object('shop', 'x-s3', {
          message: 'no key could decrypt secret (AWS_ACCESS_KEY_ID)',
        }),
      ],
      {
        state: 'failed',
        reason: 'NotUnsealed',
        message:
          'SealedSecret shop/x-s3: no key could decrypt secret (AWS_ACCESS_KEY_ID)',
        hint: expect.stringContaining('end the access'),
      },
    ],
  ])('is %s', async (_, objects, expected) => {
    const { list, round } = setup(objects);
    await expect(round.observe({ request })).resolves.toMatchObject(expected);
    // However many requests there are.
    await round.observe({ request });
    expect(list).toHaveBeenCalledTimes(2);
  });

  it('is that of the cluster of each stage', async () => {
    const { round } = setup([object('storage', 'x', done)]);
    const stages = { ...request, stages: 2 };
    await expect(round.observe({ request: stages })).resolves.toMatchObject({
      state: 'ready',
    });
    await expect(
      round.observe({
        request: { ...stages, stage: 2 },
        consumer: { cluster: 'borealis' },
      }),
    ).resolves.toMatchObject({
      state: 'waiting',
      waitingFor: expect.stringContaining('borealis is not in rustfs.clusters'),
    });
  });

  it('is about the key that was merged, and no newer one of another writer', async () => {
    const bySops = { ...server, writer: 'sops', content: 'kind: Secret\n' };
    const { keepOnly, list, round } = setup([], {
      secrets: [server],
      before: [bySops],
      merged: { [bySops.path]: bySops.content },
    });
    const delivery = { repository: 'r', folder: 'f', baseBranch: 'main' };
    await expect(
      round.observe({ request: { ...request, mergeCommit: 'c' }, delivery }),
    ).resolves.toBeUndefined();
    expect(list).not.toHaveBeenCalled();
    expect(keepOnly).toHaveBeenCalledWith('r', 1);
  });

  it('is not asked for of what the engine decrypts', async () => {
    const { list, round } = setup([], {
      secrets: [{ ...server, writer: 'sops', content: 'kind: Secret\n' }],
    });
    await expect(round.observe({ request })).resolves.toBeUndefined();
    expect(list).not.toHaveBeenCalled();
  });
});
