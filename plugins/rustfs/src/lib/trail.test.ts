import { aRequest } from '../__testUtils__/fixtures';
import { trailSteps } from './trail';

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
});
