import {
  ProvisionerVerdict,
  WaitingReason,
} from '@rustfs-portal/plugin-rustfs-node';

/** Times of provisioners have whole seconds: within the same second counts as after. */
export function isAfter(time: string | undefined, asOf: string): boolean {
  return time !== undefined && Date.parse(time) + 1000 >= Date.parse(asOf);
}

/** Whether a provisioner is done with something, well or not. */
export function isSettled(verdict: ProvisionerVerdict | undefined): boolean {
  return (
    verdict?.state === 'failed' ||
    verdict?.state === 'ready' ||
    verdict?.state === 'drift'
  );
}

/** What somebody said, and nothing else of it. */
export function wordsOf(
  said: Partial<WaitingReason> | undefined,
): Partial<WaitingReason> {
  return { reason: said?.reason, message: said?.message };
}
