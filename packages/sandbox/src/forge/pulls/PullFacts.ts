import { isDraft } from '../access';
import { ForgeStore } from '../ForgeStore';
import { FileStat } from '../GitRepository';
import { PullRecord, RepositoryRecord } from '../model';

export interface PullFacts {
  /** Tip of the base branch now, or the commit it was merged onto. */
  baseCommit: string;
  baseExists: boolean;
  headExists: boolean;
  files: FileStat[];
  additions: number;
  deletions: number;
  /** Paths that keep it from being merged. */
  conflicts: string[];
  mergeable: boolean;
}

/** What follows from the commits of a pull request: its files, and whether it can be merged. */
export class PullFactsReader {
  constructor(private readonly store: ForgeStore) {}

  async read(
    repository: RepositoryRecord,
    pull: PullRecord,
  ): Promise<PullFacts> {
    const git = this.store.git(repository);
    const [base, head, files] = await Promise.all([
      git.branch(pull.base),
      git.branch(pull.head),
      git.changedFiles(pull.mergeBase, pull.headCommit),
    ]);
    const merge =
      base && !pull.merged
        ? await git.mergeTrees(base, pull.headCommit)
        : undefined;
    const conflicts = merge && 'conflicts' in merge ? merge.conflicts : [];
    return {
      baseCommit: base ?? pull.merged?.base ?? pull.mergeBase,
      baseExists: base !== undefined,
      headExists: head !== undefined,
      files,
      additions: files.reduce((sum, file) => sum + file.additions, 0),
      deletions: files.reduce((sum, file) => sum + file.deletions, 0),
      conflicts,
      mergeable:
        pull.merged !== undefined ||
        (base !== undefined && conflicts.length === 0 && !isDraft(pull)),
    };
  }
}
