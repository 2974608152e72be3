import { assertError } from '@backstage/errors';
import {
  BranchTip,
  ChangeSet,
  Forge,
  ForgeError,
  Lock,
  NotAsked,
  SealedPlanResult,
  Pull,
  Refusal,
  RepositorySnapshot,
} from '../types';
import { InProcessLock } from './InProcessLock';

/** A pull request that was read longer ago is read again before it is written to. */
const READ_FOR_MS = 1_000;

/**
 * How to propose a change.
 *
 * @public
 */
export interface SubmitOptions {
  forge: Forge;
  /** As the forge names it. */
  repository: string;
  folder: string;
  baseBranch: string;
  /** Plans the change on the files as they are now; called again when the base moves meanwhile. */
  render: (
    snapshot: RepositorySnapshot,
  ) => SealedPlanResult | Promise<SealedPlanResult>;
  /** Number of the pull request, when it is known. */
  pull?: number;
  /** Asked when the pull request is opened. */
  reviewers?: string[];
  /** Opens a closed pull request again: the person has said so. */
  reopen?: boolean;
  /** The commit of the branch that the portal wrote last, as far as it was kept. */
  head?: string;
  /** A commit of somebody else on the branch that may be lost: a person who may has said so of this one. */
  overwrite?: string;
  /** Writes title and body of an open pull request anew: what was asked for is another by now. */
  describe?: boolean;
  /** One writer per branch; the default reaches no further than this process. */
  lock?: Lock;
}

/**
 * What became of a proposal.
 *
 * @public
 */
export type SubmitResult =
  | {
      outcome: 'open';
      number: number;
      url: string;
      /** The one commit of the branch. */
      commit: string;
      /** The commit of the base branch that it stands on. */
      base: string;
      /** False: the branch was left as it is. */
      rewritten: boolean;
      /** Reviewers who could not be asked. */
      notAsked: NotAsked[];
    }
  /** Merged before; nothing was touched. */
  | { outcome: 'merged'; number: number; url: string; mergeCommit?: string }
  /** It waits in a merge queue; nothing was touched. */
  | { outcome: 'queued'; number: number; url: string }
  /** Closed by somebody without merging; it stays closed. */
  | { outcome: 'closed'; number: number; url: string }
  /** The branch has a commit that is not the portal's; it was left as it is. */
  | { outcome: 'foreign'; tip: BranchTip; open?: OpenPull }
  /** Git declares it already, and not by this pull request; one that was opened before is open still. */
  | { outcome: 'unchanged'; open?: OpenPull }
  | { outcome: 'refused'; reasons: Refusal[]; open?: OpenPull };

/**
 * A pull request that was left as it is.
 *
 * @public
 */
export interface OpenPull {
  number: number;
  url: string;
}

/**
 * Proposes a change: afterwards there is one open pull request whose branch is one commit on the current base, unless
 * it was merged or closed before, or somebody else has written to the branch. Calling it again, after a crash too, leads to the same pull request.
 *
 * @throws ForgeError when the forge does not do it; calling again later is safe
 * @public
 */
export async function submitChange(
  options: SubmitOptions,
): Promise<SubmitResult> {
  const planned = await render(options);
  const branch = branchOfPlan(planned);
  // What the plan was made from may be old by the time the lock is there; the forge notices.
  return branch === undefined
    ? settle(options, planned)
    : withBranch(options, branch, () => settle(options, planned));
}

/**
 * Renders an open pull request again when a file that it edits has changed on the base branch, or when the forge merges it on the
 * newest commit of that branch only, and leaves it alone otherwise, since a new commit takes approvals away.
 *
 * @throws ForgeError when the forge does not do it; calling again later is safe
 * @public
 */
