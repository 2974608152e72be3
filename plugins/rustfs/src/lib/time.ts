import { DateTime } from 'luxon';

/** The clock time, with the day when it is not today: `12:04`, `3 May, 12:04`. */
export function formatTime(
  iso: string,
  now: DateTime = DateTime.now(),
): string {
  const time = DateTime.fromISO(iso);
  if (!time.isValid) {
    return iso;
  }
  const clock = time.toFormat('HH:mm');
  if (time.hasSame(now, 'day')) {
    return clock;
  }
  const day = time.toLocaleString({
    day: 'numeric',
    month: 'short',
    ...(!time.hasSame(now, 'year') && { year: 'numeric' }),
  });
  return `${day}, ${clock}`;
}

/** `5 minutes ago`, or `now`, in the language of the browser. */
export function formatAgo(iso: string, now: DateTime = DateTime.now()): string {
  const time = DateTime.fromISO(iso);
  if (!time.isValid) {
    return iso;
  }
  // Clocks differ by seconds between machines; a future "in 2 seconds" would only confuse.
  if (now.diff(time).as('minutes') < 1) {
    return new Intl.RelativeTimeFormat(now.locale ?? undefined, {
      numeric: 'auto',
    }).format(0, 'second');
  }
  return time.toRelative({ base: now }) ?? formatTime(iso, now);
}

/** Puts the times in a sentence of the backend, `2026-03-02T12:04:00.000Z`, into those of the reader. */
export function withLocalTimes(text: string): string {
  return text.replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, iso =>
    formatTime(iso),
  );
}

/** Date, time and zone in full. */
export function formatFull(iso: string): string {
  const time = DateTime.fromISO(iso);
  return time.isValid
    ? time.toLocaleString(DateTime.DATETIME_FULL_WITH_SECONDS)
    : iso;
}

/** The earliest of several times. */
export function oldest(times: string[]): string | undefined {
  return [...times].sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}
