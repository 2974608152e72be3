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

/** What a GitRepository does: `follows branch main`. */
export function describeReference(reference: GitReference): string {
  switch (reference.kind) {
    case 'branch':
      return `follows branch ${reference.branch}`;
    case 'commit':
      return `is pinned to commit ${reference.commit}`;
    case 'tag':
      return `is pinned to tag ${reference.tag}`;
    case 'semver':
      return `follows released versions (${reference.range})`;
    case 'other':
      return `follows ${reference.name}`;
    default:
      return reference satisfies never;
  }
}
