import {
  DEFAULT_BRANCH,
  EngineDelivery,
  MergedCommit,
} from '@rustfs-portal/plugin-rustfs-node';
import { isDeepStrictEqual } from 'node:util';
import { describeReference } from '../describeReference';
import {
  ApplicationObject,
  ApplicationSource,
  sourcesOf,
  writeName,
} from './ApplicationObject';
import { ApplicationState, isFailed, ownResourceOf } from './ApplicationState';
import { cleanMessage } from './cleanMessage';
import { readTargetRevision } from './readTargetRevision';
import {
  historyOf,
  isCommit,
  operationRevisionOf,
  revisionOf,
} from './revisions';

/** Argo CD writes a comparison, and then what it makes of it: what does not fit for so long is no moment in between. */
const SETTLING_MS = 10_000;

const REPOSITORY_AWAY =
  /failed to list refs|unable to resolve '.*' to a commit|authentication required|repository not found|failed to (fetch|initialize repository)|connection refused|no such host|i\/o timeout/;

/**
 * How far Argo CD is with a merged commit.
 *
 * The last operation does not tell: a commit that changes nothing has none, and after a revert the one of the commit before goes on
 * failing. What was compared does: Synced at a revision that contains the commit means that the cluster has it. Messages are only
 * shown, and looked at where Argo CD has no other field for it.
 */
export function describeDelivery(
  state: ApplicationState,
  merged: MergedCommit,
): EngineDelivery {
  const { application } = state;
  const name = writeName(application);
  const { metadata, status } = application;
  if (metadata.deletionTimestamp) {
    return failed(
      'DeletionPending',
      `${name} is being deleted, so that nothing more is applied by it`,
    );
  }
  const refused = conditionOf(application, [
    'InvalidSpecError',
    ...(status?.sync?.status === 'Unknown' ? ['UnknownError'] : []),
  ]);
  if (refused) {
    return failed(
      refused.type,
      `Argo CD refuses ${name}: ${cleanMessage(refused.message)}`,
      refused.lastTransitionTime,
    );
  }
  return application.spec.sourceHydrator
    ? describeHydrated(state, merged)
    : describeCompared(state, merged);
}

function describeCompared(
  state: ApplicationState,
  merged: MergedCommit,
): EngineDelivery {
  const { application, sourceIndex } = state;
  const { status } = application;
  const name = writeName(application);
  const compared = revisionOf(status?.sync, sourceIndex);
  const isIn = (revision: string | undefined) =>
    isCommit(revision) && merged.isIn(revision);
  const history = historyOf(application, sourceIndex);
  const wasApplied = history.find(isIn);

  if (
    application.metadata.annotations?.['argocd.argoproj.io/skip-reconcile'] ===
    'true'
  ) {
    return wait(
      `${name} is paused in Argo CD: its annotation argocd.argoproj.io/skip-reconcile is true`,
      { notFetched: !isIn(compared) },
    );
  }
  const error = conditionOf(application, ['ComparisonError']);
  if (error) {
    return describeUnreadable(error, {
      name,
      compared,
      wasApplied,
      isCompared: isIn(compared),
      isOlder: isBefore(status?.reconciledAt, merged.at),
    });
  }
  if (!isIn(compared)) {
    return describeUnfetched(state, merged);
  }
  if (!isComparedAsWritten(application)) {
    return wait(`${name} has changed, and Argo CD has not compared it anew`);
  }
  return status?.sync?.status === 'Synced'
    ? describeSynced(state, compared!, isIn)
    : describeOutOfSync(state, {
        compared: compared!,
        isIn,
        merged,
        wasApplied,
      });
}

/** The newest commit cannot be read or rendered; which one it is, is not told where no revision is there. */
function describeUnreadable(
  error: { message: string; type: string; lastTransitionTime?: string },
  seen: {
    name: string;
    compared: string | undefined;
    wasApplied: string | undefined;
    isCompared: boolean;
    isOlder: boolean;
  },
): EngineDelivery {
  const { compared, isCompared, isOlder, name, wasApplied } = seen;
  if (wasApplied) {
    return { state: 'applied', revision: wasApplied };
  }
  const words = cleanMessage(error.message);
  if (isOlder || (isCommit(compared) && !isCompared)) {
    return wait(
      `Merged, not fetched yet by ${name}; what it fetched before cannot be prepared: ${words}`,
      { notFetched: true },
    );
  }
  if (REPOSITORY_AWAY.test(error.message)) {
    return wait(`Argo CD cannot fetch the repository: ${words}`, {
      notFetched: true,
    });
  }
  return failed(error.type, words, error.lastTransitionTime);
}

