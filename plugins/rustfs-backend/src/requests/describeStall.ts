import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { Duration } from 'luxon';
import { RequestsConfig } from '../config';

const HOUR = 60 * 60 * 1_000;
const DAY = 24 * HOUR;

/**
 * Says for how long a request has not moved, when that is longer than is usual. People may take days for a review,
 * machines take minutes. What it waits for is said beside it.
 */
export function describeStall(
  state: StorageRequest['state'],
  movedAt: string,
  now: Date,
  config: Pick<RequestsConfig, 'stalledAfter' | 'reviewStalledAfter'>,
): string | undefined {
  const limits: Partial<Record<StorageRequest['state'], number>> = {
    submitting: config.stalledAfter,
    proposed: config.reviewStalledAfter,
    merged: config.stalledAfter,
    applied: config.stalledAfter,
  };
  const limit = limits[state];
  const elapsed = now.getTime() - new Date(movedAt).getTime();
  if (limit === undefined || elapsed < limit) {
    return undefined;
  }
  const usual = toWords(limit);
  // In whole hours, then days: other words are a write to the ledger and a signal to open pages.
  const unit = elapsed < DAY ? HOUR : DAY;
  const whole = elapsed - (elapsed % unit);
  return whole > limit
    ? `Nothing has moved for more than ${toWords(
        whole,
      )}; up to ${usual} is usual`
    : `Nothing has moved for more than ${usual}, which is longer than usual`;
}

function toWords(milliseconds: number): string {
  return Duration.fromMillis(milliseconds)
    .shiftTo('days', 'hours', 'minutes', 'seconds')
    .removeZeros()
    .toHuman();
}
