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
    /** What was merged works, and the pull request of the next stage comes. */
    | 'inEffect'
    | 'ready'
    | 'failed'
    | 'closed'
    | 'withdrawn';
  /** Of the pull request that it belongs to. */
  stage: number;
  status: StepStatus;
  /** What is known of a step that was taken. */
  event?: RequestEvent;
}

/** What is known of the pull request of a stage. */
export interface StagePull {
  number: number;
  url: string;
  state: 'open' | 'merged' | 'closed';
  repository?: string;
}

/** From one pull request to the next, or to the end. */
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
  const taken = takenSteps(request);
  const { stage, state } = request;
  if (isFinal(state)) {
    const last = taken.at(-1);
    return last?.event?.state === state
      ? taken
      : [
          ...taken,
          {
            id: STEP_OF[state],
            stage,
            status: state === 'ready' ? 'done' : 'failed',
          },
        ];
  }
  // An open pull request is a step to stay at: it waits for people. The states after it are done once reached.
  if (state === 'proposed') {
    const open = taken.findLast(({ id }) => id === 'pullRequest');
    if (open && open.stage === stage) {
      open.status = 'current';
    } else {
      taken.push({ id: 'pullRequest', stage, status: 'current' });
    }
  }
  const reached = WAY.findIndex(step => step.state === state);
  const upcoming = stepsAfter(reached, stage, request.stages).map(
    (step, index): TrailStep => ({
      ...step,
      status: index === 0 && state !== 'proposed' ? 'current' : 'upcoming',
    }),
  );
  return [...taken, ...upcoming];
}

/** The pull request of a stage, once there is one. */
export function pullOfStage(
  request: StorageRequest,
  stage: number,
): StagePull | undefined {
  const { earlier, pullRequest, source } = request;
  if (stage !== request.stage) {
    const before = earlier?.[stage - 1];
    return before && { ...before, state: 'merged' };
  }
  return pullRequest && { ...pullRequest, repository: source?.repository };
}

function takenSteps(request: StorageRequest): TrailStep[] {
  const trail =
    request.trail[0]?.state === 'submitting'
      ? request.trail
      : [requestedEvent(request), ...request.trail];
  let stage = 1;
  return trail.map((event): TrailStep => {
    const isInEffect =
      event.state === 'submitting' && event.source === 'server';
    const step: TrailStep = {
      id: isInEffect ? 'inEffect' : STEP_OF[event.state],
      stage,
      status: isEnded(event.state) ? 'failed' : 'done',
      event,
    };
    stage += isInEffect ? 1 : 0;
    return step;
  });
}

/** What is still to come, up to the end of the last stage. */
function stepsAfter(
  reached: number,
  stage: number,
  stages: number,
): Array<Pick<TrailStep, 'id' | 'stage'>> {
  const ofThis = WAY.slice(reached + 1).map(({ id }) => ({
    id: id === 'ready' && stage < stages ? ('inEffect' as const) : id,
    stage,
  }));
  return stage < stages
    ? [...ofThis, ...stepsAfter(0, stage + 1, stages)]
    : ofThis;
}

function requestedEvent(request: StorageRequest): RequestEvent {
  return {
    state: 'submitting',
    at: request.createdAt,
    source: 'portal',
    message: '',
  };
}
