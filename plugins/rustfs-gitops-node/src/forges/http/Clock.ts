/** The time, and waiting for it. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  sleep: ms => new Promise(resolve => setTimeout(resolve, ms)),
};

/** Waits longer with every attempt, and never as long as another caller. */
export async function pause(
  attempt: number,
  clock: Clock = systemClock,
): Promise<void> {
  await clock.sleep(100 * 2 ** attempt * (0.5 + Math.random()));
}
