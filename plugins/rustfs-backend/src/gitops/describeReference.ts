import { GitReference } from '@rustfs-portal/plugin-rustfs-common';

/** What something that reads a repository does: `follows branch main`. */
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
