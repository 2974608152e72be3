import { EngineDelivery, Located } from '@rustfs-portal/plugin-rustfs-node';
import recordings from './__fixtures__/recordings.json';
import trackingMethods from './__fixtures__/trackingMethods.json';
import { applicationSchema } from './ApplicationObject';
import { applicationStateOf, toEngineState } from './ApplicationState';
import { argocdEngine } from './argocdEngine';
import { describeDelivery } from './describeDelivery';
import { Applications } from './locate';
import { readTargetRevision } from './readTargetRevision';
import { revisionsOf } from './revisions';
import { findAppliedBy } from './tracking';

interface Recording {
  commits: Record<string, string>;
  states: Array<{ label: string; application: unknown }>;
}

const all = recordings as unknown as Record<string, Recording>;

/** The Applications of a recorded moment. */
function applicationsAt(recording: string, label: string): unknown[] {
  const state = all[recording].states.find(found => found.label === label);
  return [state!.application].flat();
}

/** How far Argo CD was with a commit at a recorded moment, as the engine says it. */
function deliveryAt(
  [recording, label]: [string, string],
  options: {
    commit?: string;
    mergedAt?: string;
    now?: string;
    name?: string;
    sourceIndex?: number;
    object?: { kind: string; namespace: string; name: string };
  } = {},
): EngineDelivery & { asked: string[] } {
  const { commit = 'M', sourceIndex = 0, object } = options;
  const application = applicationsAt(recording, label)
    .map(found => applicationSchema.parse(found))
    .find(({ metadata }) => !options.name || metadata.name === options.name)!;
  // As it comes out of the cache.
  const said = JSON.parse(
    JSON.stringify(
      toEngineState({ application, isRemote: false, sourceIndex, object }),
    ),
  );
  const state = applicationStateOf({ said })!;
  const { commits } = all[recording];
  const order = Object.keys(commits);
  const contains = (revision: string) => {
    const at = order.findIndex(key => commits[key] === revision);
    return at >= order.indexOf(commit) && order[at] !== 'rewritten';
  };
  const asked = revisionsOf(state);
  const delivery = describeDelivery(state, {
    branch: 'main',
    at: options.mergedAt,
    // Only what was asked of the forge is known.
    isIn: revision =>
      revision === commits[commit] ||
      (asked.includes(revision) && contains(revision)) ||
      (recording === 'source-hydrator' && contains(revision)),
    now: options.now ?? '2026-11-29T12:00:00.000Z',
  });
  return { ...delivery, asked };
}

