import { matchesGlob, protectionOf } from '../access';
import { PullRecord, RepositoryRecord } from '../model';
import { checksPassed } from '../statuses';
import { PullFacts } from './PullFacts';
import { latestReviews } from './reviews';

/** Why a rule on the base branch keeps a pull request from being merged, in Gitea's words. */
export function mergeBlocker(
  repository: RepositoryRecord,
  pull: PullRecord,
  facts: Pick<PullFacts, 'files'>,
): string | undefined {
  const rule = protectionOf(repository, pull.base);
  if (!rule) return undefined;
  if (!checksPassed(repository, rule, pull.headCommit)) {
    return 'Not all required status checks successful';
  }
  const verdicts = latestReviews(pull).filter(
    review => review.official && !review.dismissed,
  );
  const approvals = verdicts.filter(review => review.state === 'APPROVED');
  if (approvals.length < rule.required_approvals) {
    return 'Does not have enough approvals';
  }
  if (
    rule.block_on_rejected_reviews &&
    verdicts.some(review => review.state === 'REQUEST_CHANGES')
  ) {
    return 'There are requested changes';
  }
  if (
    rule.block_on_official_review_requests &&
    verdicts.some(review => review.state === 'REQUEST_REVIEW')
  ) {
    return 'There are official review requests';
  }
  const guarded = rule.protected_file_patterns.split(';').filter(Boolean);
  if (
    guarded.some(pattern =>
      facts.files.some(file => matchesGlob(pattern, file.path)),
    )
  ) {
    return 'Changed protected files';
  }
  return undefined;
}
