import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Knex } from 'knex';

/** How long the work of a replica that died is held up: with the time until somebody tries again, less than a minute. */
const EXPIRY_MS = 45_000;
/** Work that takes longer hangs. */
const HOLD_MS = 10 * 60_000;
/** Who waits asks the seldomer, the longer it takes. */
const POLL_MS = { first: 100, most: 500 };

/**
 * Locks that hold across replicas, on any database: a row per key with an expiry. The expiry frees the key of a
 * replica that died; as long as the work goes on, however slow what it waits for, the expiry is put off.
 */
export class DatabaseLocks {
  readonly #client: Knex;
  readonly #expiryMs: number;
  readonly #now: () => number;

  constructor(
    client: Knex,
    options: { expiryMs?: number; now?: () => number } = {},
  ) {
    this.#client = client;
    this.#expiryMs = options.expiryMs ?? EXPIRY_MS;
    this.#now = options.now ?? Date.now;
  }

  /**
   * Runs `work` as the only one with this key.
   *
   * @param options - `holdMs`: how long the lock is held at most; work that takes longer is the only one no more; `signal`: ends
   * the wait
   * @returns `taken: false` when the lock was not free within `waitMs`, or before the end of the wait
   */
  async run<T>(
    options: {
      key: string;
      waitMs: number;
      holdMs?: number;
      signal?: AbortSignal;
    },
    work: () => Promise<T>,
  ): Promise<{ taken: true; result: T } | { taken: false }> {
    const holder = randomUUID();
    const deadline = this.#now() + options.waitMs;
    let pollMs = POLL_MS.first;
    while (!(await this.#acquire(options.key, holder))) {
      if (this.#now() >= deadline || options.signal?.aborted) {
        return { taken: false };
      }
      await sleep(pollMs * (0.5 + Math.random()));
      pollMs = Math.min(pollMs * 1.2, POLL_MS.most);
    }
    const heldUntil = this.#now() + (options.holdMs ?? HOLD_MS);
    const renewal = setInterval(() => {
      if (this.#now() >= heldUntil) {
        clearInterval(renewal);
        return;
      }
      // One that fails is no harm, the next comes before the lock expires.
      this.#renew(options.key, holder, heldUntil).catch(() => undefined);
    }, this.#expiryMs / 4).unref();
    try {
      return { taken: true, result: await work() };
    } finally {
      clearInterval(renewal);
      await this.#client('locks').where({ key: options.key, holder }).delete();
    }
  }

  async #acquire(key: string, holder: string): Promise<boolean> {
    const now = this.#now();
    // Nobody writes one that is further off, but with a clock that is ahead: a replica that died would hold it for as long.
    const furthest = now + 2 * this.#expiryMs;
    await this.#client('locks')
      .where({ key })
      .andWhere(expired =>
        expired
          .where('expires_at', '<', new Date(now).toISOString())
          .orWhere('expires_at', '>', new Date(furthest).toISOString()),
      )
      .delete();
    await this.#client('locks')
      .insert({
        key,
        holder,
        expires_at: new Date(now + this.#expiryMs).toISOString(),
      })
      .onConflict('key')
      .ignore();
    const row = await this.#client('locks').where({ key }).first('holder');
    return row?.holder === holder;
  }

  async #renew(key: string, holder: string, heldUntil: number): Promise<void> {
    const expiry = Math.min(this.#now() + this.#expiryMs, heldUntil);
    await this.#client('locks')
      .where({ key, holder })
      .update({ expires_at: new Date(expiry).toISOString() });
  }
}
