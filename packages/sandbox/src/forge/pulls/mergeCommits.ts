import { GitRepository } from '../GitRepository';
import { identityOf, signatureNow } from '../identity';
import { MergeStyle, PullRecord, UserRecord } from '../model';

export interface Merge {
  pull: PullRecord;
  /** Whoever merges. */
  user: UserRecord;
  poster: UserRecord | undefined;
  /** The commit it is merged onto. */
  base: string;
  /** What both sides make together. */
  tree: string;
  style: MergeStyle;
  /** Instead of the title that Gitea would give the commit. */
  title?: string;
  message?: string;
}

/**
 * Writes the commits that merge a pull request.
 *
 * @returns the commit that the base branch has to move to, undefined when the style does not fit
 */
export async function writeMerge(
  git: GitRepository,
  merge: Merge,
): Promise<string | undefined> {
  const { pull, base, tree } = merge;
  const head = pull.headCommit;
  const signature = signatureNow(merge.user);
  const commit = (parents: string[], title: string, author = signature) =>
    git.writeCommit({
      tree,
      parents,
      author,
      committer: signature,
      message: merge.message
        ? `${merge.title || title}\n\n${merge.message}`
        : merge.title || title,
    });
  const mergeTitle = `Merge pull request '${pull.title}' (#${pull.number}) from ${pull.head} into ${pull.base}`;

  switch (merge.style) {
    case 'fast-forward-only':
      return (await git.isAncestor(base, head)) ? head : undefined;
    case 'rebase':
      return await replay(git, base, head);
    case 'rebase-merge': {
      const tip = await replay(git, base, head);
      return tip && (await commit([base, tip], mergeTitle));
    }
    case 'squash': {
      const { poster } = merge;
      const [first] = await git.log(['--reverse', head, `^${base}`]);
      const author = first?.author ?? signature;
      const trailer =
        !merge.message && poster && author.email !== poster.email
          ? `\n\nCo-authored-by: ${author.name} <${author.email}>`
          : '';
      return await commit(
        [base],
        `${pull.title} (#${pull.number})${trailer}`,
        poster ? { ...identityOf(poster), date: signature.date } : signature,
      );
    }
    default:
      return await commit([base, head], mergeTitle);
  }
}

/** Puts the commits of `head` on top of `base` one by one; undefined when one does not fit. */
async function replay(
  git: GitRepository,
  base: string,
  head: string,
): Promise<string | undefined> {
  const commits = await git.log(['--reverse', '--no-merges', head, `^${base}`]);
  let tip = base;
  for (const commit of commits) {
    if (commit.parents[0] === tip) {
      tip = commit.sha;
      continue;
    }
    // A helper commit with the tip's tree and the parent's place in history makes the parent
    // the merge base, so that the three-way merge is what a cherry-pick does.
    const helper = await git.writeCommit({
      tree: (await git.commit(tip)).tree,
      parents: commit.parents.slice(0, 1),
      author: commit.author,
      committer: commit.committer,
      message: 'helper',
    });
    const merged = await git.mergeTrees(helper, commit.sha);
    if ('conflicts' in merged) return undefined;
    tip = await git.writeCommit({
      ...commit,
      tree: merged.tree,
      parents: [tip],
    });
  }
  return tip;
}
