import {
  SettledItem,
  SetupRun,
  toSetupStatusData,
} from '@rustfs-portal/plugin-rustfs-common';
import { fluxEngines } from '../__testUtils__/facts';
import { KustomizationObject } from '../gitops/flux/objects';
import { KubernetesReader, ServedSchemas } from '../kubernetes';
import { describeProvisioner } from '../requests/describeProvisioner';
import { ClusterLister } from './ClusterLister';
import { ClusterRecords } from './ClusterRecords';
import { describeSetup } from './setupFolder';

const REF = 'atlas/storage/objects';
const NAMESPACE = 'storage-objects-setup';
const NOW = '2026-11-29T12:00:00.000Z';

const run: SetupRun = {
  startedAt: '2026-11-29T11:59:00.000Z',
  endedAt: '2026-11-29T11:59:05.000Z',
  exitCode: 0,
  counts: { done: 1, waiting: 0, failed: 0, drift: 0 },
};
const item: SettledItem = {
  uid: 'u1',
  resourceVersion: '7',
  result: 'done',
  reason: 'Settled',
  message: 'The bucket is as its record says',
  at: '2026-11-29T11:50:00.000Z',
  checkedAt: '2026-11-29T11:59:05.000Z',
};

function record(namespace: string, name = 'invoices') {
  return {
    metadata: {
      name: `bucket.objects.${name}`,
      namespace,
      uid: 'u1',
      resourceVersion: '7',
      labels: {
        'rustfs-portal/record': 'bucket',
        'rustfs-portal/tenant': 'objects',
      },
    },
    data: { bucket: name, owner: 'group:default/checkout' },
  };
}

function access(state: 'active' | 'revoked') {
  return {
    metadata: {
      name: 'access.objects.writer',
      namespace: NAMESPACE,
      uid: 'u1',
      resourceVersion: '7',
      labels: {
        'rustfs-portal/record': 'access',
        'rustfs-portal/tenant': 'objects',
      },
    },
    data: {
      access: 'writer',
      owner: 'group:default/checkout',
      entity: 'component:default/invoices',
      buckets: 'invoices',
      mode: 'read',
      policy: 'access-writer',
      accessKeyId: 'writer-key',
      consumer: 'atlas/checkout/writer-s3',
      form: 'aws',
      state,
      createdAt: '2026-11-29T10:00:00.000Z',
    },
  };
}

