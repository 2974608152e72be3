import { stringifyTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import { DeclarationTarget, Refusal, RepositorySnapshot } from '../types';
import { findTenant, placeOf, renderTarget } from './findTenant';
import { Refused } from './Refused';

/** Names of one side that are shown; the rest is counted. */
const SHOWN = 20;

/**
 * Proves that the portal understands a repository: what its files declare at the revision that is applied must be what
 * the cluster has. Where it is not, somebody else sets the list, and an entry in the files would have no effect, or one
 * that nobody foresees.
 *
 * @param options.snapshot - the files at the revision that the GitOps engine has applied
 * @param options.live - the names in `spec.buckets` of the object in the cluster
 * @returns why nothing may be proposed; none when both are the same
 * @public
 */
export function compareWithLive(options: {
  snapshot: RepositorySnapshot;
  target: DeclarationTarget;
  live: string[];
}): Refusal[] {
  const { snapshot, target, live } = options;
  try {
    const { object, buckets } = findTenant(
      renderTarget(snapshot, target),
      target,
    );
    const left = new Set(live);
    const missing = buckets
      .filter(({ name }) => name === undefined || !left.delete(name))
      // A name that hangs on a variable stands for one of those that are left.
      .filter(({ name, fits }) => {
        const match = name === undefined ? [...left].find(fits) : undefined;
        return match === undefined || !left.delete(match);
      });
    if (missing.length === 0 && left.size === 0) {
      return [];
    }
    const declared = buckets.map(({ name, written }) => name ?? written);
    const { revision } = snapshot;
    return [
      {
        code: 'not-as-applied',
        message: `The cluster does not have the buckets of Tenant ${stringifyTenantRef(
          target.tenant,
        )} that ${placeOf(object)} declares at ${revision.slice(
          0,
          10,
        )}, which is applied, so something else sets the list: the file has ${writeList(
          declared,
        )}; the cluster has ${writeList(
          live,
        )}; make them agree, so that the list is kept in the file alone`,
        places: [placeOf(object)],
        lists: { declared, live },
      },
    ];
  } catch (error) {
    if (error instanceof Refused) {
      return [error.refusal];
    }
    throw error;
  }
}

function writeList(names: string[]): string {
  const shown = names.slice(0, SHOWN).join(', ') || 'none';
  const more = names.length - SHOWN;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
