import { assertError } from '@backstage/errors';
import {
  ChangeSet,
  Forge,
  ForgeError,
  Lock,
  NotAsked,
  PlanResult,
  Pull,
  Refusal,
  RepositorySnapshot,
} from '../types';
import { InProcessLock } from './InProcessLock';

/**
 * How to propose a change.
 *
 * @public
 */
export interface SubmitOptions {
  forge: Forge;
  /** `owner/name`. */
  repository: string;
  folder: string;
  baseBranch: string;
  /** Plans the change on the files as they are now; called again when the base moves meanwhile. */
  render: (snapshot: RepositorySnapshot) => PlanResult;
  /** Number of the pull request, when it is known. */
  pull?: number;
  /** Asked when the pull request is opened. */
  reviewers?: string[];
  /** Opens a closed pull request again: the person has said so. */
  reopen?: boolean;
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
  /** Closed by somebody without merging; it stays closed. */
  | { outcome: 'closed'; number: number; url: string }
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
 * it was merged or closed before. Calling it again, after a crash too, leads to the same pull request.
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
 * Renders an open pull request again when a file that it edits has changed on the base branch, and leaves it alone
 * otherwise, since a new commit takes approvals away.
 *
 * @throws ForgeError when the forge does not do it; calling again later is safe
 * @public
 */
export async function refreshChange(
  options: SubmitOptions & { pull: number },
): Promise<SubmitResult> {
  const { forge, repository } = options;
  const pull = await forge.getPull(repository, options.pull);
  return withBranch(options, pull.branch, async () => {
    const planned = await render(options);
    const current =
      pull.state === 'open' &&
      planned.outcome === 'change' &&
      (await isCurrent(options, pull, planned.changeSet));
    return current
      ? toOpen(pull, { commit: pull.head, base: pull.mergeBase! })
      : settle(options, planned);
  });
}

const RENDERS = 8;
const processLock = new InProcessLock();

async function render({
  forge,
  repository,
  folder,
  baseBranch,
  render: planOn,
}: SubmitOptions): Promise<PlanResult> {
  return planOn(
    await forge.readFolder({ repository, ref: baseBranch, folder }),
  );
}

function branchOfPlan(planned: PlanResult): string | undefined {
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

/** Brings branch and pull request to what is planned. The caller holds the lock of the branch. */
async function settle(
  options: SubmitOptions,
  first: PlanResult,
): Promise<SubmitResult> {
  const { forge, repository, reopen } = options;
  const known = await findKnown(options, branchOfPlan(first));
  const ended = known && endOf(known, reopen);
  if (ended) {
    return ended;
  }
  let planned = first;
  for (let attempt = 1; planned.outcome === 'change'; attempt += 1) {
    const { changeSet } = planned;
    try {
      const written = await forge.replaceBranch({ repository, changeSet });
      if (known?.state === 'closed') {
        await forge.reopenPull(repository, known.number);
      }
      const pull = known ?? (await forge.ensurePull({ repository, changeSet }));
      return toOpen(pull, {
        ...written,
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
  const now = known && endOf(await forge.getPull(repository, known.number));
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
function endOf(
  { state, number, url, mergeCommit }: Pull,
  reopen = false,
): SubmitResult | undefined {
  if (state === 'merged') {
    return { outcome: 'merged', number, url, mergeCommit };
  }
  return state === 'closed' && !reopen
    ? { outcome: 'closed', number, url }
    : undefined;
}

function toRest(planned: PlanResult, known: Pull | undefined): SubmitResult {
  const open = known && { number: known.number, url: known.url };
  return planned.outcome === 'refused'
    ? { outcome: 'refused', reasons: planned.reasons, ...(open && { open }) }
    : { outcome: 'unchanged', ...(open && { open }) };
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
