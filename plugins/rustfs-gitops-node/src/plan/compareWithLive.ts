import { stringifyTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { AppliedState, DeclarationTarget, RepositorySnapshot } from '../types';
import { FoundTenant, findTenant, placeOf, renderTarget } from './findTenant';
import { Refused } from './Refused';

/** Names of one side that are shown; the rest is counted. */
const SHOWN = 20;

/**
 * Proves that the portal understands a repository: what its files declare at a revision that is applied must be what the
 * cluster has. Where it is not, somebody else sets the list, and an entry in the files would have no effect, or one
 * that nobody foresees.
 *
 * @throws Refused when it cannot be proved
 */
export function compareWithLive(
  { snapshots, buckets: live }: AppliedState,
  target: DeclarationTarget,
): void {
  const ref = stringifyTenantRef(target.tenant);
  const refusals = snapshots.map(snapshot => explain(snapshot, live, target));
  if (refusals.includes(undefined)) {
    return;
  }
  throw (
    refusals[0] ??
    new Refused(
      'not-as-applied',
      `The revision that Flux has applied for Tenant ${ref} is not known, or not in the repository any more, so it cannot be told whether the files are what the cluster has; ask again when Flux has applied ${target.baseBranch} as it is`,
    )
  );
}

/** Why a revision is not what the cluster has; undefined when it is. */
function explain(
  snapshot: RepositorySnapshot,
  live: string[],
  target: DeclarationTarget,
): Refused | undefined {
  let found: FoundTenant;
  try {
    found = findTenant(renderTarget(snapshot, target), target);
  } catch (error) {
    if (error instanceof Refused) {
      return error;
    }
    throw error;
  }
  const { object, buckets } = found;
  if (isSame(buckets, live)) {
    return undefined;
  }
  const declared = buckets.map(({ name, written }) => name ?? written);
  const place = placeOf(object);
  return new Refused(
    'not-as-applied',
    `Tenant ${stringifyTenantRef(
      target.tenant,
    )} has other buckets in the cluster than ${place} declares at the applied revision ${snapshot.revision.slice(
      0,
      10,
    )}, so something else sets the list. In the file: ${writeList(
      declared,
    )}. In the cluster: ${writeList(
      live,
    )}. Make them agree, so that the list is kept in the file alone`,
    { places: [place], lists: { declared, live } },
  );
}

function isSame(declared: FoundTenant['buckets'], live: string[]): boolean {
  const left = new Set(live);
  const isTaken = (name: string | undefined) =>
    name !== undefined && left.delete(name);
  return (
    declared
      .filter(({ name }) => !isTaken(name))
      // A name that hangs on a variable stands for one of those that are left.
      .every(
        ({ name, fits }) => name === undefined && isTaken([...left].find(fits)),
      ) && left.size === 0
  );
}

function writeList(names: string[]): string {
  const shown = names.slice(0, SHOWN).join(', ') || 'none';
  const more = names.length - SHOWN;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
