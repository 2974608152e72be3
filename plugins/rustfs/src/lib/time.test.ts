import { DateTime, Settings } from 'luxon';
import { formatAgo, formatTime, withLocalTimes } from './time';

const NOW = DateTime.fromISO('2026-03-02T12:30:00');
const iso = (text: string) => DateTime.fromISO(text).toISO()!;

describe('times', () => {
  const { defaultLocale } = Settings;
  beforeEach(() => {
    Settings.defaultLocale = 'en-US';
  });
  afterAll(() => {
    Settings.defaultLocale = defaultLocale;
  });

  it.each([
    ['2026-03-02T12:04:00', '12:04'],
    ['2026-02-28T12:04:00', 'Feb 28, 12:04'],
    ['2025-11-20T08:15:00', 'Nov 20, 2025, 08:15'],
  ])('of %s is told as %s', (time, words) => {
    expect(formatTime(iso(time), NOW)).toBe(words);
  });

  it.each([
    ['2026-03-02T12:29:10', 'now'],
    ['2026-03-02T12:30:05', 'now'],
    ['2026-03-02T12:20:00', '10 minutes ago'],
  ])('at %s was %s', (time, words) => {
    expect(formatAgo(iso(time), NOW)).toBe(words);
  });

  it.each([
    ['2026-03-02T12:29:50', 'jetzt'],
    ['2026-03-02T12:20:00', 'vor 10 Minuten'],
  ])('at %s was, in another language, %s', (time, words) => {
    Settings.defaultLocale = 'de';
    expect(formatAgo(iso(time), DateTime.fromISO(NOW.toISO()!))).toBe(words);
  });

  it('in the words of others are those of the reader', () => {
    expect(withLocalTimes('As of 2025-11-20T08:15:00.123Z; wait.')).toBe(
      `As of ${formatTime('2025-11-20T08:15:00.123Z')}; wait.`,
    );
    expect(withLocalTimes('On 2025-11-20 it was there')).toBe(
      'On 2025-11-20 it was there',
    );
  });
});
