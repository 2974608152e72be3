import { LoggerService } from '@backstage/backend-plugin-api';
import { Knex } from 'knex';
import { LimitedKind, Rate, RateLimiter } from './RateLimiter';
import { TooManyRequestsError } from './TooManyRequestsError';

const DONE: Record<LimitedKind, string> = {
  'name-check': 'checked the name of a bucket',
  preview: 'asked for a preview',
  request: 'asked for storage',
};

/**
 * {@link RateLimiter} that counts in the database, so that the bounds hold over all replicas and restarts. A window begins
 * with the first call of a person; one statement counts and tells, so calls at the same time are all counted.
 */
export class DatabaseRateLimiter implements RateLimiter {
  readonly #client: Knex;
  readonly #rates: Record<LimitedKind, Rate>;
  readonly #logger: LoggerService;
  readonly #now: () => number;

  constructor(
    client: Knex,
    options: {
      logger: LoggerService;
      rates: Record<LimitedKind, Rate>;
      now?: () => number;
    },
  ) {
    this.#client = client;
    this.#logger = options.logger;
    this.#rates = options.rates;
    this.#now = options.now ?? Date.now;
  }

  async take(kind: LimitedKind, person: string): Promise<void> {
    const { count, windowMs } = this.#rates[kind];
    const now = this.#now();
    const taken = await this.#count(kind, person, now, windowMs).catch(
      error => {
        // With a database that takes nothing, for a full disk for example, looking still works and should.
        this.#logger.warn(`Could not count a ${kind}: ${toMessage(error)}`);
        return undefined;
      },
    );
    if (taken && taken.count > count) {
      const seconds = Math.max(
        1,
        Math.ceil((Date.parse(taken.endsAt) - now) / 1000),
      );
      throw new TooManyRequestsError(
        `You have ${DONE[kind]} ${writeTimes(count)} in ${writeTime(
          windowMs / 1000,
        )}, and nobody may more often: try again in ${writeTime(seconds)}`,
        { retryAfter: seconds },
      );
    }
  }

  async #count(
    kind: LimitedKind,
    person: string,
    now: number,
    windowMs: number,
  ): Promise<{ count: number; endsAt: string }> {
    const client = this.#client;
    const isOver = client.raw('?? <= ?', ['rates.ends_at', toText(now)]);
    const [{ count, ends_at: endsAt }] = await client('rates')
      .insert({ person, kind, count: 1, ends_at: toText(now + windowMs) })
      .onConflict(['person', 'kind'])
      .merge({
        count: client.raw('case when ? then 1 else ?? + 1 end', [
          isOver,
          'rates.count',
        ]),
        ends_at: client.raw('case when ? then ?? else ?? end', [
          isOver,
          'excluded.ends_at',
          'rates.ends_at',
        ]),
      })
      .returning(['count', 'ends_at']);
    if (count === 1) {
      // Once per window is often enough, and the table stays as small as there are people at work.
      await client('rates').where('ends_at', '<=', toText(now)).delete();
    }
    return { count, endsAt };
  }
}

/** What went wrong without the statement, which the messages of the database begin with, and which names the person. */
function toMessage(error: unknown): string {
  return String((error as { code?: string }).code ?? (error as Error).name);
}

/** Texts of one form, which databases compare as times. */
function toText(time: number): string {
  return new Date(time).toISOString();
}

function writeTimes(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function writeTime(seconds: number): string {
  const [amount, unit] =
    (seconds < 60 && [seconds, 'second']) ||
    (seconds < 3600 && [Math.ceil(seconds / 60), 'minute']) ||
    ([Math.ceil(seconds / 3600), 'hour'] as const);
  return `${amount} ${unit}${amount === 1 ? '' : 's'}`;
}
