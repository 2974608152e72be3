/**
 * The `owner/name` of a repository on a forge, when its address lies on the forge.
 *
 * The GitOps engine often reads a repository by another address than people do: over SSH, or inside the cluster. Scheme,
 * user and a trailing `.git` therefore do not matter, and neither does the port when one of both is SSH.
 *
 * @param url - `https://git.acme.org/acme/atlas.git`, `ssh://git@git.acme.org:2222/acme/atlas` or `git@git.acme.org:acme/atlas.git`
 * @param forgeUrls - addresses of the forge
 */
export function matchRepository(
  url: string,
  forgeUrls: string[],
): string | undefined {
  const repository = parseGitUrl(url);
  for (const forgeUrl of forgeUrls) {
    const forge = parseGitUrl(forgeUrl);
    if (!repository || !forge || repository.hostname !== forge.hostname) {
      continue;
    }
    const overSsh = repository.ssh || forge.ssh;
    const prefix = forge.path ? `${forge.path}/` : '';
    if (
      (overSsh || repository.port === forge.port) &&
      repository.path.startsWith(prefix)
    ) {
      const path = repository.path.slice(prefix.length);
      if (/^[^/]+\/[^/]+$/.test(path)) {
        return path;
      }
    }
  }
  return undefined;
}

function parseGitUrl(text: string) {
  const scp = /^(?:[^@/]+@)?([^:/]+):(?!\/\/)(.*)$/.exec(text);
  const address = scp ? `ssh://${scp[1]}/${scp[2]}` : text;
  if (!URL.canParse(address)) {
    return undefined;
  }
  const { protocol, hostname, port, pathname } = new URL(address);
  return {
    ssh: protocol === 'ssh:',
    // That of SSH is left as it is written.
    hostname: hostname.toLowerCase(),
    port: port || (protocol === 'https:' ? '443' : '80'),
    path: pathname.replace(/^\/+|\/+$/g, '').replace(/\.git$/, ''),
  };
}
