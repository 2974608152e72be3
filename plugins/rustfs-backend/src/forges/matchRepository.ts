/**
 * The repository on a forge that an address names, when it lies on the forge.
 *
 * The GitOps engine often reads a repository by another address than people do: over SSH, or inside the cluster. Scheme,
 * user and a trailing `.git` therefore do not matter, and neither does the port when one of both is SSH. A forge under a
 * path of its host (`https://acme.org/git`) has that path over HTTP only.
 *
 * @param url - `https://git.acme.org/acme/atlas.git`, `ssh://git@git.acme.org:2222/acme/atlas` or `git@git.acme.org:acme/atlas.git`
 * @param forge - its addresses, and what it makes of the path below one
 */
export function matchRepository(
  url: string,
  forge: {
    forgeUrls: string[];
    toRepository: (path: string[]) => string | undefined;
  },
): string | undefined {
  const repository = parseGitUrl(url);
  const toName = (path: string[] | undefined) =>
    path && forge.toRepository(path);
  for (const forgeUrl of forge.forgeUrls) {
    const known = parseGitUrl(forgeUrl);
    if (!repository || !known || repository.hostname !== known.hostname) {
      continue;
    }
    const overSsh = repository.ssh || known.ssh;
    if (!overSsh && repository.port !== known.port) {
      continue;
    }
    const found =
      toName(withoutPrefix(repository.path, known.path)) ??
      (repository.ssh ? toName(repository.path) : undefined);
    if (found) {
      return found;
    }
  }
  return undefined;
}

function withoutPrefix(path: string[], prefix: string[]): string[] | undefined {
  return prefix.every((segment, index) => path[index] === segment)
    ? path.slice(prefix.length)
    : undefined;
}

function parseGitUrl(text: string) {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.*)$/.exec(text);
  const address = scp ? `ssh://${scp[1]}/${scp[2]}` : text;
  if (!URL.canParse(address)) {
    return undefined;
  }
  const { protocol, hostname, port, pathname } = new URL(address);
  const path = parsePath(pathname);
  return (
    path && {
      ssh: ['ssh:', 'git+ssh:', 'ssh+git:'].includes(protocol),
      // That of SSH is left as it is written.
      hostname: hostname.toLowerCase(),
      port: port || (protocol === 'https:' ? '443' : '80'),
      path,
    }
  );
}

/** As the forge routes it: escapes undone, and slashes that are doubled taken for one. */
function parsePath(pathname: string): string[] | undefined {
  try {
    const segments = pathname
      .split('/')
      .filter(segment => segment !== '')
      .map(decodeURIComponent);
    const last = segments.length - 1;
    const path = segments.map((segment, index) =>
      index === last ? segment.replace(/\.git$/, '') : segment,
    );
    // What an escape hides is no separator: no owner, group or name can hold one.
    return path.every(
      segment => /^[\w.-]+$/.test(segment) && !/^\.*$/.test(segment),
    )
      ? path
      : undefined;
  } catch {
    return undefined;
  }
}
