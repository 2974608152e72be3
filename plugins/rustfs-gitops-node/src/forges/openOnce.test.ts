import { ForgeError, Pull } from '../types';
import { openOnce } from './openOnce';

const PULL = { number: 1, state: 'open' } as Pull;

/** Answers in turn; the last one for as long as it is asked. */
function opening(
  answers: Array<number | ForgeError>,
  { found }: { found?: Pull } = {},
) {
  const calls: string[] = [];
  const opened = openOnce({
    send: async () => {
      calls.push('send');
      const answer = answers.length > 1 ? answers.shift()! : answers[0];
      if (answer instanceof ForgeError) {
        throw answer;
      }
      return { status: answer };
    },
    mayBeOpen: ({ status }) => status === 409,
    read: ({ status }) => {
      if (status === 201) {
        return PULL;
      }
      throw new ForgeError('unreachable', `failed with ${status}`);
    },
    find: async () => {
      calls.push('find');
      return found;
    },
    waits: [1, 1],
  });
  return { calls, opened };
}

const silence = new ForgeError('unreachable', 'does not answer');

describe('openOnce', () => {
  it.each([[silence], [502], [503], [504]])(
    'sends nothing again that may be under way still: %s',
    async answer => {
      const { calls, opened } = opening([answer]);
      await expect(opened).rejects.toMatchObject({ reason: 'unreachable' });
      expect(calls).toEqual(['send', 'find']);
      await expect(opening([answer], { found: PULL }).opened).resolves.toBe(
        PULL,
      );
    },
  );

  it.each([500, 409])('tries again after an answer of %i', async status => {
    const { calls, opened } = opening([status, 201]);
    await expect(opened).resolves.toBe(PULL);
    expect(calls).toEqual(['send', 'find', 'send']);
    const failing = opening([status]);
    await expect(failing.opened).rejects.toThrow(`failed with ${status}`);
    expect(failing.calls.filter(call => call === 'send')).toHaveLength(3);
  });
});