export async function refreshChange(
  options: SubmitOptions & {
    pull: number;
    /** What is rendered is another by now, even where the base has not moved. */
    rewrite?: boolean;
  },
): Promise<SubmitResult> {
  const { forge, repository } = options;
  const readAt = performance.now();
  const pull = await forge.getPull(repository, options.pull);
  if (pull.held === 'queued') {
    return toQueued(pull);
  }
  return withBranch(options, pull.branch, async () => {
    const snapshot = await readBase(options);
    const planned = await options.render(snapshot);
    const current =
      !options.rewrite &&
      pull.state === 'open' &&
      !isLeftBehind(pull, snapshot) &&
      planned.outcome === 'change' &&
      (await isCurrent(options, pull, planned.changeSet));
    if (current) {
      return toOpen(pull, { commit: pull.head, base: pull.mergeBase! });
    }
    // Somebody may have closed it while the lock was waited for, or the change was rendered.
    const isOld = performance.now() - readAt > READ_FOR_MS;
    return settle(options, planned, isOld ? undefined : pull);
  });
}

const RENDERS = 8;
const processLock = new InProcessLock();

async function readBase({
  forge,
  repository,
  folder,
  baseBranch,
}: SubmitOptions): Promise<RepositorySnapshot> {
  return forge.readFolder({ repository, ref: baseBranch, folder });
}

async function render(options: SubmitOptions): Promise<SealedPlanResult> {
  return options.render(await readBase(options));
}

/** Whether the base has a commit that it has to stand on; a forge may say so for a while after it does. */
function isLeftBehind(
  { held, mergeBase, mergeable }: Pull,
  { revision }: RepositorySnapshot,
): boolean {
  return held === 'behind' && mergeable === false && mergeBase !== revision;
}

function branchOfPlan(planned: SealedPlanResult): string | undefined {
  return planned.outcome === 'change'
    ? planned.changeSet.branch
    : planned.branch;
}

async function withBranch<T>(
  { lock = processLock, repository }: SubmitOptions,
  branch: string,
  fn: () => Promise<T>,
): Promise<T> {
  return lock.withLock(`${repository}#${branch}`, fn);
}

/**
 * Brings branch and pull request to what is planned. The caller holds the lock of the branch.
 *
 * @param read - the pull request, where it was read a moment ago
 */
async function settle(
  options: SubmitOptions,
  first: SealedPlanResult,
  read?: Pull,
): Promise<SubmitResult> {
  const { forge, repository, reopen } = options;
  const known = read ?? (await findKnown(options, branchOfPlan(first)));
  const ended = known && endOf(known, reopen);
  if (ended) {
    return ended;
  }
  if (known?.held === 'queued') {
    return toQueued(known);
  }
  let planned = first;
  let isClosed = known?.state === 'closed';
  for (let attempt = 1; planned.outcome === 'change'; attempt += 1) {
    const { changeSet } = planned;
    try {
      const mayReplace = (tip: BranchTip) =>
        isReplaceable(tip, changeSet, options);
      if (known && isClosed) {
        // Written first, a branch would not fit any more to what a forge closed.
        const tip = await forge.readBranch(repository, changeSet.branch);
        const state = await forge.reopenPull(repository, known.number, {
          ...(tip && mayReplace(tip) && { replaces: tip.commit }),
        });
        if (state === 'merged') {
          return toMerged(await forge.getPull(repository, known.number));
        }
        isClosed = false;
      }
      const written = await forge.replaceBranch({
        repository,
        changeSet,
        mayReplace,
      });
      if (written.outcome === 'kept') {
        return {
          outcome: 'foreign',
          tip: written.tip,
          ...(known && { open: { number: known.number, url: known.url } }),
        };
      }
      const { base, commit } = written;
      const pull = known ?? (await forge.ensurePull({ repository, changeSet }));
      if (known && options.describe) {
        const { title, body } = changeSet;
        const { number } = known;
        await forge.describePull({ repository, number, title, body });
      }
      return toOpen(pull, {
        base,
        commit,
        rewritten: true,
        notAsked: await askMissing(options, pull),
      });
    } catch (error) {
      const again =
        error instanceof ForgeError &&
        (error.reason === 'stale' || error.reason === 'lost-race');
      if (!again || attempt === RENDERS) {
        throw error;
      }
      await pause(attempt);
      planned = await render(options);
    }
  }
  // Nothing left to change: perhaps because this very pull request was merged a moment ago.
  const now =
    known && endOf(await forge.getPull(repository, known.number), reopen);
  return now ?? toRest(planned, known);
}

