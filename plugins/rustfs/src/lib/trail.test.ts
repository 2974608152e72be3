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

  it('knows when it was requested even if the trail does not', () => {
    const request = aRequest('submitting', { trail: [] });
    expect(trailSteps(request)[0].event?.at).toBe(request.createdAt);
  });
});
