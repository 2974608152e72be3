import { randomUUID } from 'node:crypto';
import { Knex } from 'knex';
import { DatabaseLocks } from './DatabaseLocks';

/** Replicas do not tick at the same time: one that comes a little early has not waited for nothing. */
const EARLY = 0.8;
/** Work that does not stop when it is told to is left to itself: another replica takes over. */
const GRACE_MS = 30_000;

interface RoundRow {
  key: string;
  replica: string;
  started_at: string;
}

/**
 * Work that comes round again and again, on one replica at a time and not more often for there being several. Each replica tries;
 * the scheduler's own lock is not used, since that of a replica which died is held for the time limit of the task and up to a
 * minute longer.
 */
export class DatabaseRounds {
  readonly #client: Knex;
  readonly #locks: DatabaseLocks;
  readonly #now: () => number;
  readonly #replica = randomUUID();

  constructor(
    client: Knex,
    options: { locks: DatabaseLocks; now?: () => number },
  ) {
    this.#client = client;
    this.#locks = options.locks;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Runs a round, unless another replica runs one, or has begun one a short time ago.
   *
   * @param options - `everyMs`: undefined: it is run whenever it was run last; `waitMs`: how long it waits for one that runs;
   * `signal`: ends the wait
   * @returns whether it was run
   */
  async run(
    options: {
      key: string;
      everyMs?: number;
      timeoutMs: number;
      waitMs?: number;
      signal?: AbortSignal;
    },
    work: () => Promise<void>,
  ): Promise<boolean> {
    const { everyMs, key, signal, timeoutMs, waitMs = 0 } = options;
    // Nobody waits for a turn that is not theirs.
    if (everyMs !== undefined && !(await this.#isTurn(key, everyMs))) {
      return false;
    }
    let isDone = false;
    await this.#locks.run(
      { key: `round:${key}`, waitMs, holdMs: timeoutMs + GRACE_MS, signal },
      async () => {
        if (everyMs !== undefined && !(await this.#take(key, everyMs))) {
          return;
        }
        isDone = true;
        await work();
      },
    );
    return isDone;
  }

  /** Whether it is the turn of this replica; what it has begun itself counts for nothing, as its own scheduler keeps time. */
  async #isTurn(key: string, everyMs: number): Promise<boolean> {
    const last = await this.#client<RoundRow>('rounds').where({ key }).first();
    return (
      !last ||
      last.replica === this.#replica ||
      // Clocks differ a little; one that is far ahead says nothing.
      Math.abs(this.#now() - Date.parse(last.started_at)) >= everyMs * EARLY
    );
  }

  async #take(key: string, everyMs: number): Promise<boolean> {
    if (!(await this.#isTurn(key, everyMs))) {
      return false;
    }
    await this.#client<RoundRow>('rounds')
      .insert({
        key,
        replica: this.#replica,
        started_at: new Date(this.#now()).toISOString(),
      })
      .onConflict('key')
      .merge();
    return true;
  }
}
