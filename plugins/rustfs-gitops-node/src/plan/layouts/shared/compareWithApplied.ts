import { stringifyTenantRef } from '@rustfs-portal/plugin-rustfs-common';
import {
  DeclarationTarget,
  LiveNames,
  RepositorySnapshot,
} from '../../../types';
import { Refused } from '../../Refused';

/** Names of one side that are shown; the rest is counted. */
const SHOWN = 20;

/**
 * A name in the files, as it reaches the cluster.
 *
 * @public
 */
export interface DeclaredName {
  /** Undefined when it hangs on a value that nobody here knows. */
  name?: string;
  /** Whether a name in the cluster may be this one. */
  fits: (name: string) => boolean;
  written: string;
}

/**
 * What the files declare, and where: file and line, or a folder.
 *
 * @public
 */
export interface DeclaredNames {
  names: DeclaredName[];
  place: string;
}

/**
 * Proves that the portal understands a repository: what its files declare at a revision that is applied must be what the
 * cluster has. Where it is not, somebody else makes it so, and what is written into the files would have no effect, or one
 * that nobody foresees.
 *
 * @param compared - which names, and how they are read from files; that may throw Refused
 * @throws Refused when it cannot be proved
 * @public
 */
export function compareWithApplied(
  target: DeclarationTarget,
  compared: {
    what: keyof LiveNames;
    read: (snapshot: RepositorySnapshot) => DeclaredNames;
  },
): void {
  const { applied } = target;
  if (!applied) {
    return;
  }
  const ref = stringifyTenantRef(target.tenant);
  const by = target.build?.by ? `the ${target.build.by}` : 'Flux';
  const live = applied.live[compared.what];
  if (!live) {
    throw new Refused(
      'not-as-applied',
      `Which ${compared.what} the cluster has for tenant ${ref} is not known, so it cannot be told whether the files are what the cluster has; ask again once its cluster can be read`,
    );
  }
  const refusals = applied.snapshots.map(snapshot =>
    explain(snapshot, { ...compared, live, ref }),
  );
  if (refusals.includes(undefined)) {
    return;
  }
  throw (
    refusals[0] ??
    new Refused(
      'not-as-applied',
      `The revision that ${by} has applied for Tenant ${ref} is not known, or not in the repository any more, so it cannot be told whether the files are what the cluster has; ask again when ${by} has applied ${target.baseBranch} as it is`,
    )
  );
}

/** Why a revision is not what the cluster has; undefined when it is. */
function explain(
  snapshot: RepositorySnapshot,
  compared: {
    what: string;
    read: (snapshot: RepositorySnapshot) => DeclaredNames;
    live: string[];
    ref: string;
  },
): Refused | undefined {
  const { what, read, live, ref } = compared;
  let found: DeclaredNames;
  try {
    found = read(snapshot);
  } catch (error) {
    if (error instanceof Refused) {
      return error;
    }
    throw error;
  }
  const { names, place } = found;
  if (isSame(names, live)) {
    return undefined;
  }
  const declared = names.map(({ name, written }) => name ?? written);
  return new Refused(
    'not-as-applied',
    `Tenant ${ref} has other ${what} in the cluster than ${place} declares at the applied revision ${snapshot.revision.slice(
      0,
      10,
    )}, so something else sets them. In Git: ${writeList(
      declared,
    )}. In the cluster: ${writeList(
      live,
    )}. Make them agree, so that they are kept in Git alone`,
    { places: [place], lists: { declared, live } },
  );
}

function isSame(declared: DeclaredName[], live: string[]): boolean {
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
