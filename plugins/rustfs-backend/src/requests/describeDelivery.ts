import {
  GitRepositoryObject,
  KustomizationObject,
  ObjectCondition,
} from '@rustfs-portal/plugin-rustfs-node';
import { DeliveryObservation } from './observations';

/** What Flux reports for the folder of a tenant. */
export interface FluxObjects {
  kustomization: KustomizationObject;
  gitRepository: GitRepositoryObject;
}

/** The commit of a Flux revision such as `main@sha1:0a1b…`. */
export function commitOf(revision: string | undefined): string | undefined {
  return /[0-9a-f]{40}$/.exec(revision ?? '')?.[0];
}

/** The revisions whose relation to the merge commit decides. */
export function revisionsOf(flux: FluxObjects): string[] {
  const commits = [
    flux.gitRepository.status?.artifact?.revision,
    flux.kustomization.status?.lastAppliedRevision,
    flux.kustomization.status?.lastAttemptedRevision,
  ].map(commitOf);
  return [...new Set(commits.filter(commit => commit !== undefined))];
}

/**
 * How far Flux is with a merged commit.
 *
 * `lastAppliedRevision` is only set after health checks, and `Ready=False` names no revision, so the answer is read from
 * which revisions contain the commit, in this order.
 *
 * @param contains - whether a commit is the merged one or a descendant of it
 */
export function describeDelivery(
  flux: FluxObjects,
  contains: (commit: string) => boolean,
): DeliveryObservation {
  const { kustomization, gitRepository } = flux;
  const includes = (revision: string | undefined) => {
    const commit = commitOf(revision);
    return commit !== undefined && contains(commit);
  };
  const applied = kustomization.status?.lastAppliedRevision;
  const attempted = kustomization.status?.lastAttemptedRevision;
  const ready = conditionOf(kustomization, 'Ready');
  const failed = ready?.status === 'False';

  if (includes(applied)) {
    return {
      state: 'applied',
      revision: applied!,
      // The time of the condition is that of this revision only as long as nothing newer was tried.
      ...(ready?.status === 'True' &&
        attempted === applied && { at: ready.lastTransitionTime }),
    };
  }
  for (const object of [gitRepository, kustomization]) {
    if (object.spec.suspend) {
      const kind = object === gitRepository ? 'GitRepository' : 'Kustomization';
      return waiting(`${kind} ${nameOf(object)} is suspended`);
    }
  }
  if (!includes(gitRepository.status?.artifact?.revision)) {
    const source = conditionOf(gitRepository, 'Ready');
    return source?.status === 'False'
      ? waiting(`Flux cannot fetch the repository: ${source.message}`)
      : waiting(
          `Merged, not fetched yet: GitRepository ${nameOf(
            gitRepository,
          )} fetches every ${gitRepository.spec.interval ?? 'so often'}`,
        );
  }
  const running = conditionOf(kustomization, 'Reconciling');
  if (includes(attempted)) {
    if (failed && ready.reason === 'HealthCheckFailed') {
      // The objects are in the cluster; whether the bucket is among the unhealthy is for the operator to say.
      return { state: 'applied', revision: attempted! };
    }
    return failed
      ? failure(ready)
      : waiting(`Flux applies it: ${running?.message ?? 'in progress'}`);
  }
  if (failed && ready.reason === 'ArtifactFailed') {
    return failure(ready);
  }
  if (failed && ready.reason === 'DependencyNotReady') {
    // Not a refusal: Flux goes on as soon as the other one is ready.
    return waiting(
      `Fetched; Flux waits for another Kustomization: ${ready.message}`,
    );
  }
  if (ready?.status === 'Unknown' && running?.message) {
    return waiting(
      `Fetched; Flux ends an earlier run first: ${running.message}`,
    );
  }
  return waiting(
    `Fetched, not applied yet by Kustomization ${nameOf(kustomization)}`,
  );
}

function waiting(waitingFor: string): DeliveryObservation {
  return { state: 'waiting', waitingFor };
}

function failure(ready: ObjectCondition): DeliveryObservation {
  return {
    state: 'failed',
    reason: ready.reason ?? 'NotReady',
    message: withoutSecrets(ready.message ?? 'Flux gives no message'),
    at: ready.lastTransitionTime,
  };
}

/** Of a Secret that cannot be applied, the words of the API server may hold the content: they quote what they refuse. */
function withoutSecrets(message: string): string {
  return message.replace(
    /(\bSecret\/[^:]*failed[^:]*):.*$/s,
    '$1 (what the API server says is left out, as it may quote the Secret)',
  );
}

function conditionOf(
  object: KustomizationObject | GitRepositoryObject,
  type: string,
): ObjectCondition | undefined {
  return object.status?.conditions.find(condition => condition.type === type);
}

function nameOf({ metadata }: KustomizationObject | GitRepositoryObject) {
  return `${metadata.namespace}/${metadata.name}`;
}
