import {
  IgnoredApproval,
  MissingApproval,
} from '@rustfs-portal/plugin-rustfs-common';

/** Somebody who has approved the pull request as it is now. */
export interface Approval {
  /** User of the forge. */
  login: string;
  /** Entity ref of the person; undefined when the login is matched to nobody, or to more than one. */
  person?: string;
  /** Entity refs of the groups that the person belongs to. */
  groups: string[];
  /**
   * The forge does not count it, for example because who gave it may only read the repository. It is the word of an owner
   * all the same: whose buckets are reached says the catalog, and not the forge.
   */
  isUncounted?: boolean;
}

/** What has to be approved, and what has been. */
export interface ApprovalCase {
  /** Entity ref of the person who asked; undefined when the portal itself did. */
  requestedBy?: string;
  /** Entity ref of the owner of the entity that it is for. */
  owner: string;
  /** Owners of buckets of others that the request reaches, with those buckets. */
  foreign: Array<{ owner: string; buckets: string[] }>;
  approvals: Approval[];
  /** Why the guardrails refuse the request as they are now; empty when they hold. */
  broken: string[];
  /** A guardrail trusts the team with a request like this one. */
  trusted: boolean;
  /** A commit on the branch that the portal did not write: nobody can say what would be merged. */
  foreignCommit?: string;
}

/**
 * Judges whether a request is approved as it has to be. An approval counts only when it is known whose it is, and never
 * when it is of the person who asked.
 *
 * @returns what is missing; empty when nothing is
 */
export function judgeApprovals(approval: ApprovalCase): MissingApproval[] {
  const { broken, foreign, foreignCommit, owner, requestedBy } = approval;
  const missing: MissingApproval[] = [];
  if (broken.length) {
    missing.push({ type: 'guardrails', reasons: broken });
  }
  if (foreignCommit) {
    missing.push({ type: 'commit', commit: foreignCommit });
  }
  const judged = approval.approvals.map(one => ({
    ...one,
    refused: refuse(one, requestedBy),
  }));
  const counting = judged.filter(({ refused }) => !refused);
  const refused = judged.flatMap(({ login, refused: reason }) =>
    reason ? [{ login, reason }] : [],
  );
  const membersOf = (ref: string) =>
    counting.filter(
      ({ person, groups }) =>
        isSame(person, ref) || groups.some(group => isSame(group, ref)),
    );
  const outside = (ref: string): IgnoredApproval[] =>
    counting
      .filter(one => !membersOf(ref).includes(one))
      .map(({ login }) => ({ login, reason: 'not-a-member' }));
  const uncounted = counting
    .filter(({ isUncounted }) => isUncounted)
    .map(({ login }): IgnoredApproval => ({ login, reason: 'read-only' }));

  // Nobody is trusted with what the portal cannot vouch for.
  const trusted = approval.trusted && missing.length === 0;
  if (requestedBy === undefined) {
    // Where nobody asked, the word of the owner is what makes it somebody's wish.
    if (!trusted && !membersOf(owner).length) {
      missing.push({
        type: 'owner',
        owner,
        buckets: [],
        ignored: [...refused, ...outside(owner)],
      });
    }
  } else if (!trusted && counting.every(({ isUncounted }) => isUncounted)) {
    missing.push({ type: 'anybody', ignored: [...refused, ...uncounted] });
  }
  for (const { owner: other, buckets } of foreign) {
    if (!membersOf(other).length) {
      missing.push({
        type: 'owner',
        owner: other,
        buckets,
        ignored: [...refused, ...outside(other)],
      });
    }
  }
  return missing;
}

function refuse(
  { person }: Approval,
  requestedBy: string | undefined,
): 'unmatched' | 'asked' | undefined {
  if (person === undefined) {
    return 'unmatched';
  }
  return isSame(person, requestedBy) ? 'asked' : undefined;
}

/** Entity refs do not differ by case. */
function isSame(a: string | undefined, b: string | undefined): boolean {
  return a?.toLowerCase() === b?.toLowerCase();
}