describe('what Argo CD says of a merge', () => {
  it.each<[string, string, Parameters<typeof deliveryAt>[1]?]>([
    ['first-sync', 'applied'],
    ['new-commit-polled', 'applied'],
    ['new-commit-refresh', 'applied'],
    ['webhook', 'applied'],
    // No operation was ever made for them.
    ['commit-elsewhere', 'compared, nothing to do'],
    ['commit-elsewhere-generate-paths', 'after'],
    ['comparison-failed-yaml', 'repaired'],
    ['manual-waiting', 'applied'],
    ['skip-reconcile', 'applied'],
    ['repository-unreachable', 'applied'],
    ['any-namespace', 'applied'],
    ['app-of-apps', 'both', { name: 'child' }],
    ['applicationset', 'third Application', { name: 'gamma' }],
    ['multi-source', 'applied', { sourceIndex: 1 }],
    ['source-hydrator', 'applied'],
    ['source-hydrator', 'after a commit elsewhere'],
    ['source-hydrator', 'cannot be hydrated'],
    // The repair is in the cluster while the operation of the broken commit goes on failing.
    [
      'retry-while-repair-arrives',
      'repair fetched, operation of the broken commit still retrying',
      { commit: 'repair' },
    ],
    ['retry-while-repair-arrives', 'after termination', { commit: 'repair' }],
    ['sync-failed-no-namespace', 'repaired'],
    ['sync-window-denied', 'window removed'],
    // Health is for the provisioner to tell.
    ['tenant-health-none', 'Tenant degraded, Application healthy'],
    ['health-progressing-degraded-healthy', 'applied, degraded'],
    ['hook-success', 'applied'],
    ['hook-failed', 'failed for good'],
    ['hook-only-change', 'Synced, hook not run'],
    ['shared-resource', 'both', { name: 'two' }],
  ])('is applied in %s, %s', (...[recording, label, options]) => {
    expect(deliveryAt([recording, label], options)).toMatchObject({
      state: 'applied',
      revision: expect.stringMatching(/^[0-9a-f]{40}$/),
    });
  });

  it.each<[string, string, RegExp, boolean, Parameters<typeof deliveryAt>[1]?]>(
    [
      ['first-sync', 'created, nothing known', /not fetched yet/, true],
      ['new-commit-polled', 'merged, not fetched', /not fetched yet/, true],
      [
        'app-of-apps',
        'only the parent refreshed',
        /not fetched yet/,
        true,
        { name: 'child' },
      ],
      ['first-sync', 'being applied', /^Argo CD applies it/, false],
      [
        'new-commit-refresh',
        'fetched, compared, not applied',
        /begins to apply/,
        false,
      ],
      ['new-commit-refresh', 'being applied', /^Argo CD applies it/, false],
      ['automated-disabled', 'waiting for a person', /press Sync/, false],
      [
        'manual-waiting',
        'M2 fetched, waiting for a person',
        /press Sync/,
        false,
        { commit: 'M2' },
      ],
      [
        'manual-rollback',
        'rolled back',
        /gone back to an older commit/,
        false,
        { commit: 'head' },
      ],
      ['sync-dry-run', 'dry run done', /press Sync/, false],
      ['sync-selective', 'one of two applied', /press Sync/, false],
      [
        'skip-reconcile',
        'refresh requested, not taken',
        /skip-reconcile/,
        true,
      ],
      [
        'repository-unreachable',
        'M merged, repository unreachable',
        /cannot fetch the repository: failed to list refs: .*connection refused$/,
        true,
      ],
      [
        'repository-missing',
        'comparison failed',
        /cannot fetch the repository/,
        true,
        { commit: 'none' },
      ],
      [
        'sync-failed-invalid',
        'first attempt failed, operation goes on (retry)',
        /fails and tries again \(1 of 5\): Tenant\/apps\/refused: Tenant\.rustfs\.com "refused" is invalid: spec\.buckets\[1\]\.name/,
        false,
      ],
      [
        'repair-waits-for-retries',
        'repair fetched, broken commit still retrying',
        /waits for the running sync of [0-9a-f]{10}: one or more objects failed to apply, reason: namespaces "never" not found$/,
        false,
        { commit: 'repair' },
      ],
      [
        'waves-waiting',
        'waiting for wave 0',
        /^Argo CD applies it: waiting for healthy state of apps\/Deployment\/waved/,
        false,
      ],
      [
        'waves-waiting',
        'M2 fetched, M still being applied',
        /waits for the running sync of .*waiting for healthy state/,
        false,
        { commit: 'M2' },
      ],
      [
        'hook-success',
        'objects applied, hook running',
        /waiting for completion of hook batch\/Job\/setup-apply/,
        false,
      ],
      [
        'sync-window-denied',
        'OutOfSync, no operation, no condition',
        /sync window of project/,
        false,
      ],
      ['sync-window-denied', 'manual sync', /blocked by sync window/, false],
      ['prune-off', 'requires pruning', /somebody to remove ConfigMap/, false],
      [
        'unknown-field-client-side',
        'after the sync',
        /the cluster differs from Git/,
        false,
      ],
      [
        'source-changed',
        'compared with the new path, old path applied',
        /differs from Git/,
        false,
      ],
      [
        'source-hydrator',
        'M merged, refresh alone does not hydrate',
        /not rendered yet into the branch/,
        true,
      ],
      ['force-pushed', 'rewritten commit applied', /not fetched yet/, true],
      [
        'ignore-differences',
        'Synced at M, not applied',
        /ignores differences of ConfigMap/,
        false,
        { object: { kind: 'ConfigMap', namespace: 'apps', name: 'ignore' } },
      ],
    ],
  )(
    'is on the way in %s, %s',
    (...[recording, label, words, notFetched, options]) => {
      const delivery = deliveryAt([recording, label], options);
      expect(delivery).toMatchObject({
        state: 'waiting',
        waitingFor: expect.stringMatching(words),
      });
      expect('notFetched' in delivery).toBe(notFetched);
    },
  );

  it.each<[string, string, string, RegExp, Parameters<typeof deliveryAt>[1]?]>([
    [
      'comparison-failed-yaml',
      'comparison failed',
      'ComparisonError',
      /yaml/,
      { mergedAt: '2026-11-28T19:43:12Z' },
    ],
    [
      'comparison-failed-kustomize',
      'comparison failed',
      'ComparisonError',
      /kustomize/,
    ],
    [
      'path-missing',
      'comparison failed',
      'ComparisonError',
      /^.*app path does not exist$/,
      { commit: 'none' },
    ],
    [
      'multi-source-values-broken',
      'comparison failed',
      'ComparisonError',
      /./,
      { sourceIndex: 1 },
    ],
    [
      'project-destination-refused',
      'refused',
      'InvalidSpecError',
      /refuses Application team-a\/baddest: application destination server .* do not match any of the allowed destinations/,
    ],
    [
      'project-missing',
      'refused',
      'InvalidSpecError',
      /project nowhere which does not exist/,
    ],
    [
      'any-namespace-refused',
      'refused',
      'UnknownError',
      /is not permitted to use project 'team-b'/,
    ],
    [
      'deletion-pending',
      'being deleted',
      'DeletionPending',
      /is being deleted/,
    ],
    ['retry-backoff', 'given up', 'SyncFailed', /namespaces "later" not found/],
    [
      'retry-backoff',
      'refreshed: still given up',
      'SyncFailed',
      /namespaces "later" not found/,
    ],
    [
      'sync-failed-no-kind',
      'failed',
      'SyncFailed',
      /^Bucket\/apps\/\S+: The Kubernetes API could not find/,
    ],
    [
      'sync-failed-job-immutable',
      'failed',
      'SyncFailed',
      /spec\.template: Invalid value$/,
    ],
    [
      'sync-failed-secret',
      'number in stringData',
      'SyncFailed',
      /^Secret\/apps\/wrong: /,
    ],
    [
      'prune-everything',
      'refused',
      'SyncError',
      /auto-sync will wipe out all resources/,
    ],
  ])(
    'is hindered in %s, %s: %s',
    (...[recording, label, reason, words, options]) => {
      const delivery = deliveryAt([recording, label], options);
      expect(delivery).toMatchObject({
        state: 'failed',
        reason,
        message: expect.stringMatching(words),
      });
      // What is done about it is said of every reason.
      expect(argocdEngine.hints).toHaveProperty([reason]);
    },
  );

  it('does not fail a change for what could not be read before it was merged', () => {
    expect(
      deliveryAt(['comparison-failed-yaml', 'comparison failed'], {
        mergedAt: '2026-11-28T19:50:00Z',
      }),
    ).toMatchObject({ state: 'waiting', notFetched: true });
  });

  it('asks the forge for few commits', () => {
    for (const [recording, { states }] of Object.entries(all)) {
      for (const { label } of states) {
        expect(deliveryAt([recording, label]).asked.length).toBeLessThan(8);
      }
    }
  });

  it('keeps nothing of values, nor of a Job that was refused', () => {
    const [application] = applicationsAt('helm-values-in-spec', 'applied');
    const text = JSON.stringify(application);
    const kept = JSON.stringify(
      toEngineState({
        application: applicationSchema.parse(application),
        isRemote: false,
        sourceIndex: 0,
      }),
    );
    expect(text).toContain('valuesObject');
    expect(kept).not.toContain('values');
    const refused = deliveryAt(['sync-failed-job-immutable', 'failed']);
    expect(JSON.stringify(refused)).not.toContain('env');
  });
});

