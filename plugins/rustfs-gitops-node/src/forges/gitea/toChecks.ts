import { z } from 'zod';
import { PullCheck } from '../../types';
import { sortChecks } from '../sortChecks';
import { combinedStatusSchema } from './schemas';

/** As Gitea counts them when a rule requires checks; a state that it does not know is not over. */
const STATES: Record<string, PullCheck['state']> = {
  error: 'failing',
  failure: 'failing',
  warning: 'failing',
  skipped: 'passing',
  success: 'passing',
};

/**
 * The checks of a pull request.
 *
 * @param pullUrl - page of the pull request; links of Gitea's own Actions are paths on that server
 */
export function toChecks(
  { statuses = [] }: z.output<typeof combinedStatusSchema>,
  pullUrl: string,
): PullCheck[] {
  return sortChecks(
    statuses.map(({ context, status, description, target_url: url }) => ({
      name: context,
      state: STATES[status] ?? 'pending',
      description,
      url,
    })),
    pullUrl,
  );
}
