import { RequestPolicy } from '@rustfs-portal/plugin-rustfs-common';
import { describeMissing } from '../approvals';
import { PullObservation } from './observations';

/** What an open pull request waits for, when it has an approval and still lacks another. */
export function withPolicy(
  pull: PullObservation,
  policy: RequestPolicy | undefined,
): PullObservation {
  if (
    pull.state !== 'open' ||
    pull.shown.turn !== 'merge' ||
    !policy?.missing.length
  ) {
    return pull;
  }
  const lacks = policy.missing.map(describeMissing).join('; ');
  return {
    ...pull,
    waitingFor: lacks[0].toUpperCase() + lacks.slice(1),
    shown: { ...pull.shown, turn: 'reviewers' },
  };
}
