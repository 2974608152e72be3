import { Problem, StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { describeMissing } from '../approvals';

/**
 * That a request was merged without what it needed: who may merge on the forge can always do so. It stays a finding, also
 * when the request is ready.
 */
export function describeBypass({
  mergeCommit,
  policy,
  pullRequest,
}: StorageRequest): Problem[] {
  if (!mergeCommit || !policy || policy.state === 'approved') {
    return [];
  }
  return [
    {
      code: 'merged-without-approval',
      part: pullRequest?.url ?? mergeCommit,
      message: `Merged although it lacked: ${policy.missing
        .map(describeMissing)
        .join('; ')}`,
      hint: 'The platform team looks at the merge, and lets the base branch require the status rustfs/policy.',
    },
  ];
}
