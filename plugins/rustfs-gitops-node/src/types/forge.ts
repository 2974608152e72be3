import { ChangeSet, RepositoryFile, RepositorySnapshot } from './change';

/**
 * The state of a pull request.
 *
 * @public
 */
export type PullState = 'open' | 'merged' | 'closed';

/**
 * What a check says of a commit. Whoever may write a status chooses its words and its link; the forge only limits them.
 *
 * @public
 */
export interface PullCheck {
  /** One line of at most 100 characters. */
  name: string;
  /** `pending` is also what is neither good nor bad news in the terms of the forge. */
  state: 'failing' | 'pending' | 'passing';
  /** One line of at most 200 characters. */
  description?: string;
  /** Page about it, never anything but http(s). */
  url?: string;
}

/**
 * A pull request as the forge has it.
 *
 * @public
 */
export interface Pull {
  number: number;
  /** Page for people. */
  url: string;
  state: PullState;
  title: string;
  branch: string;
  baseBranch: string;
  /** Commit of the branch. */
  head: string;
  /** Commit of the base branch that the branch stands on. */
  mergeBase?: string;
  /**
   * False is not "conflict": a forge may say so too while it checks, or for a draft. Undefined when it is not open.
   */
  mergeable?: boolean;
  draft: boolean;
  /** Users and teams who are asked for a review. */
  reviewers: string[];
  /** The last verdict of each reviewer that counts; reviews of an older commit are left out where the forge says so. */
  reviews: { approvedBy: string[]; changesRequestedBy: string[] };
  /**
   * What the checks of the head say, the failing ones first; none when no check has said anything. Undefined when they
   * were not asked for, when it is not open, or when they cannot be seen.
   */
  checks?: PullCheck[];
  mergedAt?: string;
  mergedBy?: string;
  mergeCommit?: string;
  closedAt?: string;
}

/**
 * A system that hosts repositories and their pull requests. A repository is written `owner/name`.
 *
 * Every method throws {@link ForgeError} when the forge does not do it; an implementation repeats only what is safe to
 * repeat.
 *
 * @public
 */
export interface Forge {
  /**
   * The YAML files below a folder at the tip of a branch or at a commit, with the `.sourceignore` files above and below
   * it. A folder that is not there has no files.
   */
  readFolder(options: {
    repository: string;
    /** A branch, or all 40 digits of a commit. */
    ref: string;
    folder: string;
  }): Promise<RepositorySnapshot>;

  /** Some files at a branch or commit; those that are not there are left out. */
  readFiles(options: {
    repository: string;
    ref: string;
    paths: string[];
  }): Promise<Record<string, RepositoryFile>>;

  /**
   * Makes the branch, or replaces it, so that it is exactly one commit on the current tip of the base branch.
   *
   * @throws ForgeError `stale` when a file is not what the change set was rendered from, `lost-race` when somebody wrote
   * the branch at the same time; both mean: render again
   */
  replaceBranch(options: {
    repository: string;
    changeSet: ChangeSet;
  }): Promise<{ commit: string; base: string }>;

  /** Opens the pull request of a change set, or finds the open one. One caller per branch at a time. */
  ensurePull(options: {
    repository: string;
    changeSet: ChangeSet;
  }): Promise<Pull>;

  /** The pull request of a branch, whatever its state. */
  findPull(options: {
    repository: string;
    baseBranch: string;
    branch: string;
  }): Promise<Pull | undefined>;

  /** A pull request by its number; with `checks`, those of an open one too, for one call more. */
  getPull(
    repository: string,
    number: number,
    options?: { checks?: boolean },
  ): Promise<Pull>;

  /** Asks for reviews, one by one; who cannot be asked is answered with the reason. */
  askReviewers(options: {
    repository: string;
    number: number;
    reviewers: string[];
  }): Promise<NotAsked[]>;

  /** Closes a pull request without merging; its branch stays, so that it can be opened again. Closing twice is fine. */
  closePull(repository: string, number: number): Promise<void>;

  /** Opens a closed pull request again; its branch must be there. */
  reopenPull(repository: string, number: number): Promise<void>;

  /** Whether a revision is a commit or a descendant of it. */
  contains(options: {
    repository: string;
    revision: string;
    commit: string;
  }): Promise<boolean>;
}

/**
 * A reviewer who could not be asked.
 *
 * @public
 */
export interface NotAsked {
  reviewer: string;
  reason: string;
}
