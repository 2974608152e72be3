import { conditionOf, ObjectCondition } from '../../kubernetes';
import { EngineDelivery } from '@rustfs-portal/plugin-rustfs-node';
import { FluxObjects } from './FluxObjects';
import { GitRepositoryObject, KustomizationObject } from './objects';
import { describeReference } from '../describeReference';
import { readGitReference } from './readGitReference';
import { commitOf } from '../commitOf';
import { withoutSecrets } from '../withoutSecrets';

/** The revisions whose relation to the merge commit decides. */
export function revisionsOf({
  gitRepository,
  kustomization,
}: FluxObjects): string[] {
  const commits = [
    gitRepository.status?.artifact?.revision,
    kustomization.status?.lastAppliedRevision,
    kustomization.status?.lastAttemptedRevision,
  ].map(commitOf);
  return [
    ...new Set([
      ...commits.filter(commit => commit !== undefined),
      ...commitsOf(conditionOf(kustomization, 'Reconciling')),
    ]),
  ];
}

/**
 * The commits that may be the one in the cluster: the applied one, and the attempted one, which is there as well while
 * health checks run or have failed.
 */
export function appliedCommitsOf({ kustomization }: FluxObjects): string[] {
  const { lastAppliedRevision, lastAttemptedRevision } =
    kustomization.status ?? {};
  return [
    ...new Set(
      [lastAppliedRevision, lastAttemptedRevision]
        .map(commitOf)
        .filter(commit => commit !== undefined),
    ),
  ];
}

/** Reasons of a run that had put all objects into the cluster before it failed. */
const AFTER_APPLY = ['HealthCheckFailed', 'HealthCheckCanceled', 'PruneFailed'];

/**
 * How far Flux is with a merged commit. A failure is what needs a person: what Flux repeats by itself is waiting.
 *
 * `lastAppliedRevision` is only set after health checks, and `Ready=False` names no revision, so the answer is read from
 * which revisions contain the commit, and from reasons; messages are only shown.
 *
 * @param contains - whether a commit is the merged one or a descendant of it
 * @param mergedInto - the branch of the merge
 */
export function describeDelivery(
  flux: FluxObjects,
  contains: (commit: string) => boolean,
  mergedInto?: string,
): EngineDelivery {
  const { kustomization, gitRepository } = flux;
  const includes = (revision: string | undefined) => {
    const commit = commitOf(revision);
    return commit !== undefined && contains(commit);
  };
  const applied = kustomization.status?.lastAppliedRevision;
  const attempted = kustomization.status?.lastAttemptedRevision;
  const ready = conditionOf(kustomization, 'Ready');
  const failed = ready?.status === 'False' ? ready : undefined;

  if (includes(applied)) {
    return {
      state: 'applied',
      revision: applied!,
      // The time of the condition is that of this revision only as long as nothing newer was tried.
      ...(ready?.status === 'True' &&
        attempted === applied && { at: ready.lastTransitionTime }),
    };
  }
  if (includes(attempted) && failed && AFTER_APPLY.includes(failed.reason!)) {
    // The objects are in the cluster; whether the bucket is among the unhealthy is for the operator to say.
    return { state: 'applied', revision: attempted! };
  }
  const isFetched = includes(gitRepository.status?.artifact?.revision);
  const suspended = [gitRepository, kustomization].find(
    ({ spec }) => spec.suspend,
  );
  if (suspended) {
    const kind =
      suspended === gitRepository ? 'GitRepository' : 'Kustomization';
    const words = `${kind} ${nameOf(suspended)} is suspended`;
    return isFetched ? waiting(words) : unfetched(words);
  }
  return isFetched
    ? describeApply(kustomization, failed, includes(attempted), contains)
    : describeFetch(gitRepository, mergedInto);
}

function describeFetch(
  gitRepository: GitRepositoryObject,
  mergedInto: string | undefined,
): EngineDelivery {
  const name = `GitRepository ${nameOf(gitRepository)}`;
  const reference = readGitReference(gitRepository);
  const followsIt =
    reference.kind === 'branch' && reference.branch === mergedInto;
  if (mergedInto !== undefined && !followsIt) {
    return unfetched(
      `${name} to follow branch ${mergedInto}, where the change was merged: it ${describeReference(
        reference,
      )}`,
    );
  }
  const ready = conditionOf(gitRepository, 'Ready');
  if (ready?.status !== 'False') {
    return unfetched(
      `Merged, not fetched yet: ${name} fetches every ${
        gitRepository.spec.interval ?? 'so often'
      }`,
    );
  }
  return isStalled(gitRepository)
    ? failure(ready)
    : unfetched(`Flux cannot fetch the repository: ${ready.message}`);
}

function describeApply(
  kustomization: KustomizationObject,
  failed: ObjectCondition | undefined,
  wasTried: boolean,
  contains: (commit: string) => boolean,
): EngineDelivery {
  const running = conditionOf(kustomization, 'Reconciling');
  // Until it builds, Flux names the revision of a run here only.
  const isRunOfIt = commitsOf(running).some(contains);
  if (!failed) {
    if (wasTried || isRunOfIt) {
      return waiting(`Flux applies it: ${running?.message ?? 'in progress'}`);
    }
    return running?.message
      ? waiting(`Fetched; Flux ends an earlier run first: ${running.message}`)
      : notAppliedYet(kustomization);
  }
  if (isStalled(kustomization)) {
    return failure(failed);
  }
  switch (failed.reason) {
    case 'DependencyNotReady':
      return waiting(
        `Fetched; Flux waits for another Kustomization: ${failed.message}`,
      );
    case 'ArtifactFailed':
      // Without a run of this revision there was nothing to run with; in one, the folder is not in what was fetched.
      return isRunOfIt
        ? failure(failed)
        : waiting(
            `Fetched; Flux tries again to get the files: ${failed.message}`,
          );
    default:
      return wasTried ? failure(failed) : notAppliedYet(kustomization);
  }
}

function notAppliedYet(kustomization: KustomizationObject) {
  return waiting(
    `Fetched, not applied yet by Kustomization ${nameOf(kustomization)}`,
  );
}

function waiting(waitingFor: string): EngineDelivery {
  return { state: 'waiting', waitingFor };
}

function unfetched(waitingFor: string): EngineDelivery {
  return { state: 'waiting', waitingFor, notFetched: true };
}

function failure(ready: ObjectCondition): EngineDelivery {
  return {
    state: 'failed',
    reason: ready.reason ?? 'NotReady',
    message: withoutSecrets(ready.message ?? 'Flux gives no message'),
    at: ready.lastTransitionTime,
  };
}

/** Flux has given up until somebody changes the object. */
function isStalled(object: KustomizationObject | GitRepositoryObject): boolean {
  return conditionOf(object, 'Stalled')?.status === 'True';
}

/** The commits of the revisions that a condition names. */
function commitsOf(condition: ObjectCondition | undefined): string[] {
  return (condition?.message ?? '')
    .split(/\s+/)
    .map(commitOf)
    .filter(commit => commit !== undefined);
}

function nameOf({ metadata }: KustomizationObject | GitRepositoryObject) {
  return `${metadata.namespace}/${metadata.name}`;
}
