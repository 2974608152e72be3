import {
  ChangeSet,
  CommitIdentity,
  RepositoryFile,
  RepositorySnapshot,
} from './change';

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
  /** Whether the forge merges nothing before it passes; undefined where it does not say. */
  isRequired?: boolean;
  /** One line of at most 200 characters. */
  description?: string;
  /** Page about it, never anything but http(s). */
  url?: string;
}

/**
 * What a reviewer has written about a pull request as a whole.
 *
 * @public
 */
export interface PullRemark {
  /** Login of the person. */
  by: string;
  verdict: 'approved' | 'changes-requested' | 'commented';
  /** Plain text of at most 1,000 characters; never Markdown to be rendered. */
  text: string;
  /** ISO 8601. */
  at?: string;
  /** Page about it, never anything but http(s). */
  url?: string;
  /** It is about an earlier commit of the branch. */
  isOutdated: boolean;
}

/**
 * The tip of a branch.
 *
 * @public
 */
export interface BranchTip {
  commit: string;
  message: string;
  committer: CommitIdentity;
  /** When it was committed; ISO 8601. */
  date: string;
  /**
   * Whether it was committed by the portal's own account, on a forge that lets nobody choose name and date of who commits;
   * undefined on the others, where these tell.
   */
  isOwn?: boolean;
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
  /** Markdown. */
  body?: string;
  branch: string;
  baseBranch: string;
  /** Commit of the branch. */
  head: string;
  /** Commit of the base branch that the branch stands on. */
  mergeBase?: string;
  /**
   * False is not "conflict": a forge may say so too while it checks, for a draft, or for one that does not stand on the newest
   * commit of its base. Undefined when it is not open.
   */
  mergeable?: boolean;
  /**
   * What keeps an open one from being merged by the rules of the forge, beside reviews and checks that are shown anyway:
   * `queued` it waits in a merge queue, where its branch is left alone; `behind` it has to be brought up to date with its
   * base, which the portal does where it is not `mergeable` for that; `unsigned` commits have to be signed, which those of the portal are not; `approvals` more are asked for;
   * `discussions` are open; `pipeline` has to pass, and no check says why it has not; `blocked` another rule.
   */
  held?:
    | 'queued'
    | 'behind'
    | 'unsigned'
    | 'approvals'
    | 'discussions'
    | 'pipeline'
    | 'blocked';
  /** What of the forge's rules that is, by their names there, where it says so; lines of at most 100 characters. */
  heldBy?: string[];
  draft: boolean;
  /** As in {@link ListedPull}; undefined when the forge does not say. */
  updatedAt?: string;
  /** Users and teams who are asked for a review; a team as `askReviewers` takes it. */
  reviewers: string[];
  /** Those of the reviewers that are teams. */
  teams?: string[];
  /** Full names of the people above and below, by login, where the forge has them. */
  fullNames?: Record<string, string>;
  /**
   * The last verdict of each reviewer that counts. An approval is about one commit, and goes with it; an objection stays
   * until the one who raised it, or somebody who may dismiss it, says otherwise.
   */
  reviews: {
    approvedBy: string[];
    changesRequestedBy: string[];
    /** Who has approved without being counted by the forge, for example because they may only read the repository. */
    approvedUncounted?: string[];
    /** What reviewers wrote, oldest first; at most the last ten. */
    remarks?: PullRemark[];
  };
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
 * An open pull request as far as the list of all of them tells.
 *
 * @public
 */
export interface ListedPull {
  number: number;
  /** Commit of the branch. */
  head: string;
  /** When somebody last wrote to it: a commit, a review, a comment; checks and the base branch do not count. ISO 8601. */
  updatedAt: string;
  /** As in {@link Pull}; undefined also when the forge does not say. */
  mergeable?: boolean;
}

/**
 * What is said of a commit.
 *
 * @public
 */
export interface CommitStatus {
  /** Name of the one who speaks; the last word of each counts. */
  context: string;
  state: 'success' | 'pending' | 'failure';
  /** One line for people. */
  description: string;
  /** Page about it. */
  url?: string;
}

/**
 * A system that hosts repositories and their pull requests. What names a repository comes from `ForgeFactory.toRepository`
 * of its kind, and nobody else looks into it.
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

  /** The branch that the repository has by default. A forge without it serves only engines that name the branch they follow. */
  readDefaultBranch?(repository: string): Promise<string>;

