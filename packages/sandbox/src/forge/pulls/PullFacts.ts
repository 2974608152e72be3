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

/** Remembers answers that can never change, because their key consists of commit ids. */
class CommitCache<T> {
  private readonly entries = new Map<string, Promise<T>>();

  get(key: string, load: () => Promise<T>): Promise<T> {
    const known = this.entries.get(key);
    if (known) return known;
    if (this.entries.size >= 2000) {
      this.entries.delete(this.entries.keys().next().value as string);
    }
    const loading = load();
    this.entries.set(key, loading);
    loading.catch(() => this.entries.delete(key));
    return loading;
  }
}

/** What follows from the commits of a pull request: its files, and whether it can be merged. */
export class PullFactsReader {
  private readonly files = new CommitCache<FileStat[]>();
  private readonly merges = new CommitCache<
    { tree: string } | { conflicts: string[] }
  >();

  constructor(private readonly store: ForgeStore) {}

  async read(
    repository: RepositoryRecord,
    pull: PullRecord,
  ): Promise<PullFacts> {
    const git = this.store.git(repository);
    const [base, head, files] = await Promise.all([
      git.branch(pull.base),
      git.branch(pull.head),
      this.files.get(
        `${repository.id} ${pull.mergeBase} ${pull.headCommit}`,
        () => git.changedFiles(pull.mergeBase, pull.headCommit),
      ),
    ]);
    const merge =
      base && !pull.merged
        ? await this.mergeTrees(repository, base, pull.headCommit)
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

  async mergeTrees(repository: RepositoryRecord, ours: string, theirs: string) {
    return await this.merges.get(`${repository.id} ${ours} ${theirs}`, () =>
      this.store.git(repository).mergeTrees(ours, theirs),
    );
  }
}
