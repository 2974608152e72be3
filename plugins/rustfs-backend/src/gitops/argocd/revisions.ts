import { ApplicationObject } from './ApplicationObject';
import { ApplicationState } from './ApplicationState';

/** Rollbacks and repairs are told by the last few; more would be asked of the forge in each round. */
const MAX_HISTORY = 5;

interface Revisions {
  revision?: string;
  revisions?: string[];
}

/** The revision of one source; a single one stands elsewhere than several. */
export function revisionOf(
  said: Revisions | undefined,
  index: number,
): string | undefined {
  return (
    (said?.revisions?.length ? said.revisions[index] : said?.revision) ||
    undefined
  );
}

/** A commit in full, and not the name of a branch, which stands there while nothing could be read. */
export function isCommit(revision: string | undefined): revision is string {
  return (
    revision !== undefined && /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision)
  );
}

/** The commit of the last operation, running or over; undefined: the newest one, or there was none. */
export function operationRevisionOf(
  { operation, status }: ApplicationObject,
  index: number,
): string | undefined {
  const state = status?.operationState;
  const isRunning =
    state?.phase === 'Running' || state?.phase === 'Terminating';
  // While it runs, the result is still that of the one before.
  if (state && !isRunning) {
    return revisionOf(state.syncResult, index);
  }
  // What was asked for last; without a commit it is for the newest, whatever the one before was for.
  return operation
    ? revisionOf(operation.sync, index)
    : state && revisionOf(state.operation?.sync, index);
}

/** Commits of complete syncs, the newest first. */
export function historyOf(
  { status }: ApplicationObject,
  index: number,
): string[] {
  return (status?.history ?? [])
    .map(entry => revisionOf(entry, index))
    .filter(isCommit)
    .reverse();
}

/** The commit that the cluster has, as far as one can be told. */
export function appliedRevisionOf(
  application: ApplicationObject,
  index: number,
): string | undefined {
  const { sync } = application.status ?? {};
  const compared = revisionOf(sync, index);
  return sync?.status === 'Synced' && isCommit(compared)
    ? compared
    : historyOf(application, index)[0];
}

/** The commits that may be the one in the cluster. */
export function appliedCommitsOf({
  application,
  sourceIndex,
}: ApplicationState): string[] {
  const hydrated = dryCommitsOf(application);
  if (hydrated) {
    return hydrated;
  }
  return unique([
    appliedRevisionOf(application, sourceIndex),
    operationRevisionOf(application, sourceIndex),
    historyOf(application, sourceIndex)[0],
  ]);
}

/** The commits whose relation to a merged one decides. */
export function revisionsOf({
  application,
  sourceIndex,
}: ApplicationState): string[] {
  const hydrated = dryCommitsOf(application);
  if (hydrated) {
    return hydrated;
  }
  const { sync } = application.status ?? {};
  return unique([
    revisionOf(sync, sourceIndex),
    operationRevisionOf(application, sourceIndex),
    ...(sync?.status === 'Synced'
      ? []
      : historyOf(application, sourceIndex).slice(0, MAX_HISTORY)),
  ]);
}

/** Of an Application whose manifests are rendered into another branch: that branch never contains what was merged. */
function dryCommitsOf({
  spec,
  status,
}: ApplicationObject): string[] | undefined {
  return spec.sourceHydrator
    ? unique([status?.sourceHydrator?.lastSuccessfulOperation?.drySHA])
    : undefined;
}

function unique(revisions: Array<string | undefined>): string[] {
  return [...new Set(revisions.filter(isCommit))];
}