describe('where Argo CD has something from', () => {
  const destination = {
    cluster: 'atlas',
    isRemote: false,
    names: ['atlas'],
    addresses: ['https://k8s.acme.org:6443'],
  };
  const locate = (
    items: unknown[],
    object: Parameters<Applications['locate']>[0],
    target = destination,
  ): Located => new Applications({ items }, target).locate(object);
  const tracked = (
    application: string,
    group: string,
    kind: string,
    name: string,
  ) => ({
    kind,
    namespace: 'apps',
    name,
    annotations: {
      'argocd.argoproj.io/tracking-id': `${application}:${group}/${kind}:apps/${name}`,
    },
  });
  const media = tracked('media', 'rustfs.com', 'Tenant', 'media');
  const applied = applicationsAt('new-commit-refresh', 'applied');

  it('is repository, branch and folder of the Application that its mark names', () => {
    const { obstacle, place } = locate(applied, media);
    expect(obstacle).toBeUndefined();
    expect(place?.link).toMatchObject({
      object: { kind: 'Application', namespace: 'argocd', name: 'media' },
      repository: 'http://127.0.0.1:3180/deploy.git',
      branch: 'main',
      folder: 'apps/media',
      revision: all['new-commit-refresh'].commits.M,
      build: {
        decrypts: false,
        sourceIgnore: false,
        by: 'Argo CD Application',
      },
    });
  });

  it.each(trackingMethods.live.filter(({ objects }) => objects))(
    'is found by the marks of method $method',
    ({ application, objects }) => {
      for (const object of objects!) {
        expect(
          findAppliedBy({
            kind: 'ConfigMap',
            ...(object as { name: string; namespace: string }),
          }),
        ).toEqual({
          kind: 'Application',
          namespace: undefined,
          name: application,
        });
      }
    },
  );

  it('is not where a label that others set too says, unless the Application lists it', () => {
    const labelled = {
      kind: 'Tenant',
      namespace: 'apps',
      name: 'media',
      labels: { 'app.kubernetes.io/instance': 'media' },
    };
    expect(locate(applied, labelled).place?.link?.folder).toBe('apps/media');
    expect(locate(applied, { ...labelled, name: 'other' })).toEqual({
      obstacle: { code: 'not-tracked' },
    });
    expect(
      findAppliedBy({
        ...labelled,
        annotations: { 'meta.helm.sh/release-name': 'media' },
      }),
    ).toBeUndefined();
  });

  it('is not where the mark of a copy says', () => {
    expect(findAppliedBy({ ...media, namespace: 'elsewhere' })).toBeUndefined();
  });

  it('is an Application in another namespace, of an app of apps, or that was made by an ApplicationSet', () => {
    expect(
      locate(
        applicationsAt('any-namespace', 'applied'),
        tracked('team-a_media2', 'rustfs.com', 'Tenant', 'media2'),
      ).place?.link?.object,
    ).toMatchObject({ namespace: 'team-a', name: 'media2' });
    const items = applicationsAt('app-of-apps', 'both');
    const child = items.find(
      item => applicationSchema.parse(item).metadata.name === 'child',
    );
    const { object } = {
      object: applicationSchema
        .parse(child)
        .status!.resources!.find(({ kind }) => kind !== 'Application')!,
    };
    expect(
      locate(
        items,
        tracked('child', object.group ?? '', object.kind, object.name),
      ).place?.link,
    ).toMatchObject({
      object: { name: 'child' },
      through: [{ kind: 'Application', name: 'parent' }],
    });
    const [alpha] = applicationsAt('applicationset', 'two Applications');
    const { metadata, status } = applicationSchema.parse(alpha);
    const [own] = status!.resources!;
    expect(
      locate(
        [alpha],
        tracked(metadata.name, own.group ?? '', own.kind, own.name),
      ).place?.link?.madeBy,
    ).toMatchObject({ kind: 'ApplicationSet' });
  });

  it.each<[string, unknown[], Parameters<typeof locate>[2], object]>([
    ['is not there', [], undefined, { code: 'object-missing' }],
    [
      'applies elsewhere',
      applied,
      { ...destination, isRemote: true },
      {
        code: 'destination-elsewhere',
        destination: 'https://kubernetes.default.svc',
      },
    ],
  ])('is nowhere where the Application %s', (_, items, target, obstacle) => {
    expect(locate(items, media, target)).toEqual({
      obstacle: expect.objectContaining(obstacle),
    });
  });

  it.each([{ name: 'atlas' }, { server: 'https://k8s.acme.org:6443/' }])(
    'is in a hub what applies into %j',
    to => {
      const application = applicationSchema.parse(applied[0]);
      const hub = [
        { ...application, spec: { ...application.spec, destination: to } },
      ];
      expect(
        locate(hub, media, { ...destination, isRemote: true }).place?.link,
      ).toMatchObject({ folder: 'apps/media' });
    },
  );

  it('says of a chart that it is one', () => {
    const [chart] = applicationsAt('helm-chart-in-git', 'applied');
    const own = applicationSchema.parse(chart).status!.resources![0];
    expect(
      locate([chart], tracked('chart', own.group ?? '', own.kind, own.name))
        .obstacle,
    ).toMatchObject({ code: 'render-unsupported', render: 'Helm chart' });
  });

  it('follows the only source that is a folder of manifests, and none of several', () => {
    const application = applicationSchema.parse(applied[0]);
    const source = application.spec.source!;
    const withSources = (...sources: object[]) => [
      {
        ...application,
        spec: { ...application.spec, source: undefined, sources },
        status: {
          ...application.status,
          sourceType: undefined,
          sourceTypes: sources.map(one =>
            'chart' in one ? 'Helm' : 'Directory',
          ),
        },
      },
    ];
    const chart = {
      repoURL: 'https://charts.acme.org',
      chart: 'x',
      targetRevision: '1.0.0',
    };
    const found = locate(withSources(chart, source), media);
    expect(found.place?.link?.folder).toBe('apps/media');
    expect(applicationStateOf(found.place)?.sourceIndex).toBe(1);
    expect(
      locate(withSources(source, { ...source, path: 'more' }), media).obstacle,
    ).toMatchObject({ code: 'source-unclear' });
  });

  it.each([
    [undefined, { kind: 'branch', branch: 'HEAD' }],
    ['HEAD', { kind: 'branch', branch: 'HEAD' }],
    ['main', { kind: 'branch', branch: 'main' }],
    ['refs/heads/main', { kind: 'branch', branch: 'main' }],
    ['release-1.x-next', { kind: 'branch', branch: 'release-1.x-next' }],
    ['4b7cf00', { kind: 'commit', commit: '4b7cf00' }],
    ['v1.0.0', { kind: 'tag', tag: 'v1.0.0' }],
    ['refs/tags/stable', { kind: 'tag', tag: 'stable' }],
    ['>=1.0.0 <2', { kind: 'semver', range: '>=1.0.0 <2' }],
    ['1.*', { kind: 'semver', range: '1.*' }],
    ['v1.x', { kind: 'semver', range: 'v1.x' }],
  ])('follows %s', (revision, reference) => {
    expect(readTargetRevision(revision)).toEqual(reference);
  });
});
