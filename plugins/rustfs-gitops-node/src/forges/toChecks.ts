import { z } from 'zod';
import { PullCheck } from '../types';
import { combinedStatusSchema } from './giteaSchemas';
import { toLine, toLink } from './plainText';

const MAX_NAME = 100;
const MAX_DESCRIPTION = 200;

/** As Gitea counts them when a rule requires checks; a state that it does not know is not over. */
const STATES: Record<string, PullCheck['state']> = {
  error: 'failing',
  failure: 'failing',
  warning: 'failing',
  skipped: 'passing',
  success: 'passing',
};

const ORDER: PullCheck['state'][] = ['failing', 'pending', 'passing'];

/**
 * The checks of a pull request, in an order that stays when one of them speaks again.
 *
 * @param pullUrl - page of the pull request; links of Gitea's own Actions are paths on that server
 */
export function toChecks(
  { statuses = [] }: z.output<typeof combinedStatusSchema>,
  pullUrl: string,
): PullCheck[] {
  return statuses
    .map(({ context, status, description, target_url: target }): PullCheck => {
      const words = toLine(description, MAX_DESCRIPTION);
      const url = toLink(target, pullUrl);
      return {
        name: toLine(context, MAX_NAME) || 'unnamed check',
        state: STATES[status] ?? 'pending',
        ...(words && { description: words }),
        ...(url && { url }),
      };
    })
    .sort(
      (a, b) =>
        ORDER.indexOf(a.state) - ORDER.indexOf(b.state) ||
        (a.name < b.name ? -1 : 1),
    );
}
