import { RequestState } from '@rustfs-portal/plugin-rustfs-common';
import { describeStall } from './describeStall';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const now = new Date('2026-01-20T12:00:00Z');
const config = { stalledAfter: 15 * MINUTE, reviewStalledAfter: 3 * DAY };

describe('describeStall', () => {
  it.each<[RequestState, number, string | undefined]>([
    ['merged', 14 * MINUTE, undefined],
    [
      'merged',
      15 * MINUTE,
      'Nothing has moved for more than 15 minutes, which is longer than usual',
    ],
    [
      'submitting',
      59 * MINUTE,
      'Nothing has moved for more than 15 minutes, which is longer than usual',
    ],
    [
      'applied',
      3 * HOUR + 20 * MINUTE,
      'Nothing has moved for more than 3 hours; up to 15 minutes is usual',
    ],
    [
      'applied',
      3 * HOUR + 50 * MINUTE,
      'Nothing has moved for more than 3 hours; up to 15 minutes is usual',
    ],
    ['proposed', 2 * DAY, undefined],
    [
      'proposed',
      3 * DAY + HOUR,
      'Nothing has moved for more than 3 days, which is longer than usual',
    ],
    [
      'proposed',
      9 * DAY + 23 * HOUR,
      'Nothing has moved for more than 9 days; up to 3 days is usual',
    ],
    ['ready', 9 * DAY, undefined],
    ['closed', 9 * DAY, undefined],
  ])('of one that is %s for %d ms says %s', (state, elapsed, words) => {
    const movedAt = new Date(now.getTime() - elapsed).toISOString();
    expect(describeStall(state, movedAt, now, config)).toBe(words);
  });
});