  /** The tip of a branch; undefined when there is no such branch. */
  readBranch(
    repository: string,
    branch: string,
  ): Promise<BranchTip | undefined>;

  /**
   * Makes the branch, or replaces what is on it, so that it is exactly one commit on the current tip of the base branch. A
   * branch that is that commit already is left as it is.
   *
   * @param options - `mayReplace`: whether a commit that is found on the branch may be lost; any other is kept
   * @returns `kept`: nothing was written, because of the commit that is told
   * @throws ForgeError `stale` when a file is not what the change set was rendered from, `lost-race` when the branch was
   * written meanwhile; both mean: look and render again
   */
  replaceBranch(options: {
    repository: string;
    changeSet: ChangeSet;
    mayReplace: (tip: BranchTip) => boolean;
  }): Promise<WrittenBranch>;

  /** Opens the pull request of a change set, or finds the open one. One caller per branch at a time. */
  ensurePull(options: {
    repository: string;
    changeSet: ChangeSet;
  }): Promise<Pull>;

  /** Writes title and body of a pull request anew. */
  describePull(options: {
    repository: string;
    number: number;
    title: string;
    body: string;
  }): Promise<void>;

  /** The pull request of a branch, whatever its state; an open one, if there is one. */
  findPull(options: {
    repository: string;
    baseBranch: string;
    branch: string;
  }): Promise<Pull | undefined>;

  /** All open pull requests of a repository, for as many calls as they have pages. */
  listOpenPulls(repository: string): Promise<ListedPull[]>;

  /** A pull request by its number; with `checks`, those of an open one too, for one call more. */
  getPull(
    repository: string,
    number: number,
    options?: { checks?: boolean },
  ): Promise<Pull>;

  /**
   * Asks for reviews, one by one; who cannot be asked is answered with the reason. A name with a slash in it is that of a
   * team, with its organization before the slash, on a forge that has such.
   */
  askReviewers(options: {
    repository: string;
    number: number;
    reviewers: string[];
  }): Promise<NotAsked[]>;

  /**
   * Closes a pull request without merging; its branch stays, so that it can be opened again. Closing twice is fine.
   *
   * @returns what it is now: `merged` when somebody merged it meanwhile
   */
  closePull(repository: string, number: number): Promise<PullState>;

  /**
   * Opens a closed pull request again, before anything is written to its branch: a forge may take it back only with the
   * commit that it was closed with. A branch that is gone is made again with that commit, and one that has the commit
   * `replaces` is put back to it. Opening twice is fine.
   *
   * @param options - `replaces`: the commit that the branch may lose for that, as it is the portal's own
   * @returns what it is now: `merged` when it was merged, which cannot be taken back
   */
  reopenPull(
    repository: string,
    number: number,
    options?: { replaces?: string },
  ): Promise<PullState>;

  /** Says something of a commit. Saying it twice is fine. */
  setCommitStatus(
    options: { repository: string; commit: string } & CommitStatus,
  ): Promise<void>;

  /**
   * Has a pull request merged as soon as its checks pass; a method only of forges where that was tried. The rules of the
   * forge still decide, so they have to ask for the status of the portal: without it nothing is scheduled.
   *
   * @param options - `head`: the commit that was judged, and no other; `status`: what the base branch has to require
   * @returns `later` when the forge cannot tell yet whether it can be merged, or the branch has another commit by now
   * @throws ForgeError `unsupported` when the base branch does not require the status
   */
  scheduleMerge?(options: {
    repository: string;
    number: number;
    head: string;
    status: string;
  }): Promise<'merged' | 'scheduled' | 'later'>;

  /** Pages for people in the repository of a pull request. */
  pagesOf(pull: Pick<Pull, 'url'>): {
    commit(commit: string): string;
    folder(branch: string, folder: string): string;
  };

  /** Whether a revision is a commit or a descendant of it. */
  contains(options: {
    repository: string;
    revision: string;
    commit: string;
  }): Promise<boolean>;
}

/**
 * What became of the branch of a change set.
 *
 * @public
 */
export type WrittenBranch =
  | { outcome: 'written'; commit: string; base: string }
  | { outcome: 'kept'; tip: BranchTip };

/**
 * A reviewer who could not be asked.
 *
 * @public
 */
export interface NotAsked {
  reviewer: string;
  reason: string;
}
