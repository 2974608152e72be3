import { ObjectCondition } from '../../kubernetes';
import recordings from './__fixtures__/fluxRecordings.json';
import { describeDelivery, revisionsOf } from './describeDelivery';
import { FluxObjects } from './FluxObjects';
import { commitOf } from '../commitOf';
import { GitRepositoryObject } from './objects';

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
  /** The message, of `Progressing` unless another reason is named. */
  reconciling?: string | [reason: string, message: string];
  stalled?: 'source' | 'kustomization';
  ref?: GitRepositoryObject['spec']['ref'];
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
  const stalled = condition('Stalled', ['True', 'AccessDenied', '']);
  return {
    gitRepository: {
      metadata: { name: 'atlas', namespace: 'flux-system' },
      spec: {
        url: 'https://git.acme.org/acme/atlas',
        ref: options.ref ?? { branch: 'main' },
        interval: '1m0s',
        suspend: options.suspend === 'source',
      },
      status: {
        artifact: { revision: `main@sha1:${options.fetched}` },
        conditions: [
          condition('Ready', options.sourceReady ?? ['True', 'Succeeded', '']),
          ...(options.stalled === 'source' ? [stalled] : []),
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
                  ...(typeof options.reconciling === 'string'
                    ? (['Progressing', options.reconciling] as const)
                    : options.reconciling),
                ]),
              ]
            : []),
          ...(options.stalled === 'kustomization' ? [stalled] : []),
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
        reconciling: [
          'ProgressingWithRetry',
          `Fetching manifests for revision main@sha1:${MERGE} with a timeout of 2m0s`,
        ],
      },
      { state: 'failed', reason: 'ArtifactFailed' },
    ],
    [
      'the files of the source are away for a moment',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: [
          'False',
          'ArtifactFailed',
          'Source artifact not found, retrying in 30s',
        ],
      },
      {
        state: 'waiting',
        waitingFor: expect.stringContaining('retrying in 30s'),
      },
    ],
    [
      'the files of the source are away, after a run of an older revision failed',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: ['False', 'ArtifactFailed', 'Source artifact not found'],
        reconciling: [
          'ProgressingWithRetry',
          `Building manifests for revision main@sha1:${OLD} with a timeout of 2m0s`,
        ],
      },
      { state: 'waiting' },
    ],
    [
      'its files are away after it was tried',
      {
        fetched: MERGE,
        attempted: MERGE,
        applied: OLD,
        ready: ['False', 'ArtifactFailed', 'Source artifact not found'],
      },
      { state: 'waiting' },
    ],
    [
      'fetched, the run of this very revision begins',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: ['Unknown', 'Progressing', 'x'],
        reconciling: `Fetching manifests for revision main@sha1:${MERGE} with a timeout of 2m0s`,
      },
      {
        state: 'waiting',
        waitingFor: `Flux applies it: Fetching manifests for revision main@sha1:${MERGE} with a timeout of 2m0s`,
      },
    ],
    [
      'fetched, the run of a later revision begins',
      {
        fetched: LATER,
        attempted: OLD,
        applied: OLD,
        ready: ['Unknown', 'Progressing', 'x'],
        reconciling: `Fetching manifests for revision main@sha1:${LATER} with a timeout of 2m0s`,
      },
      {
        state: 'waiting',
        waitingFor: expect.stringContaining('Flux applies it'),
      },
    ],
    [
      'applied, health checks ended for a newer revision',
      {
        fetched: LATER,
        attempted: MERGE,
        applied: OLD,
        ready: [
          'False',
          'HealthCheckCanceled',
          'New reconciliation triggered by GitRepository',
        ],
      },
      { state: 'applied', revision: `main@sha1:${MERGE}` },
    ],
    [
      'health checks of an older revision ended for this one',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: ['False', 'HealthCheckCanceled', 'New reconciliation'],
      },
      { state: 'waiting' },
    ],
    [
      'applied, what was removed cannot be pruned',
      {
        fetched: MERGE,
        attempted: MERGE,
        applied: OLD,
        ready: ['False', 'PruneFailed', 'cannot delete'],
      },
      { state: 'applied', revision: `main@sha1:${MERGE}` },
    ],
    [
      'applied, not healthy, and suspended since',
      {
        fetched: MERGE,
        attempted: MERGE,
        applied: OLD,
        ready: ['False', 'HealthCheckFailed', 'timeout'],
        suspend: 'kustomization',
      },
      { state: 'applied' },
    ],
    [
      'another Kustomization is not ready any more',
      {
        fetched: MERGE,
        attempted: MERGE,
        applied: OLD,
        ready: [
          'False',
          'DependencyNotReady',
          "dependency 'flux-system/operators' is not ready",
        ],
      },
      {
        state: 'waiting',
        waitingFor: expect.stringContaining(
          "another Kustomization: dependency 'flux-system/operators'",
        ),
      },
    ],
    [
      'an older revision failed to build',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: ['False', 'BuildFailed', 'bad'],
      },
      {
        state: 'waiting',
        waitingFor: expect.stringContaining('not applied yet'),
      },
    ],
    [
      'Flux has given up on the Kustomization',
      {
        fetched: MERGE,
        attempted: OLD,
        applied: OLD,
        ready: ['False', 'AccessDenied', "can't access the source"],
        stalled: 'kustomization',
      },
      { state: 'failed', reason: 'AccessDenied' },
    ],
    [
      'Flux has given up on the source',
      {
        fetched: OLD,
        attempted: OLD,
        applied: OLD,
        sourceReady: ['False', 'URLInvalid', 'no such scheme'],
        stalled: 'source',
      },
      { state: 'failed', reason: 'URLInvalid', message: 'no such scheme' },
    ],
    [
      'the source follows another branch',
      { fetched: OLD, attempted: OLD, applied: OLD, ref: { branch: 'stable' } },
      {
        state: 'waiting',
        notFetched: true,
        waitingFor:
          'GitRepository flux-system/atlas to follow branch main, where the change was merged: it follows branch stable',
      },
    ],
    [
      'the source was pinned meanwhile',
      { fetched: OLD, attempted: OLD, applied: OLD, ref: { tag: 'v1' } },
      {
        state: 'waiting',
        waitingFor: expect.stringContaining('is pinned to tag v1'),
      },
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
    expect(describeDelivery(flux(options), contains, 'main')).toMatchObject(
      expected,
    );
  });

  it('asks for the relation of all revisions that Flux names', () => {
    expect(
      revisionsOf(
        flux({
          fetched: LATER,
          attempted: OLD,
          applied: OLD,
          reconciling: `Fetching manifests for revision main@sha1:${MERGE} with a timeout of 2m0s`,
        }),
      ),
    ).toEqual([LATER, OLD, MERGE]);
  });

  // What Flux itself wrote; the merged commit is the one that the source has, or the head of the branch.
  it.each<[keyof typeof recordings, string]>([
    ['success', 'applied'],
    ['wait-passed-before-status', 'applied'],
    ['wait-health-check-failed', 'applied'],
    ['health-check-expression-fresh', 'applied'],
    ['build-failed', 'failed BuildFailed'],
    ['decryption-secret-missing', 'failed BuildFailed'],
    // Of this revision, built before the variables were asked for.
    ['policy-variable-with-substitution', 'applied'],
    ['dry-run-failed', 'failed ReconciliationFailed'],
    ['dry-run-failed-immutable', 'failed ReconciliationFailed'],
    ['dry-run-failed-no-namespace', 'failed ReconciliationFailed'],
    ['dependency-not-ready', 'waiting'],
    ['pushed-not-fetched', 'waiting, not fetched'],
    ['suspended', 'waiting'],
    ['wait-in-progress', 'applied'],
    ['wait-new-generation-in-progress', 'waiting'],
    ['source-branch-missing', 'waiting, not fetched'],
    ['source-secret-missing', 'waiting, not fetched'],
    ['source-unreachable', 'waiting, not fetched'],
  ])('reads the recording %s as %s', (name, expected) => {
    const recording = recordings[name];
    const { kustomization, gitRepository } = recording;
    const fetched = commitOf(gitRepository.status.artifact.revision)!;
    const head = 'branchHead' in recording ? recording.branchHead : fetched;
    const merged = name.startsWith('source-') ? MERGE : head;
    const delivery = describeDelivery(
      { kustomization, gitRepository },
      commit => commit === merged,
      'main',
    );
    const more = {
      applied: '',
      waiting: 'notFetched' in delivery ? ', not fetched' : '',
      failed: 'reason' in delivery ? ` ${delivery.reason}` : '',
      lost: '',
    };
    expect(`${delivery.state}${more[delivery.state]}`).toBe(expected);
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
