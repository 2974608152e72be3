import { ForgeError } from '../../types';
import { explainArchived, explainEmpty, quote } from '../explain';

interface SeenAnswer {
  host: string;
  repository: string;
  /** `POST git/trees` */
  call: string;
  status: number;
  headers: Headers;
  message: string;
  /** The same repository can be read, so a write is not answered 404 because it is not there. */
  isSeen?: boolean;
}

const RIGHTS =
  'a GitHub App or a fine-grained token needs read access to checks, and write access to contents, pull requests and commit statuses; a classic token needs the scope repo, and its user write access';

/** Texts by which a rule set or a protection refuses a branch; there is nothing but the text. */
const RULES =
  /reference update failed|rule violations|cannot update this protected ref|cannot force-push|changes must be made through a pull request|protected branch/i;

export function isRuleViolation(message: string): boolean {
  return RULES.test(message);
}

/** Says what an answer of GitHub means and what to do about it. */
export function explainAnswer(seen: SeenAnswer): ForgeError {
  const { host, repository, call, status, message } = seen;
  const place = `${repository} on ${host}`;
  const said = quote(message);
  switch (status) {
    case 401:
      return new ForgeError(
        'unauthenticated',
        `${host} does not know the portal's token, or it has expired; put a new one into integrations.github, or into rustfs.forges where that has one`,
      );
    case 403:
      return explainForbidden(seen);
    case 404:
      return seen.isSeen
        ? new ForgeError(
            'denied',
            `The portal may read ${place}, and not do this (${call}): ${RIGHTS}`,
          )
        : new ForgeError(
            'not-found',
            `${place} is not there, or the portal may not see it (${call}); check the address, install the GitHub App on it, or give the user of the token access`,
          );
    case 409:
      return /empty/i.test(message)
        ? explainEmpty(place)
        : new ForgeError(
            'unexpected',
            `${place} answered 409 to ${call}${said}`,
          );
    case 410:
    case 451:
      return new ForgeError(
        'denied',
        `${host} has switched ${place} off for this (${call}, ${status})${said}`,
      );
    case 422:
      return isRuleViolation(message)
        ? explainRule(place, message)
        : new ForgeError(
            'unexpected',
            `${host} answered 422 to ${call} of ${repository}${said}`,
          );
    default:
      return status >= 500
        ? new ForgeError(
            'unreachable',
            `${host} failed with ${status} on ${call} of ${repository}${said}; try again later, and look at the status page of GitHub if it stays`,
          )
        : new ForgeError(
            'unexpected',
            `${host} answered ${status} to ${call} of ${repository}${said}`,
          );
  }
}

/** A rule that covers the branches of the portal. */
export function explainRule(place: string, message: string): ForgeError {
  return new ForgeError(
    'denied',
    `A rule of ${place} keeps the portal from writing its branch${quote(
      message,
    )}; leave branches rustfs/** out of that rule, or let the portal's app or user bypass it there`,
  );
}

/** A branch that was not moved, by what is said of it. */
export function explainMove(
  place: string,
  branch: string,
  message: string,
): ForgeError {
  if (/archived/i.test(message)) {
    return explainArchived(place);
  }
  return isRuleViolation(message)
    ? explainRule(place, message)
    : new ForgeError(
        'unexpected',
        `${place} did not take the branch ${branch}${quote(
          message,
        )}; the portal tries again. Where that is a rule of the repository, leave branches rustfs/** out of it`,
      );
}

function explainForbidden(seen: SeenAnswer): ForgeError {
  const { host, repository, call, headers, message } = seen;
  const place = `${repository} on ${host}`;
  if (/archived/i.test(message)) {
    return explainArchived(place);
  }
  if (isRuleViolation(message)) {
    return explainRule(place, message);
  }
  if (headers.get('x-github-sso')) {
    return new ForgeError(
      'denied',
      `The organization of ${place} asks for single sign-on, and the portal's token has not been allowed there; whoever owns the token allows it in the settings of the token`,
    );
  }
  const accepted = headers.get('x-accepted-github-permissions');
  return new ForgeError(
    'denied',
    `The portal may not do this on ${place} (${call})${quote(message)}; ${
      accepted && /^[\w=;,: -]{1,200}$/.test(accepted)
        ? `it needs the permission ${accepted}; `
        : ''
    }${RIGHTS}`,
  );
}