async function findKnown(
  { forge, repository, baseBranch, pull }: SubmitOptions,
  branch: string | undefined,
): Promise<Pull | undefined> {
  if (pull !== undefined) {
    return forge.getPull(repository, pull);
  }
  // A crash may have come between opening the pull request and keeping its number.
  return branch === undefined
    ? undefined
    : forge.findPull({ repository, baseBranch, branch });
}

/** A pull request that is merged, or closed and stays so, is not touched. */
function endOf(pull: Pull, reopen = false): SubmitResult | undefined {
  if (pull.state === 'merged') {
    return toMerged(pull);
  }
  return pull.state === 'closed' && !reopen
    ? { outcome: 'closed', number: pull.number, url: pull.url }
    : undefined;
}

function toMerged({ number, url, mergeCommit }: Pull): SubmitResult {
  return { outcome: 'merged', number, url, mergeCommit };
}

/**
 * Whether nothing of others is lost with a commit: it is the one that the portal kept, one that it wrote and had no time
 * to keep, or one that a person gives up. Whatever others do to a commit of the portal, Git writes their name on it.
 */
function isReplaceable(
  tip: BranchTip,
  changeSet: ChangeSet,
  { head, overwrite }: SubmitOptions,
): boolean {
  return (
    tip.commit === head ||
    tip.commit === overwrite ||
    isPortalCommit(tip, changeSet)
  );
}

/**
 * Whether the portal wrote a commit for a change: its words are on it, and its name with the time of the request, or what the
 * forge has for them.
 *
 * @public
 */
export function isPortalCommit(
  tip: BranchTip,
  written: Pick<ChangeSet, 'commitMessage' | 'committer' | 'date'>,
): boolean {
  const isOwn =
    tip.isOwn ??
    (tip.committer.name === written.committer.name &&
      tip.committer.email === written.committer.email &&
      Date.parse(tip.date) === Date.parse(written.date));
  return isOwn && tip.message.trim() === written.commitMessage.trim();
}

function toRest(
  planned: SealedPlanResult,
  known: Pull | undefined,
): SubmitResult {
  const open = known?.state === 'open' && {
    number: known.number,
    url: known.url,
  };
  return planned.outcome === 'refused'
    ? { outcome: 'refused', reasons: planned.reasons, ...(open && { open }) }
    : { outcome: 'unchanged', ...(open && { open }) };
}

/** A push would take it out of the queue, or race with its merge. */
function toQueued({ number, url }: Pull): SubmitResult {
  return { outcome: 'queued', number, url };
}

function toOpen(
  { number, url }: Pull,
  branch: {
    commit: string;
    base: string;
    rewritten?: boolean;
    notAsked?: NotAsked[];
  },
): SubmitResult {
  return {
    outcome: 'open',
    number,
    url,
    rewritten: false,
    notAsked: [],
    ...branch,
  };
}

/** Asks who was not asked and has not answered; the pull request is open whether that works or not. */
async function askMissing(
  { forge, repository, reviewers = [] }: SubmitOptions,
  { number, reviewers: asked, reviews }: Pull,
): Promise<NotAsked[]> {
  const present = new Set([
    ...asked,
    ...reviews.approvedBy,
    ...reviews.changesRequestedBy,
  ]);
  const missing = reviewers.filter(reviewer => !present.has(reviewer));
  try {
    return await forge.askReviewers({
      repository,
      number,
      reviewers: missing,
    });
  } catch (error) {
    assertError(error);
    const { message: reason } = error;
    return missing.map(reviewer => ({ reviewer, reason }));
  }
}

/** Whether the files that a pull request edits are on the base branch what they were when it was rendered. */
async function isCurrent(
  { forge, repository }: SubmitOptions,
  { mergeBase }: Pull,
  { files }: ChangeSet,
): Promise<boolean> {
  if (mergeBase === undefined) {
    return false;
  }
  const rendered = await forge.readFiles({
    repository,
    ref: mergeBase,
    paths: files.map(({ path }) => path),
  });
  return files.every(({ path, before }) => rendered[path]?.id === before?.id);
}

async function pause(attempt: number): Promise<void> {
  const ms = 50 * 2 ** Math.min(attempt, 5) * Math.random();
  await new Promise(resolve => setTimeout(resolve, ms));
}
