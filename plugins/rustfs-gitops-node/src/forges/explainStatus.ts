import { ForgeError } from '../types';

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
  const scope = /required=\[([^\]]*)\]/.exec(message)?.[1];
  switch (status) {
    case 401:
      return new ForgeError(
        'unauthenticated',
        `${host} does not know the portal's token, or it has expired; put a new one into rustfs.forges`,
      );
    case 403:
      if (scope) {
        return new ForgeError(
          'denied',
          `The portal's token for ${host} lacks the scope ${scope}; make one with write:repository`,
        );
      }
      if (message.includes('protected from force push')) {
        return new ForgeError(
          'denied',
          `A protection rule of ${place} covers the portal's branches; allow forced push to rustfs/** for the portal's user`,
        );
      }
      if (message.includes('cannot lock ref')) {
        return new ForgeError(
          'lost-race',
          `Somebody else writes the same branch of ${place}, or a branch named rustfs is in the way of rustfs/…`,
        );
      }
      return new ForgeError(
        'denied',
        `The portal's user may not write to ${place}${quote(
          message,
        )}; make it a collaborator with write access`,
      );
    case 404:
      return new ForgeError(
        'not-found',
        `${place} is not there, or the portal's user cannot see it (${call}); check the address, give the user access, and see that pull requests are switched on`,
      );
    case 423:
      return new ForgeError(
        'archived',
        `${place} is archived; nothing can be proposed until it is not`,
      );
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

function quote(message: string): string {
  return message ? ` ("${message}")` : '';
}