function describeUnfetched(
  { application, sourceIndex }: ApplicationState,
  { branch }: MergedCommit,
): EngineDelivery {
  const name = writeName(application);
  const source = sourcesOf(application)[sourceIndex];
  const reference = readTargetRevision(source?.targetRevision);
  const followsIt =
    reference.kind === 'branch' &&
    [branch, DEFAULT_BRANCH].includes(reference.branch);
  return wait(
    followsIt
      ? `Merged, not fetched yet: ${name} looks at the repository every few minutes`
      : `${name} to follow branch ${branch}, where the change was merged: it ${describeReference(
          reference,
        )}`,
    { notFetched: true },
  );
}

/** The cluster has what the compared commit says. */
function describeSynced(
  state: ApplicationState,
  compared: string,
  isIn: (revision: string | undefined) => boolean,
): EngineDelivery {
  const { application, sourceIndex } = state;
  const { operationState, reconciledAt } = application.status ?? {};
  const own = ownResourceOf(state);
  const ignored = application.spec.ignoreDifferences?.find(
    ({ group, kind, name }) =>
      own &&
      kind === own.kind &&
      (group ?? '') === (own.group ?? '') &&
      (!name || name === own.name),
  );
  if (ignored && !historyOf(application, sourceIndex).some(isIn)) {
    return wait(
      `${writeName(application)} ignores differences of ${
        ignored.kind
      } (spec.ignoreDifferences), so that it calls the change synced and has not applied it`,
    );
  }
  const isOfIt = isIn(operationRevisionOf(application, sourceIndex));
  if (isOfIt && operationState?.phase === 'Running') {
    // A hook that follows may be what does the work.
    return wait(
      `Argo CD applies it: ${cleanMessage(
        operationState.message ?? 'in progress',
      )}`,
    );
  }
  return {
    state: 'applied',
    revision: compared,
    at: isOfIt ? operationState?.finishedAt : reconciledAt,
  };
}

function describeOutOfSync(
  state: ApplicationState,
  seen: {
    compared: string;
    isIn: (revision: string | undefined) => boolean;
    merged: MergedCommit;
    wasApplied: string | undefined;
  },
): EngineDelivery {
  const { application, sourceIndex } = state;
  const { compared, isIn, merged, wasApplied } = seen;
  const {
    operationState,
    reconciledAt,
    resources = [],
  } = application.status ?? {};
  const name = writeName(application);
  const differing = resources.filter(
    ({ hook, status }) => !hook && status === 'OutOfSync',
  );
  // What differs since a whole sync of it is no matter of the change, as long as the object that led here does not.
  const isLast = isIn(historyOf(application, sourceIndex)[0]);
  if (isLast && differing.length && ownResourceOf(state)?.status === 'Synced') {
    return { state: 'applied', revision: compared };
  }
  const revision = operationRevisionOf(application, sourceIndex);
  // One that is asked for without a commit is for the newest.
  const isOfIt =
    isIn(revision) || (!revision && Boolean(application.operation));
  const { message = '', phase } = operationState ?? {};
  if (phase === 'Running' || phase === 'Terminating') {
    return isOfIt
      ? describeRunning(application)
      : wait(
          `Fetched; waits for the running sync of ${writeCommit(
            revision,
          )}: ${cleanMessage(message)}`,
        );
  }
  if (application.operation) {
    return wait(`Argo CD begins to apply it`);
  }
  if (isOfIt && (phase === 'Failed' || phase === 'Error')) {
    return describeFailure(application);
  }
  const since = isOfIt ? operationState?.finishedAt : reconciledAt;
  const isSettling =
    since !== undefined &&
    Date.parse(merged.now) - Date.parse(since) < SETTLING_MS;
  const automated = application.spec.syncPolicy?.automated;
  const isAutomated = automated !== undefined && automated.enabled !== false;
  if (!isAutomated && !(isOfIt && wasApplied)) {
    return wait(
      wasApplied
        ? `${name} had applied it, and a person has gone back to an older commit: it waits for somebody to press Sync in Argo CD`
        : `Fetched; ${name} syncs by hand, so it waits for somebody to press Sync in Argo CD`,
    );
  }
  if (isSettling) {
    return wait(`Argo CD applies it`);
  }
  const names = differing
    .slice(0, 5)
    .map(entry => `${entry.kind} ${entry.name}`)
    .join(', ');
  const syncError = conditionOf(application, ['SyncError']);
  // One that stays after somebody has synced by hand says nothing.
  if (syncError && !isOfIt) {
    return failed(
      syncError.type,
      cleanMessage(syncError.message),
      syncError.lastTransitionTime,
    );
  }
  if (differing.length && differing.every(entry => entry.requiresPruning)) {
    return wait(
      `Fetched; ${name} does not remove by itself what is no more in Git, so it waits for somebody to remove ${names}`,
    );
  }
  return wait(
    isOfIt || wasApplied
      ? `Applied, but the cluster differs from Git in ${
          names || 'something'
        }: a field that it does not know, or somebody else changes it`
      : `Fetched; Argo CD does not begin to apply it and does not say why: a sync window of project ${application.spec.project} may forbid it now`,
  );
}

