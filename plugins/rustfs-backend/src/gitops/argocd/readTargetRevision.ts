import { GitReference } from '@rustfs-portal/plugin-rustfs-common';
import { DEFAULT_BRANCH } from '@rustfs-portal/plugin-rustfs-node';

const BRANCH = 'refs/heads/';
const TAG = 'refs/tags/';

/**
 * What a source follows. Nothing and `HEAD` are the default branch; a range of versions is of tags; a name may be a branch or a
 * tag, and is taken for a branch unless it looks like a version.
 */
export function readTargetRevision(revision = ''): GitReference {
  if (revision === '' || revision === 'HEAD') {
    return { kind: 'branch', branch: DEFAULT_BRANCH };
  }
  if (/^[0-9a-f]{7,64}$/.test(revision)) {
    return { kind: 'commit', commit: revision };
  }
  if (revision.startsWith(BRANCH)) {
    return { kind: 'branch', branch: revision.slice(BRANCH.length) };
  }
  if (revision.startsWith(TAG)) {
    return { kind: 'tag', tag: revision.slice(TAG.length) };
  }
  if (revision.startsWith('refs/')) {
    return { kind: 'other', name: revision };
  }
  if (/^[~^<>=]|[*]|^v?\d+(\.\d+)?\.x$|\s/.test(revision)) {
    return { kind: 'semver', range: revision };
  }
  return /^v?\d+(\.\d+)+(-[\w.]+)?$/.test(revision)
    ? { kind: 'tag', tag: revision }
    : { kind: 'branch', branch: revision };
}
