import { StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { Duration } from 'luxon';
import { RequestsConfig } from '../config';

/**
 * Says that a request has not moved for longer than is usual, and where it hangs. People may take days for a review,
 * machines take minutes.
 */
export function describeStall(
  request: Pick<StorageRequest, 'state' | 'waitingFor'>,
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
  const limit = limits[request.state];
  if (
    limit === undefined ||
    now.getTime() - new Date(movedAt).getTime() < limit
  ) {
    return undefined;
  }
  const usual = Duration.fromMillis(limit).rescale().toHuman();
  return `Nothing has moved for more than ${usual}${
    request.waitingFor ? `: ${request.waitingFor}` : ''
  }`;
}
