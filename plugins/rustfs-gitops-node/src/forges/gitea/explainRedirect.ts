import { ForgeError } from '../../types';

/** Says what a redirect means and what to do about it. */
export function explainRedirect(seen: {
  /** Address of the API as configured. */
  api: string;
  host: string;
  repository: string;
  /** What was asked for. */
  url: URL;
  status: number;
  location: string | null;
}): ForgeError {
  const { api, host, repository, url, status, location } = seen;
  const target =
    location && URL.canParse(location, url)
      ? new URL(location, url)
      : undefined;
  if (!target) {
    return new ForgeError(
      'unexpected',
      `${host} answered ${status}, a redirect that does not say where to; check baseUrl in rustfs.forges`,
    );
  }
  const asked = url.pathname.slice(new URL(api).pathname.length);
  const [, base] = target.pathname.split(/^(.*)\/api\/v1(?=\/)/);
  const isApi = base !== undefined;
  const isSameCall = isApi && target.pathname === `${base}/api/v1${asked}`;
  if (isSameCall) {
    return new ForgeError(
      'moved',
      `${host} redirects to ${target.origin}${base}; put ${target.origin}${base} into baseUrl of this forge in rustfs.forges`,
    );
  }
  if (isApi && target.host === url.host) {
    return new ForgeError(
      'moved',
      `${repository} on ${host} was renamed or moved to ${target.origin}${target.pathname}; point the GitOps source at its new address`,
    );
  }
  return new ForgeError(
    'unexpected',
    // Without the query, which may hold a state that is worth something.
    `${host} redirects to ${target.origin}${target.pathname}, which is not a call of its API; let the calls of the portal pass whatever asks people to sign in there, and check baseUrl in rustfs.forges`,
  );
}
