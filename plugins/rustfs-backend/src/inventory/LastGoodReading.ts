import { CacheService, LoggerService } from '@backstage/backend-plugin-api';
import { Observed } from '@rustfs-portal/plugin-rustfs-common';

/** What is known of a source: its answer, or the last good one beside the error that came since. */
export interface Reading<T> {
  /** Undefined when there never was an answer. */
  value?: T;
  /** When the value was true; without a value, when it was asked for. ISO 8601. */
  asOf: string;
  /** Why there is no newer value. */
  error?: unknown;
}

/**
 * How old an answer is that is made of these readings: as old as its oldest part. A source of which nothing was ever read
 * adds nothing to the answer, so it cannot make it old.
 */
export function ageOfReadings(readings: Array<Reading<unknown>>): Observed {
  const shown = readings.filter(({ value }) => value !== undefined);
  const times = (shown.length ? shown : readings).map(({ asOf }) => asOf);
  return {
    asOf: times.sort()[0] ?? new Date().toISOString(),
    freshness: shown.some(({ error }) => error) ? 'stale' : 'live',
  };
}

/** Answers are shared for this long. */
const TTL_MS = 5_000;
/** How long a source that failed last time is waited for: who reads a page should not pay for it again and again. */
const FAILING_PATIENCE_MS = 400;
/** How long a last good value is kept for other replicas and for the time after a restart. */
const KEEP = { days: 1 };

/**
 * Reads a source for many callers: at most once at a time and once in a few seconds, never rejecting, and remembering
 * the last good value.
 */
export class LastGoodReading<T> {
  readonly #name: string;
  readonly #key: string;
  readonly #read: () => Promise<T>;
  readonly #cache?: CacheService;
  readonly #logger: LoggerService;
  #last?: { reading: Reading<T>; at: number };
  #flight?: Promise<Reading<T>>;

  constructor(options: {
    /** Identifies the source in the shared cache. */
    key: string;
    read: () => Promise<T>;
    cache?: CacheService;
    logger: LoggerService;
  }) {
    this.#name = options.key;
    this.#key = `last-good:4:${options.key}`;
    this.#read = options.read;
    this.#cache = options.cache;
    this.#logger = options.logger;
  }

  async get(): Promise<Reading<T>> {
    const last = this.#last;
    if (last && Date.now() - last.at < TTL_MS) {
      return last.reading;
    }
    const flight = this.#share();
    if (last?.reading.error) {
      return Promise.race([flight, after(FAILING_PATIENCE_MS, last.reading)]);
    }
    return flight;
  }

  /** Asks the source now, or joins a question that is under way. */
  async getNow(): Promise<Reading<T>> {
    return this.#share();
  }

  /** Has the next {@link LastGoodReading.get} ask the source; an answer that is under way may be too old as well. */
  invalidate(): void {
    if (this.#last) {
      this.#last = { ...this.#last, at: 0 };
    }
    this.#flight = undefined;
  }

  #share(): Promise<Reading<T>> {
    if (!this.#flight) {
      const flight = this.#ask().then(reading => {
        if (this.#flight === flight) {
          this.#flight = undefined;
          this.#last = { reading, at: Date.now() };
        }
        return reading;
      });
      this.#flight = flight;
    }
    return this.#flight;
  }

  async #ask(): Promise<Reading<T>> {
    const asOf = new Date().toISOString();
    try {
      const value = await this.#read();
      await this.#remember({ value, asOf });
      return { value, asOf };
    } catch (error) {
      const known = this.#last?.reading;
      // Once, and not again every few seconds: until it works again, or fails in another way.
      if (String(error) !== String(known?.error)) {
        this.#logger.warn(`Could not read ${this.#name}: ${String(error)}`);
      }
      const good =
        known && known.value !== undefined ? known : await this.#recall();
      return { value: good?.value, asOf: good?.asOf ?? asOf, error };
    }
  }

  async #remember(reading: { value: T; asOf: string }): Promise<void> {
    try {
      // Plain data; leaving undefined out is what JSON does with it anyway.
      await this.#cache?.set(this.#key, JSON.stringify(reading), { ttl: KEEP });
    } catch (error) {
      this.#logger.debug(`Could not keep ${this.#key} in the cache`, {
        error: String(error),
      });
    }
  }

  async #recall(): Promise<Reading<T> | undefined> {
    try {
      const text = await this.#cache?.get<string>(this.#key);
      // Only this class writes the key, and the number in it changes with the shape.
      return text ? (JSON.parse(text) as Reading<T>) : undefined;
    } catch {
      return undefined;
    }
  }
}

function after<T>(ms: number, value: T): Promise<T> {
  return new Promise(resolve => {
    setTimeout(() => resolve(value), ms).unref();
  });
}
