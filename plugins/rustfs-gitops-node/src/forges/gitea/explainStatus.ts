import { ForgeError } from '../../types';
import { explainArchived, quote } from '../explain';

interface SeenAnswer {
  host: string;
  repository: string;
  /** `POST contents` */
  call: string;
  status: number;
  message: string;
}

/** Says what an answer of Gitea means and what to do about it. */
export function explainStatus(seen: SeenAnswer): ForgeError {
  const { host, repository, call, status, message } = seen;
  const place = `${repository} on ${host}`;
  switch (status) {
    case 401:
      return new ForgeError(
        'unauthenticated',
        `${host} does not know the portal's token, or it has expired; put a new one into rustfs.forges`,
      );
    case 403:
      return new ForgeError(
        'denied',
        `The portal may not do this on ${place} (${call})${quote(
          message,
        )}; its user needs write access as a collaborator, its token the scope write:repository, and where a rule protects rustfs/**, the user has to be allowed to push and to force-push there`,
      );
    case 404:
      return new ForgeError(
        'not-found',
        `${place} is not there, or the portal's user cannot see it (${call}); check the address, give the user access, and see that pull requests are switched on`,
      );
    case 423:
      return explainArchived(place);
    default:
      return status >= 500
        ? new ForgeError(
            'unreachable',
            `${host} failed with ${status} on ${call} of ${repository}${quote(
              message,
            )}; try again later, and look into the log of the forge if it stays`,
          )
        : new ForgeError(
            'unexpected',
            `${host} answered ${status} to ${call} of ${repository}${quote(
              message,
            )}`,
          );
  }
}
