import { findEndpoint, ServiceObject } from './service';
import {
  describeWorkload,
  findRustfs,
  Workload,
  workloadSchema,
} from './workload';

interface Given {
  kind?: Workload['kind'];
  name?: string;
  image?: string;
  env?: string[];
  replicas?: number;
  labels?: Record<string, string>;
  status?: Partial<Workload['status']>;
}

function workload(given: Given = {}): Workload {
  return {
    kind: given.kind ?? 'Deployment',
    metadata: {
      name: given.name ?? 'rustfs',
      namespace: 'storage',
      generation: 2,
      labels: given.labels,
    },
    spec: {
      replicas: given.replicas,
      template: {
        metadata: { labels: { app: 'rustfs', pod: 'x' } },
        spec: {
          containers: [
            { image: given.image ?? 'rustfs/rustfs:1.0.1', env: given.env },
          ],
        },
      },
    },
    status: {
      observedGeneration: 2,
      readyReplicas: 1,
      updatedReplicas: 1,
      conditions: [],
      ...given.status,
    },
  };
}

const condition = (
  type: string,
  status: string,
  reason: string,
  message: string,
) => ({ conditions: [{ type, status, reason, message }] });

describe('the state of a workload', () => {
  it.each<[string, Given, object]>([
    ['all Pods are ready', {}, { state: 'ready' }],
    [
      'scaled to 0',
      { replicas: 0 },
      { state: 'blocked', reason: 'ScaledToZero' },
    ],
    [
      'changed, and Kubernetes has yet to look',
      { status: { observedGeneration: 1 } },
      { state: 'reconciling', reason: 'NotObserved' },
    ],
    [
      'rolled out',
      { replicas: 2, status: { readyReplicas: 2, updatedReplicas: 1 } },
      {
        state: 'reconciling',
        message: expect.stringContaining('2 of 2 Pods of Deployment rustfs'),
      },
    ],
    [
      'a StatefulSet that is rolled out',
      {
        kind: 'StatefulSet',
        status: { currentRevision: 'a', updateRevision: 'b' },
      },
      { state: 'reconciling', reason: 'RollingOut' },
    ],
    [
      'stuck, in the words of Kubernetes',
      {
        status: {
          readyReplicas: 0,
          ...condition(
            'Progressing',
            'False',
            'ProgressDeadlineExceeded',
            'ReplicaSet "rustfs-5d" has timed out progressing.',
          ),
        },
      },
      {
        state: 'degraded',
        reason: 'ProgressDeadlineExceeded',
        message: 'ReplicaSet "rustfs-5d" has timed out progressing.',
      },
    ],
    [
      'refused by a quota',
      {
        status: {
          readyReplicas: 0,
          ...condition(
            'ReplicaFailure',
            'True',
            'FailedCreate',
            'pods "rustfs-5d" is forbidden',
          ),
        },
      },
      { state: 'degraded', reason: 'FailedCreate' },
    ],
    [
      'without a Pod',
      {
        replicas: 4,
        kind: 'StatefulSet',
        status: { readyReplicas: 3, currentRevision: 'a', updateRevision: 'a' },
      },
      {
        state: 'degraded',
        reason: 'PodsNotReady',
        message: '3 of 4 Pods of StatefulSet rustfs are ready',
      },
    ],
  ])('%s', (_, given, expected) => {
    expect(describeWorkload(workload(given))).toMatchObject(expected);
  });

  it('keeps no value of what its containers are given', () => {
    const { kind, ...object } = workload();
    const read = workloadSchema.parse({
      ...object,
      spec: {
        template: {
          spec: {
            containers: [
              {
                image: 'rustfs/rustfs',
                env: [{ name: 'RUSTFS_SECRET_KEY', value: 'hunter2' }],
              },
            ],
          },
        },
      },
    });
    expect(JSON.stringify(read)).toContain('RUSTFS_SECRET_KEY');
    expect(JSON.stringify(read)).not.toContain('hunter2');
  });
});

describe('the workload that runs RustFS', () => {
  it.each([
    'rustfs/rustfs',
    'rustfs/rustfs:1.0.1',
    'docker.io/rustfs/rustfs:1.0.1@sha256:0a1b',
    'registry.acme.org:5000/mirror/rustfs/rustfs@sha256:0a1b',
  ])('is found by its image %s', image => {
    const found = findRustfs([
      workload({ name: 'objectstore', image }),
      workload({ name: 'other', image: 'acme/notrustfs/rustfs-exporter:1' }),
    ]);
    expect(found.map(({ metadata }) => metadata.name)).toEqual(['objectstore']);
  });

  it('is found by the labels of its charts where no image tells', () => {
    const found = findRustfs([
      workload({
        image: 'registry.acme.org/s3:7',
        labels: { 'app.kubernetes.io/name': 'rustfs' },
      }),
      workload({ name: 'other', image: 'nginx' }),
    ]);
    expect(found).toHaveLength(1);
  });
});

describe('where a workload is reached in its cluster', () => {
  function service(
    name: string,
    ports: ServiceObject['spec']['ports'],
    spec: Partial<ServiceObject['spec']> = {},
  ): ServiceObject {
    return {
      metadata: { name, namespace: 'storage' },
      spec: { selector: { app: 'rustfs' }, ports, ...spec },
    };
  }
  const console_ = { name: 'console', port: 9001 };

  it.each<[string, ServiceObject[], Given, string | undefined]>([
    [
      'the official chart',
      [service('rustfs-svc', [{ name: 'endpoint', port: 9000 }, console_])],
      {},
      'http://rustfs-svc.storage.svc:9000',
    ],
    [
      'the chart of CloudPirates',
      [
        service('rustfs', [{ name: 'api', port: 8080 }]),
        service('rustfs-console', [console_]),
      ],
      {},
      'http://rustfs.storage.svc:8080',
    ],
    [
      'a general chart',
      [service('objects', [{ name: 'web', port: 80, targetPort: 9000 }])],
      {},
      'http://objects.storage.svc:80',
    ],
    [
      'a list of Pods beside an address',
      [
        service('a-headless', [{ port: 9000 }], { clusterIP: 'None' }),
        service('b', [{ port: 9000 }]),
      ],
      {},
      'http://b.storage.svc:9000',
    ],
    [
      'TLS by the port',
      [service('rustfs', [{ name: 'https-rustfs', port: 9000 }])],
      {},
      'https://rustfs.storage.svc:9000',
    ],
    [
      'TLS by what the server is given',
      [service('rustfs', [{ name: 'api', port: 9000 }])],
      { env: ['RUSTFS_TLS_PATH'] },
      'https://rustfs.storage.svc:9000',
    ],
    [
      'a Service of others, one without Pods and one of another namespace',
      [
        service('others', [{ port: 9000 }], { selector: { app: 'nginx' } }),
        service('all', [{ port: 9000 }], { selector: {} }),
        {
          ...service('rustfs', [{ port: 9000 }]),
          metadata: { name: 'rustfs', namespace: 'elsewhere' },
        },
      ],
      {},
      undefined,
    ],
    [
      'ports of which none is that of S3',
      [
        service('rustfs', [
          { name: 'a', port: 1 },
          { name: 'b', port: 2 },
        ]),
      ],
      {},
      undefined,
    ],
  ])('is told of %s', (_, services, given, expected) => {
    expect(findEndpoint(workload(given), services)).toBe(expected);
  });
});
