/** Somebody who has approved the pull request as it is now. */
export interface Approval {
  /** User of the forge. */
  login: string;
  /** Entity ref of the person; undefined when the login is matched to nobody, or to more than one. */
  person?: string;
  /** Entity refs of the groups that the person belongs to. */
  groups: string[];
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
}

/** What is missing before the request may be merged. */
export type MissingApproval =
  /** The guardrails have changed since it was asked. */
  | { type: 'guardrails'; reasons: string[] }
  /** Somebody other than the one who asked; `ignored` have approved and do not count. */
  | { type: 'anybody'; ignored: IgnoredApproval[] }
  /** Somebody of a team whose buckets are reached. */
  | {
      type: 'owner';
      owner: string;
      buckets: string[];
      ignored: IgnoredApproval[];
    };

/** An approval that does not count, and why. */
export interface IgnoredApproval {
  login: string;
  reason: 'unmatched' | 'asked' | 'not-a-member';
}

/**
 * Judges whether a request is approved as it has to be. An approval counts only when it is known whose it is, and never
 * when it is of the person who asked.
 *
 * @returns what is missing; empty when nothing is
 */
export function judgeApprovals(approval: ApprovalCase): MissingApproval[] {
  const { broken, foreign, owner, requestedBy, trusted } = approval;
  const missing: MissingApproval[] = [];
  if (broken.length) {
    missing.push({ type: 'guardrails', reasons: broken });
  }
  const judged = approval.approvals.map(one => ({
    ...one,
    refused: refuse(one, requestedBy),
  }));
  const counting = judged.filter(({ refused }) => !refused);
  const refused = judged.flatMap(({ login, refused: reason }) =>
    reason ? [{ login, reason }] : [],
  );
  const membersOf = (group: string) =>
    counting.filter(
      ({ person, groups }) => person === group || groups.includes(group),
    );
  const outside = (group: string): IgnoredApproval[] =>
    counting
      .filter(one => !membersOf(group).includes(one))
      .map(({ login }) => ({ login, reason: 'not-a-member' }));

  // Where nobody asked, the word of the owner is what makes it somebody's wish.
  const first = requestedBy === undefined ? membersOf(owner) : counting;
  if (!trusted && !first.length) {
    missing.push(
      requestedBy === undefined
        ? {
            type: 'owner',
            owner,
            buckets: [],
            ignored: [...refused, ...outside(owner)],
          }
        : { type: 'anybody', ignored: refused },
    );
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
  return person === requestedBy ? 'asked' : undefined;
}
