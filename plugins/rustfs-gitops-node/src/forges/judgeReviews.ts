import { Pull, PullRemark } from '../types';
import { toLink, toText } from './plainText';

/** A review as a forge has it, in terms that all have. */
export interface ForgeReview {
  login: string;
  verdict: PullRemark['verdict'];
  /** Whether the forge counts it. */
  counts: boolean;
  /** It is about an earlier commit of the branch. */
  isStale: boolean;
  isDismissed: boolean;
  text?: string;
  /** ISO 8601. */
  at?: string;
  url?: string;
}

const MAX_REMARKS = 10;
const MAX_REMARK = 1000;

/**
 * What reviews come to.
 *
 * @param all - oldest first
 */
export function judgeReviews(
  all: ForgeReview[],
  pull: Pick<Pull, 'url' | 'mergedAt'>,
): Pull['reviews'] {
  const { mergedAt } = pull;
  // What somebody says of a merge afterwards is no part of it.
  const reviews = all.filter(
    ({ at }) => !mergedAt || !at || Date.parse(at) <= Date.parse(mergedAt),
  );
  const verdicts = findVerdicts(reviews.filter(({ counts }) => counts));
  const others = findVerdicts(reviews.filter(({ counts }) => !counts));
  const whoSaid = (verdict: PullRemark['verdict'], of = verdicts) =>
    [...of].filter(([, said]) => said === verdict).map(([login]) => login);
  return {
    approvedBy: whoSaid('approved'),
    changesRequestedBy: whoSaid('changes-requested'),
    approvedUncounted: whoSaid('approved', others).filter(
      login => !verdicts.has(login),
    ),
    remarks: toRemarks(reviews, pull.url),
  };
}

/** The last verdict of each reviewer. */
function findVerdicts(reviews: ForgeReview[]) {
  const verdicts = new Map<string, PullRemark['verdict']>();
  for (const { login, verdict, isStale, isDismissed } of reviews) {
    // A stale approval is not about what is there now; whoever gave it has no objection any more.
    if (isDismissed || (verdict === 'approved' && isStale)) {
      verdicts.delete(login);
    } else if (verdict !== 'commented') {
      verdicts.set(login, verdict);
    }
  }
  return verdicts;
}

function toRemarks(reviews: ForgeReview[], pullUrl: string): PullRemark[] {
  return reviews
    .flatMap(({ login, verdict, isDismissed, ...review }): PullRemark[] => {
      const text = toText(review.text, MAX_REMARK);
      if (isDismissed || !text) {
        return [];
      }
      const url = toLink(review.url, pullUrl);
      return [
        {
          by: login,
          verdict,
          text,
          isOutdated: review.isStale,
          ...(review.at && { at: review.at }),
          ...(url && { url }),
        },
      ];
    })
    .slice(-MAX_REMARKS);
}
