import { ForgeError } from '../types';

/* What forges of all kinds say in the same words. A place is a repository and where it is. */

export function explainLostRace(place: string, branch: string): ForgeError {
  return new ForgeError(
    'lost-race',
    `Somebody else has written the branch ${branch} of ${place}`,
  );
}

export function explainStale(place: string, baseBranch: string): ForgeError {
  return new ForgeError(
    'stale',
    `The files of ${place} have changed on ${baseBranch} meanwhile`,
  );
}

export function explainArchived(place: string): ForgeError {
  return new ForgeError(
    'archived',
    `${place} is archived; nothing can be proposed until it is not`,
  );
}

export function explainEmpty(place: string): ForgeError {
  return new ForgeError(
    'unsupported',
    `${place} is empty; make its first commit`,
  );
}

/** A branch that the GitOps engine follows and that is not there. */
export function explainNoBranch(place: string, branch: string): ForgeError {
  return new ForgeError(
    'not-found',
    `${place} has no branch ${branch}, which the GitOps source follows; make it, or correct the branch of the source`,
  );
}

/** A repository that has another name by now. */
export function explainMoved(place: string, now?: string): ForgeError {
  return new ForgeError(
    'moved',
    `${place} was renamed or moved${
      now ? ` to ${now}` : ''
    }; point the GitOps source at its new address`,
  );
}

/** The words of a server, after those of the portal. */
export function quote(message: string): string {
  return message ? ` ("${message}")` : '';
}
