import { Problem, StorageRequest } from '@rustfs-portal/plugin-rustfs-common';
import { describeMissing } from '../approvals';

const CODE = 'merged-without-approval';

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
      code: CODE,
      part: pullRequest?.url ?? mergeCommit,
      message: `Merged although it lacked: ${policy.missing
        .map(describeMissing)
        .join('; ')}`,
      hint: 'The platform team looks at the merge, and lets the base branch require the status rustfs/policy.',
    },
  ];
}

export function isBypass({ code }: Problem): boolean {
  return code === CODE;
}

/** The same for who can do nothing about it. */
export function withoutBypass(request: StorageRequest): StorageRequest {
  return {
    ...request,
    problems: request.problems.map(problem =>
      isBypass(problem)
        ? {
            code: 'merge-in-question',
            part: request.subject.tenant,
            message:
              'The platform team looks at how this was merged; nothing has to be done here',
          }
        : problem,
    ),
  };
}
