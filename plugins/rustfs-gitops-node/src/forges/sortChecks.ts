import { PullCheck } from '../types';
import { toLine, toLink } from './plainText';

const MAX_NAME = 100;
const MAX_DESCRIPTION = 200;

const ORDER: PullCheck['state'][] = ['failing', 'pending', 'passing'];

/** A check as a forge has it: words and links are those of whoever set it. */
export interface ForgeCheck {
  name?: string;
  state: PullCheck['state'];
  description?: string;
  url?: string;
  isRequired?: boolean;
}

/**
 * Checks as plain text, in an order that stays when one of them speaks again.
 *
 * @param pullUrl - page of the pull request; links may be paths on its server
 */
export function sortChecks(checks: ForgeCheck[], pullUrl: string): PullCheck[] {
  return checks
    .map(({ name, state, description, url: target, isRequired }): PullCheck => {
      const words = toLine(description, MAX_DESCRIPTION);
      const url = toLink(target, pullUrl);
      return {
        name: toLine(name, MAX_NAME) || 'unnamed check',
        state,
        ...(words && { description: words }),
        ...(url && { url }),
        ...(isRequired !== undefined && { isRequired }),
      };
    })
    .sort(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        (a.name < b.name ? -1 : 1),
    );
}
