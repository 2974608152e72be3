import { parseEntityRef } from '@backstage/catalog-model';
import {
  MissingApproval,
  RequestPolicy,
} from '@rustfs-portal/plugin-rustfs-common';
import { CommitStatus } from '@rustfs-portal/plugin-rustfs-gitops-node';

/** As long as a forge shows it in full. */
const MAX_DESCRIPTION = 140;
/** In one sentence. */
const MAX_BUCKETS = 3;

const STATES: Record<RequestPolicy['state'], CommitStatus['state']> = {
  approved: 'success',
  waiting: 'pending',
  refused: 'failure',
};

/** The state of a request that lacks this. */
export function policyOf(
  missing: MissingApproval[],
  { isTrusted }: { isTrusted: boolean },
): RequestPolicy {
  if (missing.length === 0) {
    return { state: 'approved', missing, ...(isTrusted && { isTrusted }) };
  }
  const isRefused = missing.some(
    ({ type }) => type === 'guardrails' || type === 'commit',
  );
  return { state: isRefused ? 'refused' : 'waiting', missing };
}

/** What a commit status says of it. */
export function describePolicy({
  isTrusted,
  missing,
  state,
}: RequestPolicy): Pick<CommitStatus, 'state' | 'description'> {
  let text = missing.map(describeMissing).join('; ');
  if (!missing.length) {
    text = isTrusted
      ? 'The guardrails need no approval here'
      : 'Approved as it has to be';
  }
  return {
    state: STATES[state],
    description:
      text.length > MAX_DESCRIPTION
        ? `${text.slice(0, MAX_DESCRIPTION - 1)}…`
        : text,
  };
}

/** What is missing, in words that can stand within a sentence. */
export function describeMissing(missing: MissingApproval): string {
  switch (missing.type) {
    case 'guardrails':
      return `the guardrails are against it: ${missing.reasons.join(', ')}`;
    case 'commit':
      return `commit ${missing.commit.slice(
        0,
        7,
      )} is not the portal's, so nobody knows what it reaches`;
    case 'owner':
      return `approval by ${nameOf(missing.owner)}${
        missing.buckets.length ? ` for ${list(missing.buckets)}` : ''
      }`;
    default:
      return 'approval by somebody other than the one who asked';
  }
}

function nameOf(ref: string): string {
  const { kind, name } = parseEntityRef(ref);
  return kind.toLowerCase() === 'group' ? `team ${name}` : name;
}

function list(names: string[]): string {
  const more = names.length - MAX_BUCKETS;
  return more > 0
    ? `${names.slice(0, MAX_BUCKETS).join(', ')} and ${more} more`
    : names.join(', ');
}
