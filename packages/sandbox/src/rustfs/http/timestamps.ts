let last = { milliseconds: 0, nanoseconds: 0 };

/**
 * RFC 3339 with nanoseconds, as the server writes most times. Later calls give later times: lists are sorted by them,
 * and a fast machine does a lot within one millisecond.
 */
export function nowWithNanoseconds(): string {
  const now = new Date();
  const milliseconds = now.getTime();
  const ticks = Number(process.hrtime.bigint() % 1_000_000n);
  const nanoseconds =
    milliseconds === last.milliseconds
      ? Math.max(ticks, last.nanoseconds + 1)
      : ticks;
  last = { milliseconds, nanoseconds };
  return `${now.toISOString().slice(0, -1)}${String(nanoseconds).padStart(
    6,
    '0',
  )}Z`;
}

/** The form of policy dates: `2026-11-20 23:27:06.458144434 +00:00:00`. */
export function policyDate(rfc3339: string): string {
  return `${rfc3339.replace('T', ' ').replace('Z', '')} +00:00:00`;
}

/** The form of health and KMS times, which `Date` cannot parse. */
export function zonedTimestamp(): string {
  return nowWithNanoseconds().replace('Z', '+00:00[Etc/UTC]');
}

/** RFC 3339 with milliseconds, as S3 documents carry it. */
export function withMilliseconds(rfc3339: string): string {
  return new Date(rfc3339).toISOString();
}
