import { checkBucketName } from '@rustfs-portal/plugin-rustfs-common';
import {
  BucketChange,
  DeclarationTarget,
  FileChange,
  PlanResult,
  Refusal,
  RepositorySnapshot,
} from '../types';
import { planOperatorTenant } from './operatorTenant';
import { branchOf, describePullRequest } from './pullRequest';
import { Refused } from './Refused';

/**
 * A layout: how a repository declares storage. Answers the files that change, none when all is declared already, and
 * throws `Refused` with the reason when they cannot.
 */
type Layout = (
  change: BucketChange,
  snapshot: RepositorySnapshot,
  target: DeclarationTarget,
) => FileChange[];

const LAYOUTS: Record<DeclarationTarget['layout'], Layout> = {
  'operator-tenant': planOperatorTenant,
};

/**
 * Plans a change: which files of the snapshot change how, and the words of the pull request. Pure: the same input gives
 * the same result, so it serves preview, pull request and every re-render.
 *
 * Existing files only get what is added: comments, order, quotes and indentation of everything else stay byte for byte.
 *
 * @public
 */
export function plan(
  change: BucketChange,
  snapshot: RepositorySnapshot,
  target: DeclarationTarget,
): PlanResult {
  const reasons = checkChange(change);
  if (reasons.length) {
    return { outcome: 'refused', reasons };
  }
  const branch = branchOf(change.requestId);
  try {
    const files = LAYOUTS[target.layout](change, snapshot, target);
    return files.length === 0
      ? { outcome: 'unchanged', branch }
      : {
          outcome: 'change',
          changeSet: { ...describePullRequest(change, target), files },
        };
  } catch (error) {
    if (error instanceof Refused) {
      return { outcome: 'refused', reasons: [error.refusal], branch };
    }
    throw error;
  }
}

/** What becomes a path, a branch or a date is checked here too: nobody may plan a file elsewhere. */
function checkChange(change: BucketChange): Refusal[] {
  const reasons: Refusal[] = checkBucketName(change.bucket).map(
    ({ message }) => ({ code: 'invalid', field: 'bucket', message }),
  );
  if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/.test(change.requestId)) {
    reasons.push({
      code: 'invalid',
      field: 'requestId',
      message: 'The id of a request has letters, digits and hyphens',
    });
  }
  if (Number.isNaN(Date.parse(change.createdAt))) {
    reasons.push({
      code: 'invalid',
      field: 'createdAt',
      message: 'A request has the time at which it was made, as ISO 8601',
    });
  }
  return reasons;
}
