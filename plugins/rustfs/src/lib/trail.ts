import {
  RequestEvent,
  RequestState,
  StorageRequest,
} from '@rustfs-portal/plugin-rustfs-common';

/** How far a step of a request is. */
export type StepStatus = 'done' | 'current' | 'upcoming' | 'failed';

/** One step on the way of a request, whether it has been taken or not. */
export interface TrailStep {
  id:
    | 'requested'
    | 'pullRequest'
    | 'merged'
    | 'applied'
    | 'ready'
    | 'failed'
    | 'closed'
    | 'withdrawn';
  status: StepStatus;
  /** What is known of a step that was taken. */
  event?: RequestEvent;
}

const WAY = [
  { id: 'requested', state: 'submitting' },
  { id: 'pullRequest', state: 'proposed' },
  { id: 'merged', state: 'merged' },
  { id: 'applied', state: 'applied' },
  { id: 'ready', state: 'ready' },
] as const;

/** A request in one of these states does not move by itself any more. */
export function isFinal(state: RequestState): boolean {
  return state === 'ready' || isEnded(state);
}

function isEnded(state: RequestState) {
  return state === 'failed' || state === 'closed' || state === 'withdrawn';
}

const STEP_OF: Record<RequestState, TrailStep['id']> = {
  submitting: 'requested',
  proposed: 'pullRequest',
  merged: 'merged',
  applied: 'applied',
  ready: 'ready',
  failed: 'failed',
  closed: 'closed',
  withdrawn: 'withdrawn',
};

/**
 * Lays out the way of a request: the steps taken, in the order and at the time that they were, with every failure on the
 * way; the one that is waited for; the ones to come. A request that failed, was closed or withdrawn ends with that.
 */
export function trailSteps(request: StorageRequest): TrailStep[] {
  const trail =
    request.trail[0]?.state === 'submitting'
      ? request.trail
      : [requestedEvent(request), ...request.trail];
  const taken = trail.map(
    (event): TrailStep => ({
      id: STEP_OF[event.state],
      status: isEnded(event.state) ? 'failed' : 'done',
      event,
    }),
  );
  if (isFinal(request.state)) {
    const last = taken.at(-1);
    return last?.event?.state === request.state
      ? taken
      : [
          ...taken,
          {
            id: STEP_OF[request.state],
            status: request.state === 'ready' ? 'done' : 'failed',
          },
        ];
  }
  const reached = WAY.findIndex(({ state }) => state === request.state);
  // An open pull request is a step to stay at: it waits for people. The states after it are done once reached.
  if (request.state === 'proposed') {
    const open = taken.findLast(({ id }) => id === 'pullRequest');
    if (open) {
      open.status = 'current';
    } else {
      taken.push({ id: 'pullRequest', status: 'current' });
    }
  }
  const upcoming = WAY.slice(reached + 1).map(
    ({ id }, index): TrailStep => ({
      id,
      status:
        index === 0 && request.state !== 'proposed' ? 'current' : 'upcoming',
    }),
  );
  return [...taken, ...upcoming];
}

function requestedEvent(request: StorageRequest): RequestEvent {
  return {
    state: 'submitting',
    at: request.createdAt,
    source: 'portal',
    message: '',
  };
}
