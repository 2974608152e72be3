import { aRequest } from '../__testUtils__/fixtures';
import { pullOfStage, trailSteps } from './trail';

const way = (request: ReturnType<typeof aRequest>) =>
  trailSteps(request).map(({ id, status }) => `${id} ${status}`);

describe('trailSteps', () => {
  it('waits for the pull request to be opened', () => {
    expect(way(aRequest('submitting'))).toEqual([
      'requested done',
      'pullRequest current',
      'merged upcoming',
      'applied upcoming',
      'ready upcoming',
    ]);
  });

  it('stays at the pull request while it is open', () => {
    expect(way(aRequest('proposed')).slice(0, 3)).toEqual([
      'requested done',
      'pullRequest current',
      'merged upcoming',
    ]);
  });

  it('waits for the engine once it is merged', () => {
    expect(way(aRequest('merged')).slice(2)).toEqual([
      'merged done',
      'applied current',
      'ready upcoming',
    ]);
  });

  it('is done when it is ready', () => {
    expect(way(aRequest('ready')).at(-1)).toBe('ready done');
  });

  it('ends where it failed', () => {
    expect(way(aRequest('failed'))).toEqual([
      'requested done',
      'pullRequest done',
      'merged done',
      'applied done',
      'failed failed',
    ]);
  });

  it('ends where it was closed', () => {
    expect(way(aRequest('closed'))).toEqual([
      'requested done',
      'pullRequest done',
      'closed failed',
    ]);
  });

  it('keeps a failure that was overcome, and the times of the steps before it', () => {
    const failed = aRequest('failed');
    const trail = [
      ...failed.trail,
      {
        state: 'applied' as const,
        at: '2026-03-02T13:00:00.000Z',
        source: 'operator' as const,
        message: 'The operator has made the bucket after all',
      },
      {
        state: 'ready' as const,
        at: '2026-03-02T13:01:00.000Z',
        source: 'server' as const,
        message: 'It is there',
      },
    ];
    const steps = trailSteps(aRequest('ready', { trail }));
    expect(steps.map(({ id, status }) => `${id} ${status}`)).toEqual([
      'requested done',
      'pullRequest done',
      'merged done',
      'applied done',
      'failed failed',
      'applied done',
      'ready done',
    ]);
    expect(steps.map(({ event }) => event?.at)).toEqual(
      trail.map(({ at }) => at),
    );
  });

  it('goes on from where it was taken up again', () => {
    const closed = aRequest('closed');
    const again = aRequest('proposed').trail;
    expect(
      way(aRequest('proposed', { trail: [...closed.trail, ...again] })),
    ).toEqual([
      'requested done',
      'pullRequest done',
      'closed failed',
      'requested done',
      'pullRequest current',
      'merged upcoming',
      'applied upcoming',
      'ready upcoming',
    ]);
  });

  it('knows when it was requested even if the trail does not', () => {
    const request = aRequest('submitting', { trail: [] });
    expect(trailSteps(request)[0].event?.at).toBe(request.createdAt);
  });

  describe('of a request that takes two pull requests', () => {
    const steps = (request: ReturnType<typeof aRequest>) =>
      trailSteps(request).map(
        ({ id, stage, status }) => `${stage} ${id} ${status}`,
      );
    const inEffect = {
      state: 'submitting' as const,
      at: '2026-03-02T12:10:00.000Z',
      source: 'server' as const,
      message: 'The key works; the Secret of the workload is next',
    };
    const second = (state: 'submitting' | 'proposed' | 'ready') =>
      aRequest(state, {
        stage: 2,
        stages: 2,
        earlier: [
          {
            number: 7,
            url: 'https://forge.example/acme/atlas/pulls/7',
            repository: 'acme/atlas',
          },
        ],
        source: {
          repository: 'acme/borealis',
          branch: 'main',
          path: 'clusters/borealis',
        },
        trail: [
          ...aRequest('applied').trail,
          inEffect,
          ...aRequest(state).trail.slice(1),
        ],
      });

    it('shows the second one from the beginning', () => {
      expect(steps(aRequest('proposed', { stages: 2 }))).toEqual([
        '1 requested done',
        '1 pullRequest current',
        '1 merged upcoming',
        '1 applied upcoming',
        '1 inEffect upcoming',
        '2 pullRequest upcoming',
        '2 merged upcoming',
        '2 applied upcoming',
        '2 ready upcoming',
      ]);
    });

    it('waits for what was merged to be in effect', () => {
      expect(steps(aRequest('applied', { stages: 2 })).slice(3, 6)).toEqual([
        '1 applied done',
        '1 inEffect current',
        '2 pullRequest upcoming',
      ]);
    });

    it('waits for the second one to be opened', () => {
      expect(steps(second('submitting')).slice(3, 7)).toEqual([
        '1 applied done',
        '1 inEffect done',
        '2 pullRequest current',
        '2 merged upcoming',
      ]);
    });

    it('names each with its state', () => {
      const request = second('proposed');
      expect(steps(request).slice(4, 7)).toEqual([
        '1 inEffect done',
        '2 pullRequest current',
        '2 merged upcoming',
      ]);
      expect(pullOfStage(request, 1)).toEqual({
        number: 7,
        url: 'https://forge.example/acme/atlas/pulls/7',
        repository: 'acme/atlas',
        state: 'merged',
      });
      expect(pullOfStage(request, 2)).toMatchObject({
        number: 12,
        repository: 'acme/borealis',
        state: 'open',
      });
    });

    it('is ready when both are', () => {
      expect(steps(second('ready')).at(-1)).toBe('2 ready done');
      expect(steps(second('ready'))).toHaveLength(9);
    });
  });
});
