import { applicationSchema } from './ApplicationObject';
import { toEngineState, applicationStateOf } from './ApplicationState';
import { describeDelivery } from './describeDelivery';
import { Applications } from './locate';

/*
 * What somebody can write into an Application of a namespace of his own, and what a cluster calls itself, must not lead
 * the portal elsewhere; and nothing is applied before it is.
 */

const TENANT = { kind: 'Tenant', namespace: 'storage', name: 'media' };
const OWN = { server: 'https://kubernetes.default.svc' };
const destination = {
  cluster: 'prod',
  isRemote: false,
  names: ['prod'],
  addresses: ['https://kubernetes.default.svc'],
};

function application(
  name: string,
  options: {
    namespace?: string;
    repoURL?: string;
    path?: string;
    to?: object;
    lists?: object[];
    annotations?: Record<string, string>;
    status?: object;
    spec?: object;
  } = {},
) {
  const { namespace = 'argocd', lists = [TENANT] } = options;
  return {
    metadata: { name, namespace, annotations: options.annotations },
    spec: {
      project: 'default',
      destination: options.to ?? OWN,
      source: {
        repoURL: options.repoURL ?? 'https://git.acme.org/acme/atlas.git',
        path: options.path ?? 'media',
        targetRevision: 'main',
      },
      ...options.spec,
    },
    status: {
      controllerNamespace: namespace,
      resources: lists.map(entry => ({ status: 'Synced', ...entry })),
      ...options.status,
    },
  };
}

const tracked = {
  ...TENANT,
  annotations: {
    'argocd.argoproj.io/tracking-id': 'media:rustfs.com/Tenant:storage/media',
  },
};
const labelled = {
  ...TENANT,
  labels: { 'app.kubernetes.io/instance': 'media' },
};
const forged = application('media', {
  namespace: 'aaa',
  repoURL: 'https://git.acme.org/mallory/own.git',
});

describe('an Application in a namespace of somebody else', () => {
  it.each([
    ['its tracking id', tracked],
    ['a label', labelled],
  ])('is not taken for that of Argo CD by %s', (_, object) => {
    const both = new Applications(
      { items: [forged, application('media')] },
      destination,
    );
    expect(both.locate(object).place?.link?.repository).toBe(
      'https://git.acme.org/acme/atlas.git',
    );
    const alone = new Applications({ items: [forged] }, destination);
    expect(alone.locate(object).place).toBeUndefined();
  });

  it('counts where the namespace is that of Argo CD by the configuration, or the id names it', () => {
    const here = new Applications({ items: [forged] }, destination, 'aaa');
    expect(here.locate(tracked).place).toBeDefined();
    const named = new Applications({ items: [forged] }, destination);
    expect(
      named.locate({
        ...TENANT,
        annotations: {
          'argocd.argoproj.io/tracking-id':
            'aaa_media:rustfs.com/Tenant:storage/media',
        },
      }).place,
    ).toBeDefined();
  });

  it('has no parent by its own word', () => {
    const child = application('media', {
      annotations: {
        'argocd.argoproj.io/tracking-id':
          'infra:argoproj.io/Application:argocd/media',
      },
    });
    const parentOf = (lists: object[]) =>
      new Applications(
        { items: [child, application('infra', { path: 'infra', lists })] },
        destination,
      ).locateParent(tracked).place;
    expect(parentOf([])).toBeUndefined();
    expect(
      parentOf([{ kind: 'Application', namespace: 'argocd', name: 'media' }])
        ?.link?.folder,
    ).toBe('infra');
  });

  it('is told where it applies the same folder under the same name', () => {
    const { place } = new Applications(
      {
        items: [
          application('media'),
          application('media', { namespace: 'team-a' }),
        ],
      },
      destination,
    ).locate(tracked);
    expect(place?.others?.map(({ object }) => object.namespace)).toEqual([
      'team-a',
    ]);
  });
});

it('a hub that applies into itself does not apply into the cluster that is looked at', () => {
  const locate = (to: object) =>
    new Applications(
      { items: [application('media', { to })] },
      { ...destination, isRemote: true },
    ).locate(tracked);
  expect(locate(OWN).obstacle).toMatchObject({ code: 'destination-elsewhere' });
  expect(locate({ name: 'in-cluster' }).obstacle).toMatchObject({
    code: 'destination-elsewhere',
  });
  expect(locate({ name: 'prod' }).obstacle).toBeUndefined();
});

describe('a merge into an Application that is out of sync', () => {
  const M = 'a'.repeat(40);
  const deliver = (status: object, spec: object = {}) => {
    const parsed = applicationSchema.parse(
      application('media', {
        spec,
        status: { sync: { status: 'OutOfSync', revision: M }, ...status },
      }),
    );
    const said = toEngineState({
      application: parsed,
      isRemote: false,
      sourceIndex: 0,
      object: TENANT,
    });
    return describeDelivery(applicationStateOf({ said })!, {
      branch: 'main',
      isIn: commit => commit === M,
      now: '2026-11-30T10:00:00.000Z',
    });
  };
  const own = { ...TENANT, status: 'Synced' };
  const differing = (kind: string, name = 'new') => ({
    kind,
    namespace: 'storage',
    name,
    status: 'OutOfSync',
  });

  it.each([
    ['a kind that a layout of its own has', [differing('RustFSBucket')]],
    [
      'a record behind many others',
      [
        ...Array.from({ length: 30 }, (_, at) =>
          differing('Deployment', `d${at}`),
        ),
        differing('ConfigMap'),
      ],
    ],
  ])('waits for a sync of %s', (_, others) => {
    expect(deliver({ resources: [own, ...others] })).toMatchObject({
      state: 'waiting',
      waitingFor: expect.stringMatching(/press Sync/),
    });
  });

  it('is applied once the whole was synced with it, whatever others changed since', () => {
    const history = [
      { id: 1, revision: M, deployedAt: '2026-11-30T09:00:00Z' },
    ];
    expect(
      deliver({ history, resources: [own, differing('Deployment')] }),
    ).toMatchObject({ state: 'applied', revision: M });
    const back = [
      ...history,
      { id: 2, revision: 'b'.repeat(40), deployedAt: '2026-11-30T09:30:00Z' },
    ];
    expect(
      deliver({ history: back, resources: [own, differing('Deployment')] }),
    ).toMatchObject({
      state: 'waiting',
      waitingFor: expect.stringMatching(/gone back to an older commit/),
    });
  });
});