function status(
  options: { run?: SetupRun; items?: Record<string, SettledItem> },
  namespace = NAMESPACE,
) {
  return {
    metadata: {
      name: 'rustfs-setup-objects',
      namespace,
      labels: {
        'rustfs-portal/record': 'status',
        'rustfs-portal/tenant': 'objects',
        'kustomize.toolkit.fluxcd.io/name': 'setup',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
    },
    data: toSetupStatusData({ items: {}, ...options }),
  };
}

async function read(objects: unknown[], more: KustomizationObject[] = []) {
  const lister = new ClusterLister(
    { cluster: 'atlas' } as KubernetesReader,
    {} as ServedSchemas,
  );
  return describeSetup(
    { namespace: NAMESPACE, tenant: 'objects' },
    {
      ref: REF,
      now: NOW,
      records: ClusterRecords.read(objects, lister),
      engines: fluxEngines(
        [
          {
            metadata: { name: 'setup', namespace: 'flux-system' },
            spec: {
              path: './setup',
              sourceRef: { kind: 'GitRepository', name: 'gitops' },
            },
          },
          ...more,
        ],
        [
          {
            metadata: { name: 'gitops', namespace: 'flux-system' },
            spec: {
              url: 'https://git.acme.org/acme/atlas.git',
              ref: { branch: 'main' },
            },
          },
        ],
      ),
    },
  );
}

/** Without the program itself. */
function storageOf({ items }: Awaited<ReturnType<typeof read>>['facts']) {
  return items.filter(({ type }) => type !== 'setup');
}

describe('a setup folder', () => {
  it('lies where Flux has the status of its program from', async () => {
    const { facts, problems } = await read([status({ run })]);
    expect(problems).toEqual([]);
    expect(facts).toMatchObject({
      layout: 'setup-folder',
      setup: { namespace: NAMESPACE, records: [] },
      place: { link: { folder: 'setup', branch: 'main' } },
    });
    expect(facts.obstacle).toBeUndefined();
  });

  it('is not there before that status is', async () => {
    const { facts } = await read([record(NAMESPACE)]);
    expect(facts).toMatchObject({
      layout: undefined,
      obstacle: { code: 'setup-missing', namespace: NAMESPACE },
      records: [{ bucket: 'invoices' }],
    });
  });

  it.each<[string, unknown[], object]>([
    [
      'before Git has it',
      [],
      {
        state: 'waiting',
        message: expect.stringMatching(/not in namespace .* yet/),
      },
    ],
    [
      'before its first run',
      [status({})],
      { state: 'waiting', message: expect.stringContaining('not run yet') },
    ],
    ['once it has run', [status({ run })], { state: 'ready' }],
    [
      'where one of its records is wrong',
      [status({ run: { ...run, exitCode: 2 } })],
      { state: 'ready' },
    ],
    [
      'while nobody answers it',
      [status({ run: { ...run, exitCode: 3, message: 'No answer' } })],
      { state: 'waiting', message: 'No answer' },
    ],
    [
      'whose key is refused',
      [status({ run: { ...run, exitCode: 4, message: 'Key refused' } })],
      { state: 'failed', reason: 'SetupFailed', message: 'Key refused' },
    ],
    [
      'that has stopped running',
      [status({ run: { ...run, endedAt: '2026-11-01T00:00:00.000Z' } })],
      {
        state: 'waiting',
        message: expect.stringContaining('has not run since'),
      },
    ],
  ])('says of the program %s how it stands', async (_, objects, verdict) => {
    expect(
      (await read(objects)).facts.items.find(({ type }) => type === 'setup'),
    ).toMatchObject({ name: 'objects', listed: true, verdict });
  });

  it('says in the words of Flux why it is not there, without what they may quote', async () => {
    const { facts } = await read(
      [],
      [
        {
          metadata: { name: 'storage-objects-setup', namespace: 'flux-system' },
          spec: { sourceRef: { kind: 'GitRepository', name: 'gitops' } },
          status: {
            conditions: [
              {
                type: 'Ready',
                status: 'False',
                message: 'Secret/x/key dry-run failed: hunter2',
              },
            ],
          },
        },
      ],
    );
    const [{ verdict }] = facts.items;
    expect(verdict.message).toMatch(
      /Kustomization flux-system\/storage-objects-setup: Secret\/x\/key dry-run failed/,
    );
    expect(verdict.message).not.toContain('hunter2');
  });

  it('counts in its own namespace alone', async () => {
    const { facts } = await read([
      record('storage', 'smuggled'),
      status({ run, items: { 'bucket.smuggled': item } }, 'storage'),
      status({ run }),
      record(NAMESPACE),
    ]);
    expect(facts.records.map(({ bucket }) => bucket)).toEqual(['invoices']);
    expect(storageOf(facts).map(({ name }) => name)).toEqual(['invoices']);
  });

  it.each<
    [string, Parameters<typeof status>[0], string, object | undefined, string]
  >([
    [
      'done in this version',
      { run, items: { 'bucket.invoices': item } },
      'ready',
      undefined,
      'ready',
    ],
    [
      'done, and changed by somebody since: the server tells how',
      { run, items: { 'bucket.invoices': { ...item, result: 'drift' } } },
      'drift',
      undefined,
      'ready',
    ],
    [
      'done in an older version',
      {
        run,
        items: { 'bucket.invoices': { ...item, resourceVersion: '6' } },
      },
      'ready',
      { reason: 'WaitingForSetup' },
      'The setup program has not come to this version yet',
    ],
    [
      'done for another record of that name',
      { run, items: { 'bucket.invoices': { ...item, uid: 'u0' } } },
      'waiting',
      undefined,
      'The setup program has not come to this version yet',
    ],
    [
      'refused',
      {
        run,
        items: {
          'bucket.invoices': {
            ...item,
            result: 'failed',
            reason: 'BucketNotOurs',
            message: 'Somebody else has made it',
          },
        },
      },
      'failed',
      undefined,
      'failed',
    ],
    [
      'waited for',
      {
        run,
        items: {
          'bucket.invoices': {
            ...item,
            result: 'waiting',
            reason: 'NotMeasured',
            message: 'The server has not measured it',
          },
        },
      },
      'waiting',
      undefined,
      'NotMeasured: The server has not measured it',
    ],
    [
      'of a program that never ran',
      {},
      'waiting',
      undefined,
      'The setup program has not run yet',
    ],
    [
      'of a program that was stopped',
      { run: { ...run, exitCode: 3, message: 'the server does not answer' } },
      'waiting',
      undefined,
      'The setup program cannot do its work at present',
    ],
    [
      'of a program that does not run any more',
      { run: { ...run, endedAt: '2026-11-29T11:54:00.000Z' } },
      'waiting',
      undefined,
      'The setup program has not run since 2026-11-29T11:54:00.000Z',
    ],
    [
      'done, by a program that does not run any more',
      {
        run: { ...run, endedAt: '2026-11-29T11:54:00.000Z' },
        items: { 'bucket.invoices': item },
      },
      'ready',
      undefined,
      'ready',
    ],
  ])('has a bucket %s', async (_, said, state, outdated, requested) => {
    const { facts } = await read([record(NAMESPACE), status(said)]);
    const [bucket] = storageOf(facts);
    expect(bucket).toMatchObject({ listed: true, verdict: { state } });
    expect(bucket.outdated?.reason).toBe(
      (outdated as { reason: string } | undefined)?.reason,
    );
    // What a request waits for.
    const observed = describeProvisioner(facts, [
      { type: 'bucket', name: 'invoices' },
    ]);
    expect(
      observed.state === 'waiting' ? observed.waitingFor : observed.state,
    ).toBe(requested);
  });

  it('has no access ready whose user was changed, in the words of the program', async () => {
    const { facts } = await read([
      access('active'),
      status({
        run,
        items: {
          'access.writer': {
            ...item,
            result: 'drift',
            reason: 'SecretChanged',
            message: 'The server has another secret',
          },
        },
      }),
    ]);
    expect(
      describeProvisioner(facts, [{ type: 'access', name: 'writer' }]),
    ).toEqual({
      by: 'setup-program',
      state: 'waiting',
      waitingFor: 'SecretChanged: The server has another secret',
    });
  });

  it('tells the words of the program to those who run it, and not to each team', async () => {
    const { facts, problems } = await read([
      record(NAMESPACE),
      status({
        run: { ...run, exitCode: 3, message: 'no answer of 10.0.0.7' },
      }),
    ]);
    expect(problems[0].message).toContain('10.0.0.7');
    const buckets = facts.items.filter(({ type }) => type === 'bucket');
    expect(buckets).toHaveLength(1);
    expect(JSON.stringify(buckets)).not.toContain('10.0.0.7');
  });

  it('says once that nothing is made, and where to look', async () => {
    for (const unwell of [
      { ...run, endedAt: '2026-11-29T11:54:00.000Z' },
      { ...run, exitCode: 4, message: 'the key is refused' },
    ]) {
      expect((await read([status({ run: unwell })])).problems).toEqual([
        expect.objectContaining({
          code: 'setup-silent',
          part: REF,
          hint: expect.stringContaining(NAMESPACE),
        }),
      ]);
    }
  });

  it.each([
    ['active', 'access-writer'],
    ['revoked', 'rustfs-portal-denied'],
  ] as const)(
    'gives an access that is %s the policy %s',
    async (state, policy) => {
      const { facts } = await read([
        access(state),
        status({ run, items: { 'access.writer': item } }),
      ]);
      expect(storageOf(facts)).toMatchObject([
        {
          type: 'access',
          name: 'writer',
          policies: [policy],
          verdict: { state: 'ready' },
        },
      ]);
    },
  );

  it('tells what is in no record', async () => {
    const { facts } = await read([status({ run })]);
    expect(
      describeProvisioner(facts, [{ type: 'bucket', name: 'gone' }]),
    ).toEqual({
      by: 'setup-program',
      state: 'waiting',
      waitingFor: expect.stringContaining(`Namespace ${NAMESPACE}`),
    });
  });
});