function describeRunning({
  operation,
  status,
}: ApplicationObject): EngineDelivery {
  const {
    message = '',
    operation: asked,
    retryCount = 0,
  } = status?.operationState ?? {};
  const words = cleanMessage(message);
  if (message.includes('blocked by sync window')) {
    return wait(`Argo CD may not apply it now: ${words}`);
  }
  if (retryCount > 0 || /Retrying/.test(message)) {
    const limit = (operation ?? asked)?.retry?.limit;
    return wait(
      `Argo CD fails and tries again (${Math.max(retryCount, 1)}${
        limit ? ` of ${limit}` : ''
      }): ${describeResults(status) ?? words}`,
    );
  }
  return wait(`Argo CD applies it: ${words || 'in progress'}`);
}

function describeFailure(application: ApplicationObject): EngineDelivery {
  const { status } = application;
  const state = status?.operationState;
  const step = state?.syncResult?.resources?.find(isFailed);
  return failed(
    step?.hookType ? 'HookFailed' : 'SyncFailed',
    describeResults(status) ?? cleanMessage(state?.message ?? ''),
    state?.finishedAt,
  );
}

/** What was said of the objects of a sync that have failed: that of the whole does not always name them. */
function describeResults(
  status: ApplicationObject['status'],
): string | undefined {
  const failures = (status?.operationState?.syncResult?.resources ?? []).filter(
    isFailed,
  );
  return failures.length
    ? failures
        .slice(0, 3)
        .map(({ hookType, kind, message = '', name, namespace }) => {
          const what = [kind, namespace, name].filter(Boolean).join('/');
          const why =
            // Of a Secret the API server may quote what is in it.
            kind === 'Secret' && /Invalid value: "[^"]/.test(message)
              ? 'refused (what the API server says is left out, as it may quote the Secret)'
              : cleanMessage(message);
          return `${hookType ? `${hookType} hook ` : ''}${what}: ${why}`;
        })
        .join('; ')
    : undefined;
}

/** Manifests that are rendered into a branch of their own, which is applied. */
function describeHydrated(
  state: ApplicationState,
  merged: MergedCommit,
): EngineDelivery {
  const { application } = state;
  const { currentOperation, lastSuccessfulOperation } =
    application.status?.sourceHydrator ?? {};
  const { drySHA, finishedAt, hydratedSHA } = lastSuccessfulOperation ?? {};
  if (!isCommit(drySHA) || !merged.isIn(drySHA)) {
    return currentOperation?.phase === 'Failed' &&
      !isBefore(currentOperation.finishedAt, merged.at)
      ? failed(
          'HydrationFailed',
          cleanMessage(currentOperation.message ?? ''),
          currentOperation.finishedAt,
        )
      : wait(
          `Merged, not rendered yet into the branch that ${writeName(
            application,
          )} applies`,
          { notFetched: true },
        );
  }
  return describeCompared(state, {
    ...merged,
    // Others may render into the same branch, which only grows: what was compared after it was rendered contains it.
    isIn: commit =>
      commit === hydratedSHA ||
      (commit === application.status?.sync?.revision &&
        finishedAt !== undefined &&
        isBefore(finishedAt, application.status.reconciledAt)),
  });
}

function conditionOf({ status }: ApplicationObject, types: string[]) {
  return status?.conditions?.find(({ type }) => types.includes(type));
}

/** Whether the comparison is of the sources as they stand now. */
function isComparedAsWritten(application: ApplicationObject): boolean {
  const { comparedTo } = application.status?.sync ?? {};
  const then = comparedTo?.sources?.length
    ? comparedTo.sources
    : [comparedTo?.source ?? []].flat();
  if (!then.length || application.spec.sourceHydrator) {
    return true;
  }
  const placeOf = ({ path, repoURL, targetRevision }: ApplicationSource) => [
    repoURL,
    path ?? '',
    targetRevision ?? '',
  ];
  return isDeepStrictEqual(
    then.map(placeOf),
    sourcesOf(application).map(placeOf),
  );
}

/** Times of different clocks, in whole seconds: only clearly before counts. */
function isBefore(
  time: string | undefined,
  other: string | undefined,
): boolean {
  return (
    other !== undefined &&
    (time === undefined || Date.parse(time) + 1_000 <= Date.parse(other))
  );
}

function writeCommit(revision: string | undefined): string {
  return revision ? revision.slice(0, 10) : 'another commit';
}

function wait(
  waitingFor: string,
  options: { notFetched?: boolean } = {},
): EngineDelivery {
  return {
    state: 'waiting',
    waitingFor,
    ...(options.notFetched && { notFetched: true }),
  };
}

function failed(reason: string, message: string, at?: string): EngineDelivery {
  return { state: 'failed', reason, message, at };
}
