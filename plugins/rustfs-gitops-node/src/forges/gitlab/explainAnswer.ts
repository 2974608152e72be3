import { ForgeError } from '../../types';
import { explainLostRace, explainStale, quote } from '../explain';

interface SeenAnswer {
  host: string;
  repository: string;
  /** `POST repository/commits` */
  call: string;
  status: number;
  message: string;
}

const RIGHTS =
  'its user or access token needs the role Developer in the project and the scope api; a protected rule for rustfs/* has to let it push and force-push';

/** As GitLab begins to say it, older ones after the number of an error. */
const LOST_RACE =
  /^(\d+:)?(A branch called .* already exists|Could not update refs|cannot lock ref)/i;
const STALE =
  /^(\d+:)?(A (file|directory) with this name (already exists|doesn't exist|does not exist)|The file has changed since you started|You can only create or edit files when you are on a branch|Cannot find start_sha)/i;

/** Says what an answer of GitLab means and what to do about it. */
export function explainAnswer(seen: SeenAnswer): ForgeError {
  const { host, repository, call, status, message } = seen;
  const place = `${repository} on ${host}`;
  const said = quote(message);
  switch (status) {
    case 401:
      return new ForgeError(
        'unauthenticated',
        `${host} does not know the portal's token, or it has expired; put a new one into integrations.gitlab, or into rustfs.forges where that has one`,
      );
    case 403:
      return new ForgeError(
        'denied',
        `The portal may not do this on ${place} (${call})${said}; ${RIGHTS}`,
      );
    case 404:
      return new ForgeError(
        'not-found',
        `${place} is not there, or the portal may not see it (${call})${said}; check the address, make its user or token a member of the project, and see that repository and merge requests are switched on`,
      );
    case 408:
      return explainFailure(seen);
    default:
      return status >= 500
        ? explainFailure(seen)
        : new ForgeError(
            'unexpected',
            `${host} answered ${status} to ${call} of ${repository}${said}`,
          );
  }
}

/**
 * Says why a commit was refused: GitLab has one status for nearly all of it, and tells it in words only.
 *
 * @see https://docs.gitlab.com/user/project/repository/push_rules/
 */
export function explainCommit(
  seen: SeenAnswer & { branch: string; baseBranch: string },
): ForgeError {
  const { host, repository, branch, baseBranch, status, message } = seen;
  const place = `${repository} on ${host}`;
  if (status !== 400) {
    return explainAnswer(seen);
  }
  if (LOST_RACE.test(message)) {
    return explainLostRace(place, branch);
  }
  if (STALE.test(message)) {
    return explainStale(place, baseBranch);
  }
  if (/force push|protected branch/i.test(message)) {
    return new ForgeError(
      'denied',
      `A protected branch of ${place} covers ${branch}${quote(
        message,
      )}; leave rustfs/* out of it, or let the portal's user push and force-push there`,
    );
  }
  // What a rule or a hook says begins with its name, and may be about anything.
  const isRule = message.startsWith('GitLab:');
  if (!isRule && /is required|is missing|is invalid|\[\d+\]/.test(message)) {
    return explainAnswer(seen);
  }
  return new ForgeError(
    'denied',
    `A push rule or a hook of ${place} takes no such commit${quote(
      message,
    )}; whoever looks after the project lets the commits of the portal through: their author has an address that ends in @noreply.invalid, they are not signed, and their branch begins with rustfs/`,
  );
}

/** Something that the project has switched off. */
export function explainSwitchedOff(place: string, what: string): ForgeError {
  return new ForgeError(
    'unsupported',
    `${place} has its ${what} switched off; whoever looks after the project switches them on in its settings`,
  );
}

function explainFailure({
  host,
  repository,
  call,
  status,
  message,
}: SeenAnswer): ForgeError {
  return new ForgeError(
    'unreachable',
    `${host} failed with ${status} on ${call} of ${repository}${quote(
      message,
    )}; try again later, and look into the log or at the status page of GitLab if it stays`,
  );
}
