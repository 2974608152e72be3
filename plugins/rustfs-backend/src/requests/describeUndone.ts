import {
  Problem,
  RequestSubject,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';
import { TenantFacts } from '@rustfs-portal/plugin-rustfs-node';

/**
 * What an earlier stage of a request has put into effect and is not there any more, while a later one is under way: without
 * it the later one is for nothing.
 *
 * @param facts - undefined: nothing is known of the tenant, which is said elsewhere
 */
export function describeUndone(
  { earlier, subject }: StorageRequest,
  subjects: RequestSubject[],
  facts: Pick<TenantFacts, 'accesses' | 'items' | 'unlisted'> | undefined,
): Problem[] {
  if (!facts) {
    return [];
  }
  const gone = subjects.find(
    ({ name, type }) =>
      !facts.items.some(
        item => item.listed && item.type === type && item.name === name,
      ),
  );
  const hasEnded = facts.accesses.some(
    ({ access, state }) => access === subject.name && state === 'revoked',
  );
  if (!gone && !hasEnded) {
    return [];
  }
  return [
    {
      code: 'stage-undone',
      part: subject.tenant,
      message: `What pull request #${
        earlier?.at(-1)?.number
      } has put into effect is undone: ${
        hasEnded
          ? `access ${subject.name} has ended`
          : `${gone!.type} ${gone!.name} is not declared any more (${
              facts.unlisted.message
            })`
      }`,
      hint: 'Have it put back in Git if the access is still needed. Otherwise close this pull request, and ask for the end of the access.',
    },
  ];
}
