import { ObjectCondition } from '@rustfs-portal/plugin-rustfs-node';
import { describeDelivery, FluxObjects } from './describeDelivery';

const OLD = 'a'.repeat(40);
const MERGE = 'b'.repeat(40);
const LATER = 'd'.repeat(40);
const contains = (commit: string) => commit !== OLD;
const at = '2026-01-01T10:00:00Z';

function flux(options: {
  fetched: string;
  attempted: string;
  applied: string;
  ready?: [status: string, reason: string, message: string];
  reconciling?: string;
  sourceReady?: [status: string, reason: string, message: string];
  suspend?: 'source' | 'kustomization';
}): FluxObjects {
  const condition = (
    type: string,
    [status, reason, message]: [string, string, string],
  ): ObjectCondition => ({
    type,
    status,
    reason,
    message,
    lastTransitionTime: at,
  });
  return {
    gitRepository: {
      metadata: { name: 'atlas', namespace: 'flux-system' },
      spec: {
        url: 'https://git.acme.org/acme/atlas',
        interval: '1m0s',
        suspend: options.suspend === 'source',
      },
      status: {
        artifact: { revision: `main@sha1:${options.fetched}` },
        conditions: [
          condition('Ready', options.sourceReady ?? ['True', 'Succeeded', '']),
        ],
      },
    },
    kustomization: {
      metadata: { name: 'storage', namespace: 'flux-system' },
      spec: {
        sourceRef: { kind: 'GitRepository', name: 'atlas' },
        suspend: options.suspend === 'kustomization',
      },
      status: {
        lastAppliedRevision: `main@sha1:${options.applied}`,
        lastAttemptedRevision: `main@sha1:${options.attempted}`,
        conditions: [
          condition(
            'Ready',
            options.ready ?? ['True', 'ReconciliationSucceeded', ''],
          ),
          ...(options.reconciling
            ? [
                condition('Reconciling', [
                  'True',
                  'Progressing',
                  options.reconciling,
                ]),
              ]
            : []),
        ],
      },
    },
  };
}

describe('describeDelivery', () => {
  it.each<[string, Parameters<typeof flux>[0], object]>([
    [
      'not fetched yet',
      { fetched: OLD, attempted: OLD, applied: OLD },
      {
        state: 'waiting',
        waitingFor:
          'Merged, not fetched yet: GitRepository flux-system/atlas fetches every 1m0s',
      },
    ],
    [
      'the source cannot be fetched while the Kustomization stays Ready',
      {
        fetched: OLD,
        attempted: OLD,
        applied: OLD,
        sourceReady: ['False', 'GitOperationFailed', 'authentication required'],
      },
      {
        state: 'waiting',
        waitingFor: 'Flux cannot fetch the repository: authentication required',
      },
    ],
    [
      'suspended',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        suspend: 'kustomization',
      },
      {
        state: 'waiting',
        waitingFor: 'Kustomization flux-system/storage is suspended',
      },
    ],
    [
      'fetched, an earlier revision still runs its health checks',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: ['Unknown', 'Progressing', 'Reconciliation in progress'],
        reconciling: 'Running health checks for revision main@sha1:aaa',
      },
      {
        state: 'waiting',
        waitingFor: expect.stringContaining('ends an earlier run first'),
      },
    ],
    [
      'being applied',
      {
        fetched: MERGE,
        attempted: MERGE,
        applied: OLD,
        ready: ['Unknown', 'Progressing', 'Reconciliation in progress'],
        reconciling: 'Detecting drift for revision main@sha1:bbb',
      },
      {
        state: 'waiting',
        waitingFor: expect.stringContaining('Detecting drift'),
      },
    ],
    [
      'applied',
      { fetched: MERGE, attempted: MERGE, applied: MERGE },
      { state: 'applied', revision: `main@sha1:${MERGE}`, at },
    ],
    [
      'applied with a later merge',
      { fetched: LATER, attempted: LATER, applied: LATER },
      { state: 'applied', revision: `main@sha1:${LATER}` },
    ],
    [
      'applied, a later change fails',
      {
        fetched: LATER,
        attempted: LATER,
        applied: MERGE,
        ready: ['False', 'BuildFailed', 'bad'],
      },
      { state: 'applied', revision: `main@sha1:${MERGE}` },
    ],
    [
      'applied before it was suspended',
      { fetched: MERGE, attempted: MERGE, applied: MERGE, suspend: 'source' },
      { state: 'applied' },
    ],
    [
      'refused by the cluster',
      {
        fetched: MERGE,
        attempted: MERGE,
        applied: OLD,
        ready: [
          'False',
          'ReconciliationFailed',
          'Tenant/storage/apps dry-run failed (Invalid): no',
        ],
        reconciling: 'Detecting drift for revision main@sha1:bbb',
      },
      { state: 'failed', reason: 'ReconciliationFailed', at },
    ],
    [
      'applied, not healthy',
      {
        fetched: MERGE,
        attempted: MERGE,
        applied: OLD,
        ready: ['False', 'HealthCheckFailed', 'timeout'],
      },
      { state: 'applied', revision: `main@sha1:${MERGE}` },
    ],
    [
      'the folder is missing',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: ['False', 'ArtifactFailed', 'path not found'],
      },
      { state: 'failed', reason: 'ArtifactFailed' },
    ],
    [
      'another Kustomization is not ready',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: [
          'False',
          'DependencyNotReady',
          "dependency 'base' is not ready",
        ],
      },
      {
        state: 'waiting',
        waitingFor: expect.stringContaining("dependency 'base' is not ready"),
      },
    ],
  ])('%s', (_, options, expected) => {
    expect(describeDelivery(flux(options), contains)).toMatchObject(expected);
  });

  it('waits when Flux has not reported anything yet', () => {
    const { gitRepository, kustomization } = flux({
      fetched: OLD,
      attempted: OLD,
      applied: OLD,
    });
    expect(
      describeDelivery(
        {
          gitRepository: { ...gitRepository, status: undefined },
          kustomization: { ...kustomization, status: undefined },
        },
        contains,
      ),
    ).toMatchObject({ state: 'waiting' });
  });

  it('does not pass on what may be the content of a Secret', () => {
    const delivery = describeDelivery(
      flux({
        fetched: MERGE,
        attempted: MERGE,
        applied: OLD,
        ready: [
          'False',
          'ReconciliationFailed',
          'Secret/storage/root dry-run failed (BadRequest): error decoding from json: illegal base64 in {"secretkey":"hunter2"}\nat byte 3',
        ],
      }),
      contains,
    );
    expect(delivery).toMatchObject({
      state: 'failed',
      message: expect.stringMatching(
        /^Secret\/storage\/root dry-run failed \(BadRequest\) \(what/,
      ),
    });
    expect(JSON.stringify(delivery)).not.toContain('hunter2');
  });
});
