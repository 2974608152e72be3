/** What servers of Gitea's kind do each in its own way. */
export interface Dialect {
  /** For messages. */
  title: string;
  /** Which versions answer as is expected here, for messages. */
  expected: string;
  /** Several files are read by their paths in one call; otherwise several blobs by their ids, and files one by one. */
  readsByPath: boolean;
  /** A branch is moved by compare and swap; otherwise the call that commits to it replaces it, whatever is on it. */
  movesBranches: boolean;
  /** What the call that commits to a new branch is told when there may be one of its name. */
  force: 'force_push' | 'force_overwrite_new_branch';
  /** That it merges by itself once checks pass was tried. */
  schedulesMerges: boolean;
  /** Below the address of the server, what tells its version before anything is written. */
  versionPath?: string;
  /** Why a version will not do, after the name of the server; undefined when it does. No version: the server has no answer. */
  checkVersion?(version: string | undefined): string | undefined;
}

export const GITEA: Dialect = {
  title: 'Gitea',
  expected: 'Gitea 1.26 or newer',
  readsByPath: true,
  movesBranches: true,
  force: 'force_push',
  schedulesMerges: true,
};

const FORGEJO_MAJOR = 16;

export const FORGEJO: Dialect = {
  title: 'Forgejo',
  expected: `Forgejo ${FORGEJO_MAJOR} or newer`,
  readsByPath: false,
  movesBranches: false,
  force: 'force_overwrite_new_branch',
  schedulesMerges: false,
  versionPath: 'api/forgejo/v1/version',
  checkVersion: version => {
    if (version === undefined) {
      return 'is no Forgejo, as it does not tell a version of it; set type: gitea for a Gitea in rustfs.forges';
    }
    // `16.0.1+gitea-1.22.0`
    const major = Number(/^v?(\d+)\./.exec(version)?.[1] ?? NaN);
    return major >= FORGEJO_MAJOR
      ? undefined
      : `is Forgejo ${version.slice(
          0,
          40,
        )}, which cannot replace a branch by its API; Forgejo ${FORGEJO_MAJOR} or newer is needed`;
  },
};
