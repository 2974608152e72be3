import { setTimeout as sleep } from 'node:timers/promises';

/** How long the controllers wait before a step that a person would like to see. */
export interface Pace {
  stepDelayMs: number;
}

/** Waits as long as the pace says; ends at once when the signal is aborted. */
export async function pause(pace: Pace, signal: AbortSignal): Promise<void> {
  if (pace.stepDelayMs) {
    await sleep(pace.stepDelayMs, undefined, { signal });
  }
}
