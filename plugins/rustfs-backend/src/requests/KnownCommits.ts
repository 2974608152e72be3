import { LRUCache } from 'lru-cache';

/** More than a company waits for at once; what is not kept is asked again. */
const MAX_KEPT = 50_000;

/** How long a commit that was in a branch is taken to be there still. */
const IN_BRANCH_MS = 60_000;

const COMMIT = /^[0-9a-f]{40,64}$/;

/**
 * Which commits stand on which, as far as it is known: of two commits that never changes. Each replica keeps its own: what it
 * does not know, it asks.
 */
export class KnownCommits {
  readonly #contained = new LRUCache<string, boolean>({ max: MAX_KEPT });
  readonly #firstSeen = new LRUCache<string, number>({ max: MAX_KEPT });
  readonly #inBranch = new LRUCache<string, number>({ max: MAX_KEPT });
  readonly #now: () => Date;

  constructor(options: { now: () => Date }) {
    this.#now = options.now;
  }

  /**
   * Whether a revision is a commit or a descendant of it.
   *
   * @param options - `repository`: with its forge; `lastOpenAt`: when the pull request of the commit was last known to be open, in
   * milliseconds since 1970: what was there before then cannot stand on its merge
   * @param ask - asks the forge
   */
  async contains(
    options: {
      repository: string;
      revision: string;
      commit: string;
      lastOpenAt?: number;
    },
    ask: () => Promise<boolean>,
  ): Promise<boolean> {
    const { commit, lastOpenAt, repository, revision } = options;
    if (!COMMIT.test(revision)) {
      return this.#branchContains(options, ask);
    }
    const seen = `${repository} ${revision}`;
    const firstSeen = this.#firstSeen.get(seen) ?? this.#now().getTime();
    this.#firstSeen.set(seen, firstSeen);
    if (lastOpenAt !== undefined && firstSeen < lastOpenAt) {
      return false;
    }
    const key = `${seen} ${commit}`;
    const known = this.#contained.get(key) ?? (await ask());
    this.#contained.set(key, known);
    return known;
  }

  /** Takes note that a commit is in a branch: it was merged there a moment ago. */
  noteInBranch(where: {
    repository: string;
    revision: string;
    commit: string;
  }): void {
    this.#inBranch.set(branchKey(where), this.#now().getTime());
  }

  /** Whoever pushes with force can take a commit out of a branch, so that is asked again; who does is in no hurry. */
  async #branchContains(
    where: { repository: string; revision: string; commit: string },
    ask: () => Promise<boolean>,
  ): Promise<boolean> {
    const key = branchKey(where);
    const seenAt = this.#inBranch.get(key) ?? -Infinity;
    if (this.#now().getTime() - seenAt < IN_BRANCH_MS) {
      return true;
    }
    const isThere = await ask();
    if (isThere) {
      this.noteInBranch(where);
    }
    return isThere;
  }
}

function branchKey(where: {
  repository: string;
  revision: string;
  commit: string;
}): string {
  return `${where.repository} ${where.revision} ${where.commit}`;
}
