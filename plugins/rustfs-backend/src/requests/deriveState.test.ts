import { RequestState } from '@rustfs-portal/plugin-rustfs-common';
import fc from 'fast-check';
import { deriveState, Progress } from './deriveState';
import { describeProvisioner } from './describeProvisioner';
import { Observations } from './observations';

const names = {
  pull: { title: 'Pull request #12' },
  engine: 'Kustomization flux-system/storage on atlas',
  tenant: 'atlas/storage/apps',
};
const now = '2026-01-01T12:00:00.000Z';

function progress(overrides: Partial<Progress> = {}): Progress {
  return {
    state: 'proposed',
    trail: [
      {
        state: 'proposed',
        at: '2026-01-01T10:00:00.000Z',
        source: 'forge',
        message: 'Pull request opened',
      },
    ],
    ...overrides,
  };
}

type Failing = 'flux' | 'engine' | 'secrets' | 'operator' | 'setup-program';

const failedBy = (source: Failing, reason: string): Progress =>
  progress({
    state: 'failed',
    failure: { source, reason, message: 'no', hint: 'mend it' },
  });

const merged: Observations['pull'] = {
  state: 'merged',
  isStale: false,
  head: 'a'.repeat(40),
  approvals: [],
  shown: {},
  mergedAt: '2026-01-01T11:00:00Z',
  mergedBy: 'carla',
  mergeCommit: 'c'.repeat(40),
};

