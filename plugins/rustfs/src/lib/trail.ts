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
  return state === 'ready' || state === 'failed' || state === 'closed';
}

/**
 * Lays out the way of a request: the steps taken, the one that is waited for, the ones to come. A request that failed or
 * was closed ends with that.
 */
export function trailSteps(request: StorageRequest): TrailStep[] {
  const events = new Map(request.trail.map(event => [event.state, event]));
  const reached = reachedStep(request, events);
  const steps: TrailStep[] = WAY.map(({ id, state }, index) => ({
    id,
    status: stepStatus(index, reached, request.state),
    event:
      events.get(state) ??
      (id === 'requested' ? requestedEvent(request) : undefined),
  }));
  if (request.state === 'failed' || request.state === 'closed') {
    return [
      ...steps.slice(0, reached + 1),
      {
        id: request.state,
        status: 'failed',
        event: events.get(request.state),
      },
    ];
  }
  return steps;
}

function reachedStep(
  request: StorageRequest,
  events: Map<RequestState, RequestEvent>,
): number {
  const current = WAY.findIndex(({ state }) => state === request.state);
  if (current >= 0) {
    return current;
  }
  return Math.max(
    0,
    WAY.reduce(
      (last, { state }, index) => (events.has(state) ? index : last),
      0,
    ),
  );
}

function stepStatus(
  index: number,
  reached: number,
  state: RequestState,
): StepStatus {
  // An open pull request is a step to stay at: it waits for people. The states after it are done once reached.
  const current = state === 'proposed' ? reached : reached + 1;
  if (isFinal(state)) {
    return index <= reached ? 'done' : 'upcoming';
  }
  if (index === current) {
    return 'current';
  }
  return index < current ? 'done' : 'upcoming';
}

function requestedEvent(request: StorageRequest): RequestEvent {
  return {
    state: 'submitting',
    at: request.createdAt,
    source: 'portal',
    message: '',
  };
}
