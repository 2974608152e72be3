import { GitReference } from '@rustfs-portal/plugin-rustfs-common';
import { GitRepositoryObject } from './objects';

const BRANCH = 'refs/heads/';
const TAG = 'refs/tags/';

/**
 * What a GitRepository follows, with the precedence of Flux: commit, name, semver, tag, branch; without any of them the
 * branch `master`. An empty text is as absent.
 */
export function readGitReference({ spec }: GitRepositoryObject): GitReference {
  const { commit, name, semver, tag, branch } = spec.ref ?? {};
  if (commit) {
    return { kind: 'commit', commit };
  }
  if (name) {
    return readName(name);
  }
  if (semver) {
    return { kind: 'semver', range: semver };
  }
  if (tag) {
    return { kind: 'tag', tag };
  }
  return { kind: 'branch', branch: branch || 'master' };
}

function readName(name: string): GitReference {
  if (name.startsWith(BRANCH) && name !== BRANCH) {
    return { kind: 'branch', branch: name.slice(BRANCH.length) };
  }
  return name.startsWith(TAG)
    ? { kind: 'tag', tag: name.slice(TAG.length) }
    : { kind: 'other', name };
}