describe('deriveState', () => {
  it.each<
    [string, Progress, Omit<Observations, 'problems'>, Partial<Progress>]
  >([
    ['nothing could be seen', progress(), {}, { state: 'proposed' }],
    [
      'the pull request waits for a review',
      progress(),
      {
        pull: {
          state: 'open',
          isStale: false,
          head: 'a'.repeat(40),
          approvals: [],
          shown: {},
          waitingFor: 'a review',
        },
      },
      { state: 'proposed', waitingFor: 'a review' },
    ],
    [
      'the pull request was closed',
      progress(),
      {
        pull: {
          state: 'closed',
          isStale: false,
          head: 'a'.repeat(40),
          approvals: [],
          shown: {},
        },
      },
      { state: 'closed' },
    ],
    [
      'the pull request was merged and Flux has not fetched it',
      progress(),
      { pull: merged, delivery: { state: 'waiting', waitingFor: 'a fetch' } },
      { state: 'merged', waitingFor: 'a fetch', mergeCommit: 'c'.repeat(40) },
    ],
    [
      'the merge was taken out of the branch again',
      progress({ state: 'merged', mergeCommit: 'c'.repeat(40) }),
      {
        delivery: { state: 'lost', branch: 'main', commit: 'c'.repeat(40) },
      },
      {
        state: 'merged',
        failure: undefined,
        waitingFor: `Branch main to contain commit ${'c'.repeat(40)} again`,
      },
    ],
    [
      'Flux says that it failed',
      progress({ state: 'merged' }),
      {
        delivery: {
          state: 'failed',
          engine: 'flux',
          reason: 'BuildFailed',
          message: 'bad',
          hint: 'Mend it in a new pull request.',
        },
      },
      {
        state: 'failed',
        failure: {
          source: 'flux',
          reason: 'BuildFailed',
          message: 'bad',
          hint: expect.stringContaining('new pull request'),
        },
      },
    ],
    [
      'a failure of Flux was mended and the operator has begun',
      failedBy('flux', 'BuildFailed'),
      {
        delivery: { state: 'applied', revision: 'main@sha1:1' },
        provisioner: {
          by: 'operator',
          state: 'waiting',
          waitingFor: 'the Pods',
        },
      },
      {
        state: 'applied',
        failure: undefined,
        waitingFor: 'the Pods',
        appliedRevision: 'main@sha1:1',
      },
    ],
    [
      'the operator refuses',
      progress({ state: 'applied' }),
      {
        provisioner: {
          by: 'operator',
          state: 'failed',
          reason: 'BucketObjectLockConflict',
          message: 'Bucket was created but object lock is not enabled',
        },
      },
      { state: 'failed' },
    ],
    [
      'a provisioner refuses and says itself what to do',
      progress({ state: 'applied' }),
      {
        provisioner: describeProvisioner(
          {
            items: [
              {
                type: 'bucket',
                name: 'invoices',
                listed: true,
                verdict: {
                  state: 'failed',
                  reason: 'BucketCreateFailed',
                  message: 'The disk is full',
                  hint: 'Make room on the server.',
                },
              },
            ],
            unlisted: { reason: 'Absent', message: 'It is not declared' },
          },
          [{ type: 'bucket', name: 'invoices' }],
        ),
      },
      {
        state: 'failed',
        // And not what the portal knows of an operator with the same word.
        failure: {
          source: 'operator',
          reason: 'BucketCreateFailed',
          message: 'The disk is full',
          hint: 'Make room on the server.',
        },
      },
    ],
    [
      'the operator is content but the server could not be asked',
      progress({ state: 'applied' }),
      { provisioner: { by: 'operator', state: 'ready' } },
      { state: 'applied' },
    ],
    [
      'the operator is content and the server lacks the quota',
      progress({ state: 'applied' }),
      {
        provisioner: { by: 'operator', state: 'ready' },
        server: { state: 'waiting', waitingFor: 'the quota' },
      },
      { state: 'applied', waitingFor: 'the quota' },
    ],
    [
      'operator and server agree',
      progress({ state: 'applied' }),
      {
        provisioner: { by: 'operator', state: 'ready' },
        server: { state: 'agrees' },
      },
      { state: 'ready', waitingFor: undefined },
    ],
    [
      'the server agrees while the operator says that it failed',
      progress({ state: 'applied' }),
      {
        provisioner: {
          by: 'operator',
          state: 'failed',
          reason: 'X',
          message: 'y',
        },
        server: { state: 'agrees' },
      },
      { state: 'failed' },
    ],
    [
      'the operator made it after all',
      failedBy('operator', 'BucketCreateFailed'),
      {
        provisioner: { by: 'operator', state: 'ready' },
        server: { state: 'agrees' },
      },
      { state: 'ready', failure: undefined },
    ],
    [
      'the setup program made it after all, of which an older portal said that the operator had failed',
      failedBy('operator', 'BucketNotOurs'),
      {
        provisioner: { by: 'setup-program', state: 'ready' },
        server: { state: 'agrees' },
      },
      { state: 'ready', failure: undefined },
    ],
    [
      'a Secret was not made, whatever others say',
      progress({ state: 'applied' }),
      {
        secrets: { state: 'failed', reason: 'NotUnsealed', message: 'no key' },
        provisioner: { by: 'operator', state: 'ready' },
        server: { state: 'agrees' },
      },
      {
        state: 'failed',
        failure: {
          source: 'secrets',
          reason: 'NotUnsealed',
          message: 'no key',
          hint: expect.stringContaining('the object that the message names'),
        },
      },
    ],
    [
      'a Secret is not made yet, whatever others say',
      progress({ state: 'applied' }),
      {
        secrets: { state: 'waiting', waitingFor: 'the controller' },
        provisioner: { by: 'operator', state: 'ready' },
        server: { state: 'agrees' },
      },
      { state: 'applied', waitingFor: 'the controller' },
    ],
    [
      'a Secret was made after all',
      failedBy('secrets', 'NotUnsealed'),
      {
        secrets: { state: 'ready' },
        provisioner: { by: 'operator', state: 'ready' },
        server: { state: 'agrees' },
      },
      { state: 'ready', failure: undefined },
    ],
    [
      'nobody says whether a Secret was made by now',
      failedBy('secrets', 'NotUnsealed'),
      { provisioner: { by: 'operator', state: 'ready' } },
      { state: 'failed' },
    ],
    [
      'a closed one was opened again and merged',
      progress({ state: 'closed' }),
      { pull: merged },
      { state: 'merged', mergeCommit: 'c'.repeat(40) },
    ],
    [
      'a closed one is open again',
      progress({ state: 'closed' }),
      {
        pull: {
          state: 'open',
          isStale: false,
          head: 'a'.repeat(40),
          approvals: [],
          shown: {},
          waitingFor: 'a review',
        },
      },
      { state: 'proposed', waitingFor: 'a review' },
    ],
    [
      'a closed one cannot be seen',
      progress({ state: 'closed' }),
      {},
      { state: 'closed' },
    ],
  ])('when %s', (_, current, seen, expected) => {
    expect(
      deriveState(current, { problems: [], ...seen }, { now, names }),
    ).toMatchObject(expected);
  });

  it('walks the whole way at once and says who led to each step, in order of time', () => {
    const derived = deriveState(
      progress(),
      {
        pull: merged,
        delivery: {
          state: 'applied',
          engine: 'flux',
          revision: 'main@sha1:1',
          // The cluster's clock is behind the forge's.
          at: '2026-01-01T10:59:58Z',
        },
        provisioner: { by: 'operator', state: 'ready' },
        server: { state: 'agrees' },
        problems: [],
      },
      { now, names },
    );
    expect(
      derived.events.map(({ state, source, at, link }) => [
        state,
        source,
        at,
        link?.title,
      ]),
    ).toEqual([
      ['merged', 'forge', '2026-01-01T11:00:00.000Z', 'Pull request #12'],
      [
        'applied',
        'flux',
        '2026-01-01T11:00:00.000Z',
        'Kustomization flux-system/storage on atlas',
      ],
      ['ready', 'server', now, 'Tenant atlas/storage/apps'],
    ]);
  });

  it('says a failure once, and again when the reason is another', () => {
    const failure = (reason: string): Observations => ({
      provisioner: { by: 'operator', state: 'failed', reason, message: 'm' },
      problems: [],
    });
    const current = failedBy('operator', 'A');
    expect(deriveState(current, failure('A'), { now, names }).events).toEqual(
      [],
    );
    expect(
      deriveState(current, failure('B'), { now, names }).events,
    ).toHaveLength(1);
  });

  describe('whatever is seen', () => {
    const rank: Record<RequestState, number> = {
      submitting: 0,
      proposed: 1,
      merged: 2,
      applied: 3,
      failed: 3,
      ready: 4,
      closed: 4,
      withdrawn: 4,
    };
    /**
     * Forward, into a failure that somebody declared, out of one that the same part takes back, or on from a closed pull
     * request that the forge says is not closed any more.
     */
    function isAllowed(
      from: Omit<Progress, 'trail'>,
      to: Omit<Progress, 'trail'>,
      said: Partial<Record<'forge' | Failing, { state: string } | undefined>>,
    ): boolean {
      if (from.state === 'closed' && to.state !== 'closed') {
        return (
          said.forge?.state === (to.state === 'proposed' ? 'open' : 'merged')
        );
      }
      const saidBy = (failure: Progress['failure']) =>
        said[failure?.source as Failing]?.state;
      if (from.state === 'failed' && to.state === 'failed') {
        return true;
      }
      if (to.state === 'failed') {
        return saidBy(to.failure) === 'failed';
      }
      if (from.state === 'failed') {
        return ['applied', 'ready'].includes(saidBy(from.failure) ?? '');
      }
      return rank[to.state] >= rank[from.state];
    }

    const waiting = fc.record({
      state: fc.constant('waiting' as const),
      waitingFor: fc.string(),
    });
    const failed = fc.record({
      state: fc.constant('failed' as const),
      reason: fc.constantFrom('A', 'B'),
      message: fc.string(),
    });
    const unknownOr = <T>(known: fc.Arbitrary<T>) =>
      fc.option(known, { nil: undefined });
    const observations: fc.Arbitrary<Observations> = fc.record({
      pull: unknownOr(
        fc.record({
          state: fc.constantFrom('open' as const, 'merged', 'closed'),
          isStale: fc.boolean(),
          head: fc.constant('a'.repeat(40)),
          approvals: fc.constant([]),
          shown: fc.constant({}),
        }),
      ),
      delivery: unknownOr(
        fc.oneof(
          waiting,
          failed,
          fc.record({
            state: fc.constant('applied' as const),
            revision: fc.constant('main@sha1:1'),
          }),
        ),
      ),
      secrets: unknownOr(
        fc.oneof(waiting, failed, fc.constant({ state: 'ready' as const })),
      ),
      provisioner: unknownOr(
        fc
          .tuple(
            fc.constantFrom('operator' as const, 'setup-program' as const),
            fc.oneof(waiting, failed, fc.constant({ state: 'ready' as const })),
          )
          .map(([by, words]) => ({ ...words, by })),
      ),
      server: unknownOr(
        fc.oneof(waiting, fc.constant({ state: 'agrees' as const })),
      ),
      problems: fc.constant([]),
    });

    it('never goes back, fails only by a word of Flux, of what makes Secrets or of the operator, and writes a step for each move', () => {
      fc.assert(
        fc.property(fc.array(observations, { maxLength: 12 }), rounds => {
          let current = progress();
          for (const seen of rounds) {
            const { events, ...next } = deriveState(current, seen, {
              now,
              names,
            });
            const said = {
              forge: seen.pull,
              engine: seen.delivery,
              secrets: seen.secrets,
              operator: seen.provisioner,
              'setup-program': seen.provisioner,
            };
            const allowed = isAllowed(current, next, said);
            expect(allowed).toBe(true);
            expect(next.failure !== undefined).toBe(next.state === 'failed');
            expect(events[events.length - 1]?.state ?? current.state).toBe(
              next.state,
            );
            const again = deriveState(
              { ...next, trail: [...current.trail, ...events] },
              seen,
              { now, names },
            );
            expect(again).toEqual({ ...next, events: [] });
            current = { ...next, trail: [...current.trail, ...events] };
          }
        }),
      );
    });
  });

  it('names the setup program where that is who says it', () => {
    const by = 'setup-program' as const;
    const look = (current: Progress, observed: Partial<Observations>) =>
      deriveState(current, { ...observed, problems: [] }, { now, names });
    const failed = look(progress({ state: 'applied' }), {
      provisioner: {
        by,
        state: 'failed',
        reason: 'BucketNotOurs',
        message: 'Somebody else has made it',
      },
    });
    expect(failed.failure).toMatchObject({
      source: by,
      hint: expect.stringContaining('the setup program tries again by itself'),
    });
    expect(failed.events).toMatchObject([{ state: 'failed', source: by }]);
    const { events } = look(
      { ...failed, trail: failed.events },
      { provisioner: { by, state: 'ready' } },
    );
    expect(events).toMatchObject([
      {
        state: 'applied',
        source: by,
        message: 'The setup program has made it after all',
      },
    ]);
  });

  it('goes on to the next stage where one follows, and not to the end', () => {
    expect(
      deriveState(
        progress({ state: 'applied' }),
        {
          provisioner: { by: 'operator', state: 'ready' },
          server: { state: 'agrees' },
          problems: [],
        },
        { now, names: { ...names, nextStage: 'The Secret is next' } },
      ),
    ).toMatchObject({
      state: 'submitting',
      events: [
        {
          state: 'submitting',
          source: 'server',
          message: 'The Secret is next',
        },
      ],
    });
  });
});
